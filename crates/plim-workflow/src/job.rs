//! A job: where it runs, what it needs, and its steps or the workflow it calls.

use std::sync::Arc;

use plim_diag::Span;

use crate::{Condition, Defaults, Entries, Name, Permissions, Setting, Step, Text, Token};

/// One job.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its key under `jobs`.
    pub id: Name,
    /// `name`.
    pub name: Option<Text>,
    /// `needs`, in file order.
    pub needs: Vec<Name>,
    /// `if`.
    pub condition: Option<Condition>,
    /// `permissions`.
    pub permissions: Option<Permissions>,
    /// `environment`.
    pub environment: Option<Environment>,
    /// `concurrency`.
    pub concurrency: Option<Concurrency>,
    /// `strategy`.
    pub strategy: Option<Strategy>,
    /// `outputs`.
    pub outputs: Vec<(Name, Text)>,
    /// `env`.
    pub env: Option<Entries<Text>>,
    /// `defaults.run`.
    pub defaults: Defaults,
    /// `timeout-minutes`; 360 when absent.
    pub timeout_minutes: Option<Setting<f64>>,
    /// `cancel-timeout-minutes`; 5 when absent.
    pub cancel_timeout_minutes: Option<Setting<f64>>,
    /// `continue-on-error`.
    pub continue_on_error: Option<Setting<bool>>,
    /// What it does.
    pub body: JobBody,
    /// Where the job's value stands.
    pub span: Span,
}

/// What a job does.
#[derive(Clone, Debug)]
pub enum JobBody {
    /// Runs steps on a machine.
    Steps(Machine),
    /// Calls a reusable workflow.
    Call(Call),
    /// Neither could be read; a diagnostic says why.
    Unreadable,
}

/// A job that runs steps.
#[derive(Clone, Debug)]
pub struct Machine {
    /// `runs-on`.
    pub runs_on: RunsOn,
    /// `container`.
    pub container: Option<Container>,
    /// `services`, by name, or one expression.
    pub services: Option<Entries<Container>>,
    /// `steps`.
    pub steps: Vec<Step>,
    /// `snapshot`.
    pub snapshot: Option<Snapshot>,
}

/// `snapshot`: the machine becomes an image when the job is done.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// `image-name`, or the whole value.
    pub image_name: Text,
    /// `version`; `1.*` when absent.
    pub version: Option<Text>,
    /// `if`.
    pub condition: Option<Condition>,
}

/// `runs-on`.
#[derive(Clone, Debug)]
pub struct RunsOn {
    /// `group`.
    pub group: Option<Text>,
    /// The labels: a string, a sequence, or an expression that gives either, or all of `runs-on` as a mapping.
    pub labels: Option<Token>,
    /// Where it stands.
    pub span: Span,
}

/// A job container or a service.
#[derive(Clone, Debug)]
pub struct Container {
    /// The whole value: an image, or a mapping with `image`, `credentials`, `env`, `ports`, `volumes`,
    /// `options`, and for services `command` and `entrypoint`.
    pub value: Token,
}

/// `environment`.
#[derive(Clone, Debug)]
pub struct Environment {
    /// `name`, or the whole value, which as an expression may also give a mapping.
    pub name: Text,
    /// `url`.
    pub url: Option<Text>,
    /// `deployment`; true when absent.
    pub deployment: Option<Setting<bool>>,
}

/// `concurrency`.
#[derive(Clone, Debug)]
pub struct Concurrency {
    /// `group`, or the whole value, which as an expression may also give a mapping.
    pub group: Text,
    /// `cancel-in-progress`.
    pub cancel_in_progress: Option<Setting<bool>>,
    /// `queue`.
    pub queue: Queue,
}

/// How many may wait in a concurrency group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Queue {
    /// One: a newer one replaces it.
    #[default]
    Single,
    /// As many as GitHub keeps.
    Max,
}

/// `strategy`.
#[derive(Clone, Debug)]
pub struct Strategy {
    /// All of it, when it is one expression; then the other fields are empty.
    pub whole: Option<Text>,
    /// `matrix`: a mapping, or an expression that gives one.
    pub matrix: Option<Token>,
    /// `fail-fast`; true when absent.
    pub fail_fast: Option<Setting<bool>>,
    /// `max-parallel`.
    pub max_parallel: Option<Setting<f64>>,
}

/// A call of a reusable workflow.
#[derive(Clone, Debug)]
pub struct Call {
    /// `uses`: `./.github/workflows/x.yml`, `$/…` or `owner/repo/path@ref`.
    pub uses: Name,
    /// `with`.
    pub with: Vec<(Name, Token)>,
    /// `secrets`.
    pub secrets: CallSecrets,
}

/// `secrets` of a call.
#[derive(Clone, Debug, Default)]
pub enum CallSecrets {
    /// None are handed over.
    #[default]
    None,
    /// `secrets: inherit`.
    Inherit,
    /// Written out.
    Given(Vec<(Name, Text)>),
}

impl Call {
    /// The path in this repository that `uses` names, without `./` or `$/`; `None` for a remote one.
    pub fn local_path(&self) -> Option<&str> {
        let uses: &Arc<str> = &self.uses.value;
        uses.strip_prefix("./").or_else(|| uses.strip_prefix("$/"))
    }
}
