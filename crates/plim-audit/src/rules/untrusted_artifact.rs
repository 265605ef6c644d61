//! Artifacts of a stranger's run that are run, or set variables.

use plim_diag::{Code, Severity};
use plim_workflow::{Step, StepBody, Uses};

use crate::remote::{Remote, input};
use crate::{Audit, Hook, Rule, StepAt, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("untrusted-artifact"),
    summary: "an artifact that a stranger's run made decides what a privileged run does",
    why: "`workflow_run` has secrets and a token that may write. The run before it may be that of a pull request, which can put anything into its artifacts: programs, and lines for `$GITHUB_ENV`.",
    criterion: "In a workflow that `workflow_run` starts: a download of the artifacts of the run before (`actions/download-artifact` with `run-id`, `dawidd6/action-download-artifact`, `gh run download`, `downloadArtifact` in a script) into the workspace itself (no `path` outside of it), followed by a script that runs something from it or appends a file to `$GITHUB_ENV`, `$GITHUB_OUTPUT` or `$GITHUB_PATH`. Jobs that ask in `if` for `github.event.workflow_run.event == 'push'` are let through.",
    remedy: "Unpack into `${{ runner.temp }}`, run nothing of it, and check each value before it is used.",
    example: "on:\n  workflow_run:\n    workflows: [Build]\njobs:\n  report:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/download-artifact@v4\n        with:\n          run-id: ${{ github.event.workflow_run.id }}\n      - run: cat env.txt >> \"$GITHUB_ENV\"",
    better: "on:\n  workflow_run:\n    workflows: [Build]\njobs:\n  report:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/download-artifact@v4\n        with:\n          run-id: ${{ github.event.workflow_run.id }}\n          path: ${{ runner.temp }}/report\n      - run: gh pr comment \"$(grep -xE '[0-9]+' \"$RUNNER_TEMP/report/number.txt\")\" --body done",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Step(check)],
};

fn check<'a>(audit: &mut Audit<'a>, step: StepAt<'a>) {
    let Some(job) = step.job else { return };
    if job.workflow.trigger("workflow_run").is_none() || !downloads(step.step, audit.source()) {
        return;
    }
    let guarded = [&job.condition, &step.step.condition].into_iter().flatten().any(|condition| {
        let text = condition.condition.written().source();
        text.contains("workflow_run.event == 'push'")
            || text.contains("head_repository.full_name ==")
    });
    let mut later = step.later().iter();
    let own = std::iter::once(step.step).filter(|step| matches!(step.body, StepBody::Run(_)));
    let used = own.chain(&mut later).find(|step| trusts(step));
    if let Some(used) = used.filter(|_| !guarded) {
        audit
            .report(step.step.span, "this brings files of a stranger's run into the workspace")
            .related(used.span, "which are trusted here")
            .help(
                "unpack them into `${{ runner.temp }}`, run nothing of them, and check each value",
            );
    }
}

fn downloads(step: &Step, source: &str) -> bool {
    match &step.body {
        StepBody::Run(run) => run.script.template.source().contains("gh run download"),
        StepBody::Uses(uses) => {
            let Some(remote) = Remote::of_uses(uses, source) else { return false };
            let has = |name: &str| input(uses, name).is_some();
            let brings = (remote.is("actions/download-artifact") && has("run-id"))
                || remote.is("dawidd6/action-download-artifact");
            brings && into_workspace(uses)
        }
        _ => false,
    }
}

fn into_workspace(uses: &Uses) -> bool {
    let path = input(uses, "path").map(|text| text.template.source()).unwrap_or_default();
    !["runner.temp", "RUNNER_TEMP", "/tmp"].iter().any(|place| path.contains(place))
}

/// Whether a step runs a file, or appends one to a file of the runner.
fn trusts(step: &Step) -> bool {
    let StepBody::Run(run) = &step.body else { return false };
    let script = run.script.template.source();
    script.lines().map(str::trim).any(|line| {
        let appends =
            ["GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT"].iter().any(|file| line.contains(file));
        let reads = ["cat ", "$(<", "<", "`"].iter().any(|word| line.contains(word));
        let runs = ["./", "bash ", "sh ", "python ", "node ", "source "]
            .iter()
            .any(|word| line.starts_with(word));
        (appends && reads && !line.contains("<<") && !line.contains("grep")) || runs
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, findings_of};

    #[test]
    fn only_what_is_trusted_later() {
        let head =
            "on: { workflow_run: { workflows: [a] } }\njobs:\n  a:\n    runs-on: b\n    steps:\n";
        let found = |rest: &str| findings_of(&RULE, &format!("{head}{rest}")).len();
        let download = "      - uses: dawidd6/action-download-artifact@v6\n";
        assert_eq!(found(&format!("{download}      - run: ./out/test\n")), 1);
        assert_eq!(found(&format!("{download}      - run: gh pr comment\n")), 0);
        assert_eq!(found("      - uses: actions/download-artifact@v4\n      - run: ./a\n"), 0);
        check(&RULE, "steps:\n  - run: gh run download\n  - run: ./a\n");
    }
}
