//! What we make of a vector, held against what GitHub makes of it.

use std::collections::HashMap;
use std::sync::Arc;

use plim_diag::{Diagnostic, LineIndex, Position, Span};
use plim_workflow::yaml::{NodeRef, Tree};
use plim_workflow::{Called, Workflow, WorkflowReference, check_calls};

use crate::kinds::{BEHIND_THE_PARSER, codes_of};
use crate::printer::{Printer, compared};
use crate::vector::Vector;

/// What we make of a vector.
pub(crate) struct Outcome {
    pub(crate) trees: HashMap<String, Tree>,
    pub(crate) workflows: HashMap<String, Arc<Workflow>>,
    errors: Vec<Diagnostic>,
}

impl Outcome {
    pub(crate) fn of(vector: &Vector) -> Self {
        let mut outcome =
            Self { trees: HashMap::new(), workflows: HashMap::new(), errors: Vec::new() };
        for (path, text) in &vector.files {
            let tree = Tree::parse_within(path.as_str(), text.as_str(), &vector.limits);
            let read = Workflow::read_tree(tree);
            outcome.errors.extend(read.diagnostics.into_iter().filter(refused_by_the_parser));
            outcome.trees.insert(path.clone(), read.tree);
            outcome.workflows.insert(path.clone(), Arc::new(read.value));
        }
        let workflows = &outcome.workflows;
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

    pub(crate) fn judge(&self, vector: &Vector) -> Result<(), String> {
        if vector.errors.is_empty() {
            return match self.errors.first() {
                None => self.compare(vector),
                Some(error) => Err(format!("is accepted by GitHub, and we say `{error}`")),
            };
        }
        if self.errors.is_empty() {
            return Err(format!(
                "is read without an error, and GitHub says `{}`",
                vector.errors[0]
            ));
        }
        for error in &vector.errors {
            self.find(error)?;
        }
        Ok(())
    }

    /// Our model in the form of the vector is what the vector has.
    fn compare(&self, vector: &Vector) -> Result<(), String> {
        let ours = compared(Printer::new(self, vector).template());
        let theirs = compared(vector.expected.clone());
        if ours == theirs {
            return Ok(());
        }
        let pretty = |value| serde_json::to_string_pretty(value).unwrap_or_default();
        let (ours, theirs) = (pretty(&ours), pretty(&theirs));
        let differs = ours.lines().zip(theirs.lines()).position(|(ours, theirs)| ours != theirs);
        let at = differs.unwrap_or_else(|| ours.lines().count().min(theirs.lines().count()));
        let near = |text: &str| {
            text.lines().skip(at.saturating_sub(6)).take(14).collect::<Vec<_>>().join("\n")
        };
        Err(format!("our model says\n{}\nand GitHub says\n{}", near(&ours), near(&theirs)))
    }

    /// One of our errors stands where `message` says, and says the same.
    fn find(&self, message: &str) -> Result<(), String> {
        let (place, text) = parted(message);
        let codes = codes_of(text).ok_or_else(|| format!("no code stands for `{text}`"))?;
        let fits = |error: &&Diagnostic| {
            codes.contains(&error.code.0)
                && place.is_none_or(|(path, at)| self.stands(error, path, at))
        };
        if self.errors.iter().any(|error| fits(&error)) {
            return Ok(());
        }
        Err(format!("we say {:#?}, and GitHub says `{message}`, one of {codes:?}", self.shown()))
    }

    fn stands(&self, error: &Diagnostic, path: &str, position: Position) -> bool {
        let Some(tree) = self.trees.get(path) else { return true };
        let source = tree.source();
        let Some(offset) = LineIndex::new(source).offset(source, position) else { return false };
        let mut around = Vec::new();
        if let Some(root) = tree.root() {
            collect_starting(root, offset, &mut around);
        }
        let places = error.place.iter().chain(error.related.iter().map(|related| &related.place));
        let mut places = places.filter(|place| &*place.path == path).map(|place| place.span);
        places.any(|span| span.start == offset || around.iter().any(|scalar| scalar.encloses(span)))
    }

    fn shown(&self) -> Vec<String> {
        let show = |error: &Diagnostic| {
            let place = error.place.as_ref()?;
            let source = self.trees.get(&*place.path)?.source();
            let position = LineIndex::new(source).position(source, place.span.start);
            Some(format!("{position}: {}: {error}", error.code))
        };
        self.errors.iter().map(|error| show(error).unwrap_or_else(|| error.to_string())).collect()
    }
}

fn refused_by_the_parser(diagnostic: &Diagnostic) -> bool {
    diagnostic.is_error() && !BEHIND_THE_PARSER.contains(&diagnostic.code.0)
}

/// The place of a message, if it states one, and what it says: `PATH (Line: 1, Col: 2): …` or `PATH: …`.
fn parted(message: &str) -> (Option<(&str, Position)>, &str) {
    if let Some((place, text)) = stated(message) {
        return (Some(place), text);
    }
    let text = message.split_once(".yml: ").filter(|(path, _)| !path.contains(' '));
    (None, text.map_or(message, |(_, text)| text))
}

fn stated(message: &str) -> Option<((&str, Position), &str)> {
    let (path, rest) = message.split_once(" (Line: ")?;
    let (line, rest) = rest.split_once(", Col: ")?;
    let (column, text) = rest.split_once("): ")?;
    let position = Position { line: line.parse().ok()?, column: column.parse().ok()? };
    Some(((path.strip_prefix("In ").unwrap_or(path), position), text))
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
