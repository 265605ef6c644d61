//! Holds the reader against GitHub's own vectors for its workflow parser.
//!
//! A vector that GitHub accepts must read without an error. One that it refuses must give an error at every place that it
//! states; ours may point further into the same value, as to the word of an expression that is wrong.

#![expect(clippy::print_stdout, reason = "this is the report of a test program")]

use std::collections::HashMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use plim_diag::{Diagnostic, LineIndex, Position, Span};
use plim_test::conformance::{Case, Suite};
use plim_workflow::yaml::{Limits, NodeRef, Tree};
use plim_workflow::{CallLimits, Called, DefaultAccess, Workflow, WorkflowReference, check_calls};

/// Vectors that we read otherwise, and why. Each must still differ, so that none stays here by accident.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("errors-anchor-tag", "GitHub has anchors since 2025-08; the vector is older"),
    ("misc-jobs", "GitHub itself, not this parser, refuses a job without steps"),
    ("concurrency", "GitHub itself, not this parser, refuses a job without steps"),
    ("events-mapping-all", "GitHub itself, not this parser, refuses a filter beside its `-ignore`"),
    (
        "events-single-invalid",
        "only the editor refuses unknown keys of `workflow_dispatch`; GitHub passes over them",
    ),
    ("errors-reusable-workflow-max-result-size", "it counts the bytes of objects of the runner"),
    ("errors-max-result-size", "it counts the bytes of objects of the runner"),
    ("errors-max-job-limit-with-reusable-workflow", "GitHub sets no limit of jobs unless asked"),
];

fn main() -> ExitCode {
    let code = Suite { name: "reader", folder: "conformance/workflow-parser", collect }.main();
    if COLLECTED.load(Ordering::Relaxed) {
        let names: Vec<&str> = EXCEPTIONS.iter().map(|(name, _)| *name).collect();
        println!("{} of these are exceptions with a reason: {}", names.len(), names.join(", "));
    }
    code
}

static COLLECTED: AtomicBool = AtomicBool::new(false);

