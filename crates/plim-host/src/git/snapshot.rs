//! Makes a commit of a working tree as it is, without writing into it or its repository.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::desk::{Desk, Folder};
use super::note::Touched;
use super::status::{Change, ChangeKind, Status};
use super::store::{Source, Store};
use crate::error::HostError;

/// The state folder of this program, which is never part of a snapshot.
const STATE: &str = ".plimsoll";

/// A commit that holds a working tree as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The commit: that at `HEAD` when nothing differs from it.
    pub commit: String,
    /// The commit at `HEAD`, if there is one.
    pub head: Option<String>,
    /// Whether anything differs from `head`, so that the commit is of our making.
    pub dirty: bool,
    /// Repositories inside the tree that are no submodules; they are left out.
    pub left_out: Vec<PathBuf>,
    /// Folders that could not be read: what is new in them is missing.
    pub unreadable: Vec<PathBuf>,
}

impl Store {
    /// Makes a snapshot of the source.
    ///
    /// Errors: those of [`Git::status`](super::Git::status) and
    /// [`snapshot_of`](Self::snapshot_of).
    pub fn snapshot(&self) -> Result<Snapshot, HostError> {
        match &self.user {
            Some(user) => self.snapshot_of(&user.status()?),
            None => self.snapshot_of(&Status::default()),
        }
    }

    /// Makes a snapshot of the source, whose status is known already; that of a folder is not
    /// looked at.
    ///
    /// It holds tracked files as they are now, staged or not, and untracked ones that are not
    /// ignored; `.plimsoll/` is left out always, and a submodule is the commit checked out in it.
    /// The same tree on the same parent gives the same commit. Errors: those of running git, for
    /// example when a file cannot be read.
    pub fn snapshot_of(&self, status: &Status) -> Result<Snapshot, HostError> {
        let (touched, left_out) = sort_out(&status.changes);
        let unreadable = status.unreadable.clone();
        match (&self.source, &status.commit) {
            (Source::Folder(_), _) => {
                let Folder { commit, left_out, unreadable } =
                    self.at_desk(Desk::commit_of_folder)?;
                Ok(Snapshot { commit, head: None, dirty: true, left_out, unreadable })
            }
            (Source::Repository(_), Some(head)) if touched.is_empty() => {
                let (commit, head) = (head.clone(), Some(head.clone()));
                Ok(Snapshot { commit, head, dirty: false, left_out, unreadable })
            }
            (Source::Repository(_), head) => {
                let make = |desk: &Desk| desk.commit_of_changes(head.as_deref(), &touched);
                let commit = self.at_desk(make)?;
                let dirty = head.as_ref() != Some(&commit);
                Ok(Snapshot { commit, head: head.clone(), dirty, left_out, unreadable })
            }
        }
    }

    /// Works at the desk, and once more at an empty one when that fails: objects that only the
    /// user's index held may have been pruned since the last time.
    fn at_desk<T>(&self, work: impl Fn(&Desk) -> Result<T, HostError>) -> Result<T, HostError> {
        let desk = Desk::open(self)?;
        work(&desk).or_else(|_| {
            desk.clear()?;
            work(&desk)
        })
    }
}

/// Separates what belongs into a snapshot from repositories inside the tree.
fn sort_out(changes: &[Change]) -> (BTreeSet<Touched>, Vec<PathBuf>) {
    let (mut touched, mut nested) = (BTreeSet::new(), Vec::new());
    for change in changes {
        if is_nested(&change.path) {
            nested.push(change.path.clone());
        } else if !is_state(&change.path) {
            touched.insert(Touched { path: change.path.clone(), in_commit: change.in_commit });
        }
        if let ChangeKind::Renamed(from) = &change.kind {
            touched.insert(Touched { path: from.clone(), in_commit: true });
        }
    }
    (touched, nested)
}

/// Git names a repository inside the tree, and no other folder, with a slash at the end.
pub(super) fn is_nested(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().ends_with(b"/")
}

/// Whether a path is in the state folder of this program.
pub(super) fn is_state(path: &Path) -> bool {
    path.starts_with(STATE)
}
