//! Defaults of inputs that must be given, which are never used.

use plim_diag::{Code, Severity};
use plim_workflow::Workflow;

use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("default-of-required-input"),
    summary: "an input of a called workflow must be given and has a default",
    why: "A caller has to give the input, so its default is never used: one of both says what was not meant.",
    criterion: "An input of `workflow_call` with `required: true` and a `default`.",
    remedy: "Remove `required` or `default`.",
    example: "on:\n  workflow_call:\n    inputs:\n      level:\n        type: string\n        required: true\n        default: low\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    better: "on:\n  workflow_call:\n    inputs:\n      level:\n        type: string\n        default: low\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    let inputs = workflow.trigger("workflow_call").map(|trigger| &*trigger.inputs);
    for input in inputs.unwrap_or_default().iter().filter(|input| input.required) {
        if let Some(default) = &input.default {
            let message =
                format!("the input `{}` must be given, so this is never used", input.name.value);
            audit.report(default.span, message).help("remove `required` or `default`");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn of_called_workflows_only() {
        check(
            &RULE,
            "
            on:
              workflow_call:
                inputs:
                  a: { type: string, required: true, default: x }
                  #                                           ^ the input `a` must be given, so this is never used
                  b: { type: string, required: true }
                  c: { type: string, default: x }
              workflow_dispatch:
                inputs:
                  a: { type: string, required: true, default: x }
            jobs:
              test:
                runs-on: ubuntu-latest
                steps: [run: make]
            ",
        );
    }
}
