//! Shows which secrets are read where, and on which events.

use std::{collections::BTreeMap, sync::Arc};

use plim_audit::secrets::{AUTOMATIC, SecretRead, SecretReads};
use plim_diag::LineIndex;
use serde_json::{Value, json};

use crate::{
    args::CheckFormat,
    render::{paint::Paint, quantity::count, text},
};

/// What one file reads.
pub(crate) struct FileReads {
    /// Its path, seen from the user's folder.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: Arc<str>,
    /// What it reads.
    pub(crate) found: SecretReads,
}

/// One read with its place.
struct Placed<'a> {
    path: &'a str,
    line: u32,
    column: u32,
    read: &'a SecretRead,
}

/// Whether a list of secrets can be shown in `format`.
pub(crate) fn has_format(format: CheckFormat) -> bool {
    matches!(format, CheckFormat::Full | CheckFormat::Concise | CheckFormat::Json)
}

/// The list, in one of the formats that it has.
pub(crate) fn shown(files: &[FileReads], format: CheckFormat, paint: Paint) -> String {
    let by_name = by_name(files);
    match format {
        CheckFormat::Json => format!("{}\n", document(&by_name, files)),
        CheckFormat::Concise => concise(&by_name),
        _ => full(&by_name, files, paint),
    }
}

/// The reads of each secret; those of all at once last, under no name.
fn by_name(files: &[FileReads]) -> BTreeMap<(bool, &str), Vec<Placed<'_>>> {
    let mut by_name: BTreeMap<(bool, &str), Vec<Placed<'_>>> = BTreeMap::new();
    for file in files {
        let lines = LineIndex::new(&file.text);
        for read in &file.found.reads {
            let position = lines.position(&file.text, read.span.start);
            let placed =
                Placed { path: &file.path, line: position.line, column: position.column, read };
            let key = (read.name.is_none(), read.name.as_deref().unwrap_or("every secret"));
            by_name.entry(key).or_default().push(placed);
        }
    }
    by_name
}

/// Whether nothing that happens before a merge reads it, so that nobody notices earlier that it is missing.
fn is_after_merge(name: &str, reads: &[Placed<'_>]) -> bool {
    name != AUTOMATIC && !reads.iter().any(|placed| placed.read.before_merge)
}

fn mark(key: (bool, &str), reads: &[Placed<'_>]) -> &'static str {
    match key {
        (true, _) => "",
        (_, AUTOMATIC) => "  there in every job",
        (_, name) if is_after_merge(name, reads) => "  first needed after merge",
        _ => "",
    }
}

fn full(
    by_name: &BTreeMap<(bool, &str), Vec<Placed<'_>>>,
    files: &[FileReads],
    paint: Paint,
) -> String {
    let mut out = String::new();
    for (&key, reads) in by_name {
        out += &format!("{}{}\n", paint.strong(&text::name(key.1)), mark(key, reads));
        for placed in reads {
            let read = placed.read;
            let place = paint.faint(format!("{}:{}", placed.path, placed.line));
            out += &format!(
                "  {place}  {}{}; {}\n",
                whom(read),
                text::name(&read.way.shown()),
                events(read)
            );
        }
        out.push('\n');
    }
    let notes: Vec<String> = files.iter().flat_map(notes).collect();
    if !notes.is_empty() {
        out += &format!("{}\n{}\n", paint.strong("worth knowing"), notes.concat());
    }
    out + &summary(by_name)
}

fn notes(file: &FileReads) -> impl Iterator<Item = String> + '_ {
    let lines = LineIndex::new(&file.text);
    file.found.notes.iter().map(move |note| {
        let line = lines.position(&file.text, note.span.start).line;
        format!("  {}:{line}  {}\n", file.path, text::name(&note.message))
    })
}

fn whom(read: &SecretRead) -> String {
    match (&read.job, &read.step) {
        (Some(job), Some(step)) => format!("job `{}` › {}: ", text::name(job), text::name(step)),
        (Some(job), None) => format!("job `{}`: ", text::name(job)),
        _ => String::new(),
    }
}

fn events(read: &SecretRead) -> String {
    match read.events.as_slice() {
        [] => "on no event of this repository".to_owned(),
        events => format!("on {}", text::name(&events.join(", "))),
    }
}

fn summary(by_name: &BTreeMap<(bool, &str), Vec<Placed<'_>>>) -> String {
    let named = by_name.iter().filter(|((all, _), _)| !all);
    let late = named.clone().filter(|((_, name), reads)| is_after_merge(name, reads)).count();
    format!("{}, {late} first needed after merge\n", count(named.count(), "secret"))
}

fn concise(by_name: &BTreeMap<(bool, &str), Vec<Placed<'_>>>) -> String {
    let mut out = String::new();
    for (&key, reads) in by_name {
        for placed in reads {
            let (read, name) = (placed.read, text::name(key.1));
            let way = text::name(&read.way.shown());
            let late = if is_after_merge(key.1, reads) && !key.0 { ", after merge" } else { "" };
            out += &format!(
                "{}:{}:{}: {name}: {}{way}; {}{late}\n",
                placed.path,
                placed.line,
                placed.column,
                whom(read),
                events(read)
            );
        }
    }
    out
}

/// The form of `docs/schema/secrets.schema.json`.
fn document(by_name: &BTreeMap<(bool, &str), Vec<Placed<'_>>>, files: &[FileReads]) -> Value {
    let read = |placed: &Placed<'_>| {
        json!({
            "path": placed.path,
            "line": placed.line,
            "column": placed.column,
            "job": placed.read.job,
            "step": placed.read.step,
            "way": placed.read.way.shown(),
            "events": placed.read.events,
            "before-merge": placed.read.before_merge,
        })
    };
    let secrets: Vec<Value> = by_name
        .iter()
        .map(|((all, name), reads)| {
            json!({
                "name": if *all { Value::Null } else { (*name).into() },
                "automatic": *name == AUTOMATIC,
                "after-merge": !all && is_after_merge(name, reads),
                "reads": reads.iter().map(read).collect::<Vec<_>>(),
            })
        })
        .collect();
    let mut notes = Vec::new();
    for file in files {
        let lines = LineIndex::new(&file.text);
        notes.extend(file.found.notes.iter().map(|note| {
            let line = lines.position(&file.text, note.span.start).line;
            json!({ "path": file.path, "line": line, "name": note.name, "message": note.message })
        }));
    }
    json!({ "version": 1, "secrets": secrets, "notes": notes })
}
