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

    fn add(&mut self, workflow: &PlannedWorkflow, reached: bool) {
        let mut outlooks: Vec<Outlook> = Vec::with_capacity(workflow.jobs.len());
        for job in &workflow.jobs {
            let outlook = self.outlook(workflow, job, &outlooks);
            let reached = reached
                && matches!(
                    outlook,
                    Outlook::Runs | Outlook::RunsInPart | Outlook::Open | Outlook::Blocked(_)
                );
            if reached {
                self.count_blocked(job);
            }
            for call in job.known_legs().iter().filter_map(|leg| leg.call.as_deref()) {
                self.add(call, reached);
            }
            outlooks.push(outlook.clone());
            self.outlooks.insert(job.key.clone(), outlook);
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
        let stuck = |outlook: &Outlook| {
            matches!(outlook, Outlook::Blocked(_) | Outlook::Undetermined { .. })
        };
        if let Some((need, outlook)) = needs().find(|(_, outlook)| stuck(outlook)) {
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
        self.by_legs(job, condition.is_some())
    }

    fn by_legs(&self, job: &PlannedJob, has_condition: bool) -> Outlook {
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
            Legs::Known(_) if has_condition && !job.needs.is_empty() => Outlook::Open,
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
