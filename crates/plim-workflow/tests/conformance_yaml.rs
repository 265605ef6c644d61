//! Holds the YAML tree against GitHub's own vectors for its parser: which files are YAML, and what their scalars mean.

use std::path::Path;
use std::process::ExitCode;

use plim_test::conformance::{Case, Suite};
use plim_workflow::yaml::{Limits, NodeKind, NodeRef, Tree};
use serde_json::{Value, json};

/// Vectors that are no YAML to GitHub, with the code we refuse them by; all others must be read without an error.
const REFUSED: &[(&str, &str)] = &[
    ("errors-job-id-unique", "yaml-duplicate-key"),
    ("errors-matrix-max-depth", "yaml-too-deep"),
    ("errors-max-depth", "yaml-too-deep"),
    ("errors-max-file-size", "yaml-too-large"),
    ("errors-parse-boolean", "yaml-tag-mismatch"),
    ("errors-parse-float", "yaml-tag-mismatch"),
    ("errors-parse-integer", "yaml-tag-mismatch"),
    ("errors-parse-null", "yaml-tag-mismatch"),
    ("errors-value-already-defined", "yaml-duplicate-key"),
    ("errors-yaml-invalid-style", "yaml-tag-mismatch"),
    ("errors-yaml-tags-explicit-unsupported", "yaml-unknown-tag"),
];

/// Where values stand in a vector as they stand in the result: below a job, a step, or the workflow.
const VALUES: &[(&str, &str)] = &[
    ("/jobs/build/strategy/matrix", "/jobs/0/strategy/map/0/Value"),
    ("/jobs/build/steps/0/with", "/jobs/0/steps/0/with"),
    ("/jobs/build/steps/0/env", "/jobs/0/steps/0/env"),
    ("/env", "/env"),
];

fn main() -> ExitCode {
    Suite { name: "yaml", folder: "conformance/workflow-parser", collect }.main()
}

fn collect(folder: &Path) -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| error.to_string())? {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.extension().is_none_or(|extension| extension != "yml") {
            continue;
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
        cases.extend(cases_of(&name, &text.replace("\r\n---\r\n", "\n---\n"))?);
    }
    Ok(cases)
}

fn cases_of(name: &str, text: &str) -> Result<Vec<Case>, String> {
    let documents: Vec<&str> = text.split("\n---\n").collect();
    let [options, workflow, .., expected] = documents.as_slice() else {
        return Err(format!("{name}: has less than three documents"));
    };
    let expected: Value = serde_json::from_str(expected).map_err(|error| error.to_string())?;
    let tree = Tree::parse_within(name, format!("{workflow}\n"), &limits(options));
    let schema = name.starts_with("yaml-") || name == "coercion-to-string";
    let mut cases = vec![];
    if schema {
        let (name, tree) = (name.to_owned(), tree.clone());
        cases.push(Case::new("values", name, move || values(&tree, &expected)));
    }
    let file = name.to_owned();
    cases.push(Case::new("files", name, move || file_is_judged(&file, &tree)));
    Ok(cases)
}

fn limits(options: &str) -> Limits {
    let mut limits = Limits::default();
    for (name, value) in options.lines().filter_map(|line| line.split_once(": ")) {
        match (name, value.parse()) {
            ("max-depth", Ok(depth)) => limits.depth = depth,
            ("max-file-size", Ok(characters)) => limits.characters = characters,
            _ => {}
        }
    }
    limits
}

fn file_is_judged(name: &str, tree: &Tree) -> Result<(), String> {
    let expected = REFUSED.iter().find(|(refused, _)| *refused == name).map(|(_, code)| *code);
    let found: Vec<&str> = tree.diagnostics().iter().map(|error| error.code.0).collect();
    match expected {
        Some(code) if found.first() == Some(&code) => Ok(()),
        None if found.is_empty() => Ok(()),
        _ => Err(format!("expected {expected:?}, found {:?}", tree.diagnostics())),
    }
}

fn values(tree: &Tree, expected: &Value) -> Result<(), String> {
    let mut compared = 0;
    for (ours, theirs) in VALUES {
        let found =
            ours.split('/').skip(1).try_fold(tree.root(), |node, key| step(node?, key).map(Some));
        let (Some(Some(node)), Some(expected)) = (found, expected.pointer(theirs)) else {
            continue;
        };
        let texts = !ours.ends_with("matrix");
        let token = token(node, texts);
        if !alike(&token, expected) {
            return Err(format!("{ours} is {token}, expected {expected}"));
        }
        compared += 1;
    }
    if compared == 0 { Err("has no values to compare".to_owned()) } else { Ok(()) }
}

fn step<'t>(node: NodeRef<'t>, key: &str) -> Option<NodeRef<'t>> {
    match key.parse() {
        Ok(index) => node.items().nth(index),
        Err(_) => node.get(key),
    }
}

/// A node in the form of the vectors; with `texts`, scalars are coerced as in a mapping of strings.
fn token(node: NodeRef<'_>, texts: bool) -> Value {
    match node.kind() {
        NodeKind::Sequence => {
            json!({ "type": 1, "seq": node.items().map(|item| token(item, texts)).collect::<Vec<_>>() })
        }
        NodeKind::Mapping => {
            let entry = |key: NodeRef<'_>, value| json!({ "Key": key.scalar_text(), "Value": token(value, texts) });
            json!({ "type": 2, "map": node.entries().map(|pair| entry(pair.key, pair.value)).collect::<Vec<_>>() })
        }
        _ if texts => json!(node.scalar_text()),
        NodeKind::Null => Value::Null,
        NodeKind::Boolean(value) => json!(value),
        NodeKind::Number(number) if number.is_finite() => json!(number),
        _ => json!(node.scalar_text()),
    }
}

/// Equal, where a number is equal to one that is written otherwise, as 1 and 1.0.
fn alike(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Number(ours), Value::Number(theirs)) => ours.as_f64() == theirs.as_f64(),
        (Value::Array(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len()
                && ours.iter().zip(theirs).all(|(ours, theirs)| alike(ours, theirs))
        }
        (Value::Object(ours), Value::Object(theirs)) => {
            let same = |(key, ours): (&String, &Value)| {
                theirs.get(key).is_some_and(|theirs| alike(ours, theirs))
            };
            ours.len() == theirs.len() && ours.iter().all(same)
        }
        _ => ours == theirs,
    }
}
