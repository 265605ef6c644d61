//! Events: everything that happens in a run, in one typed stream with many readers.
//!
//! Every text in an event has been masked before it gets here; no reader ever sees a secret.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::basis::Basis;
use crate::want::Want;

/// Receives each event in order; called from any thread.
pub type Sink = Arc<dyn Fn(Event) + Send + Sync>;

/// Names one leg of one job of one workflow within a run: `ci.yml:test[2]`, `ci.yml:release/build`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobKey(pub Arc<str>);

impl fmt::Display for JobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The number of a step within its job, from 0, in the order in which steps start; pre and post
/// parts of actions are steps of their own, as in GitHub's log.
pub type StepNumber = u32;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Event {
    /// The first event of a run.
    RunStarted {
        /// Names the run among those kept under `.plimsoll/`.
        run: Arc<str>,
        /// The repository as `owner/name`, or its folder's name.
        repository: Arc<str>,
        /// The commit that the run's workspaces hold.
        commit: Arc<str>,
        /// True when that commit was made from uncommitted work.
        dirty: bool,
        /// When, in RFC 3339.
        at: String,
        /// The fingerprint of what was asked for: runs that have the same one can repeat each other.
        #[serde(default)]
        asked: Arc<str>,
    },
    /// A workflow begins.
    WorkflowStarted {
        /// The file, relative to the repository's root.
        workflow: Arc<str>,
        /// Its name, or the file.
        name: Arc<str>,
        /// The event that triggers it here.
        trigger: Arc<str>,
    },
    /// A job will not run because its condition, or a job that it needs, says so.
    JobSkipped {
        /// Which.
        job: JobKey,
        /// Its display name.
        name: Arc<str>,
        /// The workflow's file.
        workflow: Arc<str>,
        /// Why, in a few words.
        reason: String,
    },
    /// A job or leg cannot run on this machine, or is withheld from it.
    JobBlocked {
        /// Which.
        job: JobKey,
        /// Its display name.
        name: Arc<str>,
        /// The workflow's file.
        workflow: Arc<str>,
        /// Why.
        cause: Cause,
    },
    /// A job does not run again, because it passed in an earlier run and all that it was given is the same.
    JobReused {
        /// Which.
        job: JobKey,
        /// Its display name.
        name: Arc<str>,
        /// The workflow's file.
        workflow: Arc<str>,
        /// The run in which it ran.
        from: Arc<str>,
        /// Its outputs.
        outputs: Vec<(Arc<str>, String)>,
        /// How long it took then.
        milliseconds: u64,
    },
    /// A job begins.
    JobStarted {
        /// Which.
        job: JobKey,
        /// Its display name.
        name: Arc<str>,
        /// The workflow's file.
        workflow: Arc<str>,
        /// When, in RFC 3339.
        at: String,
    },
    /// A step begins.
    StepStarted {
        /// Of which job.
        job: JobKey,
        /// Which.
        step: StepNumber,
        /// Its display name: `Run cargo test`.
        name: Arc<str>,
    },
    /// A line of a step's log.
    Log {
        /// Of which job.
        job: JobKey,
        /// Of which step.
        step: StepNumber,
        /// What kind of line.
        kind: LineKind,
        /// The line without its end.
        text: String,
    },
    /// A step, or a problem matcher, made an annotation.
    Annotated {
        /// In which job.
        job: JobKey,
        /// In which step.
        step: StepNumber,
        /// What.
        annotation: Annotation,
    },
    /// A step wrote to its summary.
    Summary {
        /// Of which job.
        job: JobKey,
        /// Of which step.
        step: StepNumber,
        /// Markdown.
        text: String,
    },
    /// A step is over.
    StepFinished {
        /// Of which job.
        job: JobKey,
        /// Which.
        step: StepNumber,
        /// Before `continue-on-error`.
        outcome: Conclusion,
        /// After `continue-on-error`.
        conclusion: Conclusion,
        /// The main process's exit code, when there was one.
        exit_code: Option<i32>,
        /// How long it took.
        milliseconds: u64,
    },
    /// A job uses an action, or a leg calls a workflow, that was fetched from another repository.
    ActionUsed {
        /// The job, or the leg that calls.
        job: JobKey,
        /// What its `uses` says: `owner/repo@v4`.
        uses: Arc<str>,
        /// The commit that the reference led to when it was fetched.
        commit: Arc<str>,
    },
    /// An artifact was stored.
    ArtifactStored {
        /// By which job.
        job: JobKey,
        /// Its name.
        name: Arc<str>,
        /// Its size as stored.
        bytes: u64,
        /// `sha256:` and hexadecimal digits, of what is stored.
        digest: String,
    },
    /// What the result of a job that passed rests on; comes before its end, and after it was reused.
    JobBasis {
        /// Of which job.
        job: JobKey,
        /// Digests of what it was given.
        basis: Box<Basis>,
    },
    /// What the plan comes to, counted in legs, before any of them begins.
    Planned {
        /// Will run, if what they need succeeds.
        ready: u32,
        /// Cannot run here, though something can be done about most.
        blocked: u32,
        /// Would publish, push, deploy or release.
        withheld: u32,
        /// Ask for another machine.
        elsewhere: u32,
        /// Are skipped.
        skipped: u32,
        /// Jobs whose legs are known only once others ran.
        later: u32,
        /// What would let blocked legs run; the one that unblocks most comes first.
        fixes: Vec<Fix>,
    },
    /// A job is over.
    JobFinished {
        /// Which.
        job: JobKey,
        /// How it ended.
        conclusion: Conclusion,
        /// Outputs, those that hold a secret left out.
        outputs: Vec<(Arc<str>, String)>,
        /// How long it took.
        milliseconds: u64,
    },
    /// A word from `plim` itself.
    Notice {
        /// About which job, if one.
        job: Option<JobKey>,
        /// How serious.
        level: Level,
        /// What.
        text: String,
    },
    /// The last event of a run.
    RunFinished {
        /// How it ended.
        result: RunResult,
        /// How many jobs ended how.
        counts: Counts,
        /// How long it took.
        milliseconds: u64,
    },
}

