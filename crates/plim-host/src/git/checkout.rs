//! Brings a job's own repository to a commit, changing only what differs.

use std::collections::BTreeSet;
use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::Git;
use super::clean::Litter;
use super::index::{self, Entry};
use super::refusal;
use super::repository::{ObjectFormat, Skeleton, impose, quoted};
use super::seen::Seen;
use super::store::Store;
use super::times::{newest_beyond, next_tick};
use crate::error::HostError;
use crate::files::{copy_tree, make_writable, modified, remove_tree, set_modified};

/// Where a job's repository is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// The working tree. Everything in it belongs to us.
    pub tree: PathBuf,
    /// A folder beside it in which we remember what the tree holds; never seen by the job.
    pub memory: PathBuf,
}

/// What a job's repository is to look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// The commit to check out.
    pub commit: String,
    /// What `HEAD` is.
    pub head: Head,
    /// Names beside `HEAD`, in full, and what they name: such as `refs/remotes/origin/main`.
    pub refs: Vec<(String, String)>,
    /// The address of the remote `origin`; without one it is the store.
    pub remote: Option<String>,
    /// How many commits of history there are; `None` for all.
    pub depth: Option<NonZero<u32>>,
    /// Whether to remove what is not of the commit; build folders stay in any case.
    pub clean: bool,
}

/// What `HEAD` is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Head {
    /// On this branch (`main`), which follows the one of the same name at `origin`.
    Branch(String),
    /// At the commit itself.
    Detached,
}

/// What a checkout did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckedOut {
    /// Whether any file of the commit had to be written.
    pub changed: bool,
    /// Build folders that stayed, relative to the tree: ignored, and marked by a `CACHEDIR.TAG`.
    pub kept: Vec<PathBuf>,
}

impl Store {
    /// Brings `workspace` to what `checkout` says, whatever state it is in.
    ///
    /// A file is written only when its content or mode differs, and then gets a time later than
    /// everything in the build folders that stay. Objects are read from the store and the user's
    /// repository. Fetching from `origin` reads what the store [offers](Store::offer); pushing is
    /// refused. Submodules stay empty, large files stay pointers. The caller makes sure that
    /// nobody else uses the workspace. Errors: [`HostError::File`] and those of running git.
    pub fn check_out(
        &self,
        workspace: &Workspace,
        checkout: &Checkout,
    ) -> Result<CheckedOut, HostError> {
        let bench = Bench::open(self, workspace, checkout)?;
        let done = bench.bring(checkout)?;
        bench.empty_submodules()?;
        bench.write_repository(self, checkout)?;
        Ok(done)
    }
}

impl Workspace {
    /// Gives every tracked file a time later than `after` and than now, as a fresh clone has.
    ///
    /// Needed when build outputs come into the tree that were not built from it, such as a
    /// restored cache whose newest file is from `after`. Errors: [`HostError::File`], and those of
    /// running git; without a checkout there is nothing to do.
    pub fn renew(&self, store: &Store, after: Option<SystemTime>) -> Result<(), HostError> {
        self.set_later(store, after, |_| true)
    }

    /// Gives the tracked files that are not later than `than` a time later than it and than now.
    ///
    /// Enough when what was built elsewhere came beside the tree and replaced nothing in it: what this
    /// tree was built into then stays as fresh as it was. Errors: as of [`renew`](Self::renew).
    pub fn outdo(&self, store: &Store, than: SystemTime) -> Result<(), HostError> {
        self.set_later(store, Some(than), |present| present <= than)
    }

    fn set_later(
        &self,
        store: &Store,
        after: Option<SystemTime>,
        is_due: impl Fn(SystemTime) -> bool,
    ) -> Result<(), HostError> {
        let bench = Bench::at(store, self);
        if !bench.index().exists() {
            return Ok(());
        }
        // What the job staged, or left out of its tree, is its own and stays.
        let index = |path: PathBuf| fs::read(path).ok();
        let is_ours = index(bench.index()) == index(self.tree.join(".git/index"));
        let now = next_tick();
        let time = after.map_or(now, |after| now.max(after + TICK));
        bench.set_times(time, |_, present| is_due(present))?;
        bench.remember()?;
        if is_ours { bench.copy_index() } else { Ok(()) }
    }
}

/// The least by which one time is later than another on every file system that matters.
const TICK: Duration = Duration::from_millis(10);

/// A workspace being changed.
struct Bench<'a> {
    workspace: &'a Workspace,
    format: ObjectFormat,
    git: Git,
}

impl<'a> Bench<'a> {
    fn at(store: &Store, workspace: &'a Workspace) -> Self {
        let index = workspace.memory.join("index");
        let folder = workspace.memory.join("git");
        let mut git = store.git.moved(&folder, Some(&workspace.tree), Some(&index));
        // The index is ours, so what git learns by looking may be written down.
        git.variables.push(("GIT_OPTIONAL_LOCKS".into(), "1".into()));
        Self { workspace, format: store.format, git }
    }

