//! Offers the name that was likely meant as a fix.
//!
//! What is found about a misspelt word says "write `…`", and its place is the word: that is all a fix needs to know.

use plim_diag::{Severity, Span, closest};

use crate::{Edit, Finding, LANGUAGE};

/// Adds to `finding` the fix that its help asks for, if it is one near word instead of another.
///
/// It is safe where the forge refuses the file as it is: then nothing worked that the fix could change.
pub(crate) fn offer(finding: &mut Finding, source: &str) {
    if finding.fix.is_some() {
        return;
    }
    let Some(edit) = edit(finding, source) else { return };
    let title = format!("write `{}`", edit.replacement);
    let code = finding.diagnostic.code;
    let refused = finding.diagnostic.severity == Severity::Error
        && LANGUAGE.iter().any(|rule| rule.code == code);
    if refused {
        finding.fix(title, vec![edit]);
    } else {
        finding.unsafe_fix(title, vec![edit]);
    }
}

fn edit(finding: &Finding, source: &str) -> Option<Edit> {
    let help = finding.diagnostic.help.as_deref()?;
    let meant = help.strip_prefix("write `")?.strip_suffix('`').filter(|word| is_word(word))?;
    let span = inside_quotes(finding.span(), source);
    let written = span.text(source).filter(|word| is_word(word))?;
    let near = written != meant && closest(written, [meant]).is_some();
    near.then(|| Edit::replace(span, meant))
}

/// Whether it is a name that needs no quotes, in YAML or elsewhere.
fn is_word(text: &str) -> bool {
    let of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.chars().all(of_name)
}

fn inside_quotes(span: Span, source: &str) -> Span {
    let text = span.text(source).unwrap_or("");
    let quoted = ['\'', '"'].iter().any(|quote| text.starts_with(*quote) && text.ends_with(*quote));
    if quoted && text.len() > 2 { Span::new(span.start + 1, span.end - 1) } else { span }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_fix;
    use crate::{LANGUAGE, Rule, rule};

    fn of_the_reader(code: &str) -> &'static Rule {
        LANGUAGE.iter().find(|rule| rule.code.0 == code).unwrap()
    }

    #[test]
    fn a_misspelt_word_is_replaced_by_what_was_meant() {
        check_fix(
            of_the_reader("unknown-key"),
            "
            steps:
              - 'runn': make
              - run: make
                continue-on-eror: true
            ",
            "
            steps:
              - 'run': make
              - run: make
                continue-on-error: true
            ",
        );
        check_fix(
            rule("undefined-property").unwrap(),
            "
            steps:
              - run: echo ${{ github.ref_nmae }} ${{ github['actr'] }}
            ",
            "
            steps:
              - run: echo ${{ github.ref_name }} ${{ github['actor'] }}
            ",
        );
    }

    #[test]
    fn no_runtime_that_is_gone_is_meant() {
        check_fix(
            of_the_reader("invalid-value"),
            "
            runs:
              using: node14
              main: a.js
            ",
            "
            runs:
              using: node24
              main: a.js
            ",
        );
    }

    #[test]
    fn what_is_no_near_word_is_left_alone() {
        let text = "
            steps:
              - run: make
                timeout: 5
            ";
        check_fix(of_the_reader("unknown-key"), text, text);
    }
}
