//! What planned jobs miss, and which jobs each thing would help.

use std::collections::BTreeMap;

use super::is_known;
use crate::{
    event::JobKey,
    plan::{Plan, PlannedJob, PlannedWorkflow},
    want::Want,
};

/// What is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Each thing once, with the jobs that miss it and nothing that cannot be got; what helps most jobs comes first.
    pub wants: Vec<(Want, Vec<JobKey>)>,
    /// How many of them it is known here how to get.
    pub known: usize,
    /// How many jobs would be ready with those.
    pub jobs: usize,
}

/// What the selected jobs of a plan miss. Jobs that would not run here anyway miss nothing.
pub fn needs(plan: &Plan) -> Needs {
    let (mut found, mut jobs) = (BTreeMap::new(), 0);
    for workflow in &plan.workflows {
        collect(workflow, &mut found, &mut jobs);
    }
    let mut wants: Vec<(Want, Vec<JobKey>)> = found.into_iter().collect();
    wants.sort_by_key(|(_, jobs)| std::cmp::Reverse(jobs.len()));
    let known = wants.iter().filter(|(want, _)| is_known(want)).count();
    Needs { wants, known, jobs }
}

fn collect(workflow: &PlannedWorkflow, found: &mut BTreeMap<Want, Vec<JobKey>>, jobs: &mut usize) {
    let selected = workflow.jobs.iter().filter(|job| job.selected && job.skipped.is_none());
    for leg in selected.flat_map(PlannedJob::known_legs) {
        let mut causes = leg.blocked.iter().chain(&leg.also);
        let wants = leg.wants();
        if !wants.is_empty() && causes.all(|cause| !cause.wants().is_empty()) {
            *jobs += usize::from(wants.iter().all(is_known));
            for want in wants {
                found.entry(want).or_default().push(leg.key.clone());
            }
        }
        if let Some(call) = &leg.call {
            collect(call, found, jobs);
        }
    }
}