    /// Prepares a repository that the job never saw, so that nothing it configured counts.
    fn open(
        store: &Store,
        workspace: &'a Workspace,
        checkout: &Checkout,
    ) -> Result<Self, HostError> {
        let bench = Self::at(store, workspace);
        fs::create_dir_all(&workspace.tree).map_err(HostError::file("make", &workspace.tree))?;
        let skeleton = Skeleton {
            format: store.format,
            bare: false,
            config: "",
            alternates: &[store.folder.join("objects")],
            shallow: &store.shallow,
            head: &checkout.commit,
            refs: &[],
        };
        skeleton.write(&workspace.memory.join("git"))?;
        // Whoever left git's own lock behind was killed, since the caller holds the workspace.
        let _ = fs::remove_file(workspace.memory.join("index.lock"));
        Ok(bench)
    }

    fn index(&self) -> PathBuf {
        self.workspace.memory.join("index")
    }

    /// Writes what differs and removes what is too much. When nothing changed this is one process.
    fn bring(&self, checkout: &Checkout) -> Result<CheckedOut, HostError> {
        let tree = &self.workspace.tree;
        // Before git looks, which makes it forget what it knew.
        let touched = self.touched();
        let known = self.recall()?;
        let changed = known.as_ref().is_none_or(|litter| litter.changed);
        let litter = match known {
            Some(litter) if !litter.changed && touched.is_empty() => litter,
            _ => self.write_files(&checkout.commit, changed, &touched)?,
        };
        let kept = match checkout.clean {
            true => litter.remove(tree)?,
            false => litter.folders_kept(tree),
        };
        Ok(CheckedOut { changed, kept })
    }

    /// The files that a job touched, whatever they hold now. One that was changed, built from, and
    /// put back with its old time (`mv file.orig file`) differs from the commit in nothing, yet
    /// what was built differs from it.
    fn touched(&self) -> BTreeSet<PathBuf> {
        let seen = Seen::read(&self.seen_file());
        let entries = index::read(&self.index(), self.format).unwrap_or_default();
        let touched = entries.into_iter().filter(|entry| {
            let file = fs::symlink_metadata(self.workspace.tree.join(&entry.path));
            let untouched = file.is_ok_and(|file| seen.is_untouched(&entry.path, &file));
            !entry.is_submodule && !untouched
        });
        touched.map(|entry| entry.path).collect()
    }

    fn seen_file(&self) -> PathBuf {
        self.workspace.memory.join("seen")
    }

    /// Remembers how every tracked file is now.
    fn remember(&self) -> Result<(), HostError> {
        let entries = self.entries()?;
        let files = entries.iter().filter(|entry| !entry.is_submodule);
        let seen = Seen::look(&self.workspace.tree, files.map(|entry| entry.path.as_path()));
        seen.write(&self.seen_file())
    }

    /// Compares commit, index and tree, if there is an index that can be used.
    fn recall(&self) -> Result<Option<Litter>, HostError> {
        let index = self.index();
        if !index.exists() {
            return Ok(None);
        }
        match self.look() {
            Ok(litter) => Ok(Some(litter)),
            // It may be broken; when it is something else, writing the files will tell.
            Err(_) => remove_tree(&index).map(|()| None),
        }
    }

    /// Compares commit, index and tree.
    fn look(&self) -> Result<Litter, HostError> {
        let output = self.git.tool(&[
            "status",
            "--porcelain=v2",
            "-z",
            "--no-renames",
            "--untracked-files=normal",
            "--ignored=matching",
            "--ignore-submodules=all",
        ])?;
        Ok(Litter::parse(&output.succeed()?))
    }

    /// Writes every file that differs from the commit, and gives these and the touched ones a time
    /// later than all in the build folders that stay.
    fn write_files(
        &self,
        commit: &str,
        changed: bool,
        touched: &BTreeSet<PathBuf>,
    ) -> Result<Litter, HostError> {
        let now = next_tick();
        // Should we end in between, every file counts as touched the next time.
        remove_tree(&self.seen_file())?;
        if changed {
            self.read_tree(commit)?;
        }
        // Only now, because what is ignored may have changed with the files that say so.
        let litter = self.look()?;
        let kept = litter.folders_kept(&self.workspace.tree);
        let kept: Vec<_> = kept.iter().map(|folder| self.workspace.tree.join(folder)).collect();
        let beyond = newest_beyond(&kept, now).map(|newest| newest + TICK);
        let is_due = |path: &Path, time| match beyond {
            Some(_) => time >= now || touched.contains(path),
            None => time < now && touched.contains(path),
        };
        if beyond.is_some() || !touched.is_empty() {
            self.set_times(beyond.unwrap_or(now), is_due)?;
        }
        self.remember()?;
        Ok(litter)
    }

    fn read_tree(&self, commit: &str) -> Result<(), HostError> {
        let write = self.git.tool(&["read-tree", "--reset", "-u", commit])?;
        let written = write.succeed().or_else(|_| {
            // A job may have left folders that it may not write itself.
            make_writable(&self.workspace.tree);
            write.succeed()
        });
        written.map(|_| ())
    }

