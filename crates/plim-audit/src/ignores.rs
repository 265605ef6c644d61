//! Comments that ignore findings: `# plim: ignore[code] because …`, and those of zizmor.
//!
//! A comment speaks of the line it ends, or, standing alone, of the next line that is not such a comment. It may also
//! stand anywhere between the first and the last line of what was found.

use std::sync::Arc;

use plim_diag::{Code, Diagnostic, LineIndex, Severity, Span};

use crate::{Finding, Selection, Subject, Tier, catalogue};

/// Names of zizmor's audits, and our codes for what each finds.
pub const FOREIGN_CODES: &[(&str, &[&str])] = &[
    ("archived-uses", &["archived-action"]),
    ("artipacked", &["credentials-in-artifact", "persisted-credentials"]),
    ("bot-conditions", &["spoofable-bot"]),
    ("dangerous-triggers", &["dangerous-trigger", "untrusted-checkout"]),
    (
        "excessive-permissions",
        &[
            "broad-permissions",
            "missing-permissions",
            "read-all-permissions",
            "risky-default-token",
        ],
    ),
    ("github-app", &["wide-app-token"]),
    ("github-env", &["untrusted-environment-file"]),
    ("hardcoded-container-credentials", &["hardcoded-credentials"]),
    ("insecure-commands", &["insecure-commands", "deprecated-command"]),
    ("known-vulnerable-actions", &["vulnerable-action"]),
    ("misfeature", &["misfeature"]),
    ("obfuscation", &["condition-constant", "condition-switched-off", "obfuscated-uses"]),
    ("overprovisioned-secrets", &["all-secrets"]),
    ("ref-version-mismatch", &["contradicting-pins", "pin-without-version"]),
    ("secrets-inherit", &["secrets-inherited", "secrets-inherited-locally"]),
    ("secrets-outside-env", &["secret-outside-environment"]),
    ("self-hosted-runner", &["self-hosted-runner"]),
    ("superfluous-actions", &["superfluous-action"]),
    ("template-injection", &["expansion-in-script", "script-injection"]),
    ("typosquat-uses", &["mistyped-action"]),
    ("undocumented-permissions", &["undocumented-permission"]),
    ("unpinned-images", &["image-without-version", "unpinned-image"]),
    ("unpinned-tools", &["unpinned-tool"]),
    ("unpinned-uses", &["branch-pinned-action", "unpinned-action"]),
    ("unredacted-secrets", &["unredacted-secret"]),
    ("unsound-condition", &["condition-always-true"]),
    ("unsound-contains", &["contains-on-text"]),
    ("unsound-ternary", &["ternary-loses-value"]),
];

/// One comment.
struct Ignore<'t> {
    /// The lines, from 1, of the comment and of what it speaks of.
    line: u32,
    target: u32,
    /// Each code with its bytes, and whether it was needed.
    codes: Vec<(&'t str, Span, bool)>,
    reason: bool,
    foreign: bool,
    span: Span,
}

/// The findings that no comment ignores, and what is wrong with the comments.
pub(crate) fn apply(
    subject: &Subject,
    selection: &Selection,
    findings: Vec<Finding>,
) -> Vec<Finding> {
    let text = subject.text();
    // Nearly all files have none.
    if !text.contains(": ignore[") {
        return findings;
    }
    let lines = subject.tree().lines();
    let mut ignores = ignores(text, lines);
    let mut left = Vec::with_capacity(findings.len());
    for finding in findings {
        if !ignores.iter_mut().any(|ignore| ignore.covers(&finding, lines)) {
            left.push(finding);
        }
    }
    for ignore in ignores.iter().filter(|ignore| !ignore.foreign) {
        left.extend(ignore.faults(subject, selection));
    }
    left.sort_by_key(|finding| finding.span().start);
    left
}

impl Ignore<'_> {
    fn covers(&mut self, finding: &Finding, lines: &LineIndex) -> bool {
        let span = finding.span();
        let (first, last) = (lines.line_of(span.start), lines.line_of(span.end));
        let here = self.target == first || (first..=last).contains(&self.line);
        if !here || !self.reason {
            return false;
        }
        let wanted = finding.diagnostic.code.0;
        let code = self.codes.iter_mut().find(|(code, ..)| match self.foreign {
            true => ours(code).contains(&wanted),
            false => *code == wanted,
        });
        code.map(|(.., used)| *used = true).is_some()
    }

    fn faults(&self, subject: &Subject, selection: &Selection) -> Vec<Finding> {
        if !self.reason {
            let message = "this ignores nothing, because it has no reason";
            let help = "write `because` and the reason behind it";
            return fault(subject, selection, "ignore-without-reason", self.span, message, help);
        }
        let unused = self.codes.iter().filter(|(code, _, used)| {
            !used && catalogue::rule(code).is_none_or(|rule| selection.applies(rule))
        });
        let told = unused.flat_map(|(code, span, _)| {
            let message = match catalogue::rule(code) {
                Some(_) => format!("`{code}` is not found here"),
                None => format!("there is no rule `{code}`"),
            };
            fault(subject, selection, "unused-ignore", *span, &message, "remove it")
        });
        told.collect()
    }
}

fn ours(foreign: &str) -> &'static [&'static str] {
    FOREIGN_CODES.iter().find(|(name, _)| *name == foreign).map_or(&[], |(_, codes)| codes)
}

