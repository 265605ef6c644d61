//! The source is the repository that workflows are run from, as git knows it.
//!
//! Finding it starts one git process, for the state of the working tree. Configuration and commits are read from git's
//! files where those are plain, else by a process each. What most runs never ask for, the differences that path filters
//! look at, is asked of git when it is first needed.

pub mod remote;
mod root;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use plim_host::git::{
    AskGit, ChangeKind, Commit, Git, GitConfig, Layout, Source as Snapshotted, Status,
};
use plim_host::{Environment, HostError, User};
use plim_workflow::Forge;

pub use root::WorkflowFile;

use remote::Remote;

/// The repository and its state.
#[derive(Clone, Debug)]
pub struct Source {
    /// The folder that holds the folder of workflows.
    pub root: PathBuf,
    /// Where git's repository is that `root` is the top of, or lies in; `None` without git.
    pub layout: Option<Layout>,
    /// What git says of the working tree; `None` without git.
    pub status: Option<Status>,
    /// `root` within the working tree, with `/` at its end; empty when they are the same.
    ///
    /// A root inside another repository takes branch and history from it, and its files are a snapshot of their own.
    pub prefix: String,
    /// HEAD; `None` without git or before the first commit.
    pub head: Option<Arc<str>>,
    /// Whether something below `root` is not committed; always true where there is no HEAD.
    pub dirty: bool,
    /// What is not committed below `root`, relative to it.
    pub uncommitted: Vec<String>,
    /// The branch; `None` when HEAD is detached, or without git.
    pub branch: Option<Arc<str>>,
    /// The upstream of the branch: `origin/main`.
    pub upstream: Option<Arc<str>>,
    /// The branch that pull requests go into.
    pub default_branch: Arc<str>,
    /// `owner/name`, from the remote's address; `local/FOLDER` without one.
    pub repository: Arc<str>,
    /// `https://github.com`, or the address of the remote's forge.
    pub server: Arc<str>,
    /// The address of the remote as it is configured, when there is one.
    pub remote: Option<Arc<str>>,
    /// The person who runs: `github.user` or `user.name` of the repository's configuration, else the user's name here.
    pub actor: Arc<str>,
    /// What the workflows are written for; of several folders the first of GitHub, Gitea, Forgejo.
    pub forge: Forge,
    remote_name: String,
    git: Option<Git>,
    lazy: Arc<Lazy>,
}

/// Changed files; `None` when they cannot be told.
type Changes = Option<Arc<[String]>>;

/// What is asked of git when it is first needed.
#[derive(Debug, Default)]
struct Lazy {
    tips: OnceLock<Tips>,
    history: OnceLock<Vec<Commit>>,
    snapshot: OnceLock<Arc<str>>,
    changes: Mutex<Vec<(Base, Changes)>>,
}

/// Commits that payloads and filters speak of.
#[derive(Debug, Default)]
struct Tips {
    head: Option<Commit>,
    upstream: Option<Arc<str>>,
    default_branch: Option<Arc<str>>,
}

/// What a change is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// The commit before a push; `None` when nothing was there before, so that every file is new.
    Push(Option<Arc<str>>),
    /// The commit where HEAD left this one: three dots.
    Fork(Arc<str>),
}

impl Base {
    /// The commit, [`NO_COMMIT`] for none.
    pub fn commit(&self) -> &str {
        match self {
            Self::Push(Some(commit)) | Self::Fork(commit) => commit,
            Self::Push(None) => NO_COMMIT,
        }
    }
}

/// Why there is no source.
#[derive(Debug)]
pub enum SourceError {
    /// Neither the folder nor any above it holds workflows.
    NoWorkflows {
        /// Where the search began.
        start: PathBuf,
    },
    /// A folder cannot be read.
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// git could not tell the state of the repository.
    Git {
        /// Which root.
        root: PathBuf,
        /// Why.
        error: HostError,
    },
}

impl std::fmt::Display for SourceError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoWorkflows { start } => {
                write!(f, "neither `{}` nor a folder above it holds workflows", start.display())
            }
            Self::Unreadable { path, error } => {
                write!(f, "could not read `{}`: {error}", path.display())
            }
            Self::Git { root, error } => {
                write!(f, "git could not tell the state of `{}`: {error}", root.display())
            }
        }
    }
}

