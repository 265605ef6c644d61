//! A step: a script, an action, or a word to the steps in the background.

use std::sync::Arc;

use plim_diag::{Span, Spanned};

use crate::{Condition, Entries, Name, Setting, Text};

/// One step.
#[derive(Clone, Debug)]
pub struct Step {
    /// `id`, or the generated one (`__run`, `__run_2`, `__actions_checkout`).
    pub id: Arc<str>,
    /// Where `id` was written; `None` when generated.
    pub id_span: Option<Span>,
    /// `name`.
    pub name: Option<Text>,
    /// `if`.
    pub condition: Option<Condition>,
    /// `env`.
    pub env: Option<Entries<Text>>,
    /// `continue-on-error`.
    pub continue_on_error: Option<Setting<bool>>,
    /// `timeout-minutes`.
    pub timeout_minutes: Option<Setting<f64>>,
    /// `background`.
    pub background: bool,
    /// What it does.
    pub body: StepBody,
    /// Where the step's mapping stands.
    pub span: Span,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum StepBody {
    /// `run`.
    Run(Run),
    /// `uses`.
    Uses(Uses),
    /// `wait`: for these background steps.
    Wait(Vec<Name>),
    /// `wait-all`.
    WaitAll,
    /// `cancel`: this background step.
    Cancel(Name),
    /// `parallel`: these at once.
    Parallel(Vec<Step>),
    /// Could not be read; a diagnostic says why. Running it fails.
    Unreadable,
}

/// A script.
#[derive(Clone, Debug)]
pub struct Run {
    /// `run`.
    pub script: Text,
    /// `shell`.
    pub shell: Option<Text>,
    /// `working-directory`.
    pub working_directory: Option<Text>,
}

/// A use of an action.
#[derive(Clone, Debug)]
pub struct Uses {
    /// `uses`.
    pub action: Spanned<ActionReference>,
    /// `with`, `args` and `entrypoint` of Docker actions included.
    pub with: Vec<(Name, Text)>,
}

/// Which action a `uses` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionReference {
    /// `./path` (of the job's workspace) or `$/path` (of the repository that holds the workflow).
    Local {
        /// Without the prefix.
        path: Arc<str>,
        /// True for `$/`.
        of_repository: bool,
    },
    /// `owner/repo[/path]@reference`, or an absolute URL in Gitea and Forgejo.
    Remote {
        /// The forge's address when the URL was absolute.
        host: Option<Arc<str>>,
        /// The owner.
        owner: Arc<str>,
        /// The repository.
        repository: Arc<str>,
        /// The folder in it, empty for its root.
        path: Arc<str>,
        /// The tag, branch or commit.
        reference: Arc<str>,
    },
    /// `docker://image`.
    Docker(Arc<str>),
    /// Not one of these; a diagnostic says why.
    Unreadable(Arc<str>),
}
