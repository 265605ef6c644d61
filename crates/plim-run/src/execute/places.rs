//! Places: the folders that a leg works in.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use plim_host::{
    HostError, Waker,
    files::{self, Lock, LockKind},
};

use super::Cancellation;
use crate::environment_file::FOLDER;

/// The folders of one leg, locked while it runs.
///
/// The path is stable per repository, workflow, job and leg, so that incremental builds stay
/// incremental and absolute paths in their outputs stay right.
pub(crate) struct Places {
    /// `runner.workspace`.
    pub(crate) root: PathBuf,
    /// `github.workspace`: empty at first, as on a fresh machine.
    pub(crate) workspace: PathBuf,
    /// The private home, which is made when the room is furnished.
    pub(crate) home: PathBuf,
    /// `runner.temp`.
    pub(crate) temporary: PathBuf,
    /// Scripts and environment files of the steps.
    pub(crate) commands: PathBuf,
    /// Copies of actions of other repositories, as `_actions` beside the workspaces of GitHub's runner.
    pub(crate) actions: PathBuf,
    /// What checkouts remember of the trees that they made; never seen by steps.
    pub(crate) memory: PathBuf,
    /// What the last run left in the workspace, kept for a checkout to take up again.
    kept: PathBuf,
    _lock: Lock,
}

impl Places {
    /// Takes the folders of a leg, waiting while another run has them; `waiting` is called once
    /// with who that is.
    pub(crate) fn claim(
        root: PathBuf,
        repository: &str,
        holder: &str,
        cancellation: &Cancellation,
        waiting: &mut dyn FnMut(&str),
    ) -> Result<Self, HostError> {
        make(&root)?;
        let waker = Waker::new()?;
        let watch = cancellation.watch(&waker);
        let path = root.join("lock");
        let lock = Lock::wait(&path, LockKind::Exclusive, holder, &waker, waiting)?;
        drop(watch);
        let places = Self {
            workspace: root.join(repository),
            home: root.join("home"),
            temporary: root.join("temp"),
            commands: root.join("temp").join(FOLDER),
            actions: root.join("_actions"),
            memory: root.join("memory"),
            kept: root.join("kept"),
            root,
            _lock: lock,
        };
        places.set_aside()?;
        // The folder of the commands lies in that for temporary files, which only the user may look into.
        files::empty_folder(&places.temporary, 0o700, Some(FOLDER))?;
        files::empty_folder(&places.commands, 0o755, None)?;
        files::remove_tree(&places.actions)?;
        files::empty_folder(&places.workspace, 0o755, None)?;
        Ok(places)
    }

    /// Moves what the last run left out of sight, where a checkout may take it up again. A job that checks out into a
    /// folder of the workspace, or not at all, starts anew.
    fn set_aside(&self) -> Result<(), HostError> {
        if !self.workspace.join(".git").is_dir() {
            return Ok(());
        }
        files::remove_tree(&self.kept)?;
        fs::rename(&self.workspace, &self.kept)
            .map_err(HostError::file("set aside", &self.workspace))
    }

    /// Brings back what the last run left, for a checkout into the workspace itself; true when
    /// something came. What steps put there before stays: then nothing is brought back.
    pub(crate) fn bring_back(&self, target: &Path) -> io::Result<bool> {
        let is_empty =
            || fs::read_dir(&self.workspace).is_ok_and(|mut files| files.next().is_none());
        if target != self.workspace || !self.kept.is_dir() || !is_empty() {
            return Ok(false);
        }
        fs::remove_dir(&self.workspace)?;
        fs::rename(&self.kept, &self.workspace)?;
        Ok(true)
    }
}

fn make(folder: &Path) -> Result<(), HostError> {
    fs::create_dir_all(folder).map_err(HostError::file("make the folder", folder))
}
