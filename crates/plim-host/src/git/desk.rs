//! Holds the index with which snapshots of one tree are made.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::snapshot::{is_nested, is_state};
use super::store::{Source, Store};
use super::{Git, path_of, split_zero};
use crate::error::HostError;
use crate::files::{Lock, LockKind, replace};
use crate::waker::Waker;

/// Who makes the commits.
const NAME: &str = "Plimsoll";
/// The address of who makes the commits.
const EMAIL: &str = "plimsoll@localhost";
/// What the commits say.
const MESSAGE: &str = "uncommitted changes\n";

/// A path to be looked at again, and whether the commit beneath holds it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Touched {
    pub(super) path: PathBuf,
    pub(super) in_commit: bool,
}

/// An index of ours for a tree of the user's. It outlives a run, so that a file that did not
/// change is not read again.
pub(super) struct Desk {
    git: Git,
    /// The settings of the user's repository that decide what a file's content and mode are.
    settings: Vec<(String, String)>,
    index: PathBuf,
    /// What the index was made of: the commit, and the paths that were taken from the tree.
    note: PathBuf,
    _lock: Lock,
}

/// What an index was made of.
#[derive(Default, PartialEq, Eq)]
struct Note {
    commit: String,
    touched: BTreeSet<Touched>,
}

impl Desk {
    /// Takes the desk for the tree of the store's source, waiting while another run uses it.
    pub(super) fn open(store: &Store) -> Result<Self, HostError> {
        let tree = store.source.tree();
        let mut hasher = DefaultHasher::new();
        tree.hash(&mut hasher);
        let folder = store.folder.join("desks").join(format!("{:016x}", hasher.finish()));
        fs::create_dir_all(&folder).map_err(HostError::file("make", &folder))?;
        let lock_file = folder.join("lock");
        let nobody = Waker::new()?;
        let lock = Lock::wait(&lock_file, LockKind::Exclusive, "a snapshot", &nobody, |_| {})?;
        let index = folder.join("index");
        // Whoever left git's own lock behind was killed, since we hold ours.
        let _ = fs::remove_file(folder.join("index.lock"));
        let git = store.git.moved(&store.folder, Some(tree), Some(&index));
        let settings = content_settings(store)?;
        Ok(Self { git, settings, index, note: folder.join("note"), _lock: lock })
    }

