//! An `if` is the same whatever happens.

use plim_diag::{Code, Severity};
use plim_expression::types::truth;
use plim_expression::{Expression, Function, Node, NodeKind, Object, Value};

use crate::{Audit, Hook, Rule, TextAt, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("condition-constant"),
    summary: "an `if` always or never holds, whatever happens",
    why: "A condition without effect misleads whoever reads it: the step seems to depend on something, or is kept though it never runs.",
    criterion: "An `if` whose result depends on no context and no status function, also where one part decides alone, as `true` does in `… || true`. A written `false` is reported as `condition-switched-off`.",
    remedy: "Remove the condition, or what never runs.",
    example: "steps:\n  - run: make\n    if: github.ref_name || true",
    better: "steps:\n  - run: make\n    if: github.ref_name",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Text(text)],
};

fn text<'a>(audit: &mut Audit<'a>, text: TextAt<'a>) {
    if text.condition.is_none() || !text.is_one_expression() {
        return;
    }
    let Some((expression, _)) = text.template.expressions().next() else { return };
    let Some(holds) = truth(expression.root()).or_else(|| evaluated(expression)) else { return };
    if is_switched_off(expression) {
        return;
    }
    let (message, help) = if holds {
        ("this condition always holds", "remove it")
    } else {
        ("this condition never holds", "remove what never runs, or say when it should")
    };
    audit.report(text.span, message).help(help);
}

/// Whether `false` is written in it, alone or before `&&`: who writes that means it.
pub(super) fn is_switched_off(expression: &Expression) -> bool {
    let is_false = |node: &Node| matches!(node.kind, NodeKind::Literal(Value::Boolean(false)));
    match &expression.root().kind {
        NodeKind::And(operands) => operands.iter().any(is_false),
        _ => is_false(expression.root()),
    }
}

/// Whether it holds, if it reads no context and asks nothing of its surroundings.
fn evaluated(expression: &Expression) -> Option<bool> {
    let asks = |node: &Node| match &node.kind {
        NodeKind::NamedValue(_) => true,
        NodeKind::Call { function, .. } => matches!(function, Function::Extension(_)),
        _ => false,
    };
    if expression.root().walk().any(asks) {
        return None;
    }
    expression.evaluate(&Object::new()).ok().map(|value| value.is_truthy())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn what_depends_on_nothing_is_found() {
        check(
            &RULE,
            "
            steps:
              - run: a
                if: true
                #   ^^^^ this condition always holds
              - run: b
                if: ${{ null }}
                #   ^^^^^^^^^^^ this condition never holds
              - run: c
                if: github.ref_name && null
                #   ^^^^^^^^^^^^^^^^^^^^^^^ this condition never holds
              - run: d
                if: contains('abc', 'b')
                #   ^^^^^^^^^^^^^^^^^^^^ this condition always holds
              - run: e
                if: always()
              - run: f
                if: github.ref_name || false
              - run: g
                if: false && success()
            ",
        );
    }
}
