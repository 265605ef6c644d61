//! `plim eval`: evaluates an expression and prints its value as JSON.

use std::{fs, io::Read, path::Path};

use plim_diag::{Code, Diagnostic};
use plim_expression::{ErrorKind, Expression, ExpressionError, Names, Object, Value};
use serde_json::json;

use crate::{args::EvalArgs, exit::Exit, output::Output, refusal::Refusal, world::World};

pub(super) fn run(
    arguments: &EvalArgs,
    world: &World,
    stdout: &mut Output,
) -> Result<Exit, Refusal> {
    let contexts = match &arguments.contexts {
        Some(file) => Some(read(file, world)?),
        None => None,
    };
    let (text, exit) = match evaluate(&arguments.expression, contexts.as_ref()) {
        Ok(value) => (printed(&value), Exit::Passed),
        Err(error) => (described(&error), Exit::Failed),
    };
    stdout.add(&(text + "\n"));
    Ok(exit)
}

/// Without contexts every name is a mistake, so that a slip does not pass for an empty value.
fn evaluate(expression: &str, contexts: Option<&Object>) -> Result<Value, ExpressionError> {
    let empty = Object::new();
    let contexts = contexts.unwrap_or(&empty);
    let names = Names::contexts(contexts.iter().map(|(name, _)| name));
    Expression::parse_with(expression, &names)?.evaluate(contexts)
}

/// A number that JSON has no form for is printed as the text that a workflow sees.
fn printed(value: &Value) -> String {
    match value {
        Value::Number(number) if !number.is_finite() => json!(&*value.to_text()).to_string(),
        _ => value.to_json().to_string(),
    }
}

/// The form of `docs/schema/eval-error.schema.json`; people count characters from 1.
fn described(error: &ExpressionError) -> String {
    let kind = match error.kind {
        ErrorKind::Lexing => "lexing",
        ErrorKind::Parsing => "parsing",
        ErrorKind::Evaluation => "evaluation",
    };
    let position = error.position.map(|position| position + 1);
    json!({ "kind": kind, "message": error.message, "position": position }).to_string()
}

fn read(file: &Path, world: &World) -> Result<Object, Refusal> {
    let shown = file.display();
    let refuse = |message: String| Refusal::usage(Diagnostic::error(Code("contexts"), message));
    let text = if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        fs::read_to_string(world.path(file))
    };
    let text =
        text.map_err(|error| refuse(format!("cannot read the contexts in `{shown}`: {error}")))?;
    match Value::parse_json(&text) {
        Ok(Value::Object(contexts)) => Ok(Object::clone(&contexts)),
        Ok(_) => Err(refuse(format!("`{shown}` does not hold an object of contexts by name"))),
        Err(error) => Err(refuse(format!("`{shown}` is not JSON: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;

    fn contexts() -> Object {
        let json = r#"{"github": {"ref": "refs/heads/main"}, "matrix": {"n": 3}}"#;
        match Value::parse_json(json).unwrap() {
            Value::Object(object) => Object::clone(&object),
            _ => unreachable!(),
        }
    }

    #[test]
    fn values_are_json() {
        let cases = [
            ("1 + ", None),
            ("contains('Hello', 'ell')", Some("true")),
            ("fromJSON('{\"a\": [1, 2.5, null]}')", Some("{\"a\":[1,2.5,null]}")),
            ("NaN", Some("\"NaN\"")),
            ("-Infinity", Some("\"-Infinity\"")),
            ("format('{0}!', 'x')", Some("\"x!\"")),
        ];
        for (expression, expected) in cases {
            let value = evaluate(expression, None).ok().map(|value| printed(&value));
            assert_eq!(value.as_deref(), expected, "{expression}");
        }
    }

    #[test]
    fn contexts_are_seen_and_other_names_are_mistakes() {
        assert_eq!(
            printed(&evaluate("github.ref", Some(&contexts())).unwrap()),
            "\"refs/heads/main\""
        );
        assert_eq!(printed(&evaluate("github.nothing", Some(&contexts())).unwrap()), "null");
        assert_eq!(evaluate("secrets.x", Some(&contexts())).unwrap_err().kind, ErrorKind::Parsing);
        assert!(evaluate("github.ref", None).is_err());
    }

    #[test]
    fn errors_have_kind_message_and_position_from_one() {
        let schema = schema::of("eval-error");
        for (expression, kind, position) in [
            ("true && a#", "lexing", Some(9)),
            ("1 ==", "parsing", None),
            ("fromJSON('{')", "evaluation", None),
        ] {
            let text = described(&evaluate(expression, None).unwrap_err());
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            schema::check(&schema, &value);
            assert_eq!(value["kind"], kind, "{text}");
            if let Some(position) = position {
                assert_eq!(value["position"], position, "{text}");
            }
        }
    }
}
