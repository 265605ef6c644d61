//! A text with expressions in it, such as the body of a `run:`.

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use crate::error::{ErrorKind, ExpressionError, TemplateError};
use crate::expression::{MAX_DEPTH, check_length};
use crate::memory::{Exhausted, Memory};
use crate::{BuiltIn, Expression, Names, Scope, Value};

const OPEN: &str = "${{";

/// A text with any number of `${{ }}` in it.
#[derive(Clone, Debug, Default)]
pub struct Template {
    /// The parts in order.
    pub segments: Vec<Segment>,
}

/// A part of a [`Template`].
#[derive(Clone, Debug)]
pub enum Segment {
    /// Text that stands for itself.
    Literal(Arc<str>),
    /// What is between `${{` and `}}`, without the blanks around it.
    Expression {
        /// The expression.
        expression: Expression,
        /// The bytes of the expression's source in the text.
        span: Range<usize>,
    },
}

impl Template {
    /// Splits `text` at its expressions, which may read any context and call any known function.
    ///
    /// `}}` ends an expression unless it stands inside a quoted text. Errors: an expression that is not
    /// closed, is empty or does not parse; and, because GitHub makes one `format()` of the whole, too
    /// many of them (254) or too long a text ([`crate::MAX_LENGTH`]) around one.
    pub fn parse(text: &str) -> Result<Template, TemplateError> {
        Template::parse_with(text, Names::any())
    }

    /// Splits `text` at its expressions, which may name what `names` allows.
    ///
    /// Errors: those of [`Template::parse`].
    pub fn parse_with(text: &str, names: &Names) -> Result<Template, TemplateError> {
        let mut segments = Vec::new();
        let mut from = 0;
        while let Some(open) = text[from..].find(OPEN).map(|found| from + found) {
            push_literal(&mut segments, &text[from..open]);
            let inner = open + OPEN.len();
            let close = find_close(&text[inner..]).ok_or_else(|| not_closed(open))? + inner;
            segments.push(parse_segment(text, inner..close, names)?);
            from = close + 2;
        }
        push_literal(&mut segments, &text[from..]);
        let template = Template { segments };
        template.check_limits(text.len()).map_err(|error| TemplateError { error, offset: 0 })?;
        Ok(template)
    }

    /// A text that stands for itself, whatever is in it.
    pub fn literal(text: impl Into<Arc<str>>) -> Template {
        let text = text.into();
        let segments = if text.is_empty() { Vec::new() } else { vec![Segment::Literal(text)] };
        Template { segments }
    }

    /// The text when its value is known without evaluation.
    ///
    /// As on GitHub, `${{ 'text' }}` is that text: it is how `${{` itself is written.
    pub fn is_literal(&self) -> Option<&str> {
        match self.segments.as_slice() {
            [] => Some(""),
            [Segment::Literal(text)] => Some(text),
            [Segment::Expression { expression, .. }] => expression.as_text().map(|text| &**text),
            _ => None,
        }
    }

    /// Whether something must be evaluated to know the text.
    pub fn has_expressions(&self) -> bool {
        self.is_literal().is_none()
    }

