//! A request is what the user asked to run and allowed, as plain values.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::time::Duration;

use crate::event::JobKey;

/// What to run, by which event, and what it may do. The binary fills it from its arguments and `plimsoll.toml`.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Workflows by name, file name or path; none means every one that the event triggers.
    pub workflows: Vec<String>,
    /// The event; `None` lets each workflow run by the event that would start it here.
    pub event: Option<String>,
    /// Laid over the payload that git gives: its keys win.
    pub payload: Option<serde_json::Value>,
    /// The files that path filters look at, in place of those that git says have changed.
    pub changed: Option<Vec<String>>,
    /// Branch, tag, path and type filters do not decide.
    pub ignore_filters: bool,
    /// This job and what it needs, by id or by key (`release/build` inside a called workflow).
    pub job: Option<String>,
    /// This job without what it needs.
    pub only: Option<String>,
    /// Only legs whose `matrix` has these values; several values of one key are alternatives.
    pub matrix: Vec<(String, String)>,
    /// Inputs of `workflow_dispatch`, or of `workflow_call` when that is the event.
    pub inputs: Vec<(String, String)>,
    /// The `vars` context.
    pub variables: BTreeMap<String, String>,
    /// The `secrets` context.
    pub secrets: BTreeMap<String, String>,
    /// What a label of `runs-on` means here; the first glob that fits decides.
    pub runners: Vec<RunnerRule>,
    /// Globs of labels whose jobs are expected to run elsewhere.
    pub expect_elsewhere: Vec<String>,
    /// Folders that stand for actions.
    pub actions: Vec<ActionFolder>,
    /// Plimsoll's folder for what can be made again, with the action store and the tool cache; `None` has neither.
    pub cache: Option<PathBuf>,
    /// Jobs that may publish, push, deploy or release, by id or by key.
    pub allow_publish: Vec<String>,
    /// Environments that are approved, by name.
    pub approve: Vec<String>,
    /// An approval can be asked for at the terminal, so that none is missing while planning.
    pub can_ask: bool,
    /// `sudo` and system package managers may run.
    pub allow_sudo: bool,
    /// Jobs that are left out, by id or by key; what needs them is left out too.
    pub skip: Vec<String>,
    /// What runs although nobody named it.
    pub unasked: Unasked,
    /// How long legs took when they last passed.
    pub took: HashMap<JobKey, Duration>,
    /// `github.token` and `secrets.GITHUB_TOKEN`; empty unless given.
    pub token: Option<String>,
    /// `github.actor`; from git when `None`.
    pub actor: Option<String>,
}

/// What a run takes upon itself for jobs that nobody named; the default is everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unasked {
    /// So many legs build in a workspace in which nothing was built before; `None` is any number.
    pub cold: Option<usize>,
    /// Legs that took longer when they last passed do not run; `None` is any time.
    pub heavy: Option<Duration>,
}

impl Request {
    /// Whether jobs or legs were named, so that all that is selected was asked for.
    pub fn names_jobs(&self) -> bool {
        self.job.is_some() || self.only.is_some() || !self.matrix.is_empty()
    }
}

/// What a label of `runs-on` means here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunnerRule {
    /// `*` stands for any text and `?` for any character; case does not count.
    pub glob: String,
    /// Whether such jobs run on this machine.
    pub here: bool,
}

/// A folder that stands for an action: `--action OWNER/REPO[@REF]=DIR`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionFolder {
    /// `owner/repo[/path][@reference]`; without a reference it stands for every one. Case does not count.
    pub reference: String,
    /// Where it is.
    pub folder: PathBuf,
}
