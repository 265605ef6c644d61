//! The document is a plan as JSON, for `-n --format json`: stable, and without anything of this machine's memory.

use std::time::Duration;

use plim_workflow::JobBody;
use serde_json::{Value, json};

use super::{Forecast, Legs, Outlook, Plan, PlannedJob, PlannedLeg, PlannedWorkflow};
use crate::event::JobKey;

/// The plan as JSON. `past` tells how long a leg took when it last ran to its end; what it does not tell is `null`.
pub fn document(plan: &Plan, past: &dyn Fn(&JobKey) -> Option<Duration>) -> Value {
    let writer = Writer { forecast: Forecast::of(plan), past };
    let source = &plan.source;
    json!({
        "schema": 1,
        "source": {
            "root": source.root.to_string_lossy(),
            "repository": source.repository,
            "commit": source.commit(),
            "head": source.head,
            "dirty": source.dirty,
            "branch": source.branch,
            "default-branch": source.default_branch,
        },
        "workflows": plan.workflows.iter().map(|w| writer.workflow(w)).collect::<Vec<_>>(),
        "untriggered": plan.untriggered,
        "blocked": writer.blocked(),
        "wants": plan.wants(),
        "diagnostics": plan.diagnostics,
    })
}

struct Writer<'a> {
    forecast: Forecast,
    past: &'a dyn Fn(&JobKey) -> Option<Duration>,
}

impl Writer<'_> {
    fn workflow(&self, planned: &PlannedWorkflow) -> Value {
        json!({
            "path": planned.workflow.path,
            "name": planned.name,
            "event": planned.occasion.event,
            "activity": planned.occasion.activity,
            "ref": planned.occasion.reference,
            "sha": planned.occasion.sha,
            "inputs": planned.inputs.to_json(),
            "open-inputs": planned.open_inputs,
            "jobs": planned.jobs.iter().map(|job| self.job(planned, job)).collect::<Vec<_>>(),
        })
    }

    fn job(&self, workflow: &PlannedWorkflow, job: &PlannedJob) -> Value {
        let (outlook, why, cause) = words(self.forecast.job(job));
        let needs: Vec<&str> = job.needs.iter().map(|&at| &*workflow.jobs[at].id).collect();
        let (legs, deferred) = match &job.legs {
            Legs::Known(legs) => {
                (legs.iter().map(|leg| self.leg(leg)).collect::<Vec<_>>(), Value::Null)
            }
            Legs::Deferred { reason } => (Vec::new(), json!(reason)),
        };
        let calls = match &workflow.job(job).body {
            JobBody::Call(call) => json!(call.uses.value),
            JobBody::Steps(_) | JobBody::Unreadable => Value::Null,
        };
        json!({
            "id": job.id,
            "key": job.key,
            "needs": needs,
            "selected": job.selected,
            "outlook": outlook,
            "why": why,
            "cause": cause,
            "calls": calls,
            "deferred": deferred,
            "legs": legs,
        })
    }

    fn leg(&self, leg: &PlannedLeg) -> Value {
        let milliseconds = (self.past)(&leg.key).map(|took| took.as_millis());
        json!({
            "key": leg.key,
            "name": leg.name,
            "matrix": leg.leg.matrix.to_json(),
            "labels": leg.labels,
            "blocked": leg.blocked,
            "also": leg.also,
            "wants": leg.wants(),
            "left-out": leg.left_out,
            "milliseconds": milliseconds.and_then(|took| u64::try_from(took).ok()),
            "call": leg.call.as_ref().map(|call| self.workflow(call)),
        })
    }

    fn blocked(&self) -> Value {
        let entry = |(cause, keys): &(crate::event::Cause, Vec<JobKey>)| json!({ "cause": cause, "count": keys.len(), "legs": keys });
        self.forecast.blocked.iter().map(entry).collect()
    }
}

/// An outlook as a word, a sentence, and a cause.
fn words(outlook: &Outlook) -> (&'static str, Option<String>, Value) {
    match outlook {
        Outlook::Runs => ("runs", None, Value::Null),
        Outlook::RunsInPart => ("runs-in-part", None, Value::Null),
        Outlook::Open => ("open", None, Value::Null),
        Outlook::Skipped(reason) => ("skipped", Some(reason.clone()), Value::Null),
        Outlook::Blocked(cause) => ("blocked", None, json!(cause)),
        Outlook::Undetermined { because, cause } => (
            "undetermined",
            Some(format!("it needs `{because}`, which cannot run here")),
            json!(cause),
        ),
        Outlook::NotSelected => ("not-selected", None, Value::Null),
    }
}
