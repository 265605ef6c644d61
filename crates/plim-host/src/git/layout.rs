//! Finds the git repository around a folder without starting git.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::HostError;

/// Where the parts of a repository with a working tree are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The top folder of the working tree.
    pub tree: PathBuf,
    /// The folder with `HEAD` and the index of this working tree.
    pub git_folder: PathBuf,
    /// The folder with objects, branches and configuration, which several working trees share.
    pub common_folder: PathBuf,
}

impl Layout {
    /// Finds the repository whose working tree holds `start`: the nearest ancestor with a `.git`
    /// folder, or a `.git` file that leads to one, as linked working trees and submodules have.
    ///
    /// `None` when there is none. Errors: [`HostError::File`] for a `.git` that cannot be read or
    /// leads nowhere.
    pub fn discover(start: &Path) -> Result<Option<Self>, HostError> {
        for tree in start.ancestors() {
            let dot_git = tree.join(".git");
            if let Some(git_folder) = git_folder(tree, &dot_git)? {
                let common_folder = common_folder(&git_folder)?;
                return Ok(Some(Self { tree: tree.to_owned(), git_folder, common_folder }));
            }
        }
        Ok(None)
    }

    /// Where Git LFS keeps large files, unless `lfs.storage` says otherwise.
    pub fn large_files(&self) -> PathBuf {
        self.common_folder.join("lfs/objects")
    }

    /// Whether history ends early because the repository was cloned with a depth.
    pub fn is_shallow(&self) -> bool {
        self.common_folder.join("shallow").exists()
    }
}

/// What `.git` leads to, when it looks as git requires: a folder with `HEAD`, and objects of its
/// own or those of a common folder.
fn git_folder(tree: &Path, dot_git: &Path) -> Result<Option<PathBuf>, HostError> {
    let folder = if dot_git.is_dir() {
        dot_git.to_owned()
    } else if dot_git.is_file() {
        let text = fs::read_to_string(dot_git).map_err(HostError::file("read", dot_git))?;
        let target = text.strip_prefix("gitdir:").map(str::trim).unwrap_or_default();
        tree.join(target)
    } else {
        return Ok(None);
    };
    let complete = fs::symlink_metadata(folder.join("HEAD")).is_ok()
        && (folder.join("objects").is_dir() || folder.join("commondir").is_file());
    match complete {
        true => Ok(Some(folder)),
        // Git passes over such a folder, too, and looks further up.
        false if dot_git.is_dir() => Ok(None),
        false => Err(HostError::Unexpected {
            asked: format!("`{}`", dot_git.display()),
            answer: format!("gitdir: {}", folder.display()),
        }),
    }
}

fn common_folder(git_folder: &Path) -> Result<PathBuf, HostError> {
    let file = git_folder.join("commondir");
    match fs::read_to_string(&file) {
        Ok(text) => {
            let folder = git_folder.join(text.trim());
            folder.canonicalize().map_err(HostError::file("find", &folder))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(git_folder.to_owned()),
        Err(error) => Err(HostError::file("read", &file)(error)),
    }
}
