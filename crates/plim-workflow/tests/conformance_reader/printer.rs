//! Writes our model in the form that the vectors have: GitHub's own template as JSON.

mod job;
mod step;
mod token;

use std::cell::RefCell;

use plim_diag::{LineIndex, Span};
use plim_workflow::yaml::{NodeRef, Tree};
use plim_workflow::{Access, Permissions, Workflow};
use serde_json::{Map, Value, json};

use crate::outcome::Outcome;
use crate::vector::Vector;

/// Prints the workflows of one vector.
pub(crate) struct Printer<'o> {
    outcome: &'o Outcome,
    vector: &'o Vector,
    files: RefCell<Vec<String>>,
}

/// Prints what stands in one file.
#[derive(Clone, Copy)]
struct File<'o, 'p> {
    printer: &'p Printer<'o>,
    workflow: &'o Workflow,
    tree: &'o Tree,
    /// The number of the file, from 1.
    id: usize,
}

impl<'o> Printer<'o> {
    pub(crate) fn new(outcome: &'o Outcome, vector: &'o Vector) -> Self {
        Self { outcome, vector, files: RefCell::default() }
    }

    /// All of it.
    pub(crate) fn template(&self) -> Value {
        let file = self.file(&self.vector.files[0].0).expect("a vector has a workflow");
        let workflow = file.workflow;
        let mut template = Map::new();
        // The editor's parser does not give them.
        let types = input_types(workflow).filter(|_| !self.vector.skipped_by_github);
        put(&mut template, "input-types", types);
        put(&mut template, "permissions", workflow.permissions.as_ref().map(permissions));
        put(&mut template, "env", workflow.env.as_ref().map(|env| file.texts(env)));
        put(&mut template, "defaults", file.defaults(&workflow.defaults));
        put(
            &mut template,
            "concurrency",
            workflow.concurrency.as_ref().map(|it| file.concurrency(it)),
        );
        let jobs = file.jobs(workflow.permissions.as_ref());
        template.insert("jobs".to_owned(), jobs);
        if self.vector.with_places {
            if self.vector.table_by_name {
                self.files.borrow_mut().sort();
            }
            template.insert("file-table".to_owned(), json!(*self.files.borrow()));
        }
        Value::Object(template)
    }

    fn file(&self, path: &str) -> Option<File<'o, '_>> {
        let workflow = self.outcome.workflows.get(path)?;
        let tree = self.outcome.trees.get(path)?;
        let mut files = self.files.borrow_mut();
        let known = files.iter().position(|file| file == path);
        let id = known.unwrap_or_else(|| {
            files.push(path.to_owned());
            files.len() - 1
        });
        Some(File { printer: self, workflow, tree, id: id + 1 })
    }
}

impl<'o> File<'o, '_> {
    fn with_places(self) -> bool {
        self.printer.vector.with_places
    }

    /// `fields` with what the vectors have of every value, where they have places.
    fn placed(self, kind: u8, span: Span, key: &str, value: Value) -> Value {
        let mut fields = Map::new();
        fields.insert("type".to_owned(), json!(kind));
        if self.with_places() {
            let source = self.tree.source();
            let at = LineIndex::new(source).position(source, span.start);
            fields.insert("file".to_owned(), json!(self.id));
            fields.insert("line".to_owned(), json!(at.line));
            fields.insert("col".to_owned(), json!(at.column));
        }
        fields.insert(key.to_owned(), value);
        Value::Object(fields)
    }

    fn literal(self, text: &str, span: Span) -> Value {
        if self.with_places() { self.placed(0, span, "lit", json!(text)) } else { json!(text) }
    }

    fn boolean(self, value: bool, span: Span) -> Value {
        if self.with_places() { self.placed(5, span, "bool", json!(value)) } else { json!(value) }
    }

    fn number(self, value: f64, span: Span) -> Value {
        let number = number(value);
        if self.with_places() { self.placed(6, span, "num", number) } else { number }
    }

    fn map(self, entries: Vec<(Value, Value)>, span: Span) -> Value {
        let pair = |(key, value)| json!({ "Key": key, "Value": value });
        self.placed(2, span, "map", entries.into_iter().map(pair).collect())
    }

    /// A mapping whose keys the language fixes, made of fields of our model; the file says where its keys stand.
    fn fixed(self, fields: Vec<(&str, Span, Value)>) -> Value {
        let mut mapping = Span::default();
        let mut entries = Vec::new();
        for (key, span, value) in fields {
            let (around, place) = self.key_of(span).unwrap_or_default();
            mapping = around;
            entries.push((self.literal(key, place), value));
        }
        self.map(entries, mapping)
    }

    /// The mapping in which a value stands, and its key there.
    fn key_of(self, value: Span) -> Option<(Span, Span)> {
        find_key(self.tree.root()?, value)
    }
}

