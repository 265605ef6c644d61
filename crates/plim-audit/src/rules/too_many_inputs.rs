//! More inputs than a workflow may ask for when it is started by hand.

use plim_diag::{Code, Severity};
use plim_workflow::{Forge, Workflow};

use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("too-many-inputs"),
    summary: "a workflow that is started by hand has more inputs than GitHub takes",
    why: "GitHub refuses the file.",
    criterion: "More than 25 inputs under `workflow_dispatch`, on GitHub.",
    remedy: "Join inputs, for instance into one that takes JSON.",
    example: "",
    better: "",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

/// The most inputs of `workflow_dispatch`.
const MOST: usize = 25;

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    let inputs = workflow.trigger("workflow_dispatch").map(|trigger| &*trigger.inputs);
    let inputs = inputs.unwrap_or_default();
    if let Some(first) = inputs.get(MOST).filter(|_| workflow.forge == Forge::GitHub) {
        let message =
            format!("`workflow_dispatch` has {} inputs, and {MOST} are allowed", inputs.len());
        audit.report(first.name.span, message).help("join some of them into one");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::findings_of;

    #[test]
    fn twenty_five_are_allowed() {
        let file = |count: usize| {
            let inputs: String = (0..count).map(|i| format!("      i{i}: {{}}\n")).collect();
            format!(
                "on:\n  workflow_dispatch:\n    inputs:\n{inputs}jobs:\n  a:\n    runs-on: x\n    steps: [run: a]\n"
            )
        };
        assert!(findings_of(&RULE, &file(25)).is_empty());
        let found = findings_of(&RULE, &file(26));
        assert_eq!(found[0].span().text(&file(26)), Some("i25"));
    }
}
