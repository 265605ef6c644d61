//! Texts that may hold expressions, each with its place.

use std::sync::Arc;

use plim_diag::{Span, Spanned};
use plim_expression::Template;

/// A name written in a workflow, with its place.
pub type Name = Spanned<Arc<str>>;

/// A text that may hold `${{ }}`, with the place of the text and of each expression in it.
#[derive(Clone, Debug)]
pub struct Text {
    /// The parsed text. A text whose expression does not parse is kept as a literal, and a diagnostic says why.
    pub template: Template,
    /// Where the value stands in the file, header and quotes included.
    pub span: Span,
    /// Where each expression of `template` stands in the file, in the same order.
    pub expressions: Vec<Span>,
}

/// An `if:` with its place.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The condition as GitHub reads it: `success() && (…)` unless it calls a status function.
    pub condition: plim_expression::Condition,
    /// Where the value stands in the file.
    pub span: Span,
    /// Where each expression of it stands in the file.
    pub expressions: Vec<Span>,
}

/// A setting that is either written out or computed by an expression.
#[derive(Clone, Debug)]
pub enum Setting<T> {
    /// Written out.
    Literal(Spanned<T>),
    /// Computed when the key is evaluated.
    Expression(Text),
}

/// A mapping with literal keys, or one that expressions must give.
#[derive(Clone, Debug)]
pub enum Entries<T> {
    /// Written out, in file order.
    Written(Vec<(Name, T)>),
    /// `env: ${{ fromJSON(…) }}`.
    Expression(Text),
    /// A mapping with expressions or `${{ insert }}` among its keys.
    Mixed(Token),
}

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self::Written(Vec::new())
    }
}

impl<T> Entries<T> {
    /// The entries whose keys are written out; none when the keys are computed.
    #[must_use]
    pub fn written(&self) -> &[(Name, T)] {
        match self {
            Self::Written(entries) => entries,
            Self::Expression(_) | Self::Mixed(_) => &[],
        }
    }
}

/// A value of any shape with expressions anywhere in it: a matrix, a strategy, a container.
#[derive(Clone, Debug)]
pub struct Token {
    /// Where it stands in the file.
    pub span: Span,
    /// What it is.
    pub kind: TokenKind,
}

/// The shapes of a [`Token`].
#[derive(Clone, Debug)]
pub enum TokenKind {
    /// `null`, `~` or nothing.
    Null,
    /// A boolean of the YAML 1.2 core schema.
    Boolean(bool),
    /// A number of the YAML 1.2 core schema.
    Number(f64),
    /// A string, with or without expressions.
    Text(Text),
    /// A sequence.
    Sequence(Vec<Token>),
    /// A mapping; keys may hold expressions too.
    Mapping(Vec<(Key, Token)>),
}

/// The key of a [`TokenKind::Mapping`].
#[derive(Clone, Debug)]
pub enum Key {
    /// A text, with or without expressions.
    Text(Text),
    /// `${{ insert }}`: the entries of the value, which must be a mapping, stand here.
    Insert(Span),
}
