//! Jobs and steps with what stands around them.

use std::ops::Deref;

use plim_workflow::{ActionBody, Job, JobBody, Machine, Step, StepBody, Workflow};

use crate::Subject;
use crate::subject::Document;

/// A job and the workflow it is in.
#[derive(Copy, Clone, Debug)]
pub struct JobAt<'a> {
    /// The job; what it has can be asked of `self`, too.
    pub job: &'a Job,
    /// The workflow.
    pub workflow: &'a Workflow,
}

/// A step and where it is.
#[derive(Copy, Clone, Debug)]
pub struct StepAt<'a> {
    /// The step; what it has can be asked of `self`, too.
    pub step: &'a Step,
    /// The job; none in a composite action.
    pub job: Option<JobAt<'a>>,
    /// All steps of the job or action; of those inside `parallel`, the step that holds them stands there.
    pub siblings: &'a [Step],
    /// Which of the siblings it is, or is inside of.
    pub index: usize,
}

impl<'a> JobAt<'a> {
    /// Where it runs and its steps, unless it calls a workflow.
    #[must_use]
    pub fn machine(&self) -> Option<&'a Machine> {
        match &self.job.body {
            JobBody::Steps(machine) => Some(machine),
            _ => None,
        }
    }

    /// Its steps; none for a job that calls a workflow.
    #[must_use]
    pub fn steps(&self) -> &'a [Step] {
        self.machine().map_or(&[], |machine| &machine.steps)
    }
}

impl<'a> StepAt<'a> {
    /// The steps that stand before it.
    #[must_use]
    pub fn earlier(&self) -> &'a [Step] {
        self.siblings.get(..self.index).unwrap_or_default()
    }

    /// The steps that stand behind it.
    #[must_use]
    pub fn later(&self) -> &'a [Step] {
        self.siblings.get(self.index + 1..).unwrap_or_default()
    }
}

impl<'a> Deref for JobAt<'a> {
    type Target = Job;

    fn deref(&self) -> &Job {
        self.job
    }
}

impl<'a> Deref for StepAt<'a> {
    type Target = Step;

    fn deref(&self) -> &Step {
        self.step
    }
}

/// The jobs of a file, in its order.
pub(crate) fn jobs(subject: &Subject) -> impl Iterator<Item = JobAt<'_>> {
    let workflow = subject.workflow();
    let jobs =
        workflow.map(|workflow| workflow.jobs.iter().map(move |job| JobAt { job, workflow }));
    jobs.into_iter().flatten()
}

/// The steps of a file, in its order.
pub(crate) fn steps(subject: &Subject) -> Vec<StepAt<'_>> {
    let mut found = Vec::new();
    for job in jobs(subject) {
        list(job.steps(), Some(job), &mut found);
    }
    if let Document::Action(read) = &subject.document
        && let ActionBody::Composite(composite) = &read.value.body
    {
        list(&composite.steps, None, &mut found);
    }
    found
}

fn list<'a>(siblings: &'a [Step], job: Option<JobAt<'a>>, found: &mut Vec<StepAt<'a>>) {
    for (index, step) in siblings.iter().enumerate() {
        found.push(StepAt { step, job, siblings, index });
        if let StepBody::Parallel(inner) = &step.body {
            found.extend(inner.iter().map(|step| StepAt { step, job, siblings, index }));
        }
    }
}
