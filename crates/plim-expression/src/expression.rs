//! One expression: its source and its tree.

use std::sync::Arc;

use crate::error::{ErrorKind, ExpressionError};
use crate::names::STATUS_FUNCTIONS;
use crate::{Function, Names, Node, NodeKind, Scope, Value, evaluate, parser};

/// How many levels the tree of an expression may have, as in the runner's `ExpressionConstants`.
pub const MAX_DEPTH: usize = 50;

/// How long an expression may be, in UTF-16 units, as in the runner's `ExpressionConstants`.
pub const MAX_LENGTH: usize = 21_000;

/// A parsed expression; cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Expression {
    source: Arc<str>,
    root: Arc<Node>,
}

impl Expression {
    /// Parses `source`, which may read any context and call any function that exists somewhere.
    ///
    /// An empty expression is `null`. Errors: [`ErrorKind::Lexing`] and [`ErrorKind::Parsing`], also
    /// for unknown functions, wrong numbers of arguments, more than [`MAX_DEPTH`] levels or
    /// [`MAX_LENGTH`] characters.
    pub fn parse(source: &str) -> Result<Self, ExpressionError> {
        Expression::parse_with(source, Names::any())
    }

    /// Parses `source`, which may read and call what `names` allows.
    ///
    /// Errors: those of [`Expression::parse`], and any other name.
    pub fn parse_with(source: &str, names: &Names) -> Result<Self, ExpressionError> {
        check_length(source)?;
        let root = parser::parse(source, names)?;
        Ok(Expression { source: source.into(), root: Arc::new(root) })
    }

    /// The expression as it is written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The top of the tree.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// The value of the expression in `scope`.
    ///
    /// Errors: [`ErrorKind::Evaluation`]: a context or function that `scope` lacks or that failed, an
    /// invalid format text, invalid JSON, or values larger than [`crate::MAX_MEMORY`].
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<Value, ExpressionError> {
        self.evaluate_within(scope, crate::MAX_MEMORY)
    }

    /// The value of the expression in `scope`, whose values may take `limit` bytes on the way.
    ///
    /// Errors: those of [`Expression::evaluate`].
    pub fn evaluate_within(
        &self,
        scope: &dyn Scope,
        limit: usize,
    ) -> Result<Value, ExpressionError> {
        evaluate::evaluate(&self.root, &self.source, scope, limit)
    }

    /// Whether `success`, `failure`, `always` or `cancelled` is called; a text that reads so is no call.
    pub fn calls_status_function(&self) -> bool {
        STATUS_FUNCTIONS.iter().any(|function| self.calls(function))
    }

    /// Whether `function` is called, in whatever case it is written.
    pub fn calls(&self, function: &str) -> bool {
        self.root.walk().any(|node| {
            matches!(&node.kind, NodeKind::Call { function: called, .. }
                if called.name().eq_ignore_ascii_case(function))
        })
    }

    /// The contexts that are read, such as `needs`, in lower case and each once.
    pub fn contexts(&self) -> impl Iterator<Item = &str> {
        let mut contexts: Vec<&str> = Vec::new();
        for node in self.root.walk() {
            if let NodeKind::NamedValue(name) = &node.kind
                && !contexts.contains(&&**name)
            {
                contexts.push(name);
            }
        }
        contexts.into_iter()
    }

    /// Whether this is one literal, so that its value is known without any context.
    pub fn is_literal(&self) -> bool {
        matches!(self.root.kind, NodeKind::Literal(_))
    }

    /// The call of an extension function without arguments.
    pub(crate) fn calling(function: &str) -> Expression {
        let source = format!("{function}()");
        let kind = NodeKind::Call {
            function: Function::Extension(function.into()),
            name_span: 0..function.len(),
            arguments: Vec::new(),
        };
        let root = Node { kind, span: 0..source.len() };
        Expression { source: source.into(), root: Arc::new(root) }
    }

    /// The text when the whole expression is one literal text, which GitHub takes for the text itself.
    pub(crate) fn as_text(&self) -> Option<&Arc<str>> {
        match &self.root.kind {
            // `('text')` stays an expression.
            NodeKind::Literal(Value::String(text)) if self.source.starts_with('\'') => Some(text),
            _ => None,
        }
    }
}

/// Checks that `source` has at most [`MAX_LENGTH`] UTF-16 units.
pub(crate) fn check_length(source: &str) -> Result<(), ExpressionError> {
    // No text has more UTF-16 units than bytes.
    if source.len() <= MAX_LENGTH {
        return Ok(());
    }
    let length = source.encode_utf16().count();
    if length <= MAX_LENGTH {
        return Ok(());
    }
    let message = format!("the expression has {length} characters, and GitHub allows {MAX_LENGTH}");
    Err(ExpressionError::new(ErrorKind::Parsing, message))
}
