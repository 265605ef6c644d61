//! Makes a commit of a working tree as it is, without writing into it or its repository.

use std::path::{Path, PathBuf};

use super::desk::{Desk, Touched};
use super::status::{Change, ChangeKind, Status};
use super::store::{Source, Store};
use crate::error::HostError;

/// When a commit without a parent was made: 2000-01-01, which every archive format can express.
const EPOCH: i64 = 946_684_800;
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
        let head = status.commit.clone();
        match (&self.source, &head) {
            (Source::Repository(_), Some(commit)) if touched.is_empty() => {
                Ok(Snapshot { commit: commit.clone(), head, dirty: false, left_out })
            }
            (Source::Repository(_), _) => self.record(head, left_out, |desk, head| {
                desk.tree_of_changes(head, &touched).map(|tree| (tree, Vec::new()))
            }),
            (Source::Folder(_), _) => self.record(None, left_out, |desk, _| desk.tree_of_folder()),
        }
    }

    /// Makes the commit of the tree that `take` brings, with the repositories it left out.
    fn record(
        &self,
        head: Option<String>,
        mut left_out: Vec<PathBuf>,
        take: impl Fn(&Desk, Option<&str>) -> Result<(String, Vec<PathBuf>), HostError>,
    ) -> Result<Snapshot, HostError> {
        let desk = Desk::open(self)?;
        let taken = take(&desk, head.as_deref()).or_else(|_| {
            // Objects that only the user's index held may have been pruned since: begin anew.
            desk.clear()?;
            take(&desk, head.as_deref())
        });
        let (tree, more) = taken?;
        left_out.extend(more);
        let parent = head.as_deref().map(|head| self.git.commit(head)).transpose()?.flatten();
        if let Some(same) = parent.as_ref().filter(|parent| parent.tree == tree) {
            return Ok(Snapshot { commit: same.id.clone(), head, dirty: false, left_out });
        }
        let time = parent.map_or(EPOCH, |parent| parent.committer.seconds);
        let commit = desk.commit(&tree, head.as_deref(), time)?;
        Ok(Snapshot { commit, head, dirty: true, left_out })
    }
}

/// Separates what belongs into a snapshot from repositories inside the tree.
fn sort_out(changes: &[Change]) -> (Vec<Touched>, Vec<PathBuf>) {
    let (mut touched, mut nested) = (Vec::new(), Vec::new());
    for change in changes {
        if is_nested(&change.path) {
            nested.push(change.path.clone());
        } else if !is_state(&change.path) {
            touched.push(Touched { path: change.path.clone(), in_commit: change.in_commit });
        }
        if let ChangeKind::Renamed(from) = &change.kind {
            touched.push(Touched { path: from.clone(), in_commit: true });
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
