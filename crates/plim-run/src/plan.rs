//! A plan says which jobs run, in which order and why, and which will not, before anything runs.

mod build;
mod call;
mod document;
mod elevation;
mod error;
mod examine;
mod fixed;
mod forecast;
mod heavy;
mod pinned;
mod planner;
mod prospect;
mod reads;
mod select;
mod stored;
mod survey;

use std::{collections::BTreeSet, sync::Arc};

use plim_diag::{Diagnostic, Sources};
use plim_expression::Value;
use plim_workflow::{Job, Leg, Workflow};

pub use document::document;
pub use error::PlanError;
pub use forecast::{Forecast, Outlook};
pub use planner::Planner;
pub use prospect::{Entry, Prospect};
pub use stored::Home;

use crate::event::{Cause, JobKey};
use crate::occasion::Occasion;
use crate::source::Source;
use crate::want::Want;

/// What will happen.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The repository.
    pub source: Arc<Source>,
    /// The workflows that run, ordered by path.
    pub workflows: Vec<PlannedWorkflow>,
    /// The workflows that do not, ordered by path.
    pub untriggered: Vec<Untriggered>,
    /// What is wrong with the files that were read.
    pub diagnostics: Vec<Diagnostic>,
    /// Their texts.
    pub sources: Sources,
    /// Plans what could not be known before.
    pub planner: Planner,
}

/// A workflow that does not run.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Untriggered {
    /// The file.
    pub path: Arc<str>,
    /// Its name, or the file.
    pub name: String,
    /// Why, in a few words.
    pub reason: String,
    /// Whether it cannot be read, so that it is not known what would have started it.
    pub unreadable: bool,
}

/// A workflow that runs, by its own event or because a job calls it.
#[derive(Clone, Debug)]
pub struct PlannedWorkflow {
    /// The file.
    pub workflow: Arc<Workflow>,
    /// Its name, or the file.
    pub name: Arc<str>,
    /// What starts it; that of the caller for a called workflow.
    pub occasion: Arc<Occasion>,
    /// The `inputs` context, as far as it is known before anything ran.
    pub inputs: Value,
    /// Inputs whose value depends on jobs that have not run. Plan the call again once they have: [`Planner::call`].
    pub open_inputs: Vec<Arc<str>>,
    /// Every job; what a job needs comes before it.
    pub jobs: Vec<PlannedJob>,
    /// The files of the workflows whose calls lead to it, the outermost first; empty for one that an event starts.
    pub callers: Vec<Arc<str>>,
    /// The repository that it is from, when that is another one.
    pub home: Option<Arc<Home>>,
    /// What the keys of its jobs begin with: `ci.yml:`, `ci.yml:release/`.
    pub prefix: String,
    /// What the names of its jobs begin with: `release / `; empty for one that an event starts.
    pub title: String,
    selection: select::Selection,
}

/// A job of a workflow that runs.
#[derive(Clone, Debug)]
pub struct PlannedJob {
    /// Its key under `jobs`.
    pub id: Arc<str>,
    /// `ci.yml:build`; in a called workflow `ci.yml:release/build`.
    pub key: String,
    /// Its place in [`Workflow::jobs`].
    pub index: usize,
    /// The places in [`PlannedWorkflow::jobs`] of the jobs that it needs directly and that take part.
    pub needs: Vec<usize>,
    /// False when it was neither asked for nor needed by what was, or is left out: it takes no part.
    pub selected: bool,
    /// Its legs.
    pub legs: Legs,
    /// Why it cannot be planned at all. What keeps legs from running here stands with them, since the job's `if` is
    /// asked before.
    pub blocked: Option<Cause>,
    /// Why it is skipped, when that is known already: its `if` is false whatever other jobs do.
    pub skipped: Option<String>,
    /// Whether its `if` is known only once other jobs ran, even if all of them succeed.
    pub open: bool,
}

/// The legs of a job.
#[derive(Clone, Debug)]
pub enum Legs {
    /// Known before anything ran; one for a job without a matrix. Those that the user left out are missing.
    Known(Vec<PlannedLeg>),
    /// Known once other jobs ran.
    Deferred {
        /// What has to be known first: `the matrix reads needs`.
        reason: String,
    },
}

/// A leg of a job.
#[derive(Clone, Debug)]
pub struct PlannedLeg {
    /// `ci.yml:test`, or `ci.yml:test[2]` for the second of several, counted from 1.
    pub key: JobKey,
    /// Its matrix.
    pub leg: Leg,
    /// Its place among the legs, from 0.
    pub index: usize,
    /// The name it is shown by, as far as it is known.
    pub name: Arc<str>,
    /// The labels of `runs-on`, as far as they are known.
    pub labels: Vec<Arc<str>>,
    /// Why it does not run here.
    pub blocked: Option<Cause>,
    /// Further reasons why it would not, the weightiest first.
    pub also: Vec<Cause>,
    /// The actions that do nothing of their purpose here, and why: `codecov/codecov-action (coverage is not …)`.
    pub left_out: Vec<String>,
    /// Whether a step of it compiles, which costs much in a new workspace.
    pub builds: bool,
    /// Whether what keeps it from running, or where it runs, depends on jobs that have not run. Plan it again once they
    /// have: [`Planner::leg`].
    pub open: bool,
    /// The workflow that it calls.
    pub call: Option<Arc<PlannedWorkflow>>,
}

impl Plan {
    /// Whether nothing was triggered.
    pub fn is_empty(&self) -> bool {
        self.workflows.is_empty()
    }

    /// What the selected jobs need and this machine lacks, each once; empty for what does not run here for another
    /// reason, because getting it would not help.
    pub fn wants(&self) -> Vec<Want> {
        let mut wants: BTreeSet<Want> = BTreeSet::new();
        self.workflows.iter().for_each(|workflow| workflow.collect_wants(&mut wants));
        wants.into_iter().collect()
    }
}

impl PlannedWorkflow {
    /// The job of the model that `planned` stands for.
    pub fn job<'w>(&'w self, planned: &PlannedJob) -> &'w Job {
        &self.workflow.jobs[planned.index]
    }

    fn collect_wants(&self, wants: &mut BTreeSet<Want>) {
        let selected = self.jobs.iter().filter(|job| job.selected && job.skipped.is_none());
        for leg in selected.flat_map(PlannedJob::known_legs) {
            if leg.causes().all(|cause| !cause.wants().is_empty()) {
                wants.extend(leg.wants());
            }
            if let Some(call) = &leg.call {
                call.collect_wants(wants);
            }
        }
    }
}

impl PlannedLeg {
    /// What it needs and this machine lacks, each once.
    pub fn wants(&self) -> Vec<Want> {
        self.causes().flat_map(Cause::wants).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Why it does not run here, the weightiest first; all have to be lifted before it does.
    pub fn causes(&self) -> impl Iterator<Item = &Cause> {
        self.blocked.iter().chain(&self.also)
    }
}

impl PlannedJob {
    /// The legs that are known.
    pub fn known_legs(&self) -> &[PlannedLeg] {
        match &self.legs {
            Legs::Known(legs) => legs,
            Legs::Deferred { .. } => &[],
        }
    }

    /// Why no leg can run here: the cause of the job, or the first leg's when every leg has one.
    pub fn cause(&self) -> Option<&Cause> {
        if self.blocked.is_some() {
            return self.blocked.as_ref();
        }
        let legs = self.known_legs();
        let all = !legs.is_empty() && legs.iter().all(|leg| leg.blocked.is_some());
        if all { legs[0].blocked.as_ref() } else { None }
    }
}
