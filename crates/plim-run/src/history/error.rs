//! Says what of the history could not be kept or read.

use std::{
    error::Error,
    fmt, io,
    path::{Path, PathBuf},
};

/// What of the history could not be kept or read.
#[derive(Debug)]
pub enum HistoryError {
    /// `.plimsoll`, or a folder in it, is a link or a file: following it could write or delete
    /// somewhere else.
    Foreign {
        /// Which.
        path: PathBuf,
    },
    /// Something could not be done to a file.
    File {
        /// What was tried: `write`.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// No run has this id.
    NoRun {
        /// What was asked for.
        id: String,
    },
    /// Several runs have ids that begin like this.
    ManyRuns {
        /// What was asked for.
        id: String,
        /// Their ids.
        found: Vec<String>,
    },
}

impl HistoryError {
    /// Wraps the failure of `doing` on `path`.
    pub(crate) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File { doing, path: path.to_owned(), source }
    }

    /// What the user can do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Foreign { path } => Some(format!(
                "remove `{}`; `plim` keeps its runs in a folder of that name and follows no links there",
                path.display()
            )),
            Self::File { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    Some("free some space, for example with `plim clean`".to_owned())
                }
                _ => None,
            },
            Self::NoRun { .. } => Some("`plim runs` lists the runs that are kept".to_owned()),
            Self::ManyRuns { found, .. } => {
                Some(format!("give more of the id: {}", found.join(", ")))
            }
        }
    }
}

impl fmt::Display for HistoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign { path } => write!(f, "`{}` is not a folder", path.display()),
            Self::File { doing, path, source } => {
                write!(f, "cannot {doing} `{}`: {source}", path.display())
            }
            Self::NoRun { id } => write!(f, "no run `{id}` is kept here"),
            Self::ManyRuns { id, found } => {
                write!(f, "`{id}` begins the ids of {} runs", found.len())
            }
        }
    }
}

impl Error for HistoryError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::File { source, .. } => Some(source),
            _ => None,
        }
    }
}
