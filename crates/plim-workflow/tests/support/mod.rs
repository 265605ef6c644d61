//! Holds what is said about a file against what the file itself says should be said, with carets.

#![allow(dead_code, reason = "each test program uses a part of it")]

use plim_diag::{Diagnostic, LineIndex, Position};
use plim_workflow::{Action, Read, Workflow};

/// Reads `text` as a workflow, and checks that the diagnostics are exactly those that its carets point out.
///
/// The carets of a line such as `#  ^^^^ code: message` point at columns of the last line that is no such line. In the
/// first column, where no caret can stand, the `#` counts as one. A `~` in the message stands for any text, and a place
/// without bytes is as wide as one.
pub(crate) fn check(text: &str) -> Read<Workflow> {
    let read = Workflow::read(".github/workflows/ci.yml", &dedent(text));
    compare(read.tree.source(), &read.diagnostics);
    read
}

/// The same for an action.
pub(crate) fn check_action(text: &str) -> Read<Action> {
    let read = Action::read("action.yml", &dedent(text));
    compare(read.tree.source(), &read.diagnostics);
    read
}

/// The same for a workflow at another path.
pub(crate) fn check_at(path: &str, text: &str) -> Read<Workflow> {
    let read = Workflow::read(path, &dedent(text));
    compare(read.tree.source(), &read.diagnostics);
    read
}

/// `text` without the indentation that all of its lines have, and without the line end it begins with.
fn dedent(text: &str) -> String {
    let lines = || text.strip_prefix('\n').unwrap_or(text).lines();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let least = lines().filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or(0);
    lines().map(|line| format!("{}\n", line.get(least..).unwrap_or(""))).collect()
}

fn compare(source: &str, diagnostics: &[Diagnostic]) {
    let (wanted, got) =
        (wanted(source), diagnostics.iter().map(|d| found(source, d)).collect::<Vec<_>>());
    let same =
        wanted.len() == got.len() && wanted.iter().zip(&got).all(|(wanted, got)| fits(wanted, got));
    assert!(same, "\n{source}\nwanted: {wanted:#?}\ngot: {got:#?}");
}

fn fits(wanted: &str, got: &str) -> bool {
    match wanted.split_once('~') {
        Some((start, end)) => got.starts_with(start) && got.ends_with(end),
        None => wanted == got,
    }
}

fn wanted(source: &str) -> Vec<String> {
    let mut marks = Vec::new();
    let mut line_above = 0;
    for (at, line) in source.lines().enumerate() {
        match mark(line) {
            Some((column, length, message)) => {
                marks.push((
                    (line_above, column),
                    format!("{line_above}:{column}+{length} {message}"),
                ));
            }
            None => line_above = at + 1,
        }
    }
    marks.sort_by_key(|(place, _)| *place);
    marks.into_iter().map(|(_, text)| text).collect()
}

/// Column from 1, length and text of a line that points at something.
fn mark(line: &str) -> Option<(usize, usize, &str)> {
    let rest = line.trim_start().strip_prefix('#')?;
    let carets = rest.trim_start();
    let length = carets.len() - carets.trim_start_matches('^').len();
    if length == 0 {
        return None;
    }
    let directly = line.starts_with("#^");
    let column = line.len() - carets.len() + 1 - usize::from(directly);
    Some((column, length + usize::from(directly), carets[length..].trim()))
}

fn found(source: &str, diagnostic: &Diagnostic) -> String {
    let index = LineIndex::new(source);
    let span = diagnostic.span().unwrap_or_default();
    let Position { line, column } = index.position(source, span.start);
    let text = span.text(source).unwrap_or("");
    let length = text.lines().next().unwrap_or("").chars().count().max(1);
    format!("{line}:{column}+{length} {}: {}", diagnostic.code, diagnostic.message)
}
