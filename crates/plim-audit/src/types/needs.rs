//! The types of `needs` and `jobs`: how other jobs ended, and what they gave.

use std::sync::Arc;

use plim_expression::types::Type;
use plim_workflow::{Job, JobBody, Workflow};

use super::fixed::CONCLUSION;
use crate::{Audit, Nearby};

/// The `needs` context of `job`: of all `jobs`, those it declares.
pub(super) fn needs(job: &Job, jobs: &Type) -> Type {
    let Type::Object(jobs) = jobs else { return Type::Any };
    Type::object(job.needs.iter().map(|need| {
        // A need that is no job is reported by the reader.
        let kind = jobs.get(&need.value).cloned().unwrap_or_default();
        (Arc::clone(&need.value), kind)
    }))
}

/// All jobs of a workflow, as the outputs of a workflow read them in `jobs`.
pub(super) fn jobs(audit: &Audit<'_>, workflow: &Workflow) -> Type {
    Type::object(workflow.jobs.iter().map(|job| (Arc::clone(&job.id.value), of_job(audit, job))))
}

fn of_job(audit: &Audit<'_>, job: &Job) -> Type {
    Type::object([("result", CONCLUSION.clone()), ("outputs", outputs(audit, job))])
}

fn outputs(audit: &Audit<'_>, job: &Job) -> Type {
    match &job.body {
        JobBody::Steps(_) => texts(job.outputs.iter().map(|(name, _)| &name.value)),
        JobBody::Call(call) => {
            match call.local_path().map(|path| audit.surroundings().workflow(path)) {
                Some(Nearby::Found(called)) => of_called(&called),
                _ => Type::map(Type::TEXT),
            }
        }
        JobBody::Unreadable => Type::Any,
    }
}

fn of_called(workflow: &Workflow) -> Type {
    match workflow.trigger("workflow_call") {
        Some(trigger) if !workflow.partly_read => {
            texts(trigger.outputs.iter().map(|output| &output.name.value))
        }
        _ => Type::Any,
    }
}

fn texts<'n>(names: impl Iterator<Item = &'n Arc<str>>) -> Type {
    Type::object(names.map(|name| (Arc::clone(name), Type::TEXT)))
}
