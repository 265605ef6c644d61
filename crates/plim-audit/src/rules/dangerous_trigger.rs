//! Triggers that give secrets to what strangers start.

use plim_diag::{Code, Severity};
use plim_workflow::Workflow;

use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("dangerous-trigger"),
    summary: "a workflow that strangers start has secrets and a token that may write",
    why: "Nothing of a pull request may be run in such a workflow, and it is easily forgotten. What is run already is reported as `untrusted-checkout` and `untrusted-artifact`.",
    criterion: "The events `pull_request_target`, `workflow_run` and `issue_comment`.",
    remedy: "Use `pull_request` where no secret is needed.",
    example: "on: pull_request_target\njobs:\n  label:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/labeler@v5",
    better: "on: pull_request\njobs:\n  label:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/labeler@v5",
    severity: Severity::Warning,
    tier: Tier::Pedantic,
    hooks: &[Hook::Workflow(check)],
};

fn check<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    for event in ["pull_request_target", "workflow_run", "issue_comment"] {
        if let Some(trigger) = workflow.trigger(event) {
            audit
                .report(
                    trigger.event.span,
                    format!("strangers can start `{event}`, which has secrets"),
                )
                .help("use `pull_request` where no secret is needed");
        }
    }
}
