//! The source is the repository that workflows are run from, as git knows it.

use std::path::PathBuf;
use std::sync::Arc;

use plim_workflow::Forge;

/// The repository and its state.
#[derive(Clone, Debug)]
pub struct Source {
    /// The folder that holds the folder of workflows.
    pub root: PathBuf,
    /// The work tree of git that `root` is, or lies in; `None` without git.
    pub work_tree: Option<PathBuf>,
    /// `root` within the work tree, with `/` at its end; empty when they are the same.
    ///
    /// A root inside another repository takes branch and history from it, and its files are a snapshot of their own.
    pub prefix: String,
    /// The commit that jobs see. While uncommitted work has not been made a commit it is that of HEAD.
    pub commit: Arc<str>,
    /// HEAD; `None` without git or before the first commit.
    pub head: Option<Arc<str>>,
    /// Whether something below `root` is not committed.
    pub dirty: bool,
    /// The branch; `None` when HEAD is detached, or without git.
    pub branch: Option<Arc<str>>,
    /// The upstream of the branch: `origin/main`.
    pub upstream: Option<Arc<str>>,
    /// The branch that pull requests go into.
    pub default_branch: Arc<str>,
    /// `owner/name`, from the remote's address; `local/FOLDER` without one.
    pub repository: Arc<str>,
    /// `https://github.com`, or the remote's own address.
    pub server: Arc<str>,
    /// The person who runs.
    pub actor: Arc<str>,
    /// What the workflows are written for.
    pub forge: Forge,
}
