//! A refusal is why a command did not do what it was asked, and the exit code that says so.

use plim_diag::{Code, Diagnostic, Sources};
use plim_host::HostError;
use plim_run::{history::HistoryError, plan::PlanError, source::SourceError};

use crate::{
    args::Format,
    exit::Exit,
    render::{diagnostic, paint::Paint},
};

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) exit: Exit,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) sources: Sources,
}

impl Refusal {
    /// The command line or a configuration is wrong.
    pub(crate) fn usage(diagnostic: Diagnostic) -> Self {
        Self { exit: Exit::Usage, diagnostics: vec![diagnostic], sources: Sources::new() }
    }

    /// The file `path` with this `text` is wrong.
    pub(crate) fn usage_in(diagnostics: Vec<Diagnostic>, path: &str, text: &str) -> Self {
        let mut sources = Sources::new();
        sources.add(path, text);
        Self { exit: Exit::Usage, diagnostics, sources }
    }

    /// Something could not be done.
    pub(crate) fn failed(diagnostic: Diagnostic) -> Self {
        Self { exit: Exit::Failed, diagnostics: vec![diagnostic], sources: Sources::new() }
    }

    /// All of it as text.
    pub(crate) fn render(&self, format: Format, paint: Paint) -> String {
        diagnostic::diagnostics(&self.diagnostics, &self.sources, format, paint)
    }
}

impl From<HistoryError> for Refusal {
    fn from(error: HistoryError) -> Self {
        let diagnostic =
            Diagnostic::error(Code("history"), error.to_string()).maybe_help(error.help());
        match error {
            HistoryError::NoRun { .. } | HistoryError::ManyRuns { .. } => Self::usage(diagnostic),
            HistoryError::Foreign { .. } | HistoryError::File { .. } => Self::failed(diagnostic),
        }
    }
}

impl From<SourceError> for Refusal {
    fn from(error: SourceError) -> Self {
        Self::usage(Diagnostic::error(Code("repository"), error.to_string()).help(error.help()))
    }
}

impl From<PlanError> for Refusal {
    fn from(error: PlanError) -> Self {
        let diagnostic = Diagnostic::error(Code("plan"), error.to_string());
        Self::usage(diagnostic.maybe_help(error.help()))
    }
}

impl From<HostError> for Refusal {
    fn from(error: HostError) -> Self {
        let diagnostic = Diagnostic::error(Code("host"), error.to_string());
        Self::failed(diagnostic.maybe_help(error.help()))
    }
}
