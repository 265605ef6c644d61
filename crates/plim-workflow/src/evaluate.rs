//! Evaluates what the model left as text, and says where an evaluation failed.
//!
//! Nothing here does input or output: what an expression sees is handed in as a [`Scope`]. Types are as strict as in the
//! runner's `TemplateEvaluator`: a text is never taken for a boolean or a number, but any scalar is taken for a text.

use std::fmt;
use std::sync::Arc;

use plim_diag::{Code, Diagnostic, Span, Spanned};
use plim_expression::{ExpressionError, Object, Scope, Value};

use crate::matrix::named;
use crate::{Condition, Container, Entries, Key, MatrixError, Setting, Text, Token, TokenKind};

/// Why something could not be evaluated, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluationError {
    /// What failed.
    pub failure: Failure,
    /// The expression that failed, or the value that is wrong.
    pub span: Span,
}

/// What failed in an evaluation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// An expression.
    Expression(ExpressionError),
    /// A value of another type than its key takes.
    Type {
        /// What the key takes: `a boolean`.
        wanted: &'static str,
        /// What it got: `a string`, or a text itself in backticks.
        got: String,
    },
    /// A matrix.
    Matrix(MatrixError),
    /// A value of the right type that means nothing: says why.
    Value(String),
}

impl fmt::Display for EvaluationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.failure {
            Failure::Expression(error) => fmt::Display::fmt(error, f),
            Failure::Type { wanted, got } => write!(f, "expected {wanted}, got {got}"),
            Failure::Matrix(error) => fmt::Display::fmt(error, f),
            Failure::Value(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for EvaluationError {}

impl EvaluationError {
    /// The same as a diagnostic about the file at `path`.
    #[must_use]
    pub fn diagnostic(&self, path: &Arc<str>) -> Diagnostic {
        let (code, help) = match &self.failure {
            Failure::Expression(_) => (Code("expression-failed"), None),
            Failure::Type { wanted: "a boolean" | "a number", .. } => {
                (Code("wrong-type"), Some("convert the text with `fromJSON()`"))
            }
            Failure::Type { .. } => (Code("wrong-type"), None),
            Failure::Matrix(error) => (Code("invalid-matrix"), Some(error.help())),
            Failure::Value(_) => (Code("invalid-value"), None),
        };
        Diagnostic::error(code, self.to_string()).at(Arc::clone(path), self.span).maybe_help(help)
    }

    pub(crate) fn mistyped(wanted: &'static str, value: &Value, span: Span) -> Self {
        let got = match value {
            Value::String(text) if text.chars().count() <= 60 => format!("the string `{text}`"),
            Value::Number(_) | Value::Boolean(_) => format!("`{}`", value.to_text()),
            other => named(other).to_owned(),
        };
        Self { failure: Failure::Type { wanted, got }, span }
    }

    pub(crate) fn value(why: impl Into<String>, span: Span) -> Self {
        Self { failure: Failure::Value(why.into()), span }
    }
}

impl Text {
    /// The value: of the one expression if nothing stands around it, else a text.
    ///
    /// Errors: [`Failure::Expression`], with the place of the expression that failed.
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<Value, EvaluationError> {
        self.template.evaluate_located(scope).map_err(|error| {
            let span = self.place_of(error.offset);
            EvaluationError { failure: Failure::Expression(error.error), span }
        })
    }

    /// The value as a text; scalars become one, as everywhere on GitHub.
    ///
    /// Errors: those of [`Text::evaluate`], and [`Failure::Type`] when the one expression gives a sequence or mapping.
    pub fn evaluate_text(&self, scope: &dyn Scope) -> Result<Arc<str>, EvaluationError> {
        let value = self.evaluate(scope)?;
        text_of(&value, self.span)
    }

    /// The rest of the expression from the byte at `offset` of the text on.
    fn place_of(&self, offset: usize) -> Span {
        let mut expressions = self.template.expressions().zip(&self.expressions);
        let failed = expressions.find(|((_, range), _)| range.contains(&offset));
        failed
            .map_or(self.span, |((_, range), span)| rest(*span, range.len(), offset - range.start))
    }
}

/// What follows the first `offset` bytes of an expression of `length` bytes, where the file has it as it is.
fn rest(span: Span, length: usize, offset: usize) -> Span {
    match u32::try_from(offset) {
        Ok(offset) if span.len() as usize == length => Span::new(span.start + offset, span.end),
        _ => span,
    }
}

impl Condition {
    /// Whether it holds; `success() && (…)` unless a status function is called.
    ///
    /// Errors: [`Failure::Expression`], with the place in the condition.
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<bool, EvaluationError> {
        self.condition.evaluate(scope).map_err(|error| {
            let span = self.place_of(&error);
            EvaluationError { failure: Failure::Expression(error), span }
        })
    }

    fn place_of(&self, error: &ExpressionError) -> Span {
        let mut written = self.condition.written().expressions();
        let (Some((only, _)), [span], Some(position)) =
            (written.next(), self.expressions.as_slice(), error.position)
        else {
            return self.span;
        };
        let source = only.source();
        let offset = source.char_indices().nth(position as usize).map_or(0, |(offset, _)| offset);
        rest(*span, source.len(), offset)
    }
}

impl Setting<bool> {
    /// The boolean.
    ///
    /// Errors: those of [`Text::evaluate`], and [`Failure::Type`] for any other value: a text is not taken for one.
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<bool, EvaluationError> {
        match self {
            Self::Literal(literal) => Ok(literal.value),
            Self::Expression(text) => match text.evaluate(scope)? {
                Value::Boolean(value) => Ok(value),
                other => Err(EvaluationError::mistyped("a boolean", &other, text.span)),
            },
        }
    }
}

impl Setting<f64> {
    /// The number.
    ///
    /// Errors: those of [`Text::evaluate`], and [`Failure::Type`] for any other value: a text is not taken for one.
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<f64, EvaluationError> {
        match self {
            Self::Literal(literal) => Ok(literal.value),
            Self::Expression(text) => match text.evaluate(scope)? {
                Value::Number(value) => Ok(value),
                other => Err(EvaluationError::mistyped("a number", &other, text.span)),
            },
        }
    }
}

/// Evaluated entries, in file order.
pub type Texts = Vec<(Arc<str>, Arc<str>)>;

impl Entries<Text> {
    /// The entries in order, each value as a text. They are evaluated apart from one another: none sees the others.
    ///
    /// Errors: those of [`Text::evaluate_text`], and [`Failure::Type`] when an expression for all of it gives no mapping.
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<Texts, EvaluationError> {
        match self {
            Self::Written(entries) => {
                let entry = |(name, text): &(crate::Name, Text)| {
                    Ok((Arc::clone(&name.value), text.evaluate_text(scope)?))
                };
                entries.iter().map(entry).collect()
            }
            Self::Expression(text) => texts_of(&text.evaluate(scope)?, text.span),
            Self::Mixed(token) => texts_of(&token.evaluate(scope)?, token.span),
        }
    }
}

impl Entries<Container> {
    /// The containers in order, each a text or a mapping.
    ///
    /// Errors: those of [`Token::evaluate`], and [`Failure::Type`] when an expression for all of it gives no mapping.
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<Vec<(Arc<str>, Value)>, EvaluationError> {
        let (value, span) = match self {
            Self::Written(entries) => {
                let entry = |(name, container): &(crate::Name, Container)| {
                    Ok((Arc::clone(&name.value), container.value.evaluate(scope)?))
                };
                return entries.iter().map(entry).collect();
            }
            Self::Expression(text) => (text.evaluate(scope)?, text.span),
            Self::Mixed(token) => (token.evaluate(scope)?, token.span),
        };
        let entries = mapping_of(&value, span)?;
        Ok(entries.iter().map(|(key, value)| (Arc::clone(key), value.clone())).collect())
    }
}

impl Token {
    /// The value, with every expression in it evaluated.
    ///
    /// Errors: those of [`Text::evaluate`], and [`Failure::Type`] when a key is no text or `${{ insert }}` has no mapping.
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<Value, EvaluationError> {
        match &self.kind {
            TokenKind::Null => Ok(Value::Null),
            TokenKind::Boolean(value) => Ok(Value::Boolean(*value)),
            TokenKind::Number(value) => Ok(Value::Number(*value)),
            TokenKind::Text(text) => text.evaluate(scope),
            TokenKind::Sequence(items) => items
                .iter()
                .map(|item| item.evaluate(scope))
                .collect::<Result<Vec<_>, _>>()
                .map(Value::from),
            TokenKind::Mapping(entries) => evaluated_mapping(entries, scope).map(Value::from),
        }
    }

    /// The value when nothing in it must be evaluated.
    #[must_use]
    pub fn constant(&self) -> Option<Value> {
        if self.has_expressions() { None } else { self.evaluate(&Object::new()).ok() }
    }

    /// Whether something in it must be evaluated.
    #[must_use]
    pub fn has_expressions(&self) -> bool {
        match &self.kind {
            TokenKind::Null | TokenKind::Boolean(_) | TokenKind::Number(_) => false,
            TokenKind::Text(text) => text.template.has_expressions(),
            TokenKind::Sequence(items) => items.iter().any(Self::has_expressions),
            TokenKind::Mapping(entries) => {
                entries.iter().any(|(key, value)| key.has_expressions() || value.has_expressions())
            }
        }
    }
}

impl Key {
    /// Whether the key must be evaluated.
    #[must_use]
    pub fn has_expressions(&self) -> bool {
        match self {
            Self::Text(text) => text.template.has_expressions(),
            Self::Insert(_) => true,
        }
    }
}

fn evaluated_mapping(
    entries: &[(Key, Token)],
    scope: &dyn Scope,
) -> Result<Object, EvaluationError> {
    let mut object = Object::new();
    for (key, value) in entries {
        let value_span = value.span;
        let value = value.evaluate(scope)?;
        match key {
            Key::Insert(_) => {
                let inserted = mapping_of(&value, value_span)?;
                object.extend(inserted.iter().map(|(key, value)| (Arc::clone(key), value.clone())));
            }
            Key::Text(key) => {
                let name = key.evaluate_text(scope)?;
                if object.insert(Arc::clone(&name), value).is_some() {
                    return Err(EvaluationError::value(
                        format!("`{name}` is there twice"),
                        key.span,
                    ));
                }
            }
        }
    }
    Ok(object)
}

pub(crate) fn text_of(value: &Value, span: Span) -> Result<Arc<str>, EvaluationError> {
    if value.is_primitive() {
        return Ok(value.to_text());
    }
    Err(EvaluationError::mistyped("a string", value, span))
}

pub(crate) fn mapping_of(value: &Value, span: Span) -> Result<&Object, EvaluationError> {
    match value {
        Value::Object(object) => Ok(object),
        other => Err(EvaluationError::mistyped("a mapping", other, span)),
    }
}

fn texts_of(value: &Value, span: Span) -> Result<Texts, EvaluationError> {
    let entries = mapping_of(value, span)?;
    entries.iter().map(|(key, value)| Ok((Arc::clone(key), text_of(value, span)?))).collect()
}

impl<T> Setting<T> {
    /// Where it stands.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Literal(Spanned { span, .. }) => *span,
            Self::Expression(text) => text.span,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Job, JobBody, StepBody, Workflow};

    const SOURCE: &str = "\
on: push
jobs:
  a:
    runs-on: x
    name: a ${{ matrix.os }}
    if: fromJSON(github.broken)
    continue-on-error: ${{ matrix.flaky }}
    timeout-minutes: ${{ matrix.minutes }}
    env:
      ONE: 1.10
      TWO: ${{ env.ONE }}x${{ fromJSON('[') }}
      ${{ insert }}: ${{ fromJSON('{\"THREE\":3}') }}
    steps:
      - run: ${{ matrix }}
        env:
          A: '1'
          B: ${{ env.A }}
";

    fn scope(json: &str) -> Object {
        match Value::parse_json(json).unwrap() {
            Value::Object(object) => (*object).clone(),
            other => panic!("{other:?}"),
        }
    }

    fn workflow() -> Workflow {
        let read = Workflow::read(".github/workflows/a.yml", SOURCE);
        let errors: Vec<_> = read.diagnostics.iter().map(ToString::to_string).collect();
        assert_eq!(errors, ["error[context-not-allowed]: the context `env` cannot be read here"]);
        read.value
    }

    fn job() -> Job {
        workflow().jobs.remove(0)
    }

    fn failed<T: fmt::Debug>(result: Result<T, EvaluationError>) -> (String, &'static str) {
        let error = result.unwrap_err();
        (error.to_string(), error.span.text(SOURCE).unwrap())
    }

    #[test]
    fn a_text_is_never_taken_for_a_boolean_or_a_number() {
        let job = job();
        let (flaky, minutes) = (job.continue_on_error.unwrap(), job.timeout_minutes.unwrap());
        let right = scope(r#"{"matrix": {"flaky": true, "minutes": 5}}"#);
        assert_eq!((flaky.evaluate(&right), minutes.evaluate(&right)), (Ok(true), Ok(5.0)));
        let wrong = scope(r#"{"matrix": {"flaky": "true", "minutes": "5"}}"#);
        let message = "expected a boolean, got the string `true`".to_owned();
        assert_eq!(failed(flaky.evaluate(&wrong)), (message, "${{ matrix.flaky }}"));
        let help = minutes.evaluate(&wrong).unwrap_err().diagnostic(&"a.yml".into()).help;
        assert_eq!(help.as_deref(), Some("convert the text with `fromJSON()`"));
    }

    #[test]
    fn semantic_06_a_failure_names_the_expression_that_failed() {
        let job = job();
        let env = job.env.unwrap().evaluate(&scope(r#"{"env": {"ONE": "1.1"}}"#));
        assert_eq!(failed(env).1, "fromJSON('[')");
        let condition = job.condition.unwrap().evaluate(&scope(r#"{"github": {"broken": "{"}}"#));
        assert_eq!(failed(condition).1, "fromJSON(github.broken)");
    }

    #[test]
    fn semantic_16_entries_of_env_do_not_see_one_another() {
        let job = job();
        let JobBody::Steps(machine) = &job.body else { panic!("{:?}", job.body) };
        let env = machine.steps[0].env.as_ref().unwrap();
        let seen = env.evaluate(&scope(r#"{"env": {"A": "outer"}}"#)).unwrap();
        assert_eq!(seen, [("A".into(), "1".into()), ("B".into(), "outer".into())]);
    }

    #[test]
    fn a_sequence_or_mapping_is_no_text() {
        let job = job();
        let JobBody::Steps(machine) = &job.body else { panic!("{:?}", job.body) };
        let StepBody::Run(run) = &machine.steps[0].body else {
            panic!("{:?}", machine.steps[0].body)
        };
        let script = run.script.evaluate_text(&scope(r#"{"matrix": {"os": "linux"}}"#));
        assert_eq!(
            failed(script),
            ("expected a string, got a mapping".to_owned(), "${{ matrix }}")
        );
        let name = job.name.unwrap().evaluate_text(&scope(r#"{"matrix": {"os": "linux"}}"#));
        assert_eq!(name.as_deref(), Ok("a linux"));
    }
}