impl std::error::Error for SourceError {}

impl SourceError {
    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            Self::NoWorkflows { .. } => {
                let folders: Vec<String> =
                    Forge::ALL.iter().map(|forge| format!("`{}`", forge.workflows())).collect();
                let folders = folders.join(", ");
                format!("put workflow files into {folders}, or name another folder with `-C`")
            }
            Self::Unreadable { error, .. } if error.kind() == std::io::ErrorKind::NotFound => {
                "name a folder that is there".to_owned()
            }
            Self::Unreadable { .. } => "give yourself the right to read it".to_owned(),
            Self::Git { .. } => "make `git status` work in that folder, then run again".to_owned(),
        }
    }
}

/// What stands for a commit that does not exist.
pub const NO_COMMIT: &str = "0000000000000000000000000000000000000000";

/// Branches that are looked for when the remote does not say which one is its default.
const USUAL_BRANCHES: [&str; 4] = ["main", "master", "trunk", "develop"];

/// How many commits of history are read: a payload lists up to 20, and one before them.
const HISTORY: usize = 21;

impl Source {
    /// Finds the repository that `directory` is in and asks git for its state.
    ///
    /// The root is the nearest folder from `directory` upwards that holds a folder of workflows, whatever git says.
    /// Without git, or outside of a repository, it is a folder whose files are all new.
    /// Errors: every [`SourceError`].
    pub fn discover(directory: &Path, environment: &Environment) -> Result<Self, SourceError> {
        let (root, forge) = locate(directory)?;
        Self::at(root, forge, environment)
    }

    /// The repository with this root, which [`locate`] has found.
    ///
    /// Errors: [`SourceError::Git`].
    pub fn at(root: PathBuf, forge: Forge, environment: &Environment) -> Result<Self, SourceError> {
        let failed = |error| SourceError::Git { root: root.clone(), error };
        let Some(layout) = Layout::discover(&root).map_err(failed)? else {
            return Ok(Self::without_git(root, forge));
        };
        let git = match Git::open(layout.clone(), environment) {
            Ok(git) => git,
            Err(HostError::ProgramNotFound { .. }) => return Ok(Self::without_git(root, forge)),
            Err(error) => return Err(failed(error)),
        };
        let (status, config) = match git.plain_config() {
            Some(config) => (git.status(), Ok(Ok(config.clone()))),
            None => std::thread::scope(|scope| {
                let config = scope.spawn(|| git.config().cloned());
                let status = git.status();
                (status, config.join())
            }),
        };
        let status = status.map_err(failed)?;
        let config = match config {
            Ok(config) => config.map_err(failed)?,
            Err(_) => GitConfig::default(),
        };
        let mut source = Self::without_git(root, forge);
        source.prefix = prefix(&layout.tree, &source.root);
        (source.layout, source.git) = (Some(layout), Some(git));
        source.take_status(status);
        source.take_config(&config);
        Ok(source)
    }

    fn without_git(root: PathBuf, forge: Forge) -> Self {
        let name = root.file_name().map(|name| name.to_string_lossy()).unwrap_or("root".into());
        Self {
            repository: format!("local/{name}").into(),
            root,
            layout: None,
            status: None,
            prefix: String::new(),
            head: None,
            dirty: true,
            uncommitted: Vec::new(),
            branch: None,
            upstream: None,
            default_branch: "main".into(),
            server: "https://github.com".into(),
            remote: None,
            actor: User::this().name.into(),
            forge,
            remote_name: "origin".to_owned(),
            git: None,
            lazy: Arc::default(),
        }
    }

    fn take_status(&mut self, status: Status) {
        for change in &status.changes {
            let from = match &change.kind {
                ChangeKind::Renamed(from) => Some(from),
                _ => None,
            };
            for path in std::iter::once(&change.path).chain(from) {
                self.uncommitted.extend(within(&path.to_string_lossy(), &self.prefix));
            }
        }
        self.head = status.commit.as_deref().map(Arc::from);
        self.dirty = self.head.is_none() || !self.uncommitted.is_empty();
        self.branch = status.branch.as_deref().map(Arc::from);
        self.upstream = status.upstream.as_deref().map(Arc::from);
        self.status = Some(status);
    }