fn fault(
    subject: &Subject,
    selection: &Selection,
    code: &'static str,
    span: Span,
    message: &str,
    help: &str,
) -> Vec<Finding> {
    if !catalogue::rule(code).is_some_and(|rule| selection.applies(rule)) {
        return Vec::new();
    }
    let diagnostic = Diagnostic::new(Severity::Warning, Code(code), message).help(help);
    let diagnostic = diagnostic.at(Arc::clone(&subject.path), span);
    vec![Finding { diagnostic, tier: Tier::Default, fix: None }]
}

/// All comments that ignore something. Those in scripts count, too: a comment of a shell is one to a reader.
fn ignores<'t>(text: &'t str, lines: &LineIndex) -> Vec<Ignore<'t>> {
    let mut found: Vec<Ignore<'t>> = Vec::new();
    let line_text =
        |line: u32| lines.line_span(line).and_then(|span| span.text(text)).unwrap_or("");
    for line in 1..=lines.line_count() {
        let Some(span) = lines.line_span(line) else { continue };
        let Some(mut ignore) = ignore(line_text(line), line, span.start) else { continue };
        if line_text(line).trim_start().starts_with('#') {
            let next = (line + 1..=lines.line_count()).find(|&next| {
                let text = line_text(next).trim_start();
                !text.is_empty() && !text.starts_with('#')
            });
            ignore.target = next.unwrap_or(line);
        }
        found.push(ignore);
    }
    found
}

fn ignore(text: &str, line: u32, start: u32) -> Option<Ignore<'_>> {
    let (at, foreign, open) = [("plim: ignore[", false), ("zizmor: ignore[", true)]
        .into_iter()
        .find_map(|(form, foreign)| Some((text.find(form)?, foreign, form.len())))?;
    let hash = text[..at].rfind('#').filter(|hash| text[hash + 1..at].trim().is_empty())?;
    let inner = at + open;
    let close = inner + text[inner..].find(']')?;
    let offset = |at: usize| start + u32::try_from(at).unwrap_or(0);
    let mut from = inner;
    let codes = text[inner..close].split(',').map(|part| {
        let code = part.trim();
        let begin = from + (part.len() - part.trim_start().len());
        from += part.len() + 1;
        (code, Span::new(offset(begin), offset(begin + code.len())), false)
    });
    let codes = codes.filter(|(code, ..)| !code.is_empty()).collect();
    let reason = text[close + 1..].trim_start().strip_prefix("because");
    // `…` is what an editor writes where the reason belongs.
    let is_reason = |reason: &str| !reason.trim_matches([' ', '\t', '\r', '…', '.']).is_empty();
    let reason = foreign || reason.is_some_and(is_reason);
    let span = Span::new(offset(hash), offset(close + 1));
    Some(Ignore { line, target: line, codes, reason, foreign, span })
}

#[cfg(test)]
mod tests {
    use plim_workflow::Forge;

    use super::*;
    use crate::{Kind, Nowhere, check};

    fn codes(steps: &str) -> Vec<(u32, &'static str)> {
        let head =
            "on: push\npermissions: {}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n";
        let steps: String = steps.lines().map(|line| format!("      {line}\n")).collect();
        let text = format!("{head}{steps}");
        let subject = Subject::read("ci.yml", text.as_bytes(), Kind::Workflow, Forge::GitHub);
        let found = check(&subject, &Nowhere::default(), &Selection::default());
        let line = |finding: &Finding| subject.tree().lines().line_of(finding.span().start) - 6;
        found.iter().map(|finding| (line(finding), finding.diagnostic.code.0)).collect()
    }

    const OUTPUT: &str = "- run: echo ::set-output name=a::b";

    #[test]
    fn a_comment_with_a_reason_ignores_its_line_or_the_next() {
        assert_eq!(codes(OUTPUT), [(1, "deprecated-command")]);
        let ignore = "# plim: ignore[deprecated-command] because the runner is old";
        assert_eq!(codes(&format!("{OUTPUT} {ignore}")), []);
        assert_eq!(codes(&format!("{ignore}\n# and more\n{OUTPUT}")), []);
        assert_eq!(codes(&format!("- run: |\n    {ignore}\n    echo ::set-output name=a::b")), []);
    }

    #[test]
    fn a_comment_without_a_reason_ignores_nothing() {
        let ignore = "# plim: ignore[deprecated-command]";
        assert_eq!(
            codes(&format!("{OUTPUT} {ignore}")),
            [(1, "deprecated-command"), (1, "ignore-without-reason")]
        );
        assert_eq!(codes(&format!("{OUTPUT} {ignore} because …")).len(), 2);
    }

    #[test]
    fn what_is_left_behind_is_told() {
        let ignore = "# plim: ignore[deprecated-command, unknown-key, nonsense] because x";
        assert_eq!(
            codes(&format!("{OUTPUT} {ignore}")),
            [(1, "unused-ignore"), (1, "unused-ignore")]
        );
    }

    #[test]
    fn the_map_names_rules_that_there_are() {
        assert!(FOREIGN_CODES.is_sorted());
        for (audit, codes) in FOREIGN_CODES {
            for code in *codes {
                assert!(catalogue::rule(code).is_some(), "{audit}: no rule `{code}`");
            }
        }
    }

    #[test]
    fn comments_for_zizmor_are_honoured_and_never_unused() {
        assert_eq!(codes(&format!("{OUTPUT} # zizmor: ignore[insecure-commands]")), []);
        assert_eq!(codes("- run: make # zizmor: ignore[artipacked]"), []);
    }
}
