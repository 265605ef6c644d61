//! A step or job is switched off with `false`.

use plim_diag::{Code, Severity};

use crate::{Audit, Hook, Rule, TextAt, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("condition-switched-off"),
    summary: "a step or job is switched off with `false`",
    why: "What never runs is read, updated and trusted as if it did.",
    criterion: "An `if` that is `false`, or that has `false` as an operand of `&&`.",
    remedy: "Remove what never runs; the history keeps it.",
    example: "steps:\n  - run: make\n    if: false",
    better: "steps:\n  - run: make",
    severity: Severity::Note,
    tier: Tier::Pedantic,
    hooks: &[Hook::Text(text)],
};

fn text<'a>(audit: &mut Audit<'a>, text: TextAt<'a>) {
    let expression = text.template.expressions().next().map(|(expression, _)| expression);
    let off = expression.is_some_and(super::condition_constant::is_switched_off);
    if off && text.condition.is_some() && text.is_one_expression() {
        audit.report(text.span, "this never runs").help("remove it, or say when it should run");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn what_never_runs_is_found() {
        check(
            &RULE,
            "
            steps:
              - run: a
                if: ${{ false }}
                #   ^^^^^^^^^^^^ this never runs
              - run: b
                if: github.ref_name && false
                #   ^^^^^^^^^^^^^^^^^^^^^^^^ this never runs
              - run: c
                if: github.ref_name == false
            ",
        );
    }
}
