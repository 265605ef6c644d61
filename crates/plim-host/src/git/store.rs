//! Keeps the objects of snapshots beside the user's, so that nothing is written into theirs.

use std::fs;
use std::path::{Path, PathBuf};

use super::layout::Layout;
use super::refs::Refs;
use super::repository::{ObjectFormat, Skeleton, settle};
use super::{Git, Place};
use crate::environment::Environment;
use crate::error::HostError;
use crate::files::{remove_tree, replace};
use crate::machine::boot_id;

/// What a store takes snapshots of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A repository with a working tree.
    Repository(Layout),
    /// A folder that is taken as it is, without a history.
    Folder(PathBuf),
}

/// A bare repository of ours that reads the user's objects and holds what they lack.
///
/// It may be deleted at any time when nothing runs.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) folder: PathBuf,
    pub(super) source: Source,
    pub(super) format: ObjectFormat,
    pub(super) shallow: String,
    pub(super) git: Git,
    /// Git at the user's repository.
    pub(super) user: Option<Git>,
}

impl Source {
    /// The top of the tree of files.
    pub fn tree(&self) -> &Path {
        match self {
            Self::Repository(layout) => &layout.tree,
            Self::Folder(folder) => folder,
        }
    }
}

impl Store {
    /// Opens the store at `folder`, making it when it is missing.
    ///
    /// It must be used for this source only, and lie outside of its tree. Errors:
    /// [`HostError::File`], and those of [`Git::open`].
    pub fn open(
        folder: &Path,
        source: Source,
        environment: &Environment,
    ) -> Result<Self, HostError> {
        let place = Place::Ours { folder: folder.to_owned(), tree: None, index: None };
        let git = Git::at(place, environment)?;
        let (user, format, shallow, objects) = match &source {
            Source::Repository(layout) => {
                let user = Git::open(layout.clone(), environment)?;
                let format = object_format(&user, layout)?;
                let shallow = fs::read_to_string(layout.common_folder.join("shallow"));
                let objects = vec![layout.common_folder.join("objects")];
                (Some(user), format, shallow.unwrap_or_default(), objects)
            }
            Source::Folder(_) => (None, ObjectFormat::Sha1, String::new(), Vec::new()),
        };
        fs::create_dir_all(folder).map_err(HostError::file("make", folder))?;
        let store = Self { folder: folder.to_owned(), source, format, shallow, git, user };
        store.mend_after_restart()?;
        store.write(&objects)?;
        Ok(store)
    }

    /// Removes what a power cut may have left: objects are not forced to disk, because they can be
    /// made again, and one that never got there is an empty file, which git would take for broken.
    fn mend_after_restart(&self) -> Result<(), HostError> {
        let file = self.folder.join("boot");
        let (Some(now), before) = (boot_id(), fs::read_to_string(&file)) else { return Ok(()) };
        if before.is_ok_and(|before| before == now) {
            return Ok(());
        }
        remove_tree(&self.folder.join("desks"))?;
        for folder in entries(&self.folder.join("objects")) {
            for object in entries(&folder) {
                if fs::symlink_metadata(&object)
                    .is_ok_and(|found| found.is_file() && found.len() == 0)
                {
                    remove_tree(&object)?;
                }
            }
        }
        replace(&file, now.as_bytes())
    }

    fn write(&self, objects: &[PathBuf]) -> Result<(), HostError> {
        let refs = fs::read_to_string(self.folder.join("packed-refs")).unwrap_or_default();
        let refs: Vec<_> = refs
            .lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(id, name)| (name.to_owned(), id.to_owned()))
            .collect();
        let skeleton = Skeleton {
            format: self.format,
            bare: true,
            config: "",
            alternates: objects,
            shallow: &self.shallow,
            head: "ref: refs/heads/main",
            refs: &refs,
        };
        skeleton.write(&self.folder)
    }

    /// Git at this store, where snapshots can be read and compared as well as all that the user's
    /// repository holds; the user's branches have other names here.
    pub fn git(&self) -> &Git {
        &self.git
    }

    /// The store's folder, which is also the address from which jobs fetch.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folders in which objects are: its own, and the user's. The second can be reached through the first, but not
    /// every program that reads a repository, such as Git LFS, goes that far.
    pub(super) fn object_folders(&self) -> Vec<PathBuf> {
        let borrowed = match &self.source {
            Source::Repository(layout) => Some(layout.common_folder.join("objects")),
            Source::Folder(_) => None,
        };
        std::iter::once(self.folder.join("objects")).chain(borrowed).collect()
    }

    /// Sets the branches and tags that jobs can fetch: those that the user last saw at the remote,
    /// all tags, and `branch` at `commit`.
    ///
    /// Errors: [`HostError::File`].
    pub fn offer(&self, refs: &Refs, branch: Option<&str>, commit: &str) -> Result<(), HostError> {
        let mut offered = refs.as_at_the_remote();
        if let Some(branch) = branch {
            let name = format!("refs/heads/{branch}");
            offered.retain(|(offered, _)| *offered != name);
            offered.push((name, commit.to_owned()));
        }
        offered.sort();
        let lines: String = offered.iter().map(|(name, id)| format!("{id} {name}\n")).collect();
        settle(&self.folder.join("packed-refs"), lines.as_bytes())
    }
}

impl Refs {
    /// The refs of the remote `origin` as the user last saw them, under their names there.
    fn as_at_the_remote(&self) -> Vec<(String, String)> {
        let heads = self.below("refs/remotes/origin/").filter(|(name, _)| *name != "HEAD");
        let heads = heads.map(|(name, one)| (format!("refs/heads/{name}"), one.id.clone()));
        let tags = self.below("refs/tags/").map(|(_, one)| (one.name.clone(), one.id.clone()));
        heads.chain(tags).collect()
    }

    /// The refs that a clone with all history has: the branches of the remote under
    /// `refs/remotes/origin/`, and all tags.
    pub fn as_cloned(&self) -> Vec<(String, String)> {
        let remote = self.below("refs/remotes/origin/").filter(|(name, _)| *name != "HEAD");
        let tags = self.below("refs/tags/");
        remote.chain(tags).map(|(_, one)| (one.name.clone(), one.id.clone())).collect()
    }
}

/// What is in a folder; nothing when there is none.
fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

/// How the user's repository names its objects; the configuration is only read when it may say.
fn object_format(user: &Git, layout: &Layout) -> Result<ObjectFormat, HostError> {
    let file = layout.common_folder.join("config");
    let text = fs::read(&file).map_err(HostError::file("read", &file))?.to_ascii_lowercase();
    if !text.windows(12).any(|word| word == b"objectformat") {
        return Ok(ObjectFormat::Sha1);
    }
    match user.config_get("extensions.objectformat")? {
        Some("sha256") => Ok(ObjectFormat::Sha256),
        _ => Ok(ObjectFormat::Sha1),
    }
}
