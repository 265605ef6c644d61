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

use plim_audit::{Finding, Mended, Selection, Subject, Tier, check_with};
use plim_diag::{Code, Diagnostic, Place, Sources, Span};
use plim_workflow::Forge;

use super::{
    base::Base,
    diff,
    external::Tools,
    files::{File, Files, View},
    mending::{self, Mending},
    repository::Repository,
};
use crate::view::findings::Survey;

/// What the rules that each repository selects find in `files`, in their order.
pub(super) fn survey(
    files: Files,
    repositories: &BTreeMap<PathBuf, Scope>,
    tools: &Tools,
    forge: Option<Forge>,
    mending: Option<Mending>,
) -> Survey {
    let files = files.files;
    let check = |mending| {
        of_all(&files, |file| checked_file(file, &repositories[&file.root], tools, forge, mending))
    };
    let mut checked = check(mending);
    if written(&files, &mut checked) {
        // What is found in one file may depend on what another holds now.
        repositories.values().for_each(|scope| scope.repository.forget());
        let again = check(None);
        checked = checked.into_iter().zip(again).map(|(before, now)| before.then(now)).collect();
    }
    gathered(checked.into_iter(), files.len())
}

/// What `work` gives for each of `all`, in their order.
fn of_all<T: Sync, R: Send>(all: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let share = || {
        let mut own = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(one) = all.get(at) else { break };
            own.push((at, work(one)));
        }
        done.lock().unwrap_or_else(PoisonError::into_inner).extend(own);
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(all.len());
    thread::scope(|scope| (0..threads).for_each(|_| _ = scope.spawn(share)));
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Writes the texts that were mended, after all were read as they were; whether there was one.
fn written(files: &[File], checked: &mut [Checked]) -> bool {
    let texts = files.iter().zip(checked.iter_mut()).map(|(file, of)| (file, of.to_write.take()));
    let texts: Vec<(&File, Option<String>)> = texts.collect();
    let failures = of_all(&texts, |(file, text)| mending::write(&file.path, text.as_ref()?).err());
    for (checked, error) in checked.iter_mut().zip(failures) {
        if let Some(error) = error {
            let message = format!("the mended file cannot be written: {error}");
            *checked = Checked::failed(Arc::clone(&checked.path), message);
        }
    }
    texts.iter().any(|(_, text)| text.is_some())
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
    /// The mended text, until it is in the file.
    to_write: Option<String>,
}

/// More fixes than any file needs.
const MOST_MENDED: usize = 10_000;

fn checked_file(
    file: &File,
    scope: &Scope,
    tools: &Tools,
    forge: Option<Forge>,
    mending: Option<Mending>,
) -> Checked {
    let path: Arc<str> = file.view.path(&file.inside).into();
    let bytes = match &file.bytes {
        Some(bytes) => Ok(bytes.clone()),
        None => fs::read(&file.path),
    };
    let mut bytes = match bytes {
        Ok(bytes) => bytes,
        Err(error) => {
            return Checked::failed(path, format!("the file cannot be read: {error}"));
        }
    };
    let forge = forge.unwrap_or_else(|| Forge::of_path(&file.inside));
    let mut subject = Subject::read(file.inside.as_str(), &bytes, file.kind, forge);
    let (mut findings, mut older) = scope.found(file, &bytes, &subject, tools.ask(&subject));
    let (mut mended, mut diff, mut to_write) = (0, None, None);
    if let Some(mending) = mending {
        let before = Arc::clone(subject.tree().shared_source());
        let mut all: Option<Mended> = None;
        // What one fix does may let another be made; none undoes the other for ever.
        while all.as_ref().is_none_or(|all| all.mended < MOST_MENDED)
            && let Some(made) = mending.made(&subject, &bytes, &findings)
        {
            bytes = made.text.clone().into_bytes();
            subject = Subject::read(file.inside.as_str(), &bytes, file.kind, forge);
            (findings, older) = scope.found(file, &bytes, &subject, tools.ask(&subject));
            all = Some(match all {
                Some(all) => all.then(made),
                None => made,
            });
        }
        if let Some(all) = all {
            diff = Some(diff::unified(&path, &before, &all));
            mended = all.mended;
            to_write = mending.write.then_some(all.text);
        }
    }
    findings.iter_mut().for_each(|finding| show_from(&file.view, finding));
    let text = (!findings.is_empty()).then(|| Arc::clone(subject.tree().shared_source()));
    Checked { path, findings, older, text, mended, diff, to_write }
}

impl Scope {
    /// What is found in `file`, read from `bytes` as `subject`, with what others `said` of it, and how much more was found before the change.
    fn found(
        &self,
        file: &File,
        bytes: &[u8],
        subject: &Subject,
        said: Vec<Finding>,
    ) -> (Vec<Finding>, usize) {
        let found = check_with(subject, &self.repository, &self.selection, said);
        let Some(base) = &self.base else { return (found, 0) };
        let all = found.len();
        let brought = base.brought(file, bytes, &self.selection, subject, found);
        let older = all - brought.len();
        (brought, older)
    }
}

/// A file that cannot be read or written.
const UNREADABLE: Code = Code("unreadable-file");

impl Checked {
    /// Nothing but that something could not be done with the file.
    fn failed(path: Arc<str>, message: String) -> Self {
        let diagnostic = Diagnostic::error(UNREADABLE, message);
        let diagnostic = diagnostic.at(Arc::clone(&path), Span::default());
        let finding = Finding { diagnostic, tier: Tier::Default, fix: None };
        Self {
            path,
            findings: vec![finding],
            older: 0,
            text: None,
            mended: 0,
            diff: None,
            to_write: None,
        }
    }

    /// What is found `now`, after all files were mended; that a file could not be written stays.
    fn then(self, now: Checked) -> Self {
        let failed = self.findings.iter().any(|finding| finding.diagnostic.code == UNREADABLE);
        if failed { self } else { Self { mended: self.mended, diff: self.diff, ..now } }
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
