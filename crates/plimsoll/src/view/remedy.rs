//! A remedy is the one thing that a person does so that jobs run which do not run here.

use plim_run::event::Cause;

use super::cause::{Fate, fate};

/// What a person does about a cause.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Remedy {
    /// Installs what is missing into the folder of `plim`.
    Setup,
    /// Allows elevated rights.
    Sudo,
    /// Approves an environment.
    Approve(String),
    /// Allows to publish.
    Publish,
    /// Takes heavy jobs along.
    All,
    /// Leaves it to another machine.
    Elsewhere,
    /// Runs it where containers run.
    Container,
    /// Changes the workflow.
    Change,
    /// Looks at the job that is needed.
    Need,
}

impl Remedy {
    pub(crate) fn of(cause: &Cause) -> Self {
        match cause {
            // Of an action that nobody can find there is nothing to install.
            Cause::Action { .. } if cause.wants().is_empty() => Self::Change,
            Cause::Action { .. } | Cause::Tool { .. } | Cause::Missing { .. } => Self::Setup,
            Cause::Privilege { .. } => Self::Sudo,
            Cause::Approval { environment } => Self::Approve(environment.clone()),
            Cause::Heavy { .. } => Self::All,
            Cause::Publishes { .. } => Self::Publish,
            Cause::Runner { .. } => Self::Elsewhere,
            Cause::Container { .. } => Self::Container,
            Cause::Input { .. } | Cause::Unreadable { .. } => Self::Change,
            Cause::Needs { .. } => Self::Need,
        }
    }

    /// What to type, where that is all there is to do.
    pub(crate) fn command(&self) -> Option<String> {
        match self {
            Self::Setup => Some("plim setup".to_owned()),
            Self::Sudo => Some("plim run --allow-sudo".to_owned()),
            Self::Approve(environment) => Some(format!("plim run --approve {environment}")),
            Self::Publish => Some("plim run --allow-publish JOB".to_owned()),
            Self::All => Some("plim run --all".to_owned()),
            Self::Elsewhere | Self::Container | Self::Change | Self::Need => None,
        }
    }

    /// Whether the jobs that it is for are blocked, rather than withheld or meant for another machine.
    pub(crate) fn unblocks(&self, cause: &Cause) -> bool {
        fate(cause) == Fate::Blocked && Self::of(cause) == *self
    }

    /// What is the case, for jobs of which it is true: `miss actions or tools`.
    pub(crate) fn says(&self) -> String {
        match self {
            Self::Setup => "miss actions or tools".to_owned(),
            Self::Sudo => "need elevated rights, which are withheld".to_owned(),
            Self::Approve(environment) => {
                format!("need an approval for the environment `{environment}`")
            }
            Self::Publish => "publish, push, deploy or release, which is withheld".to_owned(),
            Self::All => "are heavy, and run only by name (`-j JOB`) or with all".to_owned(),
            Self::Elsewhere => "run elsewhere".to_owned(),
            Self::Container => "need containers, which do not run here yet".to_owned(),
            Self::Change => "cannot run as they are written".to_owned(),
            Self::Need => "need a job that does not run here".to_owned(),
        }
    }
}
