//! A value that is false is passed over by the `||` behind it.

use plim_diag::{Code, Severity};
use plim_expression::Node;
use plim_expression::types::Wrong;

use crate::{Audit, Hook, MistakeAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("ternary-loses-value"),
    summary: "a value that is false never comes out of `condition && value || other`",
    why: "`a && b || c` gives `c` also where `a` holds and `b` is empty, `0` or `false`: what should be switched off is on.",
    criterion: "`… && VALUE || OTHER` where `VALUE` is a literal that is false, and `VALUE || LITERAL` where `VALUE` is a boolean and the literal is true.",
    remedy: "Turn the condition round so that the false value stands last, or use `case(condition, value, other)`.",
    example: "steps:\n  - run: make\n    env:\n      FLAGS: ${{ github.ref_name == 'main' && '' || '--debug' }}",
    better: "steps:\n  - run: make\n    env:\n      FLAGS: ${{ github.ref_name != 'main' && '--debug' || '' }}",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Mistake(mistake)],
};

fn mistake<'a>(audit: &mut Audit<'a>, at: &MistakeAt<'a>) {
    let Wrong::LostValue { value, fallback, always } = &at.mistake.wrong else { return };
    let source = at.expression.expression.source();
    let written = |node: &Node| source.get(node.span.clone()).unwrap_or("it").to_owned();
    let (value, fallback) = (written(value), written(fallback));
    let message = if *always {
        format!("`{value}` is false and never comes out: the `||` gives `{fallback}` instead")
    } else {
        format!("where `{value}` is `false`, the `||` gives `{fallback}` instead")
    };
    let help = if *always {
        "turn the condition round so that the false value stands last, or use `case`"
    } else {
        "give the value where it is known to be there: `case(condition, value, other)`"
    };
    audit.report(at.span(), message).help(help);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn false_values_are_lost() {
        check(
            &RULE,
            "
            on: { workflow_dispatch: { inputs: { flag: { type: boolean } } } }
            jobs:
              test:
                runs-on: ubuntu-latest
                env:
                  A: ${{ github.ref_name == 'a' && '' || 'b' }}
                  #                                ^^ `''` is false and never comes out: the `||` gives `'b'` instead
                  B: ${{ inputs.flag || true }}
                  #      ^^^^^^^^^^^ where `inputs.flag` is `false`, the `||` gives `true` instead
                  C: ${{ github.ref_name == 'a' && 'b' || '' }} ${{ inputs.flag || false }}
                steps: [run: a]
            ",
        );
    }
}
