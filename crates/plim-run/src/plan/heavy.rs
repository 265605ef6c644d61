//! Leaves out what is heavy and was not named: first builds beyond a number, and jobs that take long.
//!
//! A first build is a leg that compiles (see [`crate::compile`]) and has no workspace yet. The first leg of every job
//! comes before the second of any, so that as many jobs as possible run. What was built has a workspace, and no longer
//! counts in the next run.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::planner::Inner;
use super::{Forecast, Legs, Plan, PlannedLeg, PlannedWorkflow, Prospect};
use crate::event::{Cause, JobKey};
use crate::history::Kept;

/// A leg that would run.
struct Candidate {
    key: JobKey,
    builds: bool,
    /// Its place among the legs of its job that would run.
    place: usize,
}

impl Inner {
    /// Leaves out of `plan` what is heavy, unless jobs were named.
    pub(super) fn leave_out_heavy(&self, plan: &mut Plan) {
        self.admitted.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let unasked = self.request.unasked;
        if self.request.names_jobs() || (unasked.cold.is_none() && unasked.heavy.is_none()) {
            return;
        }
        let mut candidates = candidates(plan);
        candidates.sort_by_key(|candidate| candidate.place);
        let left_out: HashMap<JobKey, Cause> = candidates
            .into_iter()
            .filter_map(|leg| Some((leg.key.clone(), self.burden(&leg.key, leg.builds)?)))
            .collect();
        plan.workflows.iter_mut().for_each(|workflow| {
            each_leg(workflow, &mut |leg| {
                if leg.blocked.is_none() {
                    leg.blocked = left_out.get(&leg.key).cloned();
                }
            });
        });
    }

    /// The same for a call that is planned again while the run goes on.
    pub(super) fn leave_out_of_call(&self, workflow: &mut PlannedWorkflow) {
        each_leg(workflow, &mut |leg| self.leave_out_late(leg));
    }

    /// The same for a leg that is planned while the run goes on.
    pub(super) fn leave_out_late(&self, leg: &mut PlannedLeg) {
        if leg.blocked.is_none() && leg.call.is_none() && !self.request.names_jobs() {
            leg.blocked = self.burden(&leg.key, leg.builds);
        }
    }

    /// Why a leg is too much; counts it as a first build if it is one and there is still room for one.
    fn burden(&self, key: &JobKey, builds: bool) -> Option<Cause> {
        let unasked = self.request.unasked;
        let took = self.request.took.get(key).copied();
        if let (Some(took), Some(most)) = (took, unasked.heavy)
            && took > most
        {
            let (took, most) = (minutes(took), minutes(most));
            let what = format!("took {took} when it last passed, more than {most}");
            return Some(Cause::Heavy { what });
        }
        let most = unasked.cold.filter(|_| builds && self.is_new(key))?;
        let mut admitted = self.admitted.lock().unwrap_or_else(PoisonError::into_inner);
        if !admitted.contains(key) && admitted.len() >= most {
            let what = format!("a first build, of which a run makes {most} unasked");
            return Some(Cause::Heavy { what });
        }
        admitted.insert(key.clone());
        None
    }

    fn is_new(&self, key: &JobKey) -> bool {
        let kept = self.request.cache.as_deref().map(|cache| Kept::of(&self.source.root, cache));
        kept.is_none_or(|kept| !kept.leg(key).exists())
    }
}

/// What would run, in the order of the plan.
fn candidates(plan: &Plan) -> Vec<Candidate> {
    let mut builds: HashMap<&JobKey, bool> = HashMap::new();
    plan.workflows.iter().for_each(|workflow| note_builds(workflow, &mut builds));
    let forecast = Forecast::of(plan);
    let mut places: HashMap<&str, usize> = HashMap::new();
    let entries = forecast.entries(plan);
    let ready = entries.iter().filter(|entry| entry.prospect == Prospect::Ready);
    ready
        .map(|entry| {
            let place = places.entry(entry.job).or_default();
            *place += 1;
            let key = JobKey(entry.key.into());
            Candidate { builds: builds.get(&key) == Some(&true), key, place: *place }
        })
        .collect()
}

fn note_builds<'p>(workflow: &'p PlannedWorkflow, builds: &mut HashMap<&'p JobKey, bool>) {
    for leg in workflow.jobs.iter().flat_map(super::PlannedJob::known_legs) {
        builds.insert(&leg.key, leg.builds);
        leg.call.iter().for_each(|call| note_builds(call, builds));
    }
}

/// Every leg that calls nothing, those of called workflows included.
fn each_leg(workflow: &mut PlannedWorkflow, visit: &mut dyn FnMut(&mut PlannedLeg)) {
    for job in &mut workflow.jobs {
        let Legs::Known(legs) = &mut job.legs else { continue };
        for leg in legs {
            match &mut leg.call {
                Some(call) => each_leg(Arc::make_mut(call), visit),
                None => visit(leg),
            }
        }
    }
}

fn minutes(time: Duration) -> String {
    format!("{} min", time.as_secs().div_ceil(60))
}
