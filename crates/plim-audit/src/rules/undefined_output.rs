//! An output is read that its step, action, job or workflow does not give.

use plim_diag::{Code, Severity};
use plim_workflow::ActionBody;

use crate::{Audit, Hook, MistakeAt, Rule, StepAt, Tier, Used};

pub(super) const RULE: Rule = Rule {
    code: Code("undefined-output"),
    summary: "an output is read that nothing gives",
    why: "An output that does not exist is an empty text, and no error: the version of a release is empty, a matrix has no entries, a condition never holds.",
    criterion: "`steps.ID.outputs.NAME` where the step uses an action of this repository or a well-known one that does not give `NAME` (of programs of this repository, which can give more than they declare, only near misses), and `needs.ID.outputs.NAME` and `jobs.ID.outputs.NAME` where the job, or the workflow of this repository that it calls, does not. What a script writes to `$GITHUB_OUTPUT` is not looked at.",
    remedy: "Read an output that is declared, or declare it.",
    example: "jobs:\n  build:\n    runs-on: ubuntu-latest\n    outputs:\n      version: \"1\"\n    steps: [run: make]\n  deploy:\n    needs: build\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ needs.build.outputs.verison }}",
    better: "jobs:\n  build:\n    runs-on: ubuntu-latest\n    outputs:\n      version: \"1\"\n    steps: [run: make]\n  deploy:\n    needs: build\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ needs.build.outputs.version }}",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Mistake(mistake)],
};

fn mistake<'a>(audit: &mut Audit<'a>, at: &MistakeAt<'a>) {
    let Some(missing) = at.missing() else { return };
    let [context, id, outputs] = &*missing.path else { return };
    if !outputs.eq_ignore_ascii_case("outputs") {
        return;
    }
    let giver = match *context {
        "steps" => "step",
        "needs" | "jobs" => "job",
        _ => return,
    };
    let message = format!("the {giver} `{id}` gives no output `{}`", missing.name);
    if *context == "steps" && missing.closest().is_none() && is_program(audit, at, id) {
        return;
    }
    let names: Vec<String> = missing.shape.names().map(|name| format!("`{name}`")).collect();
    let otherwise = match &*names {
        [] => format!("declare the output, as the {giver} gives none"),
        names => format!("read one of {}", names.join(", ")),
    };
    missing.report(audit, at.span(), message, &otherwise);
}

/// Whether the step `id` uses a program of this repository, which can give more than it declares.
fn is_program(audit: &Audit<'_>, at: &MistakeAt<'_>, id: &str) -> bool {
    let job = at.expression.text.job.map(|job| std::ptr::from_ref(job.job));
    let here = |step: &StepAt<'_>| step.job.map(|job| std::ptr::from_ref(job.job)) == job;
    let uses = audit.uses();
    let mut found = uses.iter().filter(|used| used.step.id.eq_ignore_ascii_case(id));
    match found.find(|used| here(&used.step)).map(|used| &used.action) {
        Some(Used::Local(action)) => !matches!(action.body, ActionBody::Composite(_)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_in};

    #[test]
    fn jobs_give_what_they_declare() {
        check(
            &RULE,
            "
            jobs:
              build:
                runs-on: ubuntu-latest
                outputs: { version: 1 }
                steps: [run: make]
              other:
                runs-on: ubuntu-latest
                steps: [run: make]
              test:
                needs: [build, other]
                runs-on: ubuntu-latest
                steps:
                  - run: echo ${{ needs.build.outputs.Version }} ${{ needs.build.outputs.vresion }}
                    #                                                                    ^^^^^^^ the job `build` gives no output `vresion`
                  - run: echo ${{ needs.other.outputs.a }}
                    #                                 ^ the job `other` gives no output `a`
            ",
        );
    }

    #[test]
    fn well_known_actions_give_what_they_say() {
        check(
            &RULE,
            "
            steps:
              - id: cache
                uses: actions/cache@v4
                with: { path: a, key: b }
              - id: script
                uses: actions/github-script@v8
                with: { script: a }
              - id: other
                uses: some/action@v1
              - run: echo ${{ steps.cache.outputs.cache_hit }} ${{ steps.script.outputs.any }} ${{ steps.other.outputs.any }}
                #                                 ^^^^^^^^^ the step `cache` gives no output `cache_hit`
            ",
        );
    }

    #[test]
    fn actions_and_workflows_of_the_repository_give_what_they_declare() {
        let action = "
            name: a
            description: b
            outputs: { file: { description: c, value: d } }
            runs: { using: composite, steps: [] }
        ";
        let program = "
            name: a
            description: b
            outputs: { changes: { description: c } }
            runs: { using: node24, main: a.js }
        ";
        let called = "
            on: { workflow_call: { outputs: { version: { value: a } } } }
            jobs: { a: { runs-on: b, steps: [run: c] } }
        ";
        check_in(
            &RULE,
            &[
                ("tools/a/action.yml", action),
                ("tools/b/action.yml", program),
                (".github/workflows/called.yml", called),
            ],
            "
            jobs:
              call:
                uses: ./.github/workflows/called.yml
              remote:
                uses: a/b/.github/workflows/c.yml@v1
              test:
                needs: [call, remote]
                runs-on: ubuntu-latest
                steps:
                  - id: a
                    uses: ./tools/a
                  - id: b
                    uses: ./tools/b
                  - run: echo ${{ steps.b.outputs.other }} ${{ steps.b.outputs.chnages }}
                    #                                                          ^^^^^^^ the step `b` gives no output `chnages`
                  - run: echo ${{ steps.a.outputs.file }} ${{ steps.a.outputs.name }}
                    #                                                         ^^^^ the step `a` gives no output `name`
                  - run: echo ${{ needs.call.outputs.version }} ${{ needs.call.outputs.name }}
                    #                                                                  ^^^^
                  - run: echo ${{ needs.remote.outputs.any }}
            ",
        );
    }
}
