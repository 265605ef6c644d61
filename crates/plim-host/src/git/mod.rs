//! Runs the `git` program so that it starts nothing that a repository names.

mod checkout;
mod clean;
mod commit;
mod config;
mod contents;
mod desk;
mod diff;
mod excludes;
mod gitlinks;
mod history;
mod index;
mod layout;
mod loose;
mod narrow;
mod note;
mod plain;
mod quiet;
mod refs;
mod refusal;
mod remote;
mod repository;
mod seen;
mod snapshot;
mod status;
mod store;
mod times;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

pub use checkout::{CheckedOut, Checkout, Head, Workspace};
pub use commit::{Commit, Person};
pub use config::GitConfig;
pub use contents::{Held, HeldKind};
pub use layout::Layout;
pub use loose::AskGit;
pub use refs::{Ref, Refs};
pub use remote::{Remote, RemoteRef};
pub use snapshot::Snapshot;
pub use status::{Change, ChangeKind, Status};
pub use store::{Source, Store};

use crate::command::Command;
use crate::environment::Environment;
use crate::error::HostError;
use crate::tool::Tool;
use crate::which::which;

/// Git at one repository.
///
/// Configuration of the machine and the user is not read, nothing of the environment leaks in but
/// `PATH`, and hooks, filters, external diffs, the file system monitor and all transports are off,
/// whatever the repository's own configuration says. Each operation is one process.
#[derive(Clone, Debug)]
pub struct Git {
    program: PathBuf,
    place: Place,
    variables: Vec<(OsString, OsString)>,
    /// What the user ignores in every repository.
    excludes: Option<String>,
    config: Arc<OnceLock<GitConfig>>,
}

/// Which repository git works on.
#[derive(Clone, Debug)]
enum Place {
    /// The user's, with its working tree.
    User(Layout),
    /// One of ours: its folder, and the tree and index that go with it, if any.
    Ours { folder: PathBuf, tree: Option<PathBuf>, index: Option<PathBuf> },
}

impl Git {
    /// Git at the repository found by [`Layout::discover`].
    ///
    /// Errors: [`HostError::ProgramNotFound`] when `git` is not on the `PATH` of `environment`.
    pub fn open(layout: Layout, environment: &Environment) -> Result<Self, HostError> {
        Self::at(Place::User(layout), environment)
    }

    fn at(place: Place, environment: &Environment) -> Result<Self, HostError> {
        let path = environment.get("PATH").unwrap_or_default();
        let program = which("git", path, Path::new("/"));
        let program = program.ok_or_else(|| HostError::ProgramNotFound {
            program: "git".into(),
            path: path.to_owned(),
        })?;
        let variables = quiet::variables(environment);
        let excludes = excludes::excludes_file(environment);
        let excludes = excludes.and_then(|file| file.into_os_string().into_string().ok());
        Ok(Self { program, place, variables, excludes, config: Arc::default() })
    }

    /// The same git at a repository of ours.
    fn moved(&self, folder: &Path, tree: Option<&Path>, index: Option<&Path>) -> Self {
        let place = Place::Ours {
            folder: folder.to_owned(),
            tree: tree.map(Path::to_owned),
            index: index.map(Path::to_owned),
        };
        Self { place, config: Arc::default(), ..self.clone() }
    }

    /// The user's repository; `None` for one of ours, which has no configuration that others wrote.
    fn layout(&self) -> Option<&Layout> {
        match &self.place {
            Place::User(layout) => Some(layout),
            Place::Ours { .. } => None,
        }
    }

    /// A git command with all that keeps it quiet.
    ///
    /// Errors: those of reading the configuration for the names of filters.
    fn tool<T: AsRef<OsStr>>(&self, arguments: &[T]) -> Result<Tool, HostError> {
        let filters = match self.layout() {
            Some(_) => self.filters()?,
            None => Default::default(),
        };
        let filters = filters.iter().flat_map(|name| quiet::without_filter(name));
        let settings: Vec<_> = filters.chain(self.ignored_everywhere()).collect();
        Ok(self.tool_with(arguments, &settings))
    }

    /// The setting that names what the user ignores, unless the repository has one of its own.
    fn ignored_everywhere(&self) -> Option<(String, String)> {
        let own = self.config.get().is_some_and(|config| config.get("core.excludesfile").is_some());
        let file = self.excludes.as_ref().filter(|_| self.layout().is_some() && !own)?;
        Some(("core.excludesFile".into(), file.clone()))
    }

    /// A git command with these settings beside those that are always there.
    fn tool_with<T: AsRef<OsStr>>(&self, arguments: &[T], settings: &[(String, String)]) -> Tool {
        Tool::new(self.command(arguments, settings))
    }

    fn command<T: AsRef<OsStr>>(&self, arguments: &[T], settings: &[(String, String)]) -> Command {
        let (directory, places) = self.places();
        let mut command = Command::new(&self.program, directory).argument("--no-pager");
        command.arguments.extend(arguments.iter().map(|argument| argument.as_ref().to_owned()));
        command.environment.clone_from(&self.variables);
        command.environment.extend(places);
        command.environment.extend(quiet::settings(settings));
        command
    }

    /// The folder to run in, and the variables that say where everything is.
    ///
    /// Said outright, git neither searches, nor follows `core.worktree`, nor asks who owns the
    /// folder.
    fn places(&self) -> (&Path, Vec<(OsString, OsString)>) {
        let (folder, tree, index) = match &self.place {
            Place::User(layout) => (&layout.git_folder, Some(&layout.tree), None),
            Place::Ours { folder, tree, index } => (folder, tree.as_ref(), index.as_ref()),
        };
        let mut variables = vec![("GIT_DIR".into(), folder.into())];
        variables.extend(tree.map(|tree| ("GIT_WORK_TREE".into(), tree.into())));
        variables.extend(index.map(|index| ("GIT_INDEX_FILE".into(), index.into())));
        (tree.unwrap_or(folder), variables)
    }
}

/// Cuts `bytes` at each zero byte.
fn split_zero(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == 0).filter(|part| !part.is_empty())
}

/// A path from the bytes that git wrote with `-z`.
fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(OsStr::from_bytes(bytes))
}
