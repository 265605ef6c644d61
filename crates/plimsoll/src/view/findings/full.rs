//! Findings for people: with source lines, and by code where one code fires often.

use std::collections::BTreeMap;
use std::slice;

use plim_audit::{Finding, rule};
use plim_diag::Severity;

use super::Survey;
use crate::{
    args::Format,
    output::Output,
    render::{diagnostic, paint::Paint},
};

/// More findings of one code than this are told together, with the first few of them.
const MANY: usize = 10;
const SHOWN: usize = 3;

/// Prints the findings that stand for themselves, then those of frequent codes, then the count.
pub(super) fn show(survey: &Survey, paint: Paint, stdout: &mut Output) {
    let by_code = by_code(&survey.findings);
    for finding in &survey.findings {
        if by_code[finding.diagnostic.code.0].len() <= MANY {
            stdout.add(&drawn(finding, survey, paint));
        }
    }
    for (code, findings) in by_code.iter().filter(|(_, findings)| findings.len() > MANY) {
        stdout.add(&frequent(code, findings, survey, paint));
    }
    stdout.add(&summary(survey));
}

fn by_code(findings: &[Finding]) -> BTreeMap<&str, Vec<&Finding>> {
    let mut by_code: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        by_code.entry(finding.diagnostic.code.0).or_default().push(finding);
    }
    by_code
}

fn drawn(finding: &Finding, survey: &Survey, paint: Paint) -> String {
    let one = slice::from_ref(&finding.diagnostic);
    diagnostic::diagnostics(one, &survey.sources, Format::Full, paint)
}

fn frequent(code: &str, findings: &[&Finding], survey: &Survey, paint: Paint) -> String {
    let fixed = findings.iter().filter(|finding| finding.fix.is_some()).count();
    let about = rule(code).map_or("", |rule| rule.summary);
    let mends = if fixed > 0 { format!(", `--fix` mends {fixed}") } else { String::new() };
    let title = format!("{} × {code}: {about}{mends}", findings.len());
    let mut text = format!("{}\n\n", paint.strong(&title));
    for finding in &findings[..SHOWN] {
        text += &drawn(finding, survey, paint);
    }
    let rest = findings.len() - SHOWN;
    text + &format!(
        "… and {rest} more; `plim check --select {code} --format concise` lists all\n\n"
    )
}

fn summary(survey: &Survey) -> String {
    let counted = |severity: Severity| {
        let count = survey.count(severity);
        (count > 0).then(|| counted(count, severity.as_str()))
    };
    let counts: Vec<String> = [Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .filter_map(counted)
        .collect();
    let files = self::counted(survey.files, "file");
    let mended = match survey.mended {
        0 => String::new(),
        mended => format!("; mended {mended}"),
    };
    let older = match survey.older {
        0 => String::new(),
        older => format!("; {} of before the change not shown", self::counted(older, "finding")),
    };
    match counts.as_slice() {
        [] => format!("nothing found in {files}{mended}{older}\n"),
        counts => format!("{} in {files}{mended}{older}\n", counts.join(", ")),
    }
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
