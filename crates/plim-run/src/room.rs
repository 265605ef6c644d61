//! The clean room: what the steps of a job see of the user's environment, home and machine.
//!
//! Steps get a home of their own. Of the user's, tools and their caches are shared, and credentials are not:
//! a variable is passed only when it is on a list, and in the user's home every file and folder whose name begins
//! with a dot is hidden unless it is such a tool. That also hides the credentials of programs nobody thought of.
//!
//! A [`Survey`] of the user is made once for a run; each job's [`RoomPlan`] comes from it without looking at a file.
//! Only the `furnish` of both writes. It is not a security boundary: what runs as the user can find other ways.

mod configuration;
pub mod credential;
mod environment;
mod furnish;
mod hidden;
mod pristine;
mod survey;
mod toolchain;
mod user;
pub mod withheld;

use std::{collections::BTreeMap, path::PathBuf};

use plim_host::Bind;

pub use credential::{Credential, UnknownCredential};
pub use furnish::{FurnishError, Layers};
pub use survey::Survey;
pub use toolchain::Tool;
pub use user::{Disk, Kind, Tree, UserFacts};

/// What the user wants of the room.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// What `--credentials` hands over; see [`credential::named`].
    pub credentials: Vec<&'static Credential>,
    /// `sudo` and system package managers work.
    pub allow_sudo: bool,
}

/// Where a job lives. All paths are absolute and without symbolic links.
#[derive(Clone, Debug)]
pub struct Places {
    /// The private home, for this job alone.
    pub home: PathBuf,
    /// Its folder for temporary files.
    pub temp: PathBuf,
    /// What must stay visible, wherever it lies: the workspace, the runner's folders. It must exist when the room is made.
    pub keep: Vec<PathBuf>,
    /// The refusing programs of the run, which its jobs share; see [`Survey::furnish`].
    pub withheld: PathBuf,
}

/// A room, not made yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoomPlan {
    /// All variables that steps get from here; the engine adds those of GitHub and of the workflow.
    pub environment: BTreeMap<String, String>,
    /// Folders to make.
    pub folders: Vec<PathBuf>,
    /// Files to write.
    pub files: Vec<PlannedFile>,
    /// Symbolic links to make.
    pub links: Vec<PlannedLink>,
    /// Files and folders that steps see empty.
    pub hide: Vec<PathBuf>,
    /// What stays visible inside of what is hidden.
    pub bind: Vec<Bind>,
    /// Installed tools: what steps write there must not reach the user.
    pub tools: Vec<Tool>,
    /// Links in the layers of tools.
    pub planted: Vec<PlannedLink>,
    /// Folders that nobody has to write.
    pub read_only: Vec<PathBuf>,
    /// Programs may gain privileges.
    pub allow_sudo: bool,
}

/// A file of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedFile {
    /// Where.
    pub path: PathBuf,
    /// What is in it.
    pub content: String,
}

/// A symbolic link of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedLink {
    /// Where it is.
    pub at: PathBuf,
    /// Where it points.
    pub to: PathBuf,
}

#[cfg(test)]
mod tests;
