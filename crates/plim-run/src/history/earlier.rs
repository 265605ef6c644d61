//! An earlier run, as a run that repeats it needs it: how each job ended, and what its result rests on.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{History, HistoryError, PastRun};
use crate::{
    Event, JobKey,
    basis::Basis,
    event::{Cause, Conclusion, RunResult},
    plan::{Plan, PlannedWorkflow},
};

/// What an earlier run leaves to one that repeats what did not pass in it.
#[derive(Clone, Debug, Default)]
pub struct Earlier {
    /// Names it.
    pub run: Arc<str>,
    folder: PathBuf,
    /// How it ended, and whether a job failed or was cancelled.
    end: Option<(RunResult, bool)>,
    jobs: HashMap<JobKey, EarlierJob>,
}

/// How a job ended in an earlier run.
#[derive(Clone, Debug)]
pub struct EarlierJob {
    /// Its display name.
    pub name: Arc<str>,
    /// How.
    pub end: EarlierEnd,
    /// What its result rests on; only of one that passed.
    pub basis: Option<Box<Basis>>,
    /// The artifacts that it stored, by name, with their digests.
    pub artifacts: Vec<(Arc<str>, String)>,
}

/// How a job ended in an earlier run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EarlierEnd {
    /// It passed.
    Passed {
        /// The run in which it ran.
        from: Arc<str>,
        /// Its outputs, but for those that may hold a secret.
        outputs: Vec<(Arc<str>, String)>,
        /// How long it took.
        milliseconds: u64,
    },
    /// It did not have to run.
    Skipped,
    /// It could not run here.
    Blocked {
        /// Only because a job that it needs could not.
        needs: bool,
    },
    /// It failed, was cancelled, or did not end.
    Open,
}

impl History {
    /// The newest run that has come to an end, one way or other, and was asked for in the same way.
    ///
    /// `asked` is what [`basis::asked`](crate::basis::asked) gives. Errors: [`HistoryError::File`].
    pub fn last_like(&self, asked: &str) -> Result<Option<Earlier>, HistoryError> {
        for run in self.runs()? {
            let first = run.events().ok().and_then(|mut events| events.next());
            let is_like =
                matches!(&first, Some(Event::RunStarted { asked: then, .. }) if **then == *asked);
            if is_like && !run.is_running() {
                return Earlier::read(&run).map(Some);
            }
        }
        Ok(None)
    }
}

impl Earlier {
    /// Reads what is kept of `run`.
    ///
    /// Errors: [`HistoryError::File`].
    pub fn read(run: &PastRun) -> Result<Self, HistoryError> {
        let (id, folder) = (run.id().to_string().into(), run.folder().to_owned());
        let mut earlier = Self { run: id, folder, ..Self::default() };
        for event in run.events()? {
            earlier.note(event);
        }
        Ok(earlier)
    }

    /// How a job ended; `None` when nothing is known of it.
    pub fn job(&self, key: &JobKey) -> Option<&EarlierJob> {
        self.jobs.get(key)
    }

    /// All jobs of which something is known, by key.
    pub fn jobs(&self) -> impl Iterator<Item = (&JobKey, &EarlierJob)> {
        self.jobs.iter()
    }

    /// Where its artifacts are.
    pub fn artifacts(&self) -> PathBuf {
        self.folder.join("artifacts")
    }

    /// The folder of the run.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether there is nothing to repeat: every job passed, did not have to run, or can still not run here.
    pub fn is_settled(&self, plan: &Plan) -> bool {
        let ended = matches!(self.end, Some((result, false)) if result != RunResult::Interrupted);
        let runnable = runnable(plan);
        ended && self.jobs.iter().all(|(key, job)| job.is_settled(runnable.contains(&*key.0)))
    }

    fn note(&mut self, event: Event) {
        match event {
            Event::JobStarted { job, name, .. } => self.begin(job, name, EarlierEnd::Open),
            Event::JobBlocked { job, name, cause, .. } => {
                let needs = matches!(cause, Cause::Needs { .. });
                self.begin(job, name, EarlierEnd::Blocked { needs });
            }
            Event::JobSkipped { job, name, reason, .. } => {
                // A cancelled job is told as skipped when it had not started.
                let cancelled = reason.starts_with("cancelled");
                let end = if cancelled { EarlierEnd::Open } else { EarlierEnd::Skipped };
                self.begin(job, name, end);
            }
            Event::JobReused { job, name, from, outputs, milliseconds, .. } => {
                self.begin(job, name, EarlierEnd::Passed { from, outputs, milliseconds });
            }
            Event::JobFinished { job, conclusion, outputs, milliseconds } => {
                let from = self.run.clone();
                if let Some(job) = self.jobs.get_mut(&job) {
                    job.end = match conclusion {
                        Conclusion::Success => EarlierEnd::Passed { from, outputs, milliseconds },
                        _ => EarlierEnd::Open,
                    };
                }
            }
            Event::ArtifactStored { job, name, digest, .. } => {
                if let Some(job) = self.jobs.get_mut(&job) {
                    job.artifacts.retain(|(known, _)| *known != name);
                    job.artifacts.push((name, digest));
                }
            }
            Event::JobBasis { job, basis } => {
                if let Some(job) = self.jobs.get_mut(&job) {
                    job.basis = Some(basis);
                }
            }
            Event::RunFinished { result, counts, .. } => {
                self.end = Some((result, counts.failed + counts.cancelled > 0));
            }
            _ => {}
        }
    }

    fn begin(&mut self, job: JobKey, name: Arc<str>, end: EarlierEnd) {
        let (basis, artifacts) = (None, Vec::new());
        self.jobs.insert(job, EarlierJob { name, end, basis, artifacts });
    }
}

impl EarlierJob {
    fn is_settled(&self, runnable: bool) -> bool {
        let by_hand = self.basis.as_ref().is_some_and(|basis| basis.by_hand);
        match self.end {
            EarlierEnd::Passed { .. } => !by_hand,
            EarlierEnd::Skipped => true,
            EarlierEnd::Blocked { needs } => needs || !runnable,
            EarlierEnd::Open => false,
        }
    }
}

/// The keys of the jobs and legs of a plan that can run here.
fn runnable(plan: &Plan) -> HashSet<&str> {
    let mut keys = HashSet::new();
    let mut workflows: Vec<&PlannedWorkflow> = plan.workflows.iter().collect();
    while let Some(workflow) = workflows.pop() {
        for job in workflow.jobs.iter().filter(|job| job.selected && job.cause().is_none()) {
            keys.insert(job.key.as_str());
            for leg in job.known_legs().iter().filter(|leg| leg.blocked.is_none()) {
                keys.insert(&*leg.key.0);
                workflows.extend(leg.call.as_deref());
            }
        }
    }
    keys
}
