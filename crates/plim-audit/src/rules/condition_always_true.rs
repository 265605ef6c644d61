//! An `if` with text around its `${{ }}` is a text that is not empty, and so always holds.

use plim_diag::{Code, Severity};

use crate::{Audit, Edit, Hook, Rule, TextAt, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("condition-always-true"),
    summary: "an `if` always holds, because text stands around its expression",
    why: "GitHub makes one text of all that is written when anything stands outside of `${{ }}`. A text that is not empty is true, so the step or job runs whatever the expression says: a deployment runs on every branch, also after a failure.",
    criterion: "An `if` with more than one expression in `${{ }}`, or with any text before or after one, the line end of a block scalar included.",
    remedy: "Write the whole condition without `${{ }}`, or put all of it into one.",
    example: "steps:\n  - run: ./deploy\n    if: ${{ github.ref == 'refs/heads/main' }} && ${{ success() }}",
    better: "steps:\n  - run: ./deploy\n    if: github.ref == 'refs/heads/main' && success()",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Text(text)],
};

fn text<'a>(audit: &mut Audit<'a>, text: TextAt<'a>) {
    if text.condition.is_none() || text.template.segments.len() < 2 {
        return;
    }
    let bare = without_braces(&text);
    let plain = span_is_plain(audit.source(), &text);
    let finding = audit.report(text.span, "this condition is a text, which always holds");
    finding.help("write the whole condition without `${{ }}`");
    if let Some(bare) = bare.filter(|_| plain) {
        finding.unsafe_fix(
            "write the condition without `${{ }}`",
            vec![Edit::replace(text.span, bare)],
        );
    }
}

/// The condition with the braces gone, if that reads as a condition.
fn without_braces(text: &TextAt<'_>) -> Option<String> {
    let source = text.template.source().replace("${{", "").replace("}}", "");
    let bare = source.split_whitespace().collect::<Vec<_>>().join(" ");
    let reads = plim_expression::Expression::parse(&bare).is_ok();
    // What begins so would be something else to YAML.
    (reads && !bare.starts_with(['!', '\'', '"', '[', '{', '*', '&'])).then_some(bare)
}

/// Whether the value is written on one line without quotes.
fn span_is_plain(source: &str, text: &TextAt<'_>) -> bool {
    let written = text.span.text(source).unwrap_or("");
    !written.starts_with(['\'', '"', '|', '>']) && !written.contains('\n')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_fix};

    #[test]
    fn text_around_an_expression_is_a_text() {
        check(
            &RULE,
            "
            steps:
              - run: a
                if: ${{ github.ref == 'x' }} && success()
                #   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this condition is a text, which always holds
              - run: b
                if: ${{ failure() }}
              - run: c
                if: '!${{ failure() }}'
                #   ^^^^^^^^^^^^^^^^^^^
              - run: d
                if: |
                  success() &&
                  always()
            ",
        );
    }

    #[test]
    fn of_jobs_too() {
        check(
            &RULE,
            "
            jobs:
              test:
                if: ${{ github.ref == 'x' }} || ${{ always() }}
                #   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
                runs-on: ubuntu-latest
                steps: [run: a]
            ",
        );
    }

    #[test]
    fn the_braces_go() {
        check_fix(
            &RULE,
            "
            steps:
              - run: a
                if: ${{ github.ref == 'x' }} && success() # why
            ",
            "
            steps:
              - run: a
                if: github.ref == 'x' && success() # why
            ",
        );
    }
}
