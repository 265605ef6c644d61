//! Tests of rules: a text with carets that point at what must be found.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use plim_diag::{LineIndex, Span};
use plim_workflow::{Action, Forge, Workflow};

use crate::audit::Audit;
use crate::pins::{Lock, Pinned};
use crate::{
    Document, Edit, Finding, Kind, Nearby, Presence, Rule, Selection, Settings, Subject,
    Surroundings,
};

/// Fails unless `rule` finds exactly what the carets in `text` point at.
///
/// The text is a file, or the `steps`, `jobs` or `runs` of one; its common indentation is removed. A comment line
/// `# ^^^^ message` points at the columns of the line above it that are not such a comment; without a message any will
/// do, and one that ends with `…` is a beginning. A finding over several lines counts with its first one.
#[track_caller]
pub(crate) fn check(rule: &'static Rule, text: &str) {
    check_in(rule, &[], text);
}

/// The same in a repository that also holds `files`.
#[track_caller]
pub(crate) fn check_in(rule: &'static Rule, files: &[(&str, &str)], text: &str) {
    compare(audited(rule, Settings::default(), files, text));
}

/// The same in a repository whose owner said `settings`.
#[track_caller]
pub(crate) fn check_with(rule: &'static Rule, settings: Settings, text: &str) {
    compare(audited(rule, settings, &[], text));
}

/// The same for a workflow of another forge.
#[track_caller]
pub(crate) fn check_for(rule: &'static Rule, forge: Forge, text: &str) {
    compare(audited_for(rule, forge, Settings::default(), &[], text));
}

#[track_caller]
fn compare((subject, found): (Subject, Vec<Finding>)) {
    let mut wanted = pointed_at(subject.text());
    let mut faults = String::new();
    for finding in &found {
        let span = first_line(subject.text(), finding.span());
        let message = &finding.diagnostic.message;
        let hit = wanted.iter().position(|(place, text)| *place == span && says(message, text));
        match hit {
            Some(hit) => _ = wanted.remove(hit),
            None => {
                let position = LineIndex::new(subject.text()).position(subject.text(), span.start);
                _ = writeln!(
                    faults,
                    "found at {position}, {} characters: {message}\n  {:?}",
                    span.len(),
                    span.text(subject.text()).unwrap_or("")
                );
            }
        }
    }
    for (span, message) in wanted {
        let position = LineIndex::new(subject.text()).position(subject.text(), span.start);
        _ = writeln!(faults, "not found at {position}, {} characters: {message}", span.len());
    }
    assert!(faults.is_empty(), "\n{}\n{faults}", subject.text());
}

/// Fails unless the fixes that `rule` offers turn `before` into `after`.
#[track_caller]
pub(crate) fn check_fix(rule: &'static Rule, before: &str, after: &str) {
    check_fix_with(rule, Settings::default(), before, after);
}

/// The same in a repository whose owner said `settings`.
#[track_caller]
pub(crate) fn check_fix_with(rule: &'static Rule, settings: Settings, before: &str, after: &str) {
    let (subject, found) = audited(rule, settings, &[], before);
    let fixes = found.iter().filter_map(|finding| finding.fix.as_ref());
    let edits: Vec<&Edit> = fixes.flat_map(|fix| &fix.edits).collect();
    assert_eq!(spliced(subject.text(), edits), whole(after).0);
}

/// What an owner said whose lock knows these actions (repository, reference, commit, version) and images.
pub(crate) fn locked(
    actions: &[(&str, &str, &str, Option<&str>)],
    images: &[(&str, &str)],
) -> Settings {
    let mut lock = Lock::default();
    for (repository, reference, commit, version) in actions {
        let pinned = Pinned { commit: (*commit).to_owned(), version: version.map(str::to_owned) };
        lock.actions.insert(Lock::key(repository, reference), pinned);
    }
    let images = images.iter().map(|(name, digest)| ((*name).to_owned(), (*digest).to_owned()));
    lock.images.extend(images);
    Settings { lock: Some(Arc::new(lock)), ..Settings::default() }
}

