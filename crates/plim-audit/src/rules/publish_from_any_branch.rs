//! A publish that a push to any branch starts.

use plim_diag::{Code, Severity};
use plim_workflow::Workflow;

use crate::deeds::{Act, Deed, JobDeeds, Occasion, job_runs, surely_holds};
use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("publish-from-any-branch"),
    summary: "a push to any branch publishes",
    why: "Whoever may push a branch publishes what stands on it, reviewed or not, and the last branch that was pushed decides what users get.",
    criterion: "A workflow that `push` starts without `branches` or `tags`, with a step that publishes, releases or deploys and surely runs then: its conditions and those of its job hold for a push to any branch, and neither its step nor the workflow's concurrency speaks of the ref.",
    remedy: "Name the branch or the tags that publish: `on: { push: { tags: ['v*'] } }`.",
    example: "on: push\njobs:\n  publish:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm publish",
    better: "on: { push: { tags: ['v*'] } }\njobs:\n  publish:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm publish",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    let Some(push) = workflow.trigger("push") else { return };
    if push.branches.is_some() || push.tags.is_some() {
        return;
    }
    let deeds = audit.deeds();
    for job in &deeds.jobs {
        let surely = |deed: &&Deed<'a>| deed.act.ships() && surely_runs(audit.source(), job, deed);
        if let Some(deed) = job.deeds.iter().find(surely) {
            audit
                .report(deed.span, format!("{} from whatever branch is pushed", deed.shown()))
                .related(push.span, "this names no branches and no tags")
                .help("name the branch or the tags that publish");
        }
    }
}

fn surely_runs(source: &str, job: &JobDeeds<'_>, deed: &Deed<'_>) -> bool {
    let holds = |expression: &_| surely_holds(expression, Occasion::PUSH);
    // What a called workflow asks is not known here.
    let Some(step) = deed.step else { return false };
    job_runs(job.job, &holds)
        && deed.runs(&holds)
        && !asks(step.step.span.text(source).unwrap_or(""))
}

/// Whether a text looks at the ref or the event.
pub(super) fn asks(text: &str) -> bool {
    const QUESTIONS: [&str; 6] = [
        "github.ref",
        "GITHUB_REF",
        "github.event",
        "GITHUB_EVENT",
        "github.head",
        "branch --show",
    ];
    QUESTIONS.iter().any(|question| text.contains(question))
}

/// Whether it can be seen by others only when it is meant to be.
pub(super) fn is_lasting(act: Act) -> bool {
    matches!(act, Act::Publish(registry) if registry.is_final()) || act == Act::Release
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn a_condition_or_a_question_of_the_script_is_a_limit() {
        check(
            &RULE,
            "
            on: [push, pull_request]
            jobs:
              only:
                if: github.ref == 'refs/heads/main'
                runs-on: ubuntu-latest
                steps: [run: npm publish]
              asks:
                runs-on: ubuntu-latest
                steps: [run: '[ $GITHUB_REF = refs/heads/main ] && npm publish']
              event:
                if: github.event_name == 'push'
                runs-on: ubuntu-latest
                steps:
                  - run: npm publish
                    #    ^^^^^^^^^^^ `npm publish` publishes from whatever branch is pushed
              unknown:
                if: needs.plan.outputs.go
                runs-on: ubuntu-latest
                steps: [run: npm publish]
            ",
        );
    }
}
