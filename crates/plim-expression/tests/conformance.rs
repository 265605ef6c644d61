//! Holds the language against GitHub's own test vectors.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use plim_expression::{ErrorKind, Expression, ExpressionError, Names, Object, Value};
use plim_test::conformance::{Case, Suite};
use serde_json::Value as Json;

fn main() -> ExitCode {
    Suite { name: "expressions", folder: "conformance/expressions", collect }.main()
}

/// The bytes the vectors expect an evaluation to have, the default of the runner's `EvaluationOptions`.
const MEMORY: usize = 1024 * 1024;

/// Every case of every file; the file is the group.
fn collect(folder: &Path) -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| error.to_string())? {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            cases.extend(cases_of(&path)?);
        }
    }
    Ok(cases)
}

fn cases_of(path: &Path) -> Result<Vec<Case>, String> {
    let file = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let text = fs::read_to_string(path).map_err(|error| format!("{file}: {error}"))?;
    let groups: serde_json::Map<String, Json> =
        serde_json::from_str(&text).map_err(|error| format!("{file}: {error}"))?;
    let mut cases = Vec::new();
    for (group, vectors) in groups {
        let vectors = vectors.as_array().ok_or_else(|| format!("{file}: {group} is no list"))?;
        for (i, vector) in vectors.iter().enumerate() {
            let name = format!("{group} {}: {}", i + 1, vector["expr"]);
            let vector = vector.clone();
            cases.push(Case::new(&file, name, move || check(&vector)));
        }
    }
    Ok(cases)
}

/// Runs one vector, which has a `result` or an `err`.
fn check(vector: &Json) -> Result<(), String> {
    let source = vector["expr"].as_str().ok_or("the vector has no `expr`")?;
    let contexts = contexts_of(vector);
    let names = Names::contexts(contexts.iter().map(|(name, _)| name));
    let outcome = Expression::parse_with(source, &names)
        .and_then(|expression| expression.evaluate_within(&contexts, MEMORY));
    match (vector.get("result"), vector.get("err")) {
        (Some(expected), None) => {
            let actual = outcome.map_err(|error| format!("unexpected {error:?}"))?;
            check_result(expected, &actual)
        }
        (None, Some(expected)) => match outcome {
            Ok(value) => Err(format!("{expected} expected, got {value:?}")),
            Err(error) => check_error(expected, &error, source),
        },
        _ => Err("the vector has neither one `result` nor one `err`".to_owned()),
    }
}

fn contexts_of(vector: &Json) -> Object {
    match vector.get("contexts").map(Value::from_json) {
        Some(Value::Object(contexts)) => contexts.as_ref().clone(),
        _ => Object::new(),
    }
}

fn check_result(expected: &Json, actual: &Value) -> Result<(), String> {
    let (kind, value) = (&expected["kind"], Value::from_json(&expected["value"]));
    if kind == actual.kind().name() && same(&value, actual) {
        return Ok(());
    }
    Err(format!("{expected} expected, got {actual:?}"))
}

/// Numbers must agree in their sign too, and objects in the order of their keys.
fn same(expected: &Value, actual: &Value) -> bool {
    match (expected, actual) {
        (Value::Number(expected), Value::Number(actual)) => {
            expected.to_bits() == actual.to_bits() || (expected.is_nan() && actual.is_nan())
        }
        (Value::Object(expected), Value::Object(actual)) => {
            expected.len() == actual.len()
                && expected
                    .iter()
                    .zip(actual.iter())
                    .all(|((k, v), (key, value))| k == key && same(v, value))
        }
        (Value::Array(expected), Value::Array(actual)) => {
            expected.len() == actual.len()
                && expected.iter().zip(&**actual).all(|(v, value)| same(v, value))
        }
        _ => expected.deep_eq(actual),
    }
}

/// The kind must agree, and the position where the message states one; the wording is our own.
fn check_error(expected: &Json, actual: &ExpressionError, source: &str) -> Result<(), String> {
    let kind = match actual.kind {
        ErrorKind::Lexing => "lexing",
        ErrorKind::Parsing => "parsing",
        ErrorKind::Evaluation => "evaluation",
    };
    let position = actual.position.map(|position| position + 1);
    let stated = expected["value"].as_str().and_then(|m| m.split_once("Located at position "));
    let position_agrees = stated.is_none_or(|(_, stated)| {
        // A vector may end within the number: what it states is the beginning of the sentence.
        position.is_some_and(|p| format!("{p} within expression: {source}").starts_with(stated))
    });
    if expected["kind"] == kind && position_agrees && !actual.message.is_empty() {
        return Ok(());
    }
    Err(format!("{expected} expected, got {actual:?}"))
}
