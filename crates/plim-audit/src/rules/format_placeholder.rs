//! The text of `format` cannot be filled.

use plim_diag::{Code, Severity};
use plim_expression::types::Wrong;

use crate::{Audit, Hook, MistakeAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("format-placeholder"),
    summary: "the text of `format` has a placeholder without a value",
    why: "GitHub fails the job when it evaluates such an expression.",
    criterion: "A literal text of `format` that mentions an argument that is not given, or has a brace that is neither a placeholder nor doubled.",
    remedy: "Give the missing argument, and write `{{` and `}}` for braces.",
    example: "steps:\n  - run: echo ${{ format('{0} of {1}', github.sha) }}",
    better: "steps:\n  - run: echo ${{ format('{0} of {1}', github.sha, github.ref) }}",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Mistake(mistake)],
};

fn mistake<'a>(audit: &mut Audit<'a>, at: &MistakeAt<'a>) {
    if let Wrong::Format(why) = &at.mistake.wrong {
        let help = "give a value for each placeholder, and write `{{` and `}}` for braces";
        audit.report(at.span(), why.as_str()).help(help);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn every_placeholder_needs_a_value() {
        check(
            &RULE,
            "
            steps:
              - run: |
                  make
                  echo ${{ format('{0} {1}', github.sha) }}
                  #               ^^^^^^^^^ the format text `{0} {1}` mentions `{1}`, and the call has 1 values for it
              - run: echo ${{ format('{a}', github.sha) }} ${{ format('{{a}} {0}', github.sha) }}
                #                    ^^^^^ the format text `{a}` is invalid…
            ",
        );
    }
}
