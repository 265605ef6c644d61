//! Triggers: what `on:` says starts a workflow.

use std::sync::Arc;

use plim_diag::{Span, Spanned};

use crate::{Name, Text, Token};

/// One event under `on:` with its filters.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// The event's name: `push`, `pull_request`, …
    pub event: Name,
    /// `branches` or `branches-ignore`.
    pub branches: Option<Filter>,
    /// `tags` or `tags-ignore`.
    pub tags: Option<Filter>,
    /// `paths` or `paths-ignore`.
    pub paths: Option<Filter>,
    /// `types`: activity types. `None` means the event's default types.
    pub types: Option<Vec<Name>>,
    /// `workflows` of a `workflow_run`.
    pub workflows: Vec<Name>,
    /// `names` of an `image_version`: patterns.
    pub names: Vec<Name>,
    /// `versions` of an `image_version`: patterns.
    pub versions: Vec<Name>,
    /// `schedule` entries.
    pub schedules: Vec<Schedule>,
    /// `inputs` of `workflow_dispatch` and `workflow_call`.
    pub inputs: Vec<Input>,
    /// `outputs` of `workflow_call`.
    pub outputs: Vec<Output>,
    /// `secrets` of `workflow_call`.
    pub secrets: Vec<SecretInput>,
    /// Where the trigger's value stands; the event name's own place when it has none.
    pub span: Span,
}

impl Trigger {
    /// The trigger of `event` without filters.
    #[must_use]
    pub fn on(event: Name) -> Self {
        let span = event.span;
        Self {
            event,
            branches: None,
            tags: None,
            paths: None,
            types: None,
            workflows: Vec::new(),
            names: Vec::new(),
            versions: Vec::new(),
            schedules: Vec::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            secrets: Vec::new(),
            span,
        }
    }
}

/// Patterns that choose names or paths; order matters for those that begin with `!`.
#[derive(Clone, Debug)]
pub struct Filter {
    /// True for the `…-ignore` form.
    pub ignore: bool,
    /// The patterns in file order.
    pub patterns: Vec<Name>,
}

/// One `- cron:` entry.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Five fields, POSIX.
    pub cron: Name,
    /// An IANA time zone; UTC when absent.
    pub timezone: Option<Name>,
}

/// One input of `workflow_dispatch` or `workflow_call`.
#[derive(Clone, Debug)]
pub struct Input {
    /// Its name.
    pub name: Name,
    /// What it accepts.
    pub kind: InputKind,
    /// Whether it must be given.
    pub required: bool,
    /// Its default, which may hold expressions in `workflow_call`.
    pub default: Option<Token>,
    /// What it is for.
    pub description: Option<Arc<str>>,
}

/// The types of inputs.
#[derive(Clone, Debug, PartialEq)]
pub enum InputKind {
    /// Any text; the default of `workflow_dispatch`.
    String,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// One of a list.
    Choice(Vec<Spanned<Arc<str>>>),
    /// The name of an environment.
    Environment,
}

/// One output of `workflow_call`.
#[derive(Clone, Debug)]
pub struct Output {
    /// Its name.
    pub name: Name,
    /// What it gives, from `jobs.*.outputs`.
    pub value: Text,
    /// What it is for.
    pub description: Option<Arc<str>>,
}

/// One secret of `workflow_call`.
#[derive(Clone, Debug)]
pub struct SecretInput {
    /// Its name.
    pub name: Name,
    /// Whether it must be given.
    pub required: bool,
    /// What it is for.
    pub description: Option<Arc<str>>,
}