fn find_key(node: NodeRef<'_>, value: Span) -> Option<(Span, Span)> {
    node.items().find_map(|item| find_key(item, value)).or_else(|| {
        node.entries().find_map(|entry| {
            if entry.value.span() == value {
                return Some((node.span(), entry.key.span()));
            }
            find_key(entry.value, value)
        })
    })
}

fn put(fields: &mut Map<String, Value>, key: &str, value: Option<Value>) {
    if let Some(value) = value {
        fields.insert(key.to_owned(), value);
    }
}

/// An expression of GitHub's own, which stands nowhere.
fn expression(source: &str) -> Value {
    json!({ "type": 3, "expr": source })
}

/// As JSON has it; what it has not is text.
fn number(value: f64) -> Value {
    if value.is_finite() && value == value.trunc() && value.abs() < 1e15 {
        return json!(value as i64);
    }
    if value.is_finite() {
        json!(value)
    } else {
        json!(plim_expression::Value::from(value).to_text())
    }
}

fn input_types(workflow: &Workflow) -> Option<Value> {
    let inputs = &workflow.trigger("workflow_dispatch")?.inputs;
    let types = inputs.iter().map(|input| (input.name.value.to_string(), json!(input.kind.name())));
    (!inputs.is_empty()).then(|| Value::Object(types.collect()))
}

/// The scopes that the vectors know; others came later.
const SCOPES: &[&str] = &[
    "actions",
    "checks",
    "contents",
    "deployments",
    "discussions",
    "id-token",
    "issues",
    "packages",
    "pages",
    "pull-requests",
    "repository-projects",
    "security-events",
    "statuses",
];

fn permissions(permissions: &Permissions) -> Value {
    let granted = SCOPES.iter().map(|scope| (*scope, permissions.access(scope)));
    let granted = granted.filter(|(_, access)| *access != Access::None);
    Value::Object(
        granted.map(|(scope, access)| (scope.to_owned(), json!(access.as_str()))).collect(),
    )
}

/// What is compared of a template: all of it, with the forms that say the same made one.
///
/// `events` is the editor's own, GitHub's parser does not give it. The order of keys that the language fixes says
/// nothing, nor does a short form: `concurrency: x` is `concurrency: { group: x }`.
pub(crate) fn compared(mut template: Value) -> Value {
    if let Value::Object(fields) = &mut template {
        fields.remove("events");
    }
    normalize(&mut template);
    template
}

fn normalize(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(normalize),
        Value::Object(fields) => {
            for (key, value) in fields.iter_mut() {
                match (key.as_str(), short_form(key)) {
                    (_, Some(name)) => lengthen(value, name),
                    ("input-definitions" | "secret-definitions", _) => definitions(value),
                    ("defaults" | "strategy" | "outputs", _) => sort_keys(value),
                    _ => {}
                }
                normalize(value);
            }
            fields.sort_keys();
        }
        _ => {}
    }
}

/// The one key that the short form of `key` stands for.
fn short_form(key: &str) -> Option<&'static str> {
    match key {
        "concurrency" => Some("group"),
        "environment" => Some("name"),
        "snapshot" => Some("image-name"),
        _ => None,
    }
}

fn lengthen(value: &mut Value, name: &str) {
    if value["type"] != 2 {
        *value = json!({ "type": 2, "map": [{ "Key": name, "Value": value.take() }] });
    }
    sort_keys(value);
}

fn sort_keys(value: &mut Value) {
    if let Some(entries) = value.get_mut("map").and_then(Value::as_array_mut) {
        entries.sort_by_key(|entry| entry["Key"].to_string());
        entries.iter_mut().for_each(|entry| sort_keys(&mut entry["Value"]));
    }
}

/// Each definition as what it says: absent is `required: false`.
fn definitions(value: &mut Value) {
    let entries = value["map"].as_array().cloned().unwrap_or_default();
    let said = |definition: &Value, key: &str| {
        let entries = definition["map"].as_array()?;
        entries.iter().find(|entry| entry["Key"] == key).map(|entry| entry["Value"].clone())
    };
    let named = |entry: &Value| {
        let definition = &entry["Value"];
        let required = said(definition, "required").unwrap_or(json!(false));
        let mut fields = json!({ "required": required });
        for key in ["type", "default", "description"] {
            if let Some(value) = said(definition, key) {
                fields[key] = value;
            }
        }
        json!([entry["Key"], fields])
    };
    *value = entries.iter().map(named).collect();
}
