//! Outputs of composite actions that say nothing.

use plim_diag::{Code, Severity};
use plim_workflow::{Action, ActionBody};

use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("output-without-value"),
    summary: "an output of a composite action has no value",
    why: "A composite action sets its outputs with `value` alone: without it, whoever reads the output finds an empty text.",
    criterion: "An output of an action with `using: composite` that has no `value`.",
    remedy: "Add `value: ${{ steps.ID.outputs.NAME }}`.",
    example: "name: a\ndescription: b\noutputs:\n  version:\n    description: c\nruns:\n  using: composite\n  steps: [{ run: make, shell: bash }]",
    better: "name: a\ndescription: b\noutputs:\n  version:\n    description: c\n    value: ${{ steps.make.outputs.version }}\nruns:\n  using: composite\n  steps: [{ id: make, run: make, shell: bash }]",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Action(action)],
};

fn action<'a>(audit: &mut Audit<'a>, action: &'a Action) {
    if !matches!(action.body, ActionBody::Composite(_)) || audit.subject().partly_read() {
        return;
    }
    for output in action.outputs.iter().filter(|output| output.value.is_none()) {
        let message = format!("the output `{}` has no value, and stays empty", output.name.value);
        audit.report(output.name.span, message).help("add `value: ${{ steps.ID.outputs.NAME }}`");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn of_composite_actions() {
        check(
            &RULE,
            "
            name: a
            description: b
            outputs:
              one: { value: '${{ inputs.x }}' }
              two: { description: c }
            # ^^^ the output `two` has no value, and stays empty
            runs:
              using: composite
              steps: [{ run: make, shell: bash }]
            ",
        );
    }
}
