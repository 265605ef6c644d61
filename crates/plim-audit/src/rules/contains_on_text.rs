//! `contains` searches a text where a list is meant.

use plim_diag::{Code, Severity};
use plim_expression::types::Wrong;

use crate::{Audit, Hook, MistakeAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("contains-on-text"),
    summary: "`contains` finds parts of words in a text where a list is meant",
    why: "`contains` on a text finds any part of it: `contains('main develop', 'dev')` holds, and so does an empty text. Whoever can choose a name can pass a check that should stop it.",
    criterion: "`contains` with a literal text as what is searched, and a value that is computed as what is looked for.",
    remedy: "Search a list: `contains(fromJSON('[\"main\", \"develop\"]'), github.ref_name)`.",
    example: "steps:\n  - run: ./deploy\n    if: contains('main develop', github.ref_name)",
    better: "steps:\n  - run: ./deploy\n    if: contains(fromJSON('[\"main\", \"develop\"]'), github.ref_name)",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Mistake(mistake)],
};

fn mistake<'a>(audit: &mut Audit<'a>, at: &MistakeAt<'a>) {
    let Wrong::PartOfText { text } = at.mistake.wrong else { return };
    let message = "any part of this text is found in it, also of a word, and so is nothing";
    let separators = |c: char| c.is_whitespace() || c == ',' || c == '|' || c == ';';
    if text.trim_start().starts_with('[') {
        audit.report(at.span(), message).help("read it as a list: `fromJSON('[…]')`");
        return;
    }
    let words = text.split(separators).filter(|word| !word.is_empty());
    let list: Vec<String> = words.map(|word| format!("\"{word}\"")).collect();
    audit.report(at.span(), message).help(format!("search `fromJSON('[{}]')`", list.join(", ")));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn a_literal_text_is_no_list() {
        check(
            &RULE,
            "
            steps:
              - run: a
                if: contains('main develop', github.ref_name)
                #            ^^^^^^^^^^^^^^ any part of this text…
              - run: b
                if: contains(github.ref_name, 'main') && contains(fromJSON('[\"a\"]'), github.actor)
            ",
        );
    }
}