    /// Sets the time of the tracked files that `is_due` picks by path and time, and tells the
    /// index.
    fn set_times(
        &self,
        time: SystemTime,
        is_due: impl Fn(&Path, SystemTime) -> bool,
    ) -> Result<(), HostError> {
        for entry in self.entries()?.iter().filter(|entry| !entry.is_submodule) {
            let file = self.workspace.tree.join(&entry.path);
            let metadata = fs::symlink_metadata(&file).ok().filter(|found| !found.is_dir());
            let present = metadata.and_then(|found| found.modified().ok());
            if present.is_some_and(|present| is_due(&entry.path, present)) {
                set_modified(&file, time)?;
            }
        }
        // It returns 1 when a file differs, which is nothing to us.
        self.git.tool(&["update-index", "-q", "--refresh"])?.run().map(|_| ())
    }

    /// What the index holds after git has written it.
    fn entries(&self) -> Result<Vec<Entry>, HostError> {
        let index = self.index();
        index::read(&index, self.format).ok_or_else(|| HostError::Unexpected {
            asked: format!("git's index at `{}`", index.display()),
            answer: "another version than 2".into(),
        })
    }

    /// Makes the folders of submodules and empties those that a job filled.
    fn empty_submodules(&self) -> Result<(), HostError> {
        if !self.workspace.tree.join(".gitmodules").is_file() {
            return Ok(());
        }
        for entry in self.entries()?.iter().filter(|entry| entry.is_submodule) {
            let folder = self.workspace.tree.join(&entry.path);
            if !fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_none()) {
                remove_tree(&folder)?;
                fs::create_dir_all(&folder).map_err(HostError::file("make", &folder))?;
            }
        }
        Ok(())
    }

    /// Writes the repository that the job sees, in place of what an earlier job left of it.
    fn write_repository(&self, store: &Store, checkout: &Checkout) -> Result<(), HostError> {
        let address = store.folder.to_string_lossy();
        let remote = checkout.remote.as_deref();
        let (head, config, refs) = names(checkout);
        let config = [refusal::origin(remote, &address), config, INCLUDE.to_owned()].concat();
        let skeleton = Skeleton {
            format: store.format,
            bare: false,
            config: &config,
            alternates: &store.object_folders(),
            shallow: &shallow(store, checkout)?,
            head: &head,
            refs: &refs,
        };
        let mut files = skeleton.files()?;
        files.insert(ADDRESSES.into(), refusal::settings(remote, &address).into_bytes());
        if self.is_index_given()? {
            files.insert("index".into(), fs::read(self.index()).unwrap_or_default());
        }
        impose(&self.workspace.tree.join(".git"), &files)?;
        self.copy_index()
    }

    /// Whether the job has the index as it is, or once had.
    fn is_index_given(&self) -> Result<bool, HostError> {
        let copy = self.workspace.tree.join(".git/index");
        Ok(modified(&copy).ok() == Some(modified(&self.index())?))
    }

    /// Gives the job the index as it is, so that its first look at the tree is quick.
    ///
    /// Its time is copied, too: git trusts no file that has the time of the index or a later one.
    fn copy_index(&self) -> Result<(), HostError> {
        if self.is_index_given()? {
            return Ok(());
        }
        copy_tree(&self.index(), &self.workspace.tree.join(".git/index")).map(|_| ())
    }
}

/// The file with the settings by which addresses are changed, and what makes git read it.
const ADDRESSES: &str = "plimsoll.config";
const INCLUDE: &str = "[include]\n\tpath = plimsoll.config\n";

/// What `HEAD` is, the settings that go with it, and all refs.
fn names(checkout: &Checkout) -> (String, String, Vec<(String, String)>) {
    let mut refs = checkout.refs.clone();
    let Head::Branch(branch) = &checkout.head else {
        return (checkout.commit.clone(), String::new(), refs);
    };
    let name = format!("refs/heads/{branch}");
    let (section, merge) = (quoted(branch), quoted(&name));
    refs.retain(|(present, _)| *present != name);
    refs.push((name.clone(), checkout.commit.clone()));
    let config = format!("[branch {section}]\n\tremote = origin\n\tmerge = {merge}\n");
    (format!("ref: {name}"), config, refs)
}

/// The commits at which the history of a job ends: where the user's does, and at the depth asked.
fn shallow(store: &Store, checkout: &Checkout) -> Result<String, HostError> {
    let mut ends: BTreeSet<String> = store.shallow.lines().map(str::to_owned).collect();
    if let Some(depth) = checkout.depth {
        let mut tips = BTreeSet::from([checkout.commit.as_str()]);
        tips.extend(checkout.refs.iter().map(|(_, id)| id.as_str()));
        ends.extend(store.git.boundary(&tips, depth)?);
    }
    Ok(ends.iter().map(|end| format!("{end}\n")).collect())
}
