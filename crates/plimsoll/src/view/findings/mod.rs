//! Shows what a check found, in each of its formats.

mod full;
mod github;
mod json;
mod sarif;

use plim_audit::Finding;
use plim_diag::{Severity, Sources};

use crate::{
    args::{CheckFormat, Format},
    output::Output,
    render::{diagnostic, paint::Paint},
};

/// What a check found.
pub(crate) struct Survey {
    /// The findings, in the order of the files and of what they hold.
    pub(crate) findings: Vec<Finding>,
    /// The texts of the files in which something was found.
    pub(crate) sources: Sources,
    /// How many files were checked.
    pub(crate) files: usize,
    /// How many findings were there before the change, and are not among these.
    pub(crate) older: usize,
    /// How many findings were mended, and are not among these.
    pub(crate) mended: usize,
    /// What mending would change or changed, one text for each file.
    pub(crate) diffs: Vec<String>,
}

impl Survey {
    /// How many findings weigh so much.
    pub(crate) fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.diagnostic.severity == severity).count()
    }
}

/// Prints `survey`.
pub(crate) fn show(survey: &Survey, format: CheckFormat, paint: Paint, stdout: &mut Output) {
    match format {
        CheckFormat::Full => full::show(survey, paint, stdout),
        CheckFormat::Concise => {
            for finding in &survey.findings {
                let one = std::slice::from_ref(&finding.diagnostic);
                let line = diagnostic::diagnostics(one, &survey.sources, Format::Concise, paint);
                stdout.add(&line);
            }
        }
        CheckFormat::Json => stdout.add(&format!("{}\n", json::document(survey))),
        CheckFormat::Sarif => stdout.add(&format!("{}\n", sarif::document(survey))),
        CheckFormat::Github => github::show(survey, stdout),
    }
}