    fn take_config(&mut self, config: &GitConfig) {
        let text = |name: &str| config.get(name).filter(|value| !value.is_empty());
        self.remote_name = self.find_remote(config);
        let url = text(&format!("remote.{}.url", self.remote_name));
        if let Some(remote) = url.and_then(Remote::read) {
            self.repository = format!("{}/{}", remote.owner, remote.name).into();
            self.server = remote.server.into();
        }
        self.remote = url.map(Arc::from);
        if let Some(actor) = text("github.user").or(text("user.name")) {
            self.actor = actor.into();
        }
        self.default_branch = self.find_default_branch(text("init.defaultbranch")).into();
    }

    /// The remote of the upstream, `origin`, or the first there is.
    fn find_remote(&self, config: &GitConfig) -> String {
        let remotes = config.subsections("remote");
        let upstream = self.upstream.as_deref().unwrap_or_default();
        let is_upstreams =
            |name: &&&str| upstream.strip_prefix(**name).is_some_and(|rest| rest.starts_with('/'));
        let chosen = remotes.iter().find(is_upstreams);
        let chosen = chosen.or_else(|| remotes.iter().find(|name| **name == "origin"));
        (*chosen.or(remotes.first()).unwrap_or(&"origin")).to_owned()
    }

    /// What the remote's HEAD says, else what is configured or usual and exists, else the branch that is checked out.
    fn find_default_branch(&self, configured: Option<&str>) -> String {
        if let Some(name) = self.layout.as_ref().and_then(|layout| self.remote_head(layout)) {
            return name;
        }
        // One process, and only where the remote does not say.
        let candidates: Vec<&str> = configured.into_iter().chain(USUAL_BRANCHES).collect();
        if let Some(branch) = self.branch.as_deref().filter(|branch| candidates.contains(branch)) {
            return branch.to_owned();
        }
        let names: Vec<String> = candidates.iter().flat_map(|name| self.full_names(name)).collect();
        let found = self.git.as_ref().and_then(|git| git.commits(&names).ok()).unwrap_or_default();
        let exists = found.chunks(2).position(|both| both.iter().any(Option::is_some));
        let known = exists.and_then(|at| candidates.get(at).copied());
        known.or(self.branch.as_deref()).or(configured).unwrap_or("main").to_owned()
    }

    /// Where `refs/remotes/origin/HEAD` points; git keeps symbolic references in files.
    fn remote_head(&self, layout: &Layout) -> Option<String> {
        let prefix = format!("refs/remotes/{}/", self.remote_name);
        let file = layout.common_folder.join(&prefix).join("HEAD");
        let text = std::fs::read_to_string(file).ok()?;
        Some(text.strip_prefix("ref: ")?.trim().strip_prefix(&prefix)?.to_owned())
    }

    /// A branch at the remote, and here.
    fn full_names(&self, branch: &str) -> [String; 2] {
        [format!("refs/remotes/{}/{branch}", self.remote_name), format!("refs/heads/{branch}")]
    }

    /// The commit that jobs see: HEAD, until a snapshot was made of uncommitted work or of a root that is not git's own.
    /// [`NO_COMMIT`] stands for one that is not made yet and has no HEAD.
    pub fn commit(&self) -> &str {
        self.lazy.snapshot.get().or(self.head.as_ref()).map_or(NO_COMMIT, |commit| commit)
    }

    /// Makes `snapshot` the commit that jobs see, also for whoever holds a clone of this source; once and for all.
    pub fn settle(&self, snapshot: Arc<str>) {
        self.lazy.snapshot.get_or_init(|| snapshot);
    }

    /// Whether HEAD is on the default branch. A detached HEAD, and a folder without git, count as on it.
    pub fn is_on_default_branch(&self) -> bool {
        self.branch.as_ref().is_none_or(|branch| *branch == self.default_branch)
    }