    /// The expressions with their bytes in the text.
    pub fn expressions(&self) -> impl Iterator<Item = (&Expression, &Range<usize>)> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Literal(_) => None,
            Segment::Expression { expression, span } => Some((expression, span)),
        })
    }

    /// The value in `scope`: of the one expression if there is nothing around it, else a text.
    ///
    /// Errors: those of [`Expression::evaluate`].
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<Value, ExpressionError> {
        self.evaluate_located(scope).map_err(|located| located.error)
    }

    /// The value in `scope` as [`Template::evaluate`] gives it; an error says where in the text it arose.
    ///
    /// Errors: those of [`Expression::evaluate`].
    pub fn evaluate_located(&self, scope: &dyn Scope) -> Result<Value, TemplateError> {
        match self.segments.as_slice() {
            [] => Ok(Value::empty()),
            [Segment::Literal(text)] => Ok(Value::String(Arc::clone(text))),
            [Segment::Expression { expression, span }] => evaluated(expression, span, scope),
            segments => concatenated(segments, scope).map(Value::from),
        }
    }

    /// The value in `scope` as text.
    ///
    /// Errors: those of [`Expression::evaluate`].
    pub fn evaluate_text(&self, scope: &dyn Scope) -> Result<Arc<str>, ExpressionError> {
        self.evaluate(scope).map(|value| value.to_text())
    }

    /// The text as it could be written, with one blank inside each brace.
    pub fn source(&self) -> String {
        let mut source = String::new();
        for segment in &self.segments {
            match segment {
                Segment::Literal(text) => source.push_str(text),
                Segment::Expression { expression, .. } => {
                    // Writing to a `String` cannot fail.
                    _ = write!(source, "{OPEN} {} }}}}", expression.source());
                }
            }
        }
        source
    }

    /// The one `format('…', …)` that GitHub makes of a text with expressions.
    pub fn as_format_call(&self) -> String {
        format_call(&self.segments)
    }

    /// `length` is that of the text in bytes.
    fn check_limits(&self, length: usize) -> Result<(), ExpressionError> {
        if self.segments.len() < 2 {
            return Ok(());
        }
        // Quotes and braces are written twice, and each expression gets a number: no text of such a length becomes too
        // long, and nearly all are shorter.
        if 2 * length + 16 * self.segments.len() > crate::MAX_LENGTH {
            check_length(&self.as_format_call())?;
        }
        let count = self.expressions().count();
        let (_, most) = BuiltIn::Format.arity();
        if count >= most {
            let message = format!(
                "the text has {count} expressions, and GitHub allows {} in one text",
                most - 1
            );
            return Err(ExpressionError::new(ErrorKind::Parsing, message));
        }
        if self.expressions().any(|(expression, _)| expression.root().depth() >= MAX_DEPTH) {
            let message = format!(
                "an expression within text may nest {} levels, as the text itself is one more",
                MAX_DEPTH - 1
            );
            return Err(ExpressionError::new(ErrorKind::Parsing, message));
        }
        Ok(())
    }
}

fn evaluated(
    expression: &Expression,
    span: &Range<usize>,
    scope: &dyn Scope,
) -> Result<Value, TemplateError> {
    expression.evaluate(scope).map_err(|error| {
        let offset = span.start + error.offset_in(expression.source());
        TemplateError { error, offset }
    })
}

fn concatenated(segments: &[Segment], scope: &dyn Scope) -> Result<String, TemplateError> {
    let mut text = String::new();
    let mut memory = Memory::new(crate::MAX_MEMORY);
    for segment in segments {
        let part = match segment {
            Segment::Literal(literal) => Arc::clone(literal),
            Segment::Expression { expression, span } => {
                evaluated(expression, span, scope)?.to_text()
            }
        };
        memory.hold(&Value::String(Arc::clone(&part)), 0).map_err(too_large)?;
        text.push_str(&part);
    }
    Ok(text)
}

fn too_large(Exhausted: Exhausted) -> TemplateError {
    let mebibytes = crate::MAX_MEMORY / 1024 / 1024;
    let message = format!("the text needs more than {mebibytes} MiB with its expressions replaced");
    TemplateError { error: ExpressionError::new(ErrorKind::Evaluation, message), offset: 0 }
}

/// Where the `}}` is that ends the expression `rest` begins with.
///
/// A doubled quote leaves a quoted text and enters it again, so that quotes need only be counted.
fn find_close(rest: &str) -> Option<usize> {
    let mut quoted = false;
    let bytes = rest.as_bytes();
    for (i, byte) in bytes.iter().enumerate() {
        match byte {
            b'\'' => quoted = !quoted,
            b'}' if !quoted && bytes.get(i + 1) == Some(&b'}') => return Some(i),
            _ => {}
        }
    }
    None
}

fn not_closed(open: usize) -> TemplateError {
    let message = format!("the expression that begins with `{OPEN}` is not closed by `}}}}`");
    TemplateError { error: ExpressionError::new(ErrorKind::Lexing, message), offset: open }
}

fn parse_segment(text: &str, inner: Range<usize>, names: &Names) -> Result<Segment, TemplateError> {
    let span = trimmed(text, inner.clone());
    let source = &text[span.clone()];
    if source.is_empty() {
        let message = format!("there is no expression between `{OPEN}` and `}}}}`");
        let error = ExpressionError::new(ErrorKind::Parsing, message);
        return Err(TemplateError { error, offset: inner.start });
    }
    match Expression::parse_with(source, names) {
        Ok(expression) => Ok(Segment::Expression { expression, span }),
        Err(error) => {
            let offset = span.start + error.offset_in(source);
            Err(TemplateError { error, offset })
        }
    }
}

