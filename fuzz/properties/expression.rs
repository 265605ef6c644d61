//! What must hold of any text that is read as an expression, a template or a condition.

use plim_expression::{Condition, Expression, ExpressionError, Object, Scope, Template, Value};

/// Panics when `input` breaks a property.
pub(crate) fn holds(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    expression_holds(&text);
    template_holds(&text);
    condition_holds(&text);
}

fn expression_holds(text: &str) {
    let expression = match Expression::parse(text) {
        Ok(expression) => expression,
        Err(error) => return points_into(&error, text),
    };
    for node in expression.root().walk() {
        assert!(text.get(node.span.clone()).is_some(), "{:?} is no part of {text:?}", node.span);
    }
    let printed = expression.root().to_string();
    let again = Expression::parse(&printed).expect("a printed expression parses");
    assert_eq!(again.root().to_string(), printed, "{text:?} prints unlike itself");
    match (expression.evaluate(&Sample::new()), again.evaluate(&Sample::new())) {
        (Ok(value), Ok(same)) => assert!(equivalent(&value, &same), "{text:?} and {printed:?}"),
        (Err(error), Err(_)) => points_into(&error, text),
        (first, second) => panic!("{text:?} gives {first:?}, and {printed:?} gives {second:?}"),
    }
}

fn template_holds(text: &str) {
    match Template::parse(text) {
        Err(error) => assert!(text.is_char_boundary(error.offset)),
        Ok(template) => {
            for (expression, span) in template.expressions() {
                assert_eq!(text.get(span.clone()), Some(expression.source()));
            }
            let again = Template::parse(&template.source()).expect("a template's source parses");
            assert_eq!(again.source(), template.source());
            let value = template.evaluate(&Sample::new());
            if let (Some(literal), Ok(value)) = (template.is_literal(), value) {
                assert_eq!(value.as_str(), Some(literal));
            }
        }
    }
}

fn condition_holds(text: &str) {
    match Condition::parse(text) {
        Err(error) => assert!(text.is_char_boundary(error.offset)),
        Ok(condition) => {
            assert!(condition.expression().calls_status_function());
            _ = condition.evaluate(&Sample::new());
        }
    }
}

fn points_into(error: &ExpressionError, text: &str) {
    assert!(!error.message.is_empty());
    let characters = text.chars().count();
    assert!(error.position.is_none_or(|position| (position as usize) < characters.max(1)));
}

/// The same content, where NaN is NaN.
fn equivalent(left: &Value, right: &Value) -> bool {
    format!("{left:?}") == format!("{right:?}")
}

struct Sample {
    contexts: Object,
}

impl Sample {
    fn new() -> Self {
        let github = Value::parse_json(
            r#"{"ref": "refs/heads/main", "event": {"labels": [{"name": "a"}, {"x": [1, "2", null]}]},
                "sha": "", "n": -1.5, "t": true}"#,
        )
        .expect("the sample is JSON");
        Sample { contexts: [("github", github.clone()), ("a", github)].into_iter().collect() }
    }
}

impl Scope for Sample {
    /// Any name is a context here, so that unknown names do not end every evaluation.
    fn context(&self, name: &str) -> Option<Value> {
        Some(self.contexts.get(name).cloned().unwrap_or_default())
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, String>> {
        match name {
            "hashFiles" => Some(Err(format!("{} patterns", arguments.len()))),
            _ => Some(Ok(Value::from(name != "failure"))),
        }
    }
}
