//! A prospect says of each leg whether it will run, so that a plan can be counted.

use super::{Forecast, Legs, Outlook, Plan, PlannedJob, PlannedWorkflow};
use crate::event::Cause;

/// What will become of a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prospect<'p> {
    /// It runs, if what it needs succeeds and its `if` does not say otherwise.
    Ready,
    /// How many legs its job has is known only once other jobs ran.
    Later,
    /// It is skipped.
    Skipped,
    /// It cannot run here.
    Stopped {
        /// What is at the root of it: its own cause, or that of a job that it needs.
        cause: &'p Cause,
        /// Whether the cause is that of a job that it needs.
        inherited: bool,
    },
}

/// A leg that runs steps, or calls a workflow that is not here; or a job whose legs are not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'p> {
    /// Names it: `ci.yml:test[2]`.
    pub key: &'p str,
    /// The job that it is of: `ci.yml:test`.
    pub job: &'p str,
    /// The name it is shown by.
    pub name: &'p str,
    /// What will become of it.
    pub prospect: Prospect<'p>,
}

impl Forecast {
    /// Every leg of `plan`, in the order of the plan; those of called workflows in place of the calls. Jobs that take
    /// no part are missing.
    pub fn entries<'p>(&'p self, plan: &'p Plan) -> Vec<Entry<'p>> {
        let mut entries = Vec::new();
        for workflow in &plan.workflows {
            self.enter(workflow, None, &mut entries);
        }
        entries
    }

    /// Adds the legs of a workflow; all are stopped by `above`, what keeps the call from being made.
    fn enter<'p>(
        &'p self,
        workflow: &'p PlannedWorkflow,
        above: Option<&'p Cause>,
        entries: &mut Vec<Entry<'p>>,
    ) {
        for job in &workflow.jobs {
            let stopped = |cause| Prospect::Stopped { cause, inherited: true };
            match (self.job(job), above) {
                (Outlook::NotSelected, _) => {}
                (Outlook::Skipped(_), _) => skip(job, entries),
                (_, Some(cause)) => self.enter_legs(job, Some(cause), stopped(cause), entries),
                (Outlook::Undetermined { cause, .. }, None) if !calls(job) => {
                    self.enter_legs(job, Some(cause), stopped(cause), entries);
                }
                (Outlook::Undetermined { cause, .. }, None) => {
                    // Either what it needs is stuck, or all that it calls.
                    let above = self.needs_are_stuck(workflow, job).then_some(cause);
                    self.enter_legs(job, above, stopped(cause), entries);
                }
                (Outlook::Blocked(cause), None) => {
                    let own = Prospect::Stopped { cause, inherited: false };
                    self.enter_legs(job, None, own, entries);
                }
                (Outlook::Runs | Outlook::RunsInPart | Outlook::Open, None) => {
                    self.enter_legs(job, None, Prospect::Later, entries);
                }
            }
        }
    }

    fn needs_are_stuck(&self, workflow: &PlannedWorkflow, job: &PlannedJob) -> bool {
        let mut needs = job.needs.iter().filter_map(|&at| workflow.jobs.get(at));
        needs.any(|need| {
            matches!(self.job(need), Outlook::Blocked(_) | Outlook::Undetermined { .. })
        })
    }

    /// Adds the legs of a job; `of_unknown` is what becomes of it when they are not known.
    fn enter_legs<'p>(
        &'p self,
        job: &'p PlannedJob,
        above: Option<&'p Cause>,
        of_unknown: Prospect<'p>,
        entries: &mut Vec<Entry<'p>>,
    ) {
        let legs = match &job.legs {
            Legs::Known(legs) if !legs.is_empty() => legs,
            _ => return entries.push(whole(job, of_unknown)),
        };
        for leg in legs {
            let own = self.stopped.get(&leg.key).filter(|_| leg.blocked.is_some());
            let prospect = match (above, own) {
                (Some(cause), _) => Prospect::Stopped { cause, inherited: true },
                (None, Some(cause)) => Prospect::Stopped { cause, inherited: false },
                (None, None) => Prospect::Ready,
            };
            if let Some(call) = &leg.call {
                self.enter(call, above.or(own), entries);
            } else {
                entries.push(Entry { key: &leg.key.0, job: &job.key, name: &leg.name, prospect });
            }
        }
    }
}

/// A skipped job is one entry, and a skipped call one for each job of what it calls.
fn skip<'p>(job: &'p PlannedJob, entries: &mut Vec<Entry<'p>>) {
    let call = job.known_legs().iter().find_map(|leg| leg.call.as_deref());
    match call {
        Some(call) => call.jobs.iter().for_each(|job| skip(job, entries)),
        None => entries.push(whole(job, Prospect::Skipped)),
    }
}

fn whole<'p>(job: &'p PlannedJob, prospect: Prospect<'p>) -> Entry<'p> {
    Entry { key: &job.key, job: &job.key, name: &job.id, prospect }
}

fn calls(job: &PlannedJob) -> bool {
    job.known_legs().iter().any(|leg| leg.call.is_some())
}
