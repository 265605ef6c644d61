//! Findings as annotations in the log of a GitHub workflow.

use plim_audit::Finding;
use plim_diag::{Severity, Sources};

use super::Survey;
use crate::output::Output;

/// Prints one workflow command for each finding.
pub(super) fn show(survey: &Survey, stdout: &mut Output) {
    for finding in &survey.findings {
        stdout.add(&annotation(finding, &survey.sources));
    }
}

/// The form of the runner's `ActionCommand`: values are escaped, those of properties more than the message.
fn annotation(finding: &Finding, sources: &Sources) -> String {
    let diagnostic = &finding.diagnostic;
    let level = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties = vec![format!("title={}", property(diagnostic.code.0))];
    if let Some(place) = &diagnostic.place {
        properties.push(format!("file={}", property(&place.path)));
        if let Some(source) = sources.get(&place.path) {
            let start = source.lines().position(source.text(), place.span.start);
            let end = source.lines().position(source.text(), place.span.end);
            properties.push(format!("line={},endLine={}", start.line, end.line));
            // GitHub refuses columns of an annotation over several lines.
            if start.line == end.line {
                properties.push(format!("col={},endColumn={}", start.column, end.column));
            }
        }
    }
    let help = diagnostic.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    let message = data(&format!("{}{help}", diagnostic.message));
    format!("::{level} {}::{message}\n", properties.join(","))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
