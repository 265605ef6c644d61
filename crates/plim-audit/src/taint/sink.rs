//! What a text becomes part of, which decides whether an action's escapes protect it.

use crate::{Audit, ExpressionAt};

/// What a text becomes part of.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Sink {
    /// The script of a `run`.
    Shell,
    /// Another script, where the text stands as a value of its own, without quotes around it.
    Value,
    /// Anything else.
    Other,
}

impl Sink {
    /// What the expression becomes part of.
    pub(super) fn of(audit: &Audit<'_>, at: &ExpressionAt<'_>) -> Self {
        if at.text.key == "run" {
            return Self::Shell;
        }
        let start = usize::try_from(at.span.start).unwrap_or(usize::MAX);
        let before = audit.source().get(..start).map_or("", str::trim_end);
        let before = before.strip_suffix("${{").unwrap_or(before);
        if before.ends_with(['\'', '"', '`']) { Self::Other } else { Self::Value }
    }
}
