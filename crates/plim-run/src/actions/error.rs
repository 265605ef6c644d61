//! What can be wrong with actions of other repositories.

use std::{fmt, path::PathBuf};

use plim_host::HostError;

use super::ActionName;

/// Why an action could not be fetched, found or used.
#[derive(Debug)]
pub enum ActionStoreError {
    /// The files are not those that were fetched: changed, or cut short.
    Damaged {
        /// Which.
        name: ActionName,
    },
    /// A record cannot be read: cut short, or written by a newer version.
    Record {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
    /// The remote has neither a tag nor a branch of that name.
    NoReference {
        /// What was asked for.
        name: ActionName,
        /// Where.
        address: String,
    },
    /// The remote could not be asked, or did not give it.
    Unreachable {
        /// What was asked for.
        name: ActionName,
        /// Where.
        address: String,
        /// What git said.
        source: Box<HostError>,
    },
    /// What was fetched holds something that must not be unpacked.
    Unsafe {
        /// Which.
        name: ActionName,
        /// The path in it, and why.
        reason: String,
    },
    /// A template for addresses has no place for the owner or the repository.
    Template {
        /// The template.
        template: String,
    },
    /// A file or a program of this machine.
    Host(HostError),
}

impl ActionStoreError {
    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Damaged { name } => Some(format!("fetch it again with `plim actions fetch {name}`")),
            Self::Record { .. } => {
                Some("remove it with `plim actions remove OWNER/REPO`, and fetch again".to_owned())
            }
            Self::NoReference { name, .. } if is_short_commit(&name.reference) => {
                Some("write all 40 digits of the commit, as GitHub asks for".to_owned())
            }
            Self::NoReference { .. } => Some("see that the tag or branch exists there".to_owned()),
            Self::Host(HostError::ProgramNotFound { .. }) => {
                Some("install git, which fetches actions".to_owned())
            }
            Self::Unreachable { .. } => Some(
                "see that the network is there and the repository is public, or name a mirror with `--from`"
                    .to_owned(),
            ),
            Self::Unsafe { .. } => None,
            Self::Template { .. } => {
                Some("write such as `file:///srv/mirrors/{owner}/{repo}.git`".to_owned())
            }
            Self::Host(error) => error.help(),
        }
    }
}

fn is_short_commit(reference: &str) -> bool {
    (7..40).contains(&reference.len()) && reference.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Of what git said, the line that says why: what the remote complains of, else what git gives up for.
fn reason(message: &str) -> &str {
    let lines = || message.lines().map(str::trim).filter(|line| !line.is_empty());
    let remote = lines().filter_map(|line| line.strip_prefix("remote: ")).next_back();
    let fatal = || lines().find_map(|line| line.strip_prefix("fatal: "));
    remote.or_else(fatal).or_else(|| lines().next_back()).unwrap_or("git gave no reason")
}

impl fmt::Display for ActionStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged { name } => {
                write!(f, "the files of `{name}` are not those that were fetched")
            }
            Self::Record { file, reason } => {
                write!(f, "could not read the record `{}`: {reason}", file.display())
            }
            Self::NoReference { name, address } => {
                write!(f, "`{address}` has no tag or branch `{}`", name.reference)
            }
            Self::Unreachable { name, address, source } => {
                write!(f, "could not fetch `{name}` from `{address}`: ")?;
                match &**source {
                    HostError::Failed { message, .. } => f.write_str(reason(message)),
                    other => other.fmt(f),
                }
            }
            Self::Unsafe { name, reason } => write!(f, "refused to unpack `{name}`: {reason}"),
            Self::Template { template } => {
                write!(f, "`{template}` has no `{{owner}}` or no `{{repo}}` in it")
            }
            Self::Host(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ActionStoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreachable { source, .. } => Some(&**source),
            Self::Host(source) => Some(source),
            _ => None,
        }
    }
}

impl From<HostError> for ActionStoreError {
    fn from(error: HostError) -> Self {
        Self::Host(error)
    }
}