/// What `rule` finds in `text`, and if it is one of the reader, what that finds.
pub(crate) fn findings_of(rule: &'static Rule, text: &str) -> Vec<Finding> {
    audited(rule, Settings::default(), &[], text).1
}

/// The same in a repository that also holds `files`.
pub(crate) fn findings_in(rule: &'static Rule, files: &[(&str, &str)], text: &str) -> Vec<Finding> {
    audited(rule, Settings::default(), files, text).1
}

#[track_caller]
fn audited(
    rule: &'static Rule,
    settings: Settings,
    files: &[(&str, &str)],
    text: &str,
) -> (Subject, Vec<Finding>) {
    audited_for(rule, Forge::GitHub, settings, files, text)
}

#[track_caller]
fn audited_for(
    rule: &'static Rule,
    forge: Forge,
    settings: Settings,
    files: &[(&str, &str)],
    text: &str,
) -> (Subject, Vec<Finding>) {
    let (text, others) = parted(text);
    let mut files: Vec<(&str, &str)> = files.iter().copied().chain(others).collect();
    let (text, kind) = whole(text);
    let path = match kind {
        Kind::Workflow => ".github/workflows/test.yml",
        Kind::Action => ".github/actions/test/action.yml",
        Kind::Dependabot => ".github/dependabot.yml",
        Kind::PreCommit => ".pre-commit-config.yaml",
    };
    let subject = Subject::read(path, text.as_bytes(), kind, forge);
    files.push((path, &text));
    let repository = Repository { settings, ..Repository::new(&files) };
    if rule.is_of_the_reader() {
        let mut found = crate::check(&subject, &repository, &Selection::everything());
        found.retain(|finding| finding.diagnostic.code == rule.code);
        return (subject, found);
    }
    let mut audit = Audit::new(&subject, &repository);
    {
        let errors: Vec<_> = subject.diagnostics().iter().filter(|d| d.is_error()).collect();
        assert!(
            errors.is_empty(),
            "the text of a test must read without errors: {errors:#?}\n{text}"
        );
        audit.apply(rule);
    }
    let found = audit.finish();
    drop(repository);
    (subject, found)
}

/// The file to check, and those that follow it, each below a line `# file: PATH`.
fn parted(text: &str) -> (&str, Vec<(&str, &str)>) {
    let mut parts = text.split("# file: ");
    let own = parts.next().unwrap_or("");
    (own, parts.filter_map(|part| part.split_once('\n')).collect())
}

/// The whole file of which `text` is a part, and what it is.
fn whole(text: &str) -> (String, Kind) {
    let text = dedented(text);
    let first = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#'));
    match first.unwrap_or("") {
        "steps:" => {
            let head = "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n";
            (format!("{head}{}", indented(&text, 4)), Kind::Workflow)
        }
        "jobs:" => (format!("on: push\n{text}"), Kind::Workflow),
        line if line.starts_with("repos:") => (text, Kind::PreCommit),
        line if line.starts_with("version:") => (text, Kind::Dependabot),
        _ if Kind::of_text(&text) == Some(Kind::Action) => (text, Kind::Action),
        _ => (text, Kind::Workflow),
    }
}

fn dedented(text: &str) -> String {
    let lines = || text.lines().skip_while(|line| line.trim().is_empty());
    let indent = lines().filter(|line| !line.trim().is_empty());
    let indent = indent.map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    let mut dedented: Vec<&str> = lines().map(|line| line.get(indent..).unwrap_or("")).collect();
    while dedented.last().is_some_and(|line| line.trim().is_empty()) {
        dedented.pop();
    }
    dedented.iter().flat_map(|line| [line, "\n"]).collect()
}

