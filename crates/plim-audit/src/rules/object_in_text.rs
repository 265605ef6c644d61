//! A list or an object is made a text.

use plim_diag::{Code, Severity};
use plim_expression::types::{Type, Wrong};

use crate::{Audit, Hook, MistakeAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("object-in-text"),
    summary: "a list or an object is written into a text",
    why: "A text that a list is written into has the word `Array` in it, one of an object the word `Object`; a key that takes a text alone makes the step fail.",
    criterion: "An expression that gives a list or an object beside other text, in a key that holds a text, or as an argument of `format`. It is an error where the key takes a text alone.",
    remedy: "Write it with `toJSON`, join a list with `join`, or take the property that is meant.",
    example: "steps:\n  - run: echo \"${{ github.event }} on ${{ runner }}\"",
    better: "steps:\n  - run: echo \"on ${{ runner.os }}\"",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Mistake(mistake)],
};

fn mistake<'a>(audit: &mut Audit<'a>, at: &MistakeAt<'a>) {
    let Wrong::Compound { function, kind } = &at.mistake.wrong else { return };
    let word = if matches!(kind, Type::Array(_)) { "Array" } else { "Object" };
    let message = match function {
        None if at.expression.text.is_one_expression() => {
            format!("{} stands where a text is expected", kind.describe())
        }
        _ => format!("{} becomes the word `{word}` in a text", kind.describe()),
    };
    let help = match kind {
        Type::Array(_) => "join it with `join`, or write it with `toJSON`",
        _ => "take the property that is meant, or write all of it with `toJSON`",
    };
    let fails = function.is_none() && at.expression.text.is_one_expression();
    let finding = audit.report(at.span(), message).help(help);
    if fails {
        finding.diagnostic.severity = Severity::Error;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn only_texts_go_into_texts() {
        check(
            &RULE,
            "
            jobs:
              test:
                strategy: { matrix: { include: [{ os: a, flags: [b] }] } }
                runs-on: ubuntu-latest
                steps:
                  - run: echo ${{ runner }} ${{ toJSON(runner) }}
                    #             ^^^^^^ an object becomes the word `Object` in a text
                    name: ${{ matrix.flags }}
                    #         ^^^^^^^^^^^^ a list stands where a text is expected
                  - run: echo ${{ format('{0}', matrix.flags) }}
                    #                           ^^^^^^^^^^^^ a list becomes the word `Array` in a text
                    if: runner
            ",
        );
    }
}
