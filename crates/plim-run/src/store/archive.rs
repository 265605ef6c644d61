//! Archives of caches: tar files, compressed with zstd, whose paths begin with the folder they belong to.
//!
//! A path is kept relative to the job's workspace, home, temporary folder or tool cache, so that an
//! archive made by one job can be restored by another whose folders lie elsewhere. Times are kept to
//! the nanosecond, because build tools compare them.
//!
//! Reading trusts nothing: [`check`] looks at every entry before [`extract`] writes the first.

mod check;
mod extract;
mod write;

use std::{
    ffi::OsStr,
    fmt, io,
    path::{Component, Path, PathBuf},
};

pub use check::check;
pub use extract::{Restored, extract};
pub use write::{Written, write};

use crate::bounds::Bounds;

/// Folders of the machine that anybody may read: a link to a program there may be kept.
const SYSTEM: [&str; 9] =
    ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt", "/nix", "/snap"];

/// Why an entry is refused whose name is not one of ours.
const LEADS_OUT: &str = "it leads out of the job's folders";

/// The folders of a job that an archive may hold something of.
#[derive(Clone, Debug)]
pub struct Roots {
    /// The names that stand for the folders in an archive, and where they are: without links in their
    /// paths, and as the job calls them.
    named: Vec<(&'static str, PathBuf, PathBuf)>,
    pub(crate) bounds: Bounds,
}

impl Roots {
    /// All are absolute; those that do not exist are left out.
    pub fn new(workspace: &Path, home: &Path, temporary: &Path, tools: &Path) -> Self {
        let all = [("workspace", workspace), ("home", home), ("temp", temporary), ("tools", tools)];
        let mut named: Vec<_> = all
            .into_iter()
            .filter(|(_, path)| path.is_absolute() && path.parent().is_some())
            .filter_map(|(name, path)| {
                Some((name, std::fs::canonicalize(path).ok()?, path.to_owned()))
            })
            .collect();
        // Of folders that lie in one another the inner one is meant.
        named.sort_by_key(|(_, path, _)| std::cmp::Reverse(path.components().count()));
        let bounds = Bounds::new(named.iter().map(|(_, path, _)| path.as_path()));
        Self { named, bounds }
    }

    /// The name in an archive of something at `path`.
    fn name_of(&self, path: &Path) -> Option<PathBuf> {
        self.named.iter().find_map(|(name, root, given)| {
            let rest = path.strip_prefix(root).or_else(|_| path.strip_prefix(given)).ok()?;
            Some(if rest.as_os_str().is_empty() { name.into() } else { Path::new(name).join(rest) })
        })
    }

    /// Where something of this name goes; nothing for a name that does not lie in a folder of the job.
    fn path_of(&self, name: &Path) -> Option<PathBuf> {
        let mut parts = name.components();
        let Component::Normal(first) = parts.next()? else { return None };
        let (_, root, _) = self.named.iter().find(|(name, ..)| OsStr::new(name) == first)?;
        let mut path = root.clone();
        for part in parts {
            let Component::Normal(part) = part else { return None };
            path.push(part);
        }
        Some(path)
    }

    /// True when a symbolic link at `path` may say `target`: it stays within the folders of the job, or
    /// leads to something of the system.
    fn may_link(&self, path: &Path, target: &Path) -> bool {
        let from = path.parent().unwrap_or(Path::new("/"));
        let Some(target) = target.to_str() else { return false };
        let led = crate::bounds::resolve(from, target);
        self.name_of(&led).is_some() || SYSTEM.iter().any(|folder| led.starts_with(folder))
    }
}

/// Why an archive could not be made or restored.
#[derive(Debug)]
pub enum ArchiveError {
    /// A file or folder could not be read or written.
    File {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The archive is cut short or damaged.
    Damaged(io::Error),
    /// It holds something that must not be restored.
    Hostile {
        /// The name of the entry.
        entry: String,
        /// What is wrong with it, as a clause: `it is a device`.
        reason: &'static str,
    },
    /// The job was cancelled.
    Cancelled,
}

impl fmt::Display for ArchiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { doing, path, source } => {
                write!(f, "cannot {doing} `{}`: {source}", path.display())
            }
            Self::Damaged(error) => write!(f, "the archive is damaged: {error}"),
            Self::Hostile { entry, reason } => {
                write!(f, "refused an archive because of its entry `{entry}`: {reason}")
            }
            Self::Cancelled => f.write_str("the operation was cancelled"),
        }
    }
}

impl std::error::Error for ArchiveError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File { source, .. } | Self::Damaged(source) => Some(source),
            Self::Hostile { .. } | Self::Cancelled => None,
        }
    }
}

fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ArchiveError {
    let path = path.to_owned();
    move |source| ArchiveError::File { doing, path, source }
}

#[cfg(test)]
mod tests;