/// `range` of `text` without the blanks at both ends.
pub(crate) fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let inner = &text[range.clone()];
    let start = range.start + (inner.len() - inner.trim_start().len());
    start..start + inner.trim().len()
}

fn push_literal(segments: &mut Vec<Segment>, text: &str) {
    if !text.is_empty() {
        segments.push(Segment::Literal(text.into()));
    }
}

fn format_call(segments: &[Segment]) -> String {
    let mut text = String::new();
    let mut arguments = String::new();
    let mut count = 0;
    for segment in segments {
        match segment {
            Segment::Literal(literal) => {
                let quoted = literal.replace('\'', "''").replace('{', "{{").replace('}', "}}");
                text.push_str(&quoted);
            }
            Segment::Expression { expression, .. } => {
                // Writing to a `String` cannot fail.
                _ = write!(text, "{{{count}}}");
                _ = write!(arguments, ", {}", expression.source());
                count += 1;
            }
        }
    }
    format!("format('{text}'{arguments})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Object;

    fn evaluated(text: &str) -> Value {
        let scope: Object =
            [("env", Value::parse_json(r#"{"a": 1, "b": null}"#).unwrap())].into_iter().collect();
        Template::parse(text).unwrap().evaluate(&scope).unwrap()
    }

    #[test]
    fn one_expression_keeps_its_type_and_several_make_a_text() {
        assert!(matches!(evaluated("${{ env.a }}"), Value::Number(1.0)));
        assert_eq!(&*evaluated(" ${{ env.a }}").to_text(), " 1");
        assert_eq!(
            &*evaluated("${{env.a}}-${{ env.b }}-${{env}}'{0}'").to_text(),
            "1--Object'{0}'"
        );
    }

    #[test]
    fn braces_inside_quotes_do_not_end_an_expression() {
        assert_eq!(&*evaluated("${{ format('{0}}}''}}', env.a) }}!").to_text(), "1}'}!");
    }

    #[test]
    fn a_quoted_text_alone_is_a_literal() {
        let template = Template::parse("${{ '${{ it''s }}' }}").unwrap();
        assert_eq!(template.is_literal(), Some("${{ it's }}"));
        assert!(!template.has_expressions());
        assert!(Template::parse("${{ ('a') }}").unwrap().has_expressions());
    }

    #[test]
    fn spans_and_offsets_count_bytes_of_the_text() {
        let text = "é ${{  env.a }}";
        let template = Template::parse(text).unwrap();
        let (expression, span) = template.expressions().next().unwrap();
        assert_eq!(&text[span.clone()], expression.source());
        let error = Template::parse("é ${{ 'é' == # }}").unwrap_err();
        assert_eq!((error.offset, error.error.position), (15, Some(7)));
        assert_eq!(Template::parse("a ${{ b").unwrap_err().offset, 2);
        assert_eq!(Template::parse("a ${{ }}").unwrap_err().offset, 5);
    }

    #[test]
    fn an_error_of_evaluation_is_located_in_the_text() {
        let template = Template::parse("${{ 1 }} é ${{ 1 && fromJSON('[') }}").unwrap();
        let located = template.evaluate_located(&Object::new()).unwrap_err();
        assert_eq!((located.offset, located.error.position), (21, Some(5)));
    }

    #[test]
    fn the_limits_of_the_combined_format_call_hold() {
        assert!(Template::parse(&"${{ env.a }}".repeat(254)).is_ok());
        assert!(Template::parse(&"${{ env.a }}".repeat(255)).is_err());
        let long = "x".repeat(crate::MAX_LENGTH);
        assert!(Template::parse(&long).is_ok());
        assert!(Template::parse(&format!("{long}${{{{ env.a }}}}")).is_err());
    }

    #[test]
    fn the_source_can_be_parsed_again() {
        let text = "echo ${{ env.a }} '${{ env['x'] }}'";
        assert_eq!(Template::parse(text).unwrap().source(), text);
    }
}
