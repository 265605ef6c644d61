//! Workflows without a name.

use plim_diag::{Code, Severity};
use plim_workflow::Workflow;

use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("anonymous-definition"),
    summary: "a workflow has no name",
    why: "Its path is shown in place of the name, and other workflows that `workflow_run` starts have to be changed when the file moves.",
    criterion: "A workflow without `name`, other than one that can only be called.",
    remedy: "Give it a `name`.",
    example: "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make test",
    better: "name: CI\non: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make test",
    severity: Severity::Note,
    tier: Tier::Pedantic,
    hooks: &[Hook::Workflow(check)],
};

fn check<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    let mut others = workflow.triggers.iter().filter(|it| &*it.event.value != "workflow_call");
    if let (None, Some(trigger)) = (&workflow.name, others.next()) {
        audit.report(trigger.event.span, "this workflow has no name").help("give it a `name`");
    }
}
