//! A diagnostic says what is wrong, where, and what to do about it.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::Span;

/// How much a diagnostic weighs; later is heavier.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing, nothing to do.
    Note,
    /// Likely a mistake; nothing is refused for it.
    Warning,
    /// Wrong; what depends on it is refused.
    Error,
}

impl Severity {
    /// The word in front of the message.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The stable name of a kind of diagnostic, in kebab-case: scripts, ignore lists and pages refer to it.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(transparent)]
pub struct Code(pub &'static str);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Bytes of a file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub struct Place {
    /// The file, relative to the root of the repository, with `/` between folders.
    pub path: Arc<str>,
    /// The bytes in it.
    pub span: Span,
}

impl Place {
    /// The bytes `span` of the file at `path`.
    #[must_use]
    pub fn new(path: impl Into<Arc<str>>, span: Span) -> Self {
        Self { path: path.into(), span }
    }
}

/// Another place that helps to understand a diagnostic, and why.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct Related {
    /// Where it is.
    pub place: Place,
    /// What it has to do with the diagnostic.
    pub message: String,
}

/// What is wrong, where, and what to do about it.
///
/// The message starts in lower case, has no final full stop, and puts names in backticks; the help is an instruction.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct Diagnostic {
    /// Which kind it is.
    pub code: Code,
    /// How much it weighs.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// Where, when it is about a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Other places that explain it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Related>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Facts that explain it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl Diagnostic {
    /// A diagnostic without a place.
    #[must_use]
    pub fn new(severity: Severity, code: Code, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, severity, message, place: None, related: vec![], help: None, notes: vec![] }
    }

    /// Something wrong.
    #[must_use]
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// Something that is likely a mistake.
    #[must_use]
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// Something worth knowing.
    #[must_use]
    pub fn note(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, message)
    }

    /// The same, about the bytes `span` of the file at `path`.
    #[must_use]
    pub fn at(self, path: impl Into<Arc<str>>, span: Span) -> Self {
        self.at_place(Place::new(path, span))
    }

    /// The same, about `place`.
    #[must_use]
    pub fn at_place(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// The same, with an instruction that mends it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same, with an instruction if there is one.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<impl Into<String>>) -> Self {
        self.help = help.map(Into::into).or(self.help);
        self
    }

    /// The same, with one more fact.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// The same, with one more place and what it has to do with this.
    #[must_use]
    pub fn related(mut self, place: Place, message: impl Into<String>) -> Self {
        self.related.push(Related { place, message: message.into() });
        self
    }

    /// Whether it is an error.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The bytes it speaks of, when it speaks of a file.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        self.place.as_ref().map(|place| place.span)
    }
}

/// One line without its place: `error[code]: message`.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]: {}", self.severity, self.code, self.message)
    }
}

impl std::error::Error for Diagnostic {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_built_piece_by_piece() {
        let first = Place::new("ci.yml", Span::new(0, 1));
        let diagnostic = Diagnostic::error(Code("duplicate-key"), "`a` is there twice")
            .at("ci.yml", Span::new(4, 5))
            .related(first.clone(), "first here")
            .help("remove one of them")
            .with_note("keys are compared without case");
        assert_eq!(diagnostic.span(), Some(Span::new(4, 5)));
        assert_eq!(diagnostic.related[0].place, first);
        assert_eq!(diagnostic.help.as_deref(), Some("remove one of them"));
        assert_eq!(
            diagnostic.maybe_help(None::<String>).help.as_deref(),
            Some("remove one of them")
        );
    }

    #[test]
    fn severities_are_ordered_by_weight() {
        assert!(Severity::Note < Severity::Warning && Severity::Warning < Severity::Error);
    }

    #[test]
    fn it_shows_as_one_line() {
        let diagnostic = Diagnostic::warning(Code("odd"), "looks odd");
        assert_eq!(diagnostic.to_string(), "warning[odd]: looks odd");
    }
}
