//! What can go wrong in getting things.

use std::fmt;

use plim_host::HostError;

use crate::{actions::ActionStoreError, want::Want};

/// Why something was not got.
#[derive(Debug)]
pub enum SetupError {
    /// No ordinary client brings it, or that client is not here.
    Unavailable {
        /// What was wanted.
        want: String,
        /// Why, as a clause.
        reason: String,
    },
    /// It came, and is not what was wanted.
    Wrong {
        /// What was wanted.
        want: String,
        /// What it says it is.
        found: String,
    },
    /// A client, or the new tool itself, failed.
    Client {
        /// The program.
        program: String,
        /// How it ended, and what it said.
        source: Box<HostError>,
    },
    /// An action could not be fetched.
    Action(ActionStoreError),
    /// A file of this machine.
    Host(HostError),
}

/// Words by which clients say that there is no network.
const OFFLINE: [&str; 9] = [
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "Could not resolve",
    "Temporary failure in name resolution",
    "Name or service not known",
    "failed to resolve",
    "dns error",
    "Network is unreachable",
];

impl SetupError {
    pub(super) fn unavailable(want: &Want, reason: String) -> Self {
        Self::Unavailable { want: want.to_string(), reason }
    }

    /// Whether there seems to be no network.
    pub fn is_offline(&self) -> bool {
        let text = match self {
            Self::Client { source, .. } => source.to_string(),
            Self::Action(ActionStoreError::Unreachable { source, .. }) => source.to_string(),
            _ => return false,
        };
        OFFLINE.iter().any(|word| text.contains(word))
    }

    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            _ if self.is_offline() => Some(
                "there seems to be no network; `plim setup` goes on where it stopped".to_owned(),
            ),
            Self::Unavailable { .. } => {
                Some("install it yourself; what is in `PATH` is used".to_owned())
            }
            Self::Wrong { .. } => Some("nothing of it was kept; install it yourself".to_owned()),
            Self::Client { .. } => None,
            Self::Action(error) => error.help(),
            Self::Host(error) => error.help(),
        }
    }
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable { want, reason } => write!(f, "cannot get {want}: {reason}"),
            Self::Wrong { want, found } => write!(f, "wanted {want}, and what came says `{found}`"),
            Self::Client { program, source } => match &**source {
                HostError::Failed { message, .. } => {
                    write!(f, "`{program}` failed: {}", end_of(message))
                }
                other => write!(f, "`{program}` failed: {other}"),
            },
            Self::Action(error) => error.fmt(f),
            Self::Host(error) => error.fmt(f),
        }
    }
}

/// The last lines of what a client said; all before is progress.
fn end_of(message: &str) -> String {
    const LINES: usize = 3;
    let lines: Vec<&str> = message.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let errors: Vec<&str> =
        lines.iter().copied().filter(|line| line.to_ascii_lowercase().contains("error")).collect();
    let shown = if errors.is_empty() { &lines[..] } else { &errors[..] };
    let shown = &shown[shown.len().saturating_sub(LINES)..];
    if shown.is_empty() { "it gave no reason".to_owned() } else { shown.join("; ") }
}

impl std::error::Error for SetupError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Client { source, .. } => Some(&**source),
            Self::Action(error) => Some(error),
            Self::Host(error) => Some(error),
            Self::Unavailable { .. } | Self::Wrong { .. } => None,
        }
    }
}

impl From<HostError> for SetupError {
    fn from(error: HostError) -> Self {
        Self::Host(error)
    }
}

impl From<ActionStoreError> for SetupError {
    fn from(error: ActionStoreError) -> Self {
        Self::Action(error)
    }
}
