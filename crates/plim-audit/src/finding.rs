//! A finding is a diagnostic with the tier it is shown in and, where there is one right answer, its fix.

use std::sync::Arc;

use plim_diag::{Diagnostic, Place, Span};

use crate::Tier;

/// What a rule found.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Finding {
    /// What is wrong, where, and what to do about it.
    pub diagnostic: Diagnostic,
    /// Who is shown it.
    pub tier: Tier,
    /// The edits that mend it.
    pub fix: Option<Fix>,
}

/// Edits of one file that mend one finding.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Fix {
    /// What it does, as an instruction.
    pub title: String,
    /// Whether someone must look at it.
    pub safety: Safety,
    /// What is replaced; the spans do not overlap.
    pub edits: Vec<Edit>,
}

/// Whether a fix may change what a workflow does.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Safety {
    /// It keeps what the workflow does, but for the defect.
    Safe,
    /// It may change more; someone must look at it.
    Unsafe,
}

/// Bytes of a file and what takes their place.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Edit {
    /// The bytes that go; empty where something is only added.
    pub span: Span,
    /// What comes.
    pub replacement: String,
}

impl Safety {
    /// Its name: `safe` or `unsafe`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
        }
    }
}

impl Edit {
    /// `replacement` instead of the bytes `span`.
    #[must_use]
    pub fn replace(span: Span, replacement: impl Into<String>) -> Self {
        Self { span, replacement: replacement.into() }
    }

    /// `text` before the byte at `offset`.
    #[must_use]
    pub fn insert(offset: u32, text: impl Into<String>) -> Self {
        Self { span: Span::empty_at(offset), replacement: text.into() }
    }

    /// Nothing instead of the bytes `span`.
    #[must_use]
    pub fn remove(span: Span) -> Self {
        Self { span, replacement: String::new() }
    }
}

impl Finding {
    /// Adds an instruction.
    pub fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.diagnostic.help = Some(help.into());
        self
    }

    /// Adds a fact.
    pub fn note(&mut self, note: impl Into<String>) -> &mut Self {
        self.diagnostic.notes.push(note.into());
        self
    }

    /// Adds another place of the same file, and what it has to do with this.
    pub fn related(&mut self, span: Span, message: impl Into<String>) -> &mut Self {
        let path = self.diagnostic.place.as_ref().map(|place| Arc::clone(&place.path));
        self.related_at(Place::new(path.unwrap_or_default(), span), message)
    }

    /// Adds a place of any file, and what it has to do with this.
    pub fn related_at(&mut self, place: Place, message: impl Into<String>) -> &mut Self {
        self.diagnostic.related.push(plim_diag::Related { place, message: message.into() });
        self
    }

    /// Says how it can be mended without changing anything else.
    pub fn fix(&mut self, title: impl Into<String>, edits: Vec<Edit>) -> &mut Self {
        self.fix = Some(Fix { title: title.into(), safety: Safety::Safe, edits });
        self
    }

    /// Says how it can be mended, though someone must look at what else that changes.
    pub fn unsafe_fix(&mut self, title: impl Into<String>, edits: Vec<Edit>) -> &mut Self {
        self.fix = Some(Fix { title: title.into(), safety: Safety::Unsafe, edits });
        self
    }

    /// The bytes it speaks of.
    #[must_use]
    pub fn span(&self) -> Span {
        self.diagnostic.span().unwrap_or_default()
    }
}