fn collect(folder: &Path) -> Result<Vec<Case>, String> {
    COLLECTED.store(true, Ordering::Relaxed);
    let mut cases = Vec::new();
    let entries = std::fs::read_dir(folder).map_err(|error| error.to_string())?;
    for entry in entries {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.extension().is_none_or(|extension| extension != "yml") {
            continue;
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
        let vector = Vector::parse(&name, &text).map_err(|error| format!("{name}: {error}"))?;
        let group = match EXCEPTIONS.iter().find(|(exception, _)| *exception == name) {
            Some(_) => "exceptions",
            None if vector.errors.is_empty() => "accepted",
            None => "refused",
        };
        cases.push(Case::new(group, name.clone(), move || judge(&name, &vector)));
    }
    Ok(cases)
}

fn judge(name: &str, vector: &Vector) -> Result<(), String> {
    let verdict = vector.check();
    match (EXCEPTIONS.iter().find(|(exception, _)| *exception == name), verdict) {
        (None, verdict) => verdict,
        (Some(_), Err(_)) => Ok(()),
        (Some((_, reason)), Ok(())) => Err(format!("is no exception any more ({reason})")),
    }
}

/// One file of vectors.
struct Vector {
    limits: Limits,
    calls: CallLimits,
    /// The workflow and those it calls, by path; the first is the one to read.
    files: Vec<(String, String)>,
    /// What the runner says, in its words.
    errors: Vec<String>,
}

impl Vector {
    fn parse(name: &str, text: &str) -> Result<Self, String> {
        let text = text.replace("\r\n---", "\n---").replace("---\r\n", "---\n");
        let documents: Vec<&str> = text.split("\n---\n").collect();
        let [options, workflow, called @ .., expected] = documents.as_slice() else {
            return Err("has less than three documents".to_owned());
        };
        let (pairs, rest) = called.as_chunks::<2>();
        if !rest.is_empty() {
            return Err("has a called workflow without its path".to_owned());
        }
        let mut files = vec![(format!(".github/workflows/{name}.yml"), (*workflow).to_owned())];
        files.extend(pairs.iter().map(|[path, text]| (path.trim().to_owned(), (*text).to_owned())));
        let expected: serde_json::Value =
            serde_json::from_str(expected).map_err(|error| error.to_string())?;
        let errors = expected["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        let message =
            |error: &serde_json::Value| error["Message"].as_str().unwrap_or("").to_owned();
        let (limits, calls) = options_of(options);
        Ok(Self { limits, calls, files, errors: errors.iter().map(message).collect() })
    }

    fn check(&self) -> Result<(), String> {
        let outcome = Outcome::of(self);
        if self.errors.is_empty() {
            return match outcome.errors.first() {
                None => Ok(()),
                Some(error) => Err(format!("is accepted by GitHub, and we say `{error}`")),
            };
        }
        if outcome.errors.is_empty() {
            return Err(format!("is read without an error, and GitHub says `{}`", self.errors[0]));
        }
        for error in &self.errors {
            if !outcome.finds(error) {
                return Err(format!("we say {:#?}, and GitHub says `{error}`", outcome.shown()));
            }
        }
        Ok(())
    }
}

fn options_of(options: &str) -> (Limits, CallLimits) {
    let tree = Tree::parse("options", options);
    let number = |key: &str| {
        let text = tree.root()?.get(key)?.scalar_text()?;
        text.parse::<usize>().ok()
    };
    let mut limits = Limits::default();
    limits.depth = number("max-depth").unwrap_or(limits.depth);
    limits.characters = number("max-file-size").unwrap_or(limits.characters);
    let mut calls =
        CallLimits { default_access: DefaultAccess::Permissive, ..CallLimits::default() };
    calls.levels = number("max-nested-reusable-workflows-depth").unwrap_or(calls.levels);
    let policy = tree.root().and_then(|root| root.get("permissions-policy")?.as_str());
    if policy == Some("LimitedRead") {
        calls.default_access = DefaultAccess::Restricted;
    }
    (limits, calls)
}

/// What we make of a vector.
struct Outcome {
    trees: HashMap<String, Tree>,
    errors: Vec<Diagnostic>,
}

impl Outcome {
    fn of(vector: &Vector) -> Self {
        let mut outcome = Self { trees: HashMap::new(), errors: Vec::new() };
        let mut workflows: HashMap<String, Arc<Workflow>> = HashMap::new();
        for (path, text) in &vector.files {
            let tree = Tree::parse_within(path.as_str(), text.as_str(), &vector.limits);
            let read = Workflow::read_tree(tree);
            outcome.errors.extend(read.diagnostics.into_iter().filter(Diagnostic::is_error));
            outcome.trees.insert(path.clone(), read.tree);
            workflows.insert(path.clone(), Arc::new(read.value));
        }
        let root = Arc::clone(&workflows[&vector.files[0].0]);
        let mut load = |reference: &WorkflowReference, _: &Workflow| match workflows
            .get(&reference.to_string())
        {
            Some(found) => Called::Workflow(Arc::clone(found)),
            None => Called::Unknown,
        };
        outcome.errors.extend(check_calls(&root, &vector.calls, &mut load));
        outcome
    }

    fn finds(&self, message: &str) -> bool {
        let Some((path, position)) = stated(message) else { return true };
        let Some(tree) = self.trees.get(path) else { return true };
        let source = tree.source();
        let Some(offset) = LineIndex::new(source).offset(source, position) else { return false };
        let mut around = Vec::new();
        if let Some(root) = tree.root() {
            collect_starting(root, offset, &mut around);
        }
        let places = self.errors.iter().flat_map(|error| {
            error.place.iter().chain(error.related.iter().map(|related| &related.place))
        });
        let mut places = places.filter(|place| &*place.path == path).map(|place| place.span);
        places.any(|span| span.start == offset || around.iter().any(|scalar| scalar.encloses(span)))
    }

    fn shown(&self) -> Vec<String> {
        let show = |error: &Diagnostic| {
            let place = error.place.as_ref()?;
            let source = self.trees.get(&*place.path)?.source();
            let position = LineIndex::new(source).position(source, place.span.start);
            Some(format!("{position}: {error}"))
        };
        self.errors.iter().map(|error| show(error).unwrap_or_else(|| error.to_string())).collect()
    }
}

/// The file and place of `PATH (Line: 1, Col: 2): …`.
fn stated(message: &str) -> Option<(&str, Position)> {
    let (path, rest) = message.split_once(" (Line: ")?;
    let (line, rest) = rest.split_once(", Col: ")?;
    let (column, _) = rest.split_once(')')?;
    Some((path, Position { line: line.parse().ok()?, column: column.parse().ok()? }))
}

/// The scalars that begin at `offset`.
fn collect_starting(node: NodeRef<'_>, offset: u32, found: &mut Vec<Span>) {
    if node.is_scalar() && node.span().start == offset {
        found.push(node.span());
    }
    for entry in node.entries() {
        collect_starting(entry.key, offset, found);
        collect_starting(entry.value, offset, found);
    }
    node.items().for_each(|item| collect_starting(item, offset, found));
}
