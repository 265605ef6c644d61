//! Jobs whose token may do whatever the repository allows by default.

use plim_diag::{Code, Severity};
use plim_workflow::{Access, Job, JobBody, Workflow};

use super::untrusted_checkout::risky_event;
use crate::scopes::Needs;
use crate::{Audit, Edit, Hook, JobAt, Rule, Tier, guards};

pub(super) const RULE: Rule = Rule {
    code: Code("missing-permissions"),
    summary: "no `permissions` limit what the token of a job may do",
    why: "Without them the token may do what a setting of the repository says, which in older ones is to write everything. Whoever gets a foot into one step can push code, releases and packages.",
    criterion: "A workflow without `permissions` in which a job has none either that runs steps or calls a workflow of another repository. One finding for each file. Workflows that can only be called are let through, since their callers limit them, and those of other forges than GitHub.",
    remedy: "Write down what the steps need; for most jobs, that is `contents: read`.",
    example: "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: cargo test",
    better: "on: push\npermissions:\n  contents: read\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: cargo test",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(check)],
};

fn check<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    let unlimited = unlimited(audit, workflow);
    let by_strangers = risky_event(workflow).is_some()
        && !unlimited.iter().all(|job| guards::keeps_strangers_out(*job));
    // `risky-default-token` tells of the others.
    if let (Some(first), false) = (unlimited.first(), by_strangers) {
        report(
            audit,
            workflow,
            *first,
            &unlimited,
            "the token of this job may do whatever the repository allows",
        );
    }
}

/// The jobs with steps whose token nothing limits.
pub(super) fn unlimited<'a>(audit: &Audit<'a>, workflow: &'a Workflow) -> Vec<JobAt<'a>> {
    let only_called =
        workflow.triggers.iter().all(|trigger| &*trigger.event.value == "workflow_call");
    let github = audit.subject().forge == plim_workflow::Forge::GitHub;
    if workflow.permissions.is_some() || only_called || !github || audit.subject().partly_read() {
        return Vec::new();
    }
    let jobs = workflow.jobs.iter().filter(|job| job.permissions.is_none());
    // A workflow of this repository says itself what it needs, or is reported itself.
    let jobs = jobs.filter(|job| match &job.body {
        JobBody::Steps(_) => true,
        JobBody::Call(call) => call.local_path().is_none(),
        JobBody::Unreadable => false,
    });
    jobs.map(|job| JobAt { job, workflow }).collect()
}

/// Reports `first`, and says what the steps of all `unlimited` jobs need.
pub(super) fn report<'a>(
    audit: &mut Audit<'a>,
    workflow: &'a Workflow,
    first: JobAt<'a>,
    unlimited: &[JobAt<'a>],
    message: &str,
) {
    let source = audit.source();
    let needs: Vec<Needs> = unlimited.iter().map(|job| Needs::of_job(*job, source)).collect();
    let calls = workflow.jobs.iter().any(|job| matches!(job.body, JobBody::Call(_)));
    let edits = fix(workflow, unlimited, &needs, source).filter(|_| !calls);
    let needs = Needs::joined(&needs);
    let edits = edits.filter(|_| needs.certain);
    let finding = audit.report(first.id.span, message);
    let written = needs.written();
    match (needs.certain, written.is_empty()) {
        (true, true) => finding.help("write `permissions: {}`; its steps need nothing"),
        (true, false) => {
            finding.help(format!("write `permissions` with `{written}`; its steps need no more"))
        }
        (false, true) => {
            finding.help("write `permissions` with what its steps need, often `contents: read`")
        }
        (false, false) => finding
            .help(format!("write `permissions` with `{written}`, and what else its steps need")),
    };
    if let Some(edits) = edits {
        finding.unsafe_fix("allow what the steps need", edits);
    }
}

