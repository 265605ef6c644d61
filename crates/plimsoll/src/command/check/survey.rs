//! Reads and checks files on all processors.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
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
    files::{File, Files, View},
    repository::Repository,
};
use crate::view::findings::Survey;

/// What the rules of `selection` find in `files`, in their order.
pub(super) fn survey(files: Files, selection: &Selection, forge: Option<Forge>) -> Survey {
    let files = files.files;
    let roots: BTreeMap<&Path, Repository> =
        files.iter().map(|file| (&*file.root, Repository::new(&file.root))).collect();
    let next = AtomicUsize::new(0);
    let checked = Mutex::new(Vec::new());
    let work = || {
        let mut own = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = files.get(at) else { break };
            own.push((at, checked_file(file, &roots[&*file.root], selection, forge)));
        }
        checked.lock().unwrap_or_else(PoisonError::into_inner).extend(own);
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(files.len());
    thread::scope(|scope| (0..threads).for_each(|_| _ = scope.spawn(work)));
    let mut checked = checked.into_inner().unwrap_or_else(PoisonError::into_inner);
    checked.sort_by_key(|(at, _)| *at);
    gathered(checked.into_iter().map(|(_, checked)| checked), files.len())
}

/// What was found in one file, and its text if anything was.
struct Checked {
    path: Arc<str>,
    findings: Vec<Finding>,
    text: Option<Arc<str>>,
}

fn checked_file(
    file: &File,
    repository: &Repository,
    selection: &Selection,
    forge: Option<Forge>,
) -> Checked {
    let path: Arc<str> = file.view.path(&file.inside).into();
    let bytes = match &file.bytes {
        Some(bytes) => Ok(bytes.clone()),
        None => fs::read(&file.path),
    };
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(error) => {
            return Checked { findings: vec![unreadable(&path, &error)], path, text: None };
        }
    };
    let forge = forge.unwrap_or_else(|| Forge::of_path(&file.inside));
    let subject = Subject::read(file.inside.as_str(), &bytes, file.kind, forge);
    let mut findings = check(&subject, repository, selection);
    findings.iter_mut().for_each(|finding| show_from(&file.view, finding));
    let text = (!findings.is_empty()).then(|| Arc::clone(subject.tree().shared_source()));
    Checked { path, findings, text }
}

/// Paths are those from the root of a repository to rules, and those from the user's folder to the user.
fn show_from(view: &View, finding: &mut Finding) {
    let shown = |place: &mut Place| place.path = view.path(&place.path).into();
    let diagnostic = &mut finding.diagnostic;
    diagnostic.place.iter_mut().for_each(shown);
    diagnostic.related.iter_mut().for_each(|related| shown(&mut related.place));
}

fn unreadable(path: &Arc<str>, error: &std::io::Error) -> Finding {
    let message = format!("the file cannot be read: {error}");
    let diagnostic = Diagnostic::error(Code("unreadable-file"), message);
    let diagnostic = diagnostic.at(Arc::clone(path), Span::default());
    Finding { diagnostic, tier: Tier::Default, fix: None }
}

fn gathered(all: impl Iterator<Item = Checked>, files: usize) -> Survey {
    let mut survey = Survey { findings: Vec::new(), sources: Sources::new(), files };
    for checked in all {
        survey.findings.extend(checked.findings);
        if let Some(text) = checked.text {
            survey.sources.add(checked.path, text);
        }
    }
    survey
}