/// One thing that a person can do so that more legs run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Fix {
    /// What to type: `plim setup`.
    pub command: String,
    /// How many blocked legs run once it alone is done.
    pub unblocks: u32,
    /// How many more run once it and all fixes before it are done.
    pub adds: u32,
}

/// The kinds of lines in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineKind {
    /// What a process wrote.
    Text,
    /// `[command]…` or the script that is about to run.
    Command,
    /// `::debug::`; shown when step debugging is on.
    Debug,
    /// `::notice::`.
    Notice,
    /// `::warning::`.
    Warning,
    /// `::error::`, and why a step failed.
    Error,
    /// `::group::`: the group's title.
    Group,
    /// `::endgroup::`.
    EndGroup,
}

/// How serious an annotation or notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Good to know.
    Notice,
    /// May be wrong.
    Warning,
    /// Is wrong.
    Error,
}

/// An annotation with its place in the repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Annotation {
    /// How serious.
    pub level: Level,
    /// At most 4,096 characters.
    pub message: String,
    /// `title`.
    pub title: Option<String>,
    /// `file`.
    pub path: Option<String>,
    /// `line`, from 1.
    pub line: Option<u32>,
    /// `endLine`.
    pub end_line: Option<u32>,
    /// `col`, from 1.
    pub column: Option<u32>,
    /// `endColumn`.
    pub end_column: Option<u32>,
}

impl Annotation {
    /// An annotation without a place.
    pub fn plain(level: Level, message: impl Into<String>) -> Self {
        let message = message.into();
        let (title, path) = (None, None);
        let (line, end_line, column, end_column) = (None, None, None, None);
        Self { level, message, title, path, line, end_line, column, end_column }
    }
}

/// How a step or job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conclusion {
    /// It did what it should.
    Success,
    /// It did not.
    Failure,
    /// It was cancelled.
    Cancelled,
    /// It did not have to run.
    Skipped,
    /// It could not be told: what it needs cannot run here.
    Undetermined,
}

impl Conclusion {
    /// The word that expressions see in `result`, `outcome` and `conclusion`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
            Self::Undetermined => "undetermined",
        }
    }
}

/// How a run ended; each has its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunResult {
    /// Everything that was triggered ran and passed.
    Passed,
    /// Something failed.
    Failed,
    /// What ran passed, but something could not run here.
    Incomplete,
    /// Nothing was triggered.
    Nothing,
    /// What ran says nothing about what was asked.
    Undetermined,
    /// It was interrupted.
    Interrupted,
}

/// How many jobs ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Counts {
    /// Passed.
    pub passed: u32,
    /// Failed.
    pub failed: u32,
    /// Cancelled.
    pub cancelled: u32,
    /// Skipped.
    pub skipped: u32,
    /// Not runnable here.
    pub blocked: u32,
    /// Withheld because they would publish, push, deploy or release.
    pub withheld: u32,
    /// Not run because what they need cannot run here.
    pub undetermined: u32,
    /// Not run again, because they passed in an earlier run and nothing that they were given has changed.
    #[serde(default)]
    pub reused: u32,
}

/// Why a job or leg does not run on this machine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Cause {
    /// Its runner is another operating system or architecture, or a label that nothing here stands for.
    Runner {
        /// The labels it asks for.
        labels: Vec<String>,
        /// True when `[run] expect-elsewhere` names it.
        expected: bool,
    },
    /// It runs in a container or needs services.
    Container {
        /// `container`, `services` or the Docker action.
        what: String,
    },
    /// A program, shell or version that its steps name is not on this machine.
    Tool {
        /// Which.
        name: String,
        /// What it is needed for.
        needed_by: String,
    },
    /// A version of a tool, or a part of a toolchain, that a built-in action asks for is not on this machine.
    Missing {
        /// What.
        want: Want,
        /// What this machine has instead: `18.19.1`; `None` when it has nothing of the kind.
        found: Option<String>,
        /// The action that asks for it.
        needed_by: String,
    },
    /// An action that is neither local nor built in.
    Action {
        /// `owner/repo@ref`.
        uses: String,
    },
    /// A built-in action was given an input that it refuses.
    Input {
        /// `owner/repo`.
        action: String,
        /// The input.
        input: String,
        /// Why it is refused.
        reason: String,
    },
    /// It would publish, push, deploy or release.
    Publishes {
        /// The step and what in it.
        what: String,
    },
    /// Its environment needs an approval that was not given.
    Approval {
        /// The environment.
        environment: String,
    },
    /// It needs elevated rights: `sudo`, a system package manager.
    Privilege {
        /// The step and what in it.
        what: String,
        /// The packages of the system that it installs and that are not there, when installing them would be enough.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        packages: Vec<String>,
    },
    /// It costs more than a run takes upon itself unasked, and nobody named it.
    Heavy {
        /// What it costs: a first build, or the time that it took.
        what: String,
    },
    /// It cannot be read, or cannot be planned; the diagnostics say why.
    Unreadable {
        /// The first diagnostic's message.
        reason: String,
    },
    /// A job that it needs cannot run here.
    Needs {
        /// The job's display name.
        job: String,
    },
}
