//! Scopes: what the expressions of a step, or of a job, can read and call.

use std::sync::Arc;

use plim_expression::{Object, Scope, Value};

use super::{
    leg::Leg,
    state::{Frame, State},
    variables::Variables,
};
use crate::event::Conclusion;

/// What the expressions of a step can read and call.
pub(crate) struct StepScope<'a> {
    pub(crate) leg: &'a Leg,
    pub(crate) state: &'a State,
    pub(crate) frame: &'a Frame,
    /// The `env` context: global, then overrides of the composite actions, then the step's own.
    pub(crate) environment: &'a Variables,
    /// The `github` context with what belongs to this step.
    pub(crate) github: Value,
    /// True in pre and post parts, where the job's status counts even inside a composite action.
    pub(crate) aside: bool,
}

impl StepScope<'_> {
    /// The status that `success()` and `failure()` look at: a composite action's own in its main
    /// steps, else the job's, as in the runner's `SuccessFunction`.
    fn status(&self) -> Conclusion {
        if self.leg.cancellation.is_requested() {
            return Conclusion::Cancelled;
        }
        match &self.frame.action {
            Some(_) if !self.aside => self.frame.status(),
            _ => self.state.status,
        }
    }
}

impl StepScope<'_> {
    /// Whether `success()` holds, which is the condition of a step that has none.
    pub(crate) fn succeeds(&self) -> bool {
        self.status() == Conclusion::Success
    }
}

impl Scope for StepScope<'_> {
    fn context(&self, name: &str) -> Option<Value> {
        let facts = &self.leg.contexts;
        Some(match name.to_ascii_lowercase().as_str() {
            "github" | "gitea" | "forgejo" | "forge" => self.github.clone(),
            "env" => self.environment.to_value(),
            "job" => job(facts, self.state.status),
            "steps" => self.frame.steps(),
            "inputs" => self.frame.inputs.clone(),
            "runner" => facts.runner.clone(),
            "secrets" => facts.secrets.clone(),
            "strategy" => facts.strategy.clone(),
            "matrix" => facts.matrix.clone(),
            "needs" => facts.needs.clone(),
            "vars" => facts.variables.clone(),
            _ => return None,
        })
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, String>> {
        let status = self.status();
        Some(Ok(Value::Boolean(match name.to_ascii_lowercase().as_str() {
            "always" => true,
            "success" => status == Conclusion::Success,
            "failure" => status == Conclusion::Failure,
            "cancelled" => status == Conclusion::Cancelled,
            "hashfiles" => return Some(self.leg.hash_files(arguments)),
            _ => return None,
        })))
    }
}

/// The contexts that stay the same for all steps of a leg.
#[derive(Clone, Debug)]
pub(crate) struct Contexts {
    /// `github`, less what belongs to single steps.
    pub(crate) github: Arc<Object>,
    /// `needs`.
    pub(crate) needs: Value,
    /// `strategy`.
    pub(crate) strategy: Value,
    /// `matrix`.
    pub(crate) matrix: Value,
    /// `inputs` of the workflow.
    pub(crate) inputs: Value,
    /// `secrets`.
    pub(crate) secrets: Value,
    /// `vars`.
    pub(crate) variables: Value,
    /// `runner`.
    pub(crate) runner: Value,
    /// `job`, less its status.
    pub(crate) job: Arc<Object>,
}

fn job(facts: &Contexts, status: Conclusion) -> Value {
    let mut job = (*facts.job).clone();
    job.insert("status", status.as_str());
    Value::Object(job.into())
}

/// What the expressions of a job can read and call, before and after its steps.
pub(crate) struct JobScope<'a> {
    pub(crate) contexts: &'a Contexts,
    /// The results of every job that this one needs, directly or not.
    pub(crate) ancestors: &'a [Conclusion],
    pub(crate) cancelled: bool,
    /// `env`, where a key may read it.
    pub(crate) environment: Option<&'a Variables>,
    /// `steps`, for outputs.
    pub(crate) steps: Option<Value>,
}

impl Scope for JobScope<'_> {
    fn context(&self, name: &str) -> Option<Value> {
        let facts = self.contexts;
        Some(match name.to_ascii_lowercase().as_str() {
            "github" | "gitea" | "forgejo" | "forge" => Value::Object(facts.github.clone()),
            "needs" => facts.needs.clone(),
            "strategy" => facts.strategy.clone(),
            "matrix" => facts.matrix.clone(),
            "inputs" => facts.inputs.clone(),
            "secrets" => facts.secrets.clone(),
            "vars" => facts.variables.clone(),
            "runner" => facts.runner.clone(),
            "job" => Value::Object(facts.job.clone()),
            "env" => self.environment?.to_value(),
            "steps" => self.steps.clone()?,
            _ => return None,
        })
    }

    /// `success()` is transitive: every ancestor counts, and a skipped one is no success.
    fn call(&self, name: &str, _arguments: &[Value]) -> Option<Result<Value, String>> {
        let every = |wanted| self.ancestors.iter().all(|result| *result == wanted);
        let any = |wanted| self.ancestors.contains(&wanted);
        Some(Ok(Value::Boolean(match name.to_ascii_lowercase().as_str() {
            "always" => true,
            "success" => !self.cancelled && every(Conclusion::Success),
            "failure" => any(Conclusion::Failure),
            "cancelled" => self.cancelled,
            _ => return None,
        })))
    }
}
