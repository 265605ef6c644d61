//! Reads and checks files on all processors.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use plim_audit::{Finding, Selection, Subject, Tier, check};
use plim_diag::{Code, Diagnostic, Place, Sources, Span};
use plim_workflow::Forge;

use super::{
    base::Base,
    diff,
    files::{File, Files, View},
    mending::{self, Mending},
    repository::Repository,
};
use crate::view::findings::Survey;

/// What the rules that each repository selects find in `files`, in their order.
pub(super) fn survey(
    files: Files,
    repositories: &BTreeMap<PathBuf, Scope>,
    forge: Option<Forge>,
    mending: Option<Mending>,
) -> Survey {
    let files = files.files;
    let next = AtomicUsize::new(0);
    let checked = Mutex::new(Vec::new());
    let work = || {
        let mut own = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = files.get(at) else { break };
            own.push((at, checked_file(file, &repositories[&file.root], forge, mending)));
        }
        checked.lock().unwrap_or_else(PoisonError::into_inner).extend(own);
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(files.len());
    thread::scope(|scope| (0..threads).for_each(|_| _ = scope.spawn(work)));
    let mut checked = checked.into_inner().unwrap_or_else(PoisonError::into_inner);
    checked.sort_by_key(|(at, _)| *at);
    gathered(checked.into_iter().map(|(_, checked)| checked), files.len())
}

/// A repository, what is looked for in it, and what its findings are compared with.
pub(super) struct Scope {
    pub(super) repository: Repository,
    pub(super) selection: Selection,
    pub(super) base: Option<Base>,
}

/// What was found in one file, and its text if anything was.
struct Checked {
    path: Arc<str>,
    findings: Vec<Finding>,
    /// How many more were there before the change.
    older: usize,
    text: Option<Arc<str>>,
    mended: usize,
    diff: Option<String>,
}

fn checked_file(
    file: &File,
    scope: &Scope,
    forge: Option<Forge>,
    mending: Option<Mending>,
) -> Checked {
    let path: Arc<str> = file.view.path(&file.inside).into();
    let bytes = match &file.bytes {
        Some(bytes) => Ok(bytes.clone()),
        None => fs::read(&file.path),
    };
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(error) => {
            return Checked::failed(path, format!("the file cannot be read: {error}"));
        }
    };
    let forge = forge.unwrap_or_else(|| Forge::of_path(&file.inside));
    let mut subject = Subject::read(file.inside.as_str(), &bytes, file.kind, forge);
    let (mut findings, mut older) = scope.found(file, &bytes, &subject);
    let (mut mended, mut diff) = (0, None);
    if let Some(mending) = mending
        && let Some(made) = mending.made(&subject, &bytes, &findings)
    {
        diff = Some(diff::unified(&path, subject.text(), &made));
        if mending.write {
            if let Err(error) = mending::write(&file.path, &made.text) {
                return Checked::failed(
                    path,
                    format!("the mended file cannot be written: {error}"),
                );
            }
            mended = made.mended;
            subject = Subject::read(file.inside.as_str(), made.text.as_bytes(), file.kind, forge);
            (findings, older) = scope.found(file, made.text.as_bytes(), &subject);
        }
    }
    findings.iter_mut().for_each(|finding| show_from(&file.view, finding));
    let text = (!findings.is_empty()).then(|| Arc::clone(subject.tree().shared_source()));
    Checked { path, findings, older, text, mended, diff }
}

impl Scope {
    /// What is found in `file`, read from `bytes` as `subject`, and how much more was found before the change.
    fn found(&self, file: &File, bytes: &[u8], subject: &Subject) -> (Vec<Finding>, usize) {
        let found = check(subject, &self.repository, &self.selection);
        let Some(base) = &self.base else { return (found, 0) };
        let all = found.len();
        let brought = base.brought(file, bytes, &self.selection, subject, found);
        let older = all - brought.len();
        (brought, older)
    }
}

impl Checked {
    /// Nothing but that something could not be done with the file.
    fn failed(path: Arc<str>, message: String) -> Self {
        let diagnostic = Diagnostic::error(Code("unreadable-file"), message);
        let diagnostic = diagnostic.at(Arc::clone(&path), Span::default());
        let finding = Finding { diagnostic, tier: Tier::Default, fix: None };
        Self { path, findings: vec![finding], older: 0, text: None, mended: 0, diff: None }
    }
}

/// Paths are those from the root of a repository to rules, and those from the user's folder to the user.
fn show_from(view: &View, finding: &mut Finding) {
    let shown = |place: &mut Place| place.path = view.path(&place.path).into();
    let diagnostic = &mut finding.diagnostic;
    diagnostic.place.iter_mut().for_each(shown);
    diagnostic.related.iter_mut().for_each(|related| shown(&mut related.place));
}

fn gathered(all: impl Iterator<Item = Checked>, files: usize) -> Survey {
    let mut survey = Survey {
        findings: Vec::new(),
        sources: Sources::new(),
        files,
        older: 0,
        mended: 0,
        diffs: Vec::new(),
    };
    for checked in all {
        survey.findings.extend(checked.findings);
        survey.older += checked.older;
        survey.mended += checked.mended;
        survey.diffs.extend(checked.diff);
        if let Some(text) = checked.text {
            survey.sources.add(checked.path, text);
        }
    }
    survey
}
