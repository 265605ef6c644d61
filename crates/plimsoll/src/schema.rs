//! Holds documents against the schemas of `docs/schema`, in tests.

use std::path::Path;

use jsonschema::Validator;
use serde_json::Value;

/// The schema `docs/schema/NAME.schema.json`.
pub(crate) fn of(name: &str) -> Validator {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema");
    let text = std::fs::read_to_string(folder.join(format!("{name}.schema.json"))).unwrap();
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

/// Fails with every way in which `value` is not what the schema says.
pub(crate) fn check(schema: &Validator, value: &Value) {
    let faults: Vec<_> = schema
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{value}\n{}", faults.join("\n"));
}
