//! A forecast says of each job, before anything ran, whether it will run.

use std::collections::HashMap;

use super::{Legs, Plan, PlannedJob, PlannedWorkflow};
use crate::event::{Cause, JobKey};

/// What will become of a job, as far as can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// It runs, if what it needs succeeds.
    Runs,
    /// Some of its legs run.
    RunsInPart,
    /// Whether it runs is known only once other jobs did: its `if` reads them.
    Open,
    /// It is skipped.
    Skipped(String),
    /// None of its legs can run here.
    Blocked(Cause),
    /// It needs a job that cannot run here.
    Undetermined {
        /// That job's key.
        because: String,
    },
    /// It takes no part.
    NotSelected,
}

/// The outlook of every job of a plan.
#[derive(Clone, Debug, Default)]
pub struct Forecast {
    /// By key of the job, called workflows included.
    pub outlooks: HashMap<String, Outlook>,
    /// How many legs are blocked for each cause, in the order in which the causes first come.
    pub blocked: Vec<(Cause, Vec<JobKey>)>,
}

impl Outlook {
    /// Nothing can be told of it here.
    fn is_stuck(&self) -> bool {
        matches!(self, Self::Blocked(_) | Self::Undetermined { .. })
    }

    fn may_start(&self) -> bool {
        matches!(self, Self::Runs | Self::RunsInPart | Self::Open | Self::Blocked(_))
    }

    /// It says something about its workflow.
    fn counts(&self) -> bool {
        !matches!(self, Self::Skipped(_) | Self::NotSelected)
    }
}

impl Forecast {
    /// Of everything in `plan`.
    pub fn of(plan: &Plan) -> Self {
        let mut forecast = Self::default();
        for workflow in &plan.workflows {
            forecast.add(workflow, true);
        }
        forecast
    }

    /// The outlook of a job.
    pub fn job(&self, job: &PlannedJob) -> &Outlook {
        self.outlooks.get(&job.key).unwrap_or(&Outlook::NotSelected)
    }

    /// Adds the jobs of a workflow; returns the first one that cannot run when none of them can.
    fn add(&mut self, workflow: &PlannedWorkflow, reached: bool) -> Option<String> {
        let mut outlooks: Vec<Outlook> = Vec::with_capacity(workflow.jobs.len());
        for job in &workflow.jobs {
            let outlook = self.outlook(workflow, job, &outlooks);
            let reached = reached && outlook.may_start();
            if reached {
                self.count_blocked(job);
            }
            let outlook = self.with_calls(job, outlook, reached);
            outlooks.push(outlook.clone());
            self.outlooks.insert(job.key.clone(), outlook);
        }
        let part: Vec<(&PlannedJob, &Outlook)> =
            workflow.jobs.iter().zip(&outlooks).filter(|(_, o)| o.counts()).collect();
        let (first, _) = part.first()?;
        part.iter().all(|(_, outlook)| outlook.is_stuck()).then(|| first.key.clone())
    }

    /// A call can be told nothing of when no job of what it calls can run.
    fn with_calls(&mut self, job: &PlannedJob, outlook: Outlook, reached: bool) -> Outlook {
        let calls = job.known_legs().iter().filter_map(|leg| leg.call.as_deref());
        let stuck: Vec<Option<String>> = calls.map(|call| self.add(call, reached)).collect();
        let first = stuck.iter().flatten().next();
        match first {
            Some(because) if outlook.may_start() && stuck.iter().all(Option::is_some) => {
                Outlook::Undetermined { because: because.clone() }
            }
            Some(_) if outlook == Outlook::Runs => Outlook::RunsInPart,
            _ => outlook,
        }
    }

    fn outlook(&self, workflow: &PlannedWorkflow, job: &PlannedJob, before: &[Outlook]) -> Outlook {
        if !job.selected {
            return Outlook::NotSelected;
        }
        if let Some(reason) = &job.skipped {
            return Outlook::Skipped(reason.clone());
        }
        let needs =
            || job.needs.iter().filter_map(|&at| Some((&workflow.jobs[at], before.get(at)?)));
        if let Some((need, outlook)) = needs().find(|(_, outlook)| outlook.is_stuck()) {
            let because = match outlook {
                Outlook::Undetermined { because } => because.clone(),
                _ => need.key.clone(),
            };
            return Outlook::Undetermined { because };
        }
        let condition = workflow.job(job).condition.as_ref();
        let overrides = condition.is_some_and(|condition| {
            let mut written = condition.condition.written().expressions();
            written
                .any(|(e, _)| ["always", "failure", "cancelled"].iter().any(|name| e.calls(name)))
        });
        let skipped = needs().find(|(_, outlook)| matches!(outlook, Outlook::Skipped(_)));
        if let Some((need, _)) = skipped.filter(|_| !overrides) {
            return Outlook::Skipped(format!("it needs `{}`, which is skipped", need.id));
        }
        Self::by_legs(job)
    }

    fn by_legs(job: &PlannedJob) -> Outlook {
        if let Some(cause) = job.cause() {
            return Outlook::Blocked(cause.clone());
        }
        match &job.legs {
            Legs::Deferred { .. } => Outlook::Open,
            Legs::Known(legs) if legs.is_empty() => {
                Outlook::Skipped("no leg was asked for".to_owned())
            }
            Legs::Known(legs) if legs.iter().any(|leg| leg.blocked.is_some()) => {
                Outlook::RunsInPart
            }
            Legs::Known(_) if job.open => Outlook::Open,
            Legs::Known(_) => Outlook::Runs,
        }
    }

    fn count_blocked(&mut self, job: &PlannedJob) {
        let legs =
            job.known_legs().iter().filter_map(|leg| Some((leg.blocked.as_ref()?, &leg.key)));
        let whole = job.blocked.as_ref().map(|cause| (cause, JobKey(job.key.as_str().into())));
        let all: Vec<(&Cause, JobKey)> =
            whole.into_iter().chain(legs.map(|(cause, key)| (cause, key.clone()))).collect();
        for (cause, key) in all {
            match self.blocked.iter_mut().find(|(known, _)| known == cause) {
                Some((_, keys)) => keys.push(key),
                None => self.blocked.push((cause.clone(), vec![key])),
            }
        }
    }
}
