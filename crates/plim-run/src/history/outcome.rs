//! The outcome of a run, as `result.json` keeps it.

use serde::{Deserialize, Serialize};

use crate::{
    JobKey,
    event::{Cause, Conclusion, Counts, RunResult},
};

/// How a run ended, and each of its jobs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Outcome {
    /// The form of this document; 1.
    pub version: u32,
    /// Names the run.
    pub run: String,
    /// The repository.
    pub repository: String,
    /// The commit that its jobs saw.
    pub commit: String,
    /// Whether that commit was made from uncommitted work.
    pub dirty: bool,
    /// When it began, in RFC 3339.
    pub at: String,
    /// How it ended.
    pub result: RunResult,
    /// How many jobs ended how.
    pub counts: Counts,
    /// How long it took.
    pub milliseconds: u64,
    /// Why something of the run was not kept, if so: the disk was full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<String>,
    /// Its workflows.
    pub workflows: Vec<WorkflowOutcome>,
    /// Its jobs, in the order in which they were told.
    pub jobs: Vec<JobOutcome>,
}

/// A workflow that ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct WorkflowOutcome {
    /// The file.
    pub workflow: String,
    /// Its name, or the file.
    pub name: String,
    /// The event that triggered it.
    pub trigger: String,
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct JobOutcome {
    /// Which.
    pub job: JobKey,
    /// Its display name.
    pub name: String,
    /// The workflow's file.
    pub workflow: String,
    /// How it ended, or why it did not run.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// Its log, below the folder of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
}

/// How a job ended, or why it did not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Verdict {
    /// It ran.
    Ran {
        /// How it ended.
        conclusion: Conclusion,
        /// How long it took.
        milliseconds: u64,
    },
    /// It passed in an earlier run, and nothing that it was given had changed.
    Reused {
        /// The run in which it ran.
        from: String,
        /// How long it took then.
        milliseconds: u64,
    },
    /// It did not have to run.
    Skipped {
        /// Why.
        reason: String,
    },
    /// It could not run here.
    Blocked {
        /// Why.
        cause: Cause,
    },
    /// The run ended before it did.
    Unfinished,
}
