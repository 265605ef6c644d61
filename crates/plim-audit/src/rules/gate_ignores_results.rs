//! A job that stands for others, runs whatever became of them, and does not look.

use plim_diag::{Code, Severity};
use plim_workflow::Workflow;

use crate::deeds::{JobDeeds, runs_anyway};
use crate::{Audit, Hook, Rule, Script, StepAt, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("gate-ignores-results"),
    summary: "the job that stands for others passes whatever became of them",
    why: "With `if: always()` a job runs although those it needs failed. When its steps do not look at their results, it passes, and with it whatever requires it: every change can be merged.",
    criterion: "A job with at least two `needs` and a condition with `always()` or `!cancelled()`, all of whose steps only print or exit, and which nowhere reads `needs.*.result`.",
    remedy: "Fail when a result is not what it should be: `if: contains(needs.*.result, 'failure') || contains(needs.*.result, 'cancelled')` on a step with `exit 1`.",
    example: "jobs:\n  a: { runs-on: ubuntu-latest, steps: [run: make test] }\n  b: { runs-on: ubuntu-latest, steps: [run: make lint] }\n  done:\n    needs: [a, b]\n    if: always()\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo done",
    better: "jobs:\n  a: { runs-on: ubuntu-latest, steps: [run: make test] }\n  b: { runs-on: ubuntu-latest, steps: [run: make lint] }\n  done:\n    needs: [a, b]\n    if: always()\n    runs-on: ubuntu-latest\n    steps:\n      - if: contains(needs.*.result, 'failure') || contains(needs.*.result, 'cancelled')\n        run: exit 1",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, _: &'a Workflow) {
    let deeds = audit.deeds();
    for job in deeds.jobs.iter().filter(|job| is_gate(job)) {
        let text = job.job.job.span.text(audit.source()).unwrap_or("");
        let looks = [".result", "toJSON(needs", "toJson(needs", "failure()", "outputs."];
        if !looks.iter().any(|part| text.contains(part)) && only_prints(audit, job) {
            let message =
                format!("the job `{}` passes whatever became of those it needs", job.id());
            let condition = job.job.job.condition.as_ref().map(|condition| condition.span);
            let finding = audit.report(condition.unwrap_or(job.job.job.id.span), message);
            for need in &job.job.job.needs {
                finding.related(need.span, format!("`{}` may fail, and nothing asks", need.value));
            }
            finding
                .note(path(job))
                .help("fail when `contains(needs.*.result, 'failure')` or `'cancelled'`");
        }
    }
}

/// The edges on which results come, and are not read.
fn path(job: &JobDeeds<'_>) -> String {
    let needs: Vec<String> =
        job.job.job.needs.iter().map(|need| format!("`{}`", need.value)).collect();
    format!("the path: {} → `{}`, which reads no result", needs.join(", "), job.id())
}

fn is_gate(job: &JobDeeds<'_>) -> bool {
    let condition =
        job.job.job.condition.as_ref().map(|condition| condition.condition.expression());
    job.job.job.needs.len() >= 2
        && condition.is_some_and(|condition| runs_anyway(condition) && !condition.calls("failure"))
}

fn only_prints(audit: &Audit<'_>, job: &JobDeeds<'_>) -> bool {
    const PRINTS: [&str; 5] = ["echo", "printf", "exit", "true", ":"];
    let own = |step: StepAt<'_>| step.job.is_some_and(|of| of.job.id.span == job.job.job.id.span);
    let scripts = audit.scripts();
    let own: Vec<_> = scripts.iter().filter(|script| own(script.step)).collect();
    let prints = |script: &Script<'_>| {
        script.reading().commands.iter().all(|command| {
            command.call().first().is_none_or(|word| PRINTS.contains(&word.text.as_str()))
        })
    };
    !own.is_empty() && own.len() == job.job.steps().len() && own.iter().all(|script| prints(script))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn a_job_that_does_something_is_no_gate() {
        check(
            &RULE,
            "
            jobs:
              a: { runs-on: ubuntu-latest, steps: [run: a] }
              b: { runs-on: ubuntu-latest, steps: [run: a] }
              clean:
                needs: [a, b]
                if: always()
                runs-on: ubuntu-latest
                steps: [run: ./clean-up]
              all:
                needs: [a, b]
                if: always()
                #   ^^^^^^^^ the job `all` passes whatever became of those it needs
                runs-on: ubuntu-latest
                steps: [run: echo ok; exit 0]
            ",
        );
    }

    #[test]
    fn the_edges_whose_results_are_not_read_are_named() {
        let found = crate::testing::findings_of(&RULE, RULE.example);
        let diagnostic = &found[0].diagnostic;
        assert!(diagnostic.related.len() >= 2, "{diagnostic:#?}");
        assert!(diagnostic.notes[0].starts_with("the path: "), "{diagnostic:#?}");
    }
}
