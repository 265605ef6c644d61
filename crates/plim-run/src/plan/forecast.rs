//! A forecast says of each job, before anything ran, whether it will run.

use std::collections::HashMap;

use super::examine::weight;
use super::{Legs, Plan, PlannedJob, PlannedLeg, PlannedWorkflow};
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
        /// Why that one cannot.
        cause: Cause,
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
    /// Why legs are blocked, those of jobs that are never reached included.
    pub(super) stopped: HashMap<JobKey, Cause>,
}

impl Outlook {
    /// Nothing can be told of it here.
    fn is_stuck(&self) -> bool {
        self.root().is_some()
    }

    /// What keeps it from running.
    fn root(&self) -> Option<&Cause> {
        match self {
            Self::Blocked(cause) | Self::Undetermined { cause, .. } => Some(cause),
            _ => None,
        }
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
        Self::if_lifted(plan, &|_| false)
    }

    /// What would become of everything in `plan` if the causes that `lifted` is true of were none.
    ///
    /// A job with two causes, or one that needs two stuck jobs, runs only when both are lifted.
    pub fn if_lifted(plan: &Plan, lifted: &dyn Fn(&Cause) -> bool) -> Self {
        let mut caster = Caster { forecast: Self::default(), lifted };
        for workflow in &plan.workflows {
            caster.add(workflow, true);
        }
        caster.forecast
    }

    /// The outlook of a job.
    pub fn job(&self, job: &PlannedJob) -> &Outlook {
        self.outlooks.get(&job.key).unwrap_or(&Outlook::NotSelected)
    }
}

/// Makes a forecast.
struct Caster<'a> {
    forecast: Forecast,
    lifted: &'a dyn Fn(&Cause) -> bool,
}

/// A job that keeps others from running: its key and why.
type Root = (String, Cause);

impl Caster<'_> {
    /// Adds the jobs of a workflow; returns one that cannot run when none of them can.
    fn add(&mut self, workflow: &PlannedWorkflow, reached: bool) -> Option<Root> {
        let mut outlooks: Vec<Outlook> = Vec::with_capacity(workflow.jobs.len());
        for job in &workflow.jobs {
            self.stop_legs(job);
            let outlook = self.outlook(workflow, job, &outlooks);
            let reached = reached && outlook.may_start();
            if reached {
                self.count_blocked(job);
            }
            let outlook = self.with_calls(job, outlook, reached);
            outlooks.push(outlook.clone());
            self.forecast.outlooks.insert(job.key.clone(), outlook);
        }
        let part = || workflow.jobs.iter().zip(&outlooks).filter(|(_, outlook)| outlook.counts());
        if !part().all(|(_, outlook)| outlook.is_stuck()) {
            return None;
        }
        weightiest(part())
    }

    fn stop_legs(&mut self, job: &PlannedJob) {
        for leg in job.known_legs() {
            if let Some(cause) = leg.causes().find(|cause| !(self.lifted)(cause)) {
                self.forecast.stopped.insert(leg.key.clone(), cause.clone());
            }
        }
    }

    fn stopped(&self, leg: &PlannedLeg) -> Option<&Cause> {
        leg.blocked.as_ref()?;
        self.forecast.stopped.get(&leg.key)
    }

    fn blocked<'j>(&self, job: &'j PlannedJob) -> Option<&'j Cause> {
        job.blocked.as_ref().filter(|cause| !(self.lifted)(cause))
    }

    /// A call can be told nothing of when no job of what it calls can run.
    fn with_calls(&mut self, job: &PlannedJob, outlook: Outlook, reached: bool) -> Outlook {
        let calls = job.known_legs().iter().filter_map(|leg| leg.call.as_deref());
        let stuck: Vec<Option<Root>> = calls.map(|call| self.add(call, reached)).collect();
        let first = stuck.iter().flatten().next();
        match first {
            Some((because, cause)) if outlook.may_start() && stuck.iter().all(Option::is_some) => {
                Outlook::Undetermined { because: because.clone(), cause: cause.clone() }
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
        if let Some((because, cause)) = weightiest(needs()) {
            return Outlook::Undetermined { because, cause };
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
        self.by_legs(job)
    }

    fn by_legs(&self, job: &PlannedJob) -> Outlook {
        if let Some(cause) = self.blocked(job) {
            return Outlook::Blocked(cause.clone());
        }
        let Legs::Known(legs) = &job.legs else { return Outlook::Open };
        if legs.is_empty() {
            return Outlook::Skipped("no leg was asked for".to_owned());
        }
        let stopped: Vec<&Cause> = legs.iter().filter_map(|leg| self.stopped(leg)).collect();
        // One leg is enough for those that need the job, so the cause that is mended most easily counts.
        match stopped.iter().max_by_key(|cause| weight(cause)) {
            Some(cause) if stopped.len() == legs.len() => Outlook::Blocked((*cause).clone()),
            Some(_) => Outlook::RunsInPart,
            None if job.open => Outlook::Open,
            None => Outlook::Runs,
        }
    }

    fn count_blocked(&mut self, job: &PlannedJob) {
        let whole = self.blocked(job).map(|cause| (cause, JobKey(job.key.as_str().into())));
        let legs = job.known_legs().iter();
        let legs = legs.filter_map(|leg| Some((self.stopped(leg)?, leg.key.clone())));
        let all: Vec<(Cause, JobKey)> =
            whole.into_iter().chain(legs).map(|(cause, key)| (cause.clone(), key)).collect();
        for (cause, key) in all {
            match self.forecast.blocked.iter_mut().find(|(known, _)| *known == cause) {
                Some((_, keys)) => keys.push(key),
                None => self.forecast.blocked.push((cause, vec![key])),
            }
        }
    }
}

/// Of several stuck jobs the one that is hardest to mend: what waits for it cannot run before.
fn weightiest<'j>(jobs: impl Iterator<Item = (&'j PlannedJob, &'j Outlook)>) -> Option<Root> {
    let stuck = jobs.filter_map(|(job, outlook)| Some((job, outlook, outlook.root()?)));
    let (job, outlook, cause) = stuck.min_by_key(|(_, _, cause)| weight(cause))?;
    let because = match outlook {
        Outlook::Undetermined { because, .. } => because.clone(),
        _ => job.key.clone(),
    };
    Some((because, cause.clone()))
}
