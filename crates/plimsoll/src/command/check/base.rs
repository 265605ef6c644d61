//! The version of a repository that a change begins with, read from its commit.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
};

use plim_audit::{Baseline, Finding, Kind, Presence, Selection, Settings, Subject, check};
use plim_diag::{Code, Diagnostic};
use plim_host::{
    Host, HostError,
    git::{Git, HeldKind, Layout},
};
use plim_workflow::Forge;

use super::{files::File, repository::Repository};
use crate::refusal::Refusal;

/// What a change begins with.
pub(super) struct Base {
    repository: Repository,
}

/// What a commit holds of one repository, with the texts that a check may ask for.
pub(super) struct Past {
    held: BTreeMap<String, HeldKind>,
    texts: HashMap<String, Vec<u8>>,
}

impl Base {
    /// The version of the repository at `root` at the common ancestor of `reference` and `HEAD`; at `reference` itself
    /// where there is none. Of files that no path tells, those called `named` are read.
    ///
    /// Errors: whatever keeps that version from being read, since nothing could be compared with it.
    pub(super) fn read(
        reference: &str,
        root: &Path,
        named: &BTreeSet<&str>,
        settings: Settings,
        host: &Host,
    ) -> Result<Self, Refusal> {
        let unreadable = |error: HostError| {
            let message = format!("cannot read what was there at `{reference}`: {error}");
            Refusal::usage(Diagnostic::error(Code("base"), message).maybe_help(error.help()))
        };
        let layout = Layout::discover(root).map_err(unreadable)?;
        let layout = layout.ok_or_else(|| no_repository(reference, root))?;
        // A repository is a folder above, or the whole of what git keeps.
        let folder = root.strip_prefix(&layout.tree).unwrap_or(Path::new("")).to_owned();
        let git = Git::open(layout, &host.environment).map_err(unreadable)?;
        let commit = commit(&git, reference).map_err(unreadable)?;
        let commit = commit.ok_or_else(|| no_commit(reference))?;
        let past = Past::read(&git, &commit, &folder, named).map_err(unreadable)?;
        Ok(Self { repository: Repository::past(past, settings) })
    }

    /// What was found in `file` before the change; of a file that is new, nothing.
    fn baseline(&self, file: &File, now: &[u8], selection: &Selection, forge: Forge) -> Baseline {
        let Some(past) = self.repository.commit() else { return Baseline::default() };
        let Some((path, bytes)) = past.before(file, now) else { return Baseline::default() };
        let subject = Subject::read(path, bytes, file.kind, forge);
        let found = check(&subject, &self.repository, selection);
        Baseline::new(&subject, &found)
    }

    /// Those of the `findings` in `subject`, read from `bytes` of `file`, that the change brings.
    pub(super) fn brought(
        &self,
        file: &File,
        bytes: &[u8],
        selection: &Selection,
        subject: &Subject,
        findings: Vec<Finding>,
    ) -> Vec<Finding> {
        if findings.is_empty() {
            return findings;
        }
        self.baseline(file, bytes, selection, subject.forge).brought(subject, findings)
    }
}

impl Past {
    fn read(
        git: &Git,
        commit: &str,
        folder: &Path,
        named: &BTreeSet<&str>,
    ) -> Result<Self, HostError> {
        let mut held = BTreeMap::new();
        let mut wanted = Vec::new();
        for one in git.contents(commit)? {
            let Some(path) = one.path.strip_prefix(folder).ok().and_then(Path::to_str) else {
                continue;
            };
            let is_file = matches!(one.kind, HeldKind::File | HeldKind::Executable);
            if is_file && (Kind::of_path(path).is_some() || named.contains(path)) {
                wanted.push((path.to_owned(), one.id));
            }
            held.insert(path.to_owned(), one.kind);
        }
        let ids: Vec<&str> = wanted.iter().map(|(_, id)| id.as_str()).collect();
        let bytes = git.blobs(&ids)?;
        let texts = wanted.into_iter().map(|(path, _)| path).zip(bytes).collect();
        Ok(Self { held, texts })
    }

    /// The earlier version of `file`, which holds the bytes `now`: the one at its path, or one that is gone from its
    /// path and held the same.
    fn before(&self, file: &File, now: &[u8]) -> Option<(&str, &[u8])> {
        let is_gone = |path: &str| !file.root.join(path).exists();
        let own = self.texts.get_key_value(&file.inside);
        let found = own.or_else(|| {
            self.texts.iter().find(|(path, bytes)| bytes.as_slice() == now && is_gone(path))
        });
        found.map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// The bytes of the file at `path`, if it was read.
    pub(super) fn bytes(&self, path: &str) -> Option<&[u8]> {
        self.texts.get(path).map(Vec::as_slice)
    }

    /// The paths of all that it holds.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.held.keys().map(String::as_str)
    }

    /// What stood at `path`.
    pub(super) fn at(&self, path: &str) -> Presence {
        match self.held.get(path) {
            Some(HeldKind::File) => return Presence::File { executable: false },
            Some(HeldKind::Executable) => return Presence::File { executable: true },
            Some(HeldKind::Submodule) => return Presence::Folder,
            Some(HeldKind::Link) => return Presence::Unknown,
            None => {}
        }
        let inside = format!("{path}/");
        let first = self.held.range(inside.clone()..).next();
        if path.is_empty() || first.is_some_and(|(other, _)| other.starts_with(&inside)) {
            return Presence::Folder;
        }
        // What is below a link or another repository is not told here.
        let above = path.match_indices('/').any(|(at, _)| self.held.contains_key(&path[..at]));
        if above { Presence::Unknown } else { Presence::Absent }
    }
}

/// The commit that a change begins with.
fn commit(git: &Git, reference: &str) -> Result<Option<String>, HostError> {
    let Some(base) = git.resolve(reference)? else { return Ok(None) };
    let ancestor = match git.resolve("HEAD")? {
        Some(head) => git.merge_base(&base, &head)?,
        None => None,
    };
    Ok(Some(ancestor.unwrap_or(base)))
}

fn no_commit(reference: &str) -> Refusal {
    let message =
        format!("`{reference}` leads to no commit, so that nothing can be compared with it");
    let help = format!(
        "name a branch or commit that is here, or fetch it: `git fetch origin {reference}`"
    );
    Refusal::usage(Diagnostic::error(Code("base"), message).help(help))
}

fn no_repository(reference: &str, root: &Path) -> Refusal {
    let root = root.display();
    let message =
        format!("cannot tell what `{root}` was at `{reference}`: it is in no git repository");
    let help = "leave `--base` out to see all findings";
    Refusal::usage(Diagnostic::error(Code("base"), message).help(help))
}