    /// The branch, or the default branch when HEAD is on none.
    pub fn branch_or_default(&self) -> &Arc<str> {
        self.branch.as_ref().unwrap_or(&self.default_branch)
    }

    /// The address of the repository on its forge.
    pub fn url(&self) -> String {
        format!("{}/{}", self.server, self.repository)
    }

    /// What a snapshot is taken of: the repository, or a folder that is none or lies inside one.
    pub fn snapshotted(&self) -> Snapshotted {
        match &self.layout {
            Some(layout) if self.prefix.is_empty() => Snapshotted::Repository(layout.clone()),
            _ => Snapshotted::Folder(self.root.clone()),
        }
    }

    /// Git at the repository; `None` without git.
    pub fn git(&self) -> Option<&Git> {
        self.git.as_ref()
    }

    /// The commit at HEAD; `None` without git and before the first one.
    pub fn head_commit(&self) -> Option<&Commit> {
        self.tips().head.as_ref()
    }

    /// HEAD and its first parents, the latest first; empty without git.
    pub fn history(&self) -> &[Commit] {
        self.lazy.history.get_or_init(|| {
            let (Some(git), Some(_)) = (&self.git, &self.head) else { return Vec::new() };
            let found = git.commits(&ancestors()).unwrap_or_default();
            found.into_iter().map_while(|commit| commit).collect()
        })
    }

    /// The part of the history that comes after the commit `before`, the latest first.
    pub fn history_after(&self, before: &str) -> impl Iterator<Item = &Commit> {
        // Most pushes bring one commit; more of them are looked for only where there are more.
        let head = self.head_commit();
        let is_last = |head: &Commit| {
            head.id == before || head.parents.first().is_none_or(|parent| parent == before)
        };
        let known = match head {
            Some(head) if is_last(head) => std::slice::from_ref(head),
            _ => self.history(),
        };
        known.iter().take_while(move |commit| commit.id != before)
    }

    fn tips(&self) -> &Tips {
        self.lazy.tips.get_or_init(|| {
            let (Some(git), Some(head)) = (&self.git, &self.head) else { return Tips::default() };
            self.tips_in_files(git, head).unwrap_or_else(|AskGit| self.tips_of(git))
        })
    }

    fn tips_in_files(&self, git: &Git, head: &str) -> Result<Tips, AskGit> {
        let first = |names: [String; 2]| {
            let found = names.iter().find_map(|name| git.loose_ref(name).transpose());
            found.transpose().map(|id| id.map(Arc::from))
        };
        Ok(Tips {
            head: Some(git.loose_commit(head)?),
            upstream: self.upstream.as_deref().map(upstream_names).map_or(Ok(None), first)?,
            default_branch: first(self.full_names(&self.default_branch))?,
        })
    }

    /// All in one process, the history as well.
    fn tips_of(&self, git: &Git) -> Tips {
        let mut names = ancestors();
        names.extend(upstream_names(self.upstream.as_deref().unwrap_or("HEAD")));
        names.extend(self.full_names(&self.default_branch));
        let mut found = git.commits(&names).unwrap_or_default().into_iter();
        let history: Vec<Option<Commit>> = found.by_ref().take(HISTORY).collect();
        let history: Vec<Commit> = history.into_iter().map_while(|commit| commit).collect();
        let mut first = || {
            let (remote, local) = (found.next().flatten(), found.next().flatten());
            remote.or(local).map(|commit| Arc::from(commit.id))
        };
        let of_upstream = first().filter(|_| self.upstream.is_some());
        let (upstream, default_branch) = (of_upstream, first());
        let head = self.lazy.history.get_or_init(|| history).first().cloned();
        Tips { head, upstream, default_branch }
    }

    /// The tag that is nearest to HEAD among its latest commits.
    pub fn nearest_tag(&self) -> Option<String> {
        let refs = self.git.as_ref()?.refs().ok()?;
        let tags = |commit: &Commit| refs.tags_at(&commit.id).last().map(|tag| (*tag).to_owned());
        self.history().iter().find_map(tags)
    }

