//! Holds the index with which snapshots of one tree are made.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::note::{Made, Note, Parent, Touched};
use super::snapshot::{is_nested, is_state};
use super::status::unreadable;
use super::store::{Source, Store};
use super::{Git, path_of, split_zero};
use crate::error::HostError;
use crate::files::{Lock, LockKind};
use crate::tool::Tool;
use crate::waker::Waker;

/// Who makes the commits.
const NAME: &str = "Plimsoll";
/// The address of who makes the commits.
const EMAIL: &str = "plimsoll@localhost";
/// When a commit without a parent was made: 2000-01-01, which every archive format can express.
const EPOCH: i64 = 946_684_800;
/// What the commits say.
const MESSAGE: &str = "uncommitted changes\n";

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

/// The commit of a folder.
pub(super) struct Folder {
    pub(super) commit: String,
    /// Repositories inside it.
    pub(super) left_out: Vec<PathBuf>,
    /// What could not be read of it.
    pub(super) unreadable: Vec<PathBuf>,
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

    /// Makes the commit of `head` with the touched paths as they are now; `head` itself when that
    /// is the same.
    pub(super) fn commit_of_changes(
        &self,
        head: Option<&str>,
        touched: &BTreeSet<Touched>,
    ) -> Result<String, HostError> {
        let former = Note::read(&self.note).filter(|former| former.leads_to(head, touched));
        let former = match former {
            Some(former) => former,
            None => self.begin(head)?,
        };
        let paths = former.touched.iter().chain(touched).map(|one| one.path.as_path());
        // Should we end in between, the index is not taken for what the former note says.
        let _ = fs::remove_file(&self.note);
        self.update(&paths.collect())?;
        let made = self.commit(former.parent.as_ref(), &former.made)?;
        let commit = made.commit.clone();
        Note { parent: former.parent, touched: touched.clone(), made }.write(&self.note)?;
        Ok(commit)
    }

    /// Makes the index that of a commit.
    fn begin(&self, head: Option<&str>) -> Result<Note, HostError> {
        self.clear()?;
        self.run(&["read-tree", head.unwrap_or("--empty")], Vec::new())?;
        let parent = head.map(|head| self.git.commit(head)).transpose()?.flatten();
        let parent = parent.map(|parent| Parent {
            id: parent.id,
            tree: parent.tree,
            seconds: parent.committer.seconds,
        });
        Ok(Note { parent, ..Note::default() })
    }

    /// Makes a commit of everything that is not ignored, but for repositories inside it.
    pub(super) fn commit_of_folder(&self) -> Result<Folder, HostError> {
        let list = ["ls-files", "-z", "--others", "--exclude-standard", "--modified", "--deleted"];
        let (mut output, unreadable) = self.list(&list)?;
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
        let commit = self.commit(None, &Made::default())?.commit;
        Ok(Folder { commit, left_out: nested, unreadable })
    }

    /// What git lists, and the folders that it could not look into.
    fn list(&self, arguments: &[&str]) -> Result<(Vec<u8>, Vec<PathBuf>), HostError> {
        let tool = self.git.tool_with(arguments, &self.settings);
        let said = tool.run()?;
        match said.status.is_success() {
            true => Ok((said.stdout, unreadable(&said.stderr))),
            false => Err(tool.failed(&said)),
        }
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

    /// Makes the commit of the index, or finds that it has been made. Nothing in it depends on who
    /// asks or when.
    fn commit(&self, parent: Option<&Parent>, former: &Made) -> Result<Made, HostError> {
        let tree = line(&self.run(&["write-tree"], Vec::new())?);
        if let Some(same) = parent.filter(|parent| parent.tree == tree) {
            return Ok(Made { tree, commit: same.id.clone() });
        }
        if former.tree == tree {
            return Ok(former.clone());
        }
        let mut arguments = vec!["commit-tree", &tree];
        arguments.extend(parent.iter().flat_map(|parent| ["-p", &parent.id]));
        let mut command = self.git.command(&arguments, &self.settings);
        let date = format!("@{} +0000", parent.map_or(EPOCH, |parent| parent.seconds));
        for who in ["AUTHOR", "COMMITTER"] {
            for (what, value) in [("NAME", NAME), ("EMAIL", EMAIL), ("DATE", &date)] {
                command.environment.push((format!("GIT_{who}_{what}").into(), value.into()));
            }
        }
        let commit = line(&Tool::new(command).input(MESSAGE).succeed()?);
        Ok(Made { tree, commit })
    }

    fn run<T: AsRef<OsStr>>(&self, arguments: &[T], input: Vec<u8>) -> Result<Vec<u8>, HostError> {
        self.git.tool_with(arguments, &self.settings).input(input).succeed()
    }
}

/// Settings of the user's repository without which unchanged files would look changed.
fn content_settings(store: &Store) -> Result<Vec<(String, String)>, HostError> {
    const NAMES: [&str; 5] =
        ["core.filemode", "core.symlinks", "core.autocrlf", "core.eol", "core.safecrlf"];
    let (Some(user), Source::Repository(layout)) = (&store.user, &store.source) else {
        return Ok(Vec::new());
    };
    if !user.may_change_content() && !layout.common_folder.join("info/attributes").is_file() {
        return Ok(Vec::new());
    }
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
