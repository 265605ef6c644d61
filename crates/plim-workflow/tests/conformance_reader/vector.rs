//! One file of vectors: options, workflows, and what GitHub says of them.

use plim_workflow::yaml::{Limits, NodeRef, Tree};
use plim_workflow::{CallLimits, DefaultAccess};
use serde_json::Value;

/// One file of vectors.
pub(crate) struct Vector {
    pub(crate) limits: Limits,
    pub(crate) calls: CallLimits,
    /// Whether places are part of what is expected.
    pub(crate) with_places: bool,
    /// Whether called workflows are left out of what is expected.
    pub(crate) without_called: bool,
    /// Whether the table of files is ordered by name.
    pub(crate) table_by_name: bool,
    /// Whether GitHub's own parser skips the vector, so that only the editor's says what is right.
    pub(crate) skipped_by_github: bool,
    /// The workflow and those it calls, by path; the first is the one to read.
    pub(crate) files: Vec<(String, String)>,
    /// What the runner says, in its words.
    pub(crate) errors: Vec<String>,
    /// What it makes of an accepted file.
    pub(crate) expected: Value,
}

impl Vector {
    pub(crate) fn parse(name: &str, text: &str) -> Result<Self, String> {
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
        let expected: Value = serde_json::from_str(expected).map_err(|error| error.to_string())?;
        let errors = expected["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        let message = |error: &Value| error["Message"].as_str().unwrap_or("").to_owned();
        let errors = errors.iter().map(message).collect();
        let options = Tree::parse("options", *options);
        Ok(Self {
            limits: limits(&options),
            calls: call_limits(&options),
            with_places: flag(&options, "include-source").unwrap_or(false),
            without_called: flag(&options, "skip-reusable-workflows").unwrap_or(false),
            table_by_name: flag(&options, "is-partial-rerun").unwrap_or(false),
            skipped_by_github: skips(&options, "C#"),
            files,
            errors,
            expected,
        })
    }
}

fn option<'t>(options: &'t Tree, key: &str) -> Option<NodeRef<'t>> {
    options.root()?.get(key)
}

fn flag(options: &Tree, key: &str) -> Option<bool> {
    Some(option(options, key)?.scalar_text()? == "true")
}

fn number(options: &Tree, key: &str) -> Option<usize> {
    option(options, key)?.scalar_text()?.parse().ok()
}

fn skips(options: &Tree, who: &str) -> bool {
    option(options, "skip").is_some_and(|list| list.items().any(|item| item.as_str() == Some(who)))
}

/// The vectors are for the parser as it is without being asked for more: it knows anchors, and does not allow them.
fn limits(options: &Tree) -> Limits {
    let mut limits = Limits { anchors: false, ..Limits::default() };
    limits.depth = number(options, "max-depth").unwrap_or(limits.depth);
    limits.characters = number(options, "max-file-size").unwrap_or(limits.characters);
    limits
}

fn call_limits(options: &Tree) -> CallLimits {
    let mut limits =
        CallLimits { default_access: DefaultAccess::Permissive, ..CallLimits::default() };
    limits.levels = number(options, "max-nested-reusable-workflows-depth").unwrap_or(limits.levels);
    limits.jobs = number(options, "max-job-limit");
    limits.bytes = number(options, "max-result-size").map_or(limits.bytes, |bytes| bytes as u64);
    let policy = option(options, "permissions-policy").and_then(NodeRef::as_str);
    if policy == Some("LimitedRead") {
        limits.default_access = DefaultAccess::Restricted;
    }
    limits
}
