//! Findings as the diagnostics of the protocol.

use std::fs;

use lsp_types::{
    Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Location,
    NumberOrString, Uri,
};
use plim_audit::Finding;
use plim_diag::{Related, Severity};

use super::{
    documents::{Document, Documents},
    positions::{Encoding, Lined},
    uri,
    workspace::Judged,
};

/// Who found it.
pub(super) const SOURCE: &str = "plim";

/// Turns findings of one document into diagnostics.
pub(super) struct Translator<'s> {
    pub(super) document: &'s Document,
    pub(super) documents: &'s Documents,
    pub(super) judged: &'s Judged,
    pub(super) encoding: Encoding,
}

impl Translator<'_> {
    /// All of them, in their order.
    pub(super) fn all(&self, findings: &[Finding]) -> Vec<Diagnostic> {
        let lined = Lined::new(&self.document.text, self.encoding);
        findings.iter().map(|finding| self.one(finding, &lined)).collect()
    }

    /// One finding; `lined` is the text of the document.
    pub(super) fn one(&self, finding: &Finding, lined: &Lined<'_>) -> Diagnostic {
        let diagnostic = &finding.diagnostic;
        let related = diagnostic.related.iter().filter_map(|related| self.related(related, lined));
        let related: Vec<_> = related.collect();
        Diagnostic {
            range: lined.range(finding.span()),
            severity: Some(severity(diagnostic.severity)),
            code: Some(NumberOrString::String(diagnostic.code.0.to_owned())),
            source: Some(SOURCE.to_owned()),
            message: message(diagnostic),
            related_information: (!related.is_empty()).then_some(related),
            tags: tags(diagnostic.code.0),
            ..Diagnostic::default()
        }
    }

    fn related(
        &self,
        related: &Related,
        lined: &Lined<'_>,
    ) -> Option<DiagnosticRelatedInformation> {
        let place = &related.place;
        let location = if place.path == self.judged.subject.path {
            Location { uri: self.document.uri.clone(), range: lined.range(place.span) }
        } else {
            let (uri, text) = self.other(&place.path)?;
            Location { uri, range: Lined::new(&text, self.encoding).range(place.span) }
        };
        Some(DiagnosticRelatedInformation { location, message: related.message.clone() })
    }

    /// The address and text of another file of the repository.
    fn other(&self, path: &str) -> Option<(Uri, String)> {
        let place = self.judged.place(path);
        let uri = uri::of_path(&place)?;
        let text = match self.documents.iter().find(|one| one.path.as_ref() == Some(&place)) {
            Some(open) => open.text.to_string(),
            None => fs::read_to_string(&place).ok()?,
        };
        Some((uri, text))
    }
}

fn severity(severity: Severity) -> DiagnosticSeverity {
    match severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
        Severity::Note => DiagnosticSeverity::INFORMATION,
    }
}

/// The message with what else is known and what to do, since few editors show more than one text.
fn message(diagnostic: &plim_diag::Diagnostic) -> String {
    let mut message = diagnostic.message.clone();
    for note in &diagnostic.notes {
        message.push_str("\nnote: ");
        message.push_str(note);
    }
    if let Some(help) = &diagnostic.help {
        message.push_str("\nhelp: ");
        message.push_str(help);
    }
    message
}

fn tags(code: &str) -> Option<Vec<DiagnosticTag>> {
    if code.starts_with("deprecated-") {
        return Some(vec![DiagnosticTag::DEPRECATED]);
    }
    code.starts_with("unused-").then(|| vec![DiagnosticTag::UNNECESSARY])
}
