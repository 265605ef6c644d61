//! Jobs that strangers start, whose token nothing limits.

use plim_diag::{Code, Severity};
use plim_workflow::Workflow;

use super::missing_permissions::{report, unlimited};
use super::untrusted_checkout::risky_event;
use crate::{Audit, Hook, Rule, Tier, guards};

pub(super) const RULE: Rule = Rule {
    code: Code("risky-default-token"),
    summary: "strangers start a job whose token nothing limits",
    why: "A pull request of a fork, or a comment, starts it with the token of the repository itself, which may write everything where a setting says so.",
    criterion: "As `missing-permissions`, in a workflow that `pull_request_target`, `workflow_run` or `issue_comment` starts, unless the `if` of the job asks for the association or name of an author, for a label, or for an event that only members cause.",
    remedy: "Write down what the steps need.",
    example: "on: issue_comment\njobs:\n  answer:\n    runs-on: ubuntu-latest\n    steps:\n      - run: gh issue comment --body hello",
    better: "on: issue_comment\njobs:\n  answer:\n    permissions:\n      issues: write\n    runs-on: ubuntu-latest\n    steps:\n      - run: gh issue comment --body hello",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(check)],
};

fn check<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    let unlimited = unlimited(audit, workflow);
    let first = unlimited.iter().find(|job| !guards::keeps_strangers_out(**job));
    if let (Some(first), Some(event)) = (first, risky_event(workflow)) {
        let message =
            format!("`{event}` lets strangers start this job, whose token nothing limits");
        report(audit, workflow, *first, &unlimited, &message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn what_only_members_start_is_none_of_strangers() {
        check(
            &RULE,
            "
            on: [issues, pull_request_target]
            jobs:
              a:
                if: github.event.label.name == 'accepted'
                runs-on: b
                steps: [run: c]
            ",
        );
        check(
            &RULE,
            "
            on: pull_request_target
            jobs:
                a: { if: github.event.label.name == 'accepted', runs-on: b, steps: [run: c] }
                bb: { runs-on: b, steps: [run: c] }
              # ^^ `pull_request_target` lets strangers start this job, whose token nothing limits
            ",
        );
    }
}