fn indented(text: &str, by: usize) -> String {
    text.lines().map(|line| format!("{}{line}\n", " ".repeat(by))).collect()
}

/// The places that carets point at, with what is to be said there.
fn pointed_at(text: &str) -> Vec<(Span, String)> {
    let mut wanted = Vec::new();
    let (mut at, mut above) = (0, 0);
    for line in text.split_inclusive('\n') {
        match pointer(line) {
            Some((columns, message)) => wanted.push((
                Span::new(offset(above + columns.start), offset(above + columns.end)),
                message,
            )),
            None => above = at,
        }
        at += line.len();
    }
    wanted
}

fn pointer(line: &str) -> Option<(std::ops::Range<usize>, String)> {
    let comment = line.trim_start().strip_prefix('#')?;
    let carets = comment.trim_start();
    let length = carets.len() - carets.trim_start_matches('^').len();
    if length == 0 {
        return None;
    }
    let start = line.len() - carets.len();
    Some((start..start + length, carets[length..].trim().to_owned()))
}

fn first_line(text: &str, span: Span) -> Span {
    let part = span.text(text).unwrap_or("");
    let length = part.find('\n').map_or(part.len(), |end| part[..end].trim_end().len());
    Span::new(span.start, span.start + offset(length))
}

fn says(message: &str, wanted: &str) -> bool {
    match wanted.strip_suffix('…') {
        Some(beginning) => message.starts_with(beginning),
        None => wanted.is_empty() || message == wanted,
    }
}

fn spliced(text: &str, mut edits: Vec<&Edit>) -> String {
    edits.sort();
    let (mut result, mut from) = (String::new(), 0);
    for edit in edits {
        result.push_str(&text[from..edit.span.start as usize]);
        result.push_str(&edit.replacement);
        from = edit.span.end as usize;
    }
    result + &text[from..]
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap()
}

/// A repository of which every file is known.
pub(crate) struct Repository {
    files: BTreeMap<String, String>,
    settings: Settings,
}

impl Repository {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), dedented(text)));
        Self { files: files.collect(), settings: Settings::default() }
    }

    fn read<T>(&self, path: &str, value: fn(Document) -> Option<T>, kind: Kind) -> Nearby<T> {
        let Some(text) = self.files.get(path) else { return Nearby::Absent };
        let subject = Subject::read(path, text.as_bytes(), kind, Forge::GitHub);
        value(subject.document).map_or(Nearby::Unknown, |value| Nearby::Found(Arc::new(value)))
    }
}

impl Surroundings for Repository {
    fn at(&self, path: &str) -> Presence {
        if let Some(text) = self.files.get(path) {
            return Presence::File { executable: text.starts_with("#!") };
        }
        let inside = |file: &String| path.is_empty() || file.starts_with(&format!("{path}/"));
        if self.files.keys().any(inside) { Presence::Folder } else { Presence::Absent }
    }

    fn action(&self, path: &str) -> Nearby<Action> {
        let value = |document| match document {
            Document::Action(read) => Some(read.value),
            _ => None,
        };
        let folder = if path.is_empty() { String::new() } else { format!("{path}/") };
        match self.read(&format!("{folder}action.yml"), value, Kind::Action) {
            Nearby::Absent => self.read(&format!("{folder}action.yaml"), value, Kind::Action),
            found => found,
        }
    }

    fn workflow(&self, path: &str) -> Nearby<Workflow> {
        let value = |document| match document {
            Document::Workflow(read) => Some(read.value),
            _ => None,
        };
        self.read(path, value, Kind::Workflow)
    }

    fn text(&self, path: &str) -> Nearby<String> {
        self.files.get(path).map_or(Nearby::Absent, |text| Nearby::Found(Arc::new(text.clone())))
    }

    fn workflows(&self) -> Vec<String> {
        let inside = |path: &&String| Kind::of_path(path) == Some(Kind::Workflow);
        self.files.keys().filter(inside).cloned().collect()
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }
}
