//! What can be wrong with an expression, and where in it.

use std::fmt;

/// The stage that found an expression wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// A sequence of characters is no token of the language.
    Lexing,
    /// The tokens do not form an expression, or name something that does not exist there.
    Parsing,
    /// The expression is well formed, and its values are not.
    Evaluation,
}

/// Why an expression could not be read or evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpressionError {
    /// The stage that failed.
    pub kind: ErrorKind,
    /// What is wrong, without the position.
    pub message: String,
    /// Where it is wrong: characters from the start of the expression's source, from 0.
    pub position: Option<u32>,
}

impl ExpressionError {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        ExpressionError { kind, message: message.into(), position: None }
    }

    /// Points at the character of `source` that starts at the byte `offset`.
    pub(crate) fn at(mut self, source: &str, offset: usize) -> Self {
        let before = source.get(..offset).unwrap_or(source);
        self.position = u32::try_from(before.chars().count()).ok();
        self
    }

    /// The byte offset in `source` of the position, or 0 when there is none.
    pub(crate) fn offset_in(&self, source: &str) -> usize {
        let position = self.position.unwrap_or(0) as usize;
        source.char_indices().nth(position).map_or(source.len(), |(offset, _)| offset)
    }
}

impl fmt::Display for ExpressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match self.position {
            Some(position) => write!(f, " (at character {} of the expression)", position + 1),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ExpressionError {}

/// Why a text with `${{ }}` in it could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// What is wrong; its position counts from the start of that one expression.
    pub error: ExpressionError,
    /// Where it is wrong: bytes from the start of the text.
    pub offset: usize,
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, f)
    }
}

impl std::error::Error for TemplateError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}