    /// Forgets all that was kept.
    pub(super) fn clear(&self) -> Result<(), HostError> {
        for file in [&self.note, &self.index] {
            match fs::remove_file(file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(HostError::file("remove", file)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Writes the tree of `commit` with the touched paths as they are now.
    pub(super) fn tree_of_changes(
        &self,
        commit: Option<&str>,
        touched: &[Touched],
    ) -> Result<String, HostError> {
        let now = Note {
            commit: commit.unwrap_or_default().to_owned(),
            touched: touched.iter().cloned().collect(),
        };
        let former = Note::read(&self.note).filter(|former| former.leads_to(&now));
        if former.is_none() {
            self.clear()?;
            let source = commit.unwrap_or("--empty");
            self.run(&["read-tree", source], Vec::new())?;
        }
        let paths = former.iter().flat_map(|former| &former.touched).chain(&now.touched);
        let paths: BTreeSet<_> = paths.map(|touched| touched.path.as_path()).collect();
        // Should we end in between, the index is not taken for what the former note says.
        let _ = fs::remove_file(&self.note);
        self.update(&paths)?;
        now.write(&self.note)?;
        self.write_tree()
    }

    /// Writes the tree of everything that is not ignored, and returns the repositories inside it,
    /// which are left out.
    pub(super) fn tree_of_folder(&self) -> Result<(String, Vec<PathBuf>), HostError> {
        let list = ["ls-files", "-z", "--others", "--exclude-standard", "--modified", "--deleted"];
        let mut output = self.run(&list, Vec::new())?;
        let ignores = |output: &[u8]| split_zero(output).any(|path| path.ends_with(b".gitignore"));
        if self.index.exists() && ignores(&output) {
            // What is in the index stays there, though it may be ignored now.
            self.clear()?;
            output = self.run(&list, Vec::new())?;
        }
        let paths: BTreeSet<_> = split_zero(&output).map(path_of).collect();
        let (nested, paths): (Vec<PathBuf>, Vec<PathBuf>) =
            paths.into_iter().filter(|path| !is_state(path)).partition(|path| is_nested(path));
        self.update(&paths.iter().map(PathBuf::as_path).collect())?;
        Ok((self.write_tree()?, nested))
    }

    /// Takes these paths from the tree into the index; what is gone there is gone here.
    fn update(&self, paths: &BTreeSet<&Path>) -> Result<(), HostError> {
        let mut input = Vec::new();
        for path in paths {
            input.extend(path.as_os_str().as_bytes());
            input.push(0);
        }
        let update = ["update-index", "--add", "--remove", "--replace", "-z", "--stdin"];
        self.run(&update, input).map(|_| ())
    }

    fn write_tree(&self) -> Result<String, HostError> {
        Ok(line(&self.run(&["write-tree"], Vec::new())?))
    }

    /// Makes the commit of a tree; nothing in it depends on who asks or when.
    pub(super) fn commit(
        &self,
        tree: &str,
        parent: Option<&str>,
        seconds: i64,
    ) -> Result<String, HostError> {
        let mut arguments = vec!["commit-tree", tree];
        arguments.extend(parent.iter().flat_map(|parent| ["-p", parent]));
        let mut command = self.git.command(&arguments, &self.settings);
        for who in ["AUTHOR", "COMMITTER"] {
            let mut set = |what: &str, value: &str| {
                command.environment.push((format!("GIT_{who}_{what}").into(), value.into()));
            };
            set("NAME", NAME);
            set("EMAIL", EMAIL);
            set("DATE", &format!("@{seconds} +0000"));
        }
        Ok(line(&crate::tool::Tool::new(command).input(MESSAGE).succeed()?))
    }

    fn run<T: AsRef<OsStr>>(&self, arguments: &[T], input: Vec<u8>) -> Result<Vec<u8>, HostError> {
        self.git.tool_with(arguments, &self.settings).input(input).succeed()
    }
}

impl Note {
    fn read(file: &Path) -> Option<Self> {
        let content = fs::read(file).ok()?;
        let mut parts = content.split(|byte| *byte == 0);
        let commit = String::from_utf8(parts.next()?.to_vec()).ok()?;
        let touched = parts.filter_map(|part| {
            let (kind, path) = part.split_first()?;
            Some(Touched { path: path_of(path), in_commit: *kind == b'+' })
        });
        Some(Self { commit, touched: touched.collect() })
    }

    fn write(&self, file: &Path) -> Result<(), HostError> {
        let mut content = self.commit.clone().into_bytes();
        for touched in &self.touched {
            content.extend([0, if touched.in_commit { b'+' } else { b'-' }]);
            content.extend(touched.path.as_os_str().as_bytes());
        }
        replace(file, &content)
    }

    /// Whether looking again at the paths of both makes `now` of the index. A path that was new
    /// and is not listed any more may be ignored now, which looking at it would not show.
    fn leads_to(&self, now: &Self) -> bool {
        let still = |touched: &Touched| touched.in_commit || now.touched.contains(touched);
        self.commit == now.commit && self.touched.iter().all(still)
    }
}

/// Settings of the user's repository without which unchanged files would look changed.
fn content_settings(store: &Store) -> Result<Vec<(String, String)>, HostError> {
    const NAMES: [&str; 5] =
        ["core.filemode", "core.symlinks", "core.autocrlf", "core.eol", "core.safecrlf"];
    let (Some(user), Source::Repository(layout)) = (&store.user, &store.source) else {
        return Ok(Vec::new());
    };
    let config = user.config()?;
    let values = NAMES.iter().filter_map(|name| Some(((*name).into(), config.get(name)?.into())));
    let mut settings: Vec<(String, String)> = values.collect();
    let attributes = layout.common_folder.join("info/attributes");
    if let Some(path) = attributes.to_str().filter(|_| attributes.is_file()) {
        settings.push(("core.attributesFile".into(), path.into()));
    }
    Ok(settings)
}

/// The one line that git wrote.
fn line(output: &[u8]) -> String {
    String::from_utf8_lossy(output).trim().to_owned()
}
