//! An argument of `format` is not in its text.

use plim_diag::{Code, Severity};
use plim_expression::types::Wrong;

use crate::{Audit, Hook, MistakeAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("format-unused-argument"),
    summary: "an argument of `format` is mentioned nowhere in its text",
    why: "The value is left out of the text without a word.",
    criterion: "An argument of `format` whose number the literal text does not mention.",
    remedy: "Mention the argument in the text, or remove it.",
    example: "steps:\n  - run: echo ${{ format('{0}', github.sha, github.ref) }}",
    better: "steps:\n  - run: echo ${{ format('{0} {1}', github.sha, github.ref) }}",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Mistake(mistake)],
};

fn mistake<'a>(audit: &mut Audit<'a>, at: &MistakeAt<'a>) {
    if let Wrong::NotMentioned { number } = at.mistake.wrong {
        let message = format!("the text mentions no `{{{number}}}`");
        audit.report(at.span(), message).help("mention it in the text, or remove the argument");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn every_argument_is_mentioned() {
        check(
            &RULE,
            "
            steps:
              - run: echo ${{ format('{0}', github.sha, github.ref) }}
                #                                       ^^^^^^^^^^ the text mentions no `{1}`
            ",
        );
    }
}