/// The permissions, before the line `jobs:`; where not all jobs write the same, those that do have their own.
fn fix(
    workflow: &Workflow,
    unlimited: &[JobAt<'_>],
    needs: &[Needs],
    source: &str,
) -> Option<Vec<Edit>> {
    let first = usize::try_from(workflow.jobs.first()?.id.span.start).ok()?;
    let at = source.get(..first)?.rfind("\njobs:")? + 1;
    // One without a value would be there twice.
    if source.lines().any(|line| line.starts_with("permissions")) {
        return None;
    }
    let all = Needs::joined(needs);
    let alike = all.scopes.iter().all(|(scope, access)| {
        *access < Access::Write || needs.iter().all(|needs| needs.of(scope) == Access::Write)
    });
    let for_all =
        if alike { all } else { Needs::joined(needs.iter().filter(|needs| !needs.writes())) };
    let block = format!("{}\n", for_all.block(""));
    let mut edits = vec![Edit::insert(u32::try_from(at).ok()?, block)];
    if !alike {
        for (job, needs) in unlimited.iter().zip(needs).filter(|(_, needs)| needs.writes()) {
            edits.push(of_job(job.job, needs, source)?);
        }
    }
    Some(edits)
}

/// What one job needs, before its first key.
fn of_job(job: &Job, needs: &Needs, source: &str) -> Option<Edit> {
    let start = usize::try_from(job.span.start).ok()?;
    let line = source.get(..start)?.rfind('\n')? + 1;
    let indent = source.get(line..start)?;
    let is_block = indent.chars().all(|c| c == ' ') && !source.get(start..)?.starts_with('{');
    let text = format!("{}{indent}", needs.block(indent));
    is_block.then(|| Edit::insert(job.span.start, text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_fix, findings_of};

    #[test]
    fn each_job_or_the_workflow_must_have_them() {
        check(
            &RULE,
            "
            on: push
            jobs:
                a: { permissions: {}, runs-on: b, steps: [run: c] }
                bb: { runs-on: b, steps: [run: c] }
              # ^^ the token of this job may do whatever the repository allows
            ",
        );
        check(
            &RULE,
            "
            on: push
            jobs:
                a: { uses: ./.github/workflows/a.yml }
                bb: { uses: octo/flows/.github/workflows/a.yml@v1 }
              # ^^ the token of this job may do whatever the repository allows
            ",
        );
        check(&RULE, "on: workflow_call\njobs:\n  b: { runs-on: b, steps: [run: c] }\n");
    }

    #[test]
    fn what_the_steps_need_is_told() {
        let text = "steps:\n  - uses: actions/checkout@v4\n  - run: gh release create v1\n    env: { GH_TOKEN: '${{ github.token }}' }\n";
        let found = findings_of(&RULE, text);
        let help = found[0].diagnostic.help.clone().unwrap();
        assert_eq!(help, "write `permissions` with `contents: write`; its steps need no more");
        check_fix(
            &RULE,
            "on: push\njobs:\n  a:\n    runs-on: b\n    steps:\n      - uses: actions/checkout@v4\n",
            "on: push\npermissions:\n  contents: read\n\njobs:\n  a:\n    runs-on: b\n    steps:\n      - uses: actions/checkout@v4\n",
        );
    }

    #[test]
    fn what_writes_is_said_and_only_the_job_that_does_may() {
        check_fix(
            &RULE,
            "on: issues\njobs:\n  a:\n    runs-on: b\n    steps:\n      - uses: actions/stale@v9\n      - run: gh issue close 1\n",
            "on: issues\npermissions:\n  issues: write # actions/stale, gh issue\n  pull-requests: write # actions/stale\n\njobs:\n  a:\n    runs-on: b\n    steps:\n      - uses: actions/stale@v9\n      - run: gh issue close 1\n",
        );
        check_fix(
            &RULE,
            "on: push\njobs:\n  a:\n    runs-on: b\n    steps:\n      - uses: actions/checkout@v4\n  c:\n    runs-on: b\n    steps: [run: git push]\n",
            "on: push\npermissions:\n  contents: read\n\njobs:\n  a:\n    runs-on: b\n    steps:\n      - uses: actions/checkout@v4\n  c:\n    permissions:\n      contents: write # git push\n    runs-on: b\n    steps: [run: git push]\n",
        );
    }
}