    /// What a push from here would be compared with: the upstream's tip, else HEAD's first parent.
    ///
    /// When the upstream has HEAD already and nothing is uncommitted, nothing would be pushed; the last push is then
    /// taken to have brought HEAD alone.
    pub fn push_base(&self) -> Base {
        let tips = self.tips();
        let tip = tips.upstream.clone();
        let tip = tip.filter(|tip| self.dirty || Some(tip) != self.head.as_ref());
        let parent = || tips.head.as_ref()?.parents.first().map(|id| Arc::from(id.as_str()));
        Base::Push(tip.or_else(parent))
    }

    /// What a pull request from here would be compared with: the default branch, preferably that of the remote.
    ///
    /// On the default branch itself it is the base of a push.
    pub fn pull_request_base(&self) -> Base {
        match &self.tips().default_branch {
            Some(tip) if !self.is_on_default_branch() => Base::Fork(Arc::clone(tip)),
            _ => self.push_base(),
        }
    }

    /// The files that differ from `base`, uncommitted ones included, relative to the root and sorted; `None` when git
    /// cannot tell, as in a shallow clone.
    pub fn changed_since(&self, base: &Base) -> Option<Arc<[String]>> {
        let mut known = self.lazy.changes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, paths)) = known.iter().find(|(of, _)| of == base) {
            return paths.clone();
        }
        let paths = self.find_changes(base);
        known.push((base.clone(), paths.clone()));
        paths
    }

    fn find_changes(&self, base: &Base) -> Changes {
        let (Some(git), Some(head)) = (&self.git, &self.head) else {
            return root::all_files(&self.root);
        };
        let paths = match base {
            Base::Push(None) => return root::all_files(&self.root),
            Base::Push(Some(base)) => git.diff_names(base, head, false),
            Base::Fork(base) => git.diff_names(base, head, true),
        };
        let paths = paths.ok()?;
        let inside = paths.iter().filter_map(|path| within(&path.to_string_lossy(), &self.prefix));
        let mut paths: Vec<String> = inside.chain(self.uncommitted.iter().cloned()).collect();
        paths.sort_unstable();
        paths.dedup();
        Some(paths.into())
    }

    /// The workflow files below the root, ordered by path.
    ///
    /// Errors: [`SourceError::Unreadable`] for a folder; a file that cannot be read says so itself.
    pub fn workflow_files(&self) -> Result<Vec<WorkflowFile>, SourceError> {
        workflow_files(&self.root)
    }
}

/// The root for `directory`, and the forge of the folder that makes it one.
///
/// Errors: [`SourceError::NoWorkflows`] and [`SourceError::Unreadable`].
pub fn locate(directory: &Path) -> Result<(PathBuf, Forge), SourceError> {
    let unreadable = |error| SourceError::Unreadable { path: directory.to_owned(), error };
    root::find(&directory.canonicalize().map_err(unreadable)?)
}

/// The workflow files below `root`, ordered by path.
///
/// Errors: [`SourceError::Unreadable`] for a folder.
pub fn workflow_files(root: &Path) -> Result<Vec<WorkflowFile>, SourceError> {
    root::workflow_files(root)
}

/// HEAD and so many of its first parents as payloads may list.
fn ancestors() -> Vec<String> {
    (0..HISTORY).map(|back| format!("HEAD~{back}")).collect()
}

/// What `origin/main` may be short for.
fn upstream_names(upstream: &str) -> [String; 2] {
    [format!("refs/remotes/{upstream}"), format!("refs/heads/{upstream}")]
}

fn prefix(tree: &Path, root: &Path) -> String {
    match root.strip_prefix(tree) {
        Ok(inner) if !inner.as_os_str().is_empty() => format!("{}/", inner.to_string_lossy()),
        _ => String::new(),
    }
}

/// A path of the working tree relative to the root; our own folder and repositories inside it are no part of either.
fn within(path: &str, prefix: &str) -> Option<String> {
    let path = path.strip_prefix(prefix)?;
    (!path.starts_with(".plimsoll/") && !path.ends_with('/')).then(|| path.to_owned())
}
