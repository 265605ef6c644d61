//! The surroundings of a file: what the rest of its repository holds, and what its owner said about it.

use std::sync::Arc;

use plim_workflow::{Action, Workflow};

use crate::Waiver;
use crate::pins::Lock;

/// What rules may ask about the repository of a file. Paths are relative to its root, with `/`.
///
/// Whoever runs the rules answers from what it has loaded; an answer never changes during a check.
pub trait Surroundings {
    /// What stands at `path`.
    fn at(&self, path: &str) -> Presence;

    /// The action in the folder `path`, as its `action.yml` or `action.yaml` says.
    fn action(&self, path: &str) -> Nearby<Action>;

    /// The workflow in the file `path`.
    fn workflow(&self, path: &str) -> Nearby<Workflow>;

    /// The text of the file `path`, such as a script that a step calls.
    fn text(&self, path: &str) -> Nearby<String>;

    /// The paths of all workflows of the repository, in order; none when nobody knows them.
    fn workflows(&self) -> Vec<String>;

    /// What the owner of the repository said.
    fn settings(&self) -> &Settings;
}

/// What stands at a path.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Presence {
    /// A file.
    File {
        /// Whether it may be executed.
        executable: bool,
    },
    /// A folder.
    Folder,
    /// Nothing.
    Absent,
    /// It cannot be told, so that nothing may be concluded.
    Unknown,
}

/// Another file of the repository, as it was read.
#[derive(Clone, Debug)]
pub enum Nearby<T> {
    /// It is there.
    Found(Arc<T>),
    /// It is not there.
    Absent,
    /// It cannot be told, so that nothing may be concluded.
    Unknown,
}

impl<T> Nearby<T> {
    /// The file, if it is there.
    #[must_use]
    pub fn found(self) -> Option<Arc<T>> {
        match self {
            Self::Found(found) => Some(found),
            Self::Absent | Self::Unknown => None,
        }
    }

    /// Whether it is certain that it is not there.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

/// What the owner of a repository said that rules have to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Globs of labels that runners of their own have.
    pub runner_labels: Vec<String>,
    /// The names of the `vars` context; `None` when nobody listed them.
    pub variables: Option<Vec<String>>,
    /// What actions of other repositories are to be pinned to.
    pub pins: Pins,
    /// The commit statuses that something outside of the repository reads.
    pub consumed: Vec<String>,
    /// The names of the workflow files that may publish; none when any may.
    pub release_workflows: Vec<String>,
    /// Globs of the actions that may be used; `None` when any may.
    pub allowed_actions: Option<Vec<String>>,
    /// Findings that are not wanted.
    pub waivers: Vec<Waiver>,
    /// What its lock knows of actions and images, if there is one.
    pub lock: Option<Arc<Lock>>,
}

/// What actions of other repositories are to be pinned to.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Pins {
    /// A commit, with its version in a comment.
    #[default]
    Sha,
    /// A tag that names a version will do.
    Tag,
}

impl Pins {
    /// What `name` asks for: `sha` or `tag`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "sha" => Some(Self::Sha),
            "tag" => Some(Self::Tag),
            _ => None,
        }
    }
}

/// Surroundings of which nothing is known.
#[derive(Clone, Debug, Default)]
pub struct Nowhere {
    settings: Settings,
}

impl Surroundings for Nowhere {
    fn at(&self, _: &str) -> Presence {
        Presence::Unknown
    }

    fn action(&self, _: &str) -> Nearby<Action> {
        Nearby::Unknown
    }

    fn workflow(&self, _: &str) -> Nearby<Workflow> {
        Nearby::Unknown
    }

    fn text(&self, _: &str) -> Nearby<String> {
        Nearby::Unknown
    }

    fn workflows(&self) -> Vec<String> {
        Vec::new()
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }
}
