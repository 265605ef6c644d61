//! The value of an `if:`.

use crate::error::{ExpressionError, TemplateError};
use crate::template::trimmed;
use crate::{Expression, Names, Scope, Segment, Template};

/// What stands before a condition that calls no status function.
const PREFIX: &str = "success() && (";

/// A condition, which is an expression with or without `${{ }}` around it.
///
/// As the runner's `ConvertToIfCondition`: a condition that calls no status function stands for
/// `success() && (…)`, an empty one for `success()`, and text around a `${{ }}` makes one `format()` of the
/// whole, which is a text that is not empty and so holds always.
#[derive(Clone, Debug)]
pub struct Condition {
    expression: Expression,
    written: Template,
}

impl Condition {
    /// Reads the text of an `if:`.
    ///
    /// Errors: those of [`Template::parse`] and [`Expression::parse`].
    pub fn parse(text: &str) -> Result<Condition, TemplateError> {
        Condition::parse_with(text, Names::any())
    }

    /// Reads the text of an `if:` that may name what `names` allows, and the status functions.
    ///
    /// Errors: those of [`Condition::parse`].
    pub fn parse_with(text: &str, names: &Names) -> Result<Condition, TemplateError> {
        let names = names.clone().with_status_functions();
        let written = read(text, &names)?;
        let expression =
            complete(&written, &names).map_err(|error| TemplateError { error, offset: 0 })?;
        Ok(Condition { expression, written })
    }

    /// The condition `success()`: what a step or job without an `if:` has.
    pub fn success() -> Condition {
        Condition { expression: Expression::calling("success"), written: Template::default() }
    }

    /// The condition `always()`: what a post step without a `post-if:` has.
    pub fn always() -> Condition {
        Condition { expression: Expression::calling("always"), written: Template::default() }
    }

    /// The expression to evaluate, completed with `success()`; its source is not that of the text.
    pub fn expression(&self) -> &Expression {
        &self.expression
    }

    /// The condition as it is written, each expression with its bytes in the text.
    ///
    /// A condition without `${{ }}` is one expression here too, and an absent one is empty.
    pub fn written(&self) -> &Template {
        &self.written
    }

    /// Whether the condition holds in `scope`.
    ///
    /// Errors: those of [`Expression::evaluate`], with the position in what is written; there is none
    /// when that is text around several expressions.
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<bool, ExpressionError> {
        let value = self.expression.evaluate(scope).map_err(|error| self.relocated(error))?;
        Ok(value.is_truthy())
    }

    fn relocated(&self, mut error: ExpressionError) -> ExpressionError {
        let [Segment::Expression { expression, .. }] = self.written.segments.as_slice() else {
            error.position = None;
            return error;
        };
        if expression.source() != self.expression.source() {
            error.position = error.position.and_then(|p| p.checked_sub(PREFIX.len() as u32));
        }
        error
    }
}

impl Default for Condition {
    fn default() -> Self {
        Condition::success()
    }
}

fn read(text: &str, names: &Names) -> Result<Template, TemplateError> {
    let template = Template::parse_with(text, names)?;
    match (template.is_literal(), template.segments.first()) {
        // A quoted text in `${{ }}` is that text to GitHub, and the text is read as a condition.
        (Some(literal), Some(Segment::Expression { span, .. })) => {
            read_bare(literal.trim(), span.start, names)
        }
        (Some(literal), _) => {
            let span = trimmed(literal, 0..literal.len());
            read_bare(&literal[span.clone()], span.start, names)
        }
        (None, _) => Ok(template),
    }
}

fn read_bare(source: &str, start: usize, names: &Names) -> Result<Template, TemplateError> {
    if source.is_empty() {
        return Ok(Template::default());
    }
    let placed = |error: ExpressionError| {
        let offset = start + error.offset_in(source);
        TemplateError { error, offset }
    };
    let expression = Expression::parse_with(source, names).map_err(placed)?;
    let span = start..start + source.len();
    Ok(Template { segments: vec![Segment::Expression { expression, span }] })
}

fn complete(written: &Template, names: &Names) -> Result<Expression, ExpressionError> {
    let expression = match written.segments.as_slice() {
        [] => return Ok(Expression::calling("success")),
        [Segment::Expression { expression, .. }] => expression.clone(),
        _ => Expression::parse_with(&written.as_format_call(), names)?,
    };
    if expression.calls_status_function() {
        return Ok(expression);
    }
    Expression::parse_with(&format!("{PREFIX}{})", expression.source()), names)
}
