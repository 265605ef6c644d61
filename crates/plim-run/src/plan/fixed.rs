//! Fixed variables: those that `env` of a workflow or job gives a known value, and that no step is seen to change.

use std::sync::Arc;

use plim_expression::{Object, Scope, Value};
use plim_workflow::{Entries, Job, Machine, Step, StepBody, Workflow};

use crate::known::Known;

/// The scope of a job in which `env` holds its fixed variables.
pub(super) struct Fixed<'a> {
    outer: &'a dyn Scope,
    env: Value,
    /// Their names.
    pub(super) names: Vec<Arc<str>>,
}

impl<'a> Fixed<'a> {
    /// Those of `job`.
    ///
    /// An action may set any variable and nobody can tell; those that set what the workflow sets itself are not known.
    pub(super) fn of(known: &Known<'a>, workflow: &Workflow, job: &Job, machine: &Machine) -> Self {
        let mut env = Object::new();
        for variables in [&workflow.env, &job.env].into_iter().flatten() {
            for (name, value) in known.entries(variables) {
                match value {
                    Some(value) => drop(env.insert(name, &*value.to_text())),
                    None => drop(env.remove(&name)),
                }
            }
        }
        let is_fixed = |name: &Arc<str>| !changes(&machine.steps, name);
        let names: Vec<Arc<str>> =
            env.iter().map(|(name, _)| name.clone()).filter(is_fixed).collect();
        Self { outer: known.scope, env: Value::Object(env.into()), names }
    }
}

impl Scope for Fixed<'_> {
    fn context(&self, name: &str) -> Option<Value> {
        if name == "env" { Some(self.env.clone()) } else { self.outer.context(name) }
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, String>> {
        self.outer.call(name, arguments)
    }
}

/// Whether a step sets the variable for itself, or speaks of it where it writes variables for the steps after it.
fn changes(steps: &[Step], name: &str) -> bool {
    steps.iter().any(|step| {
        let own = match &step.env {
            Some(Entries::Written(own)) => own.iter().any(|(own, _)| &*own.value == name),
            other => other.is_some(),
        };
        own || match &step.body {
            StepBody::Run(run) => {
                let script = run.script.template.source();
                script.contains("GITHUB_ENV") && script.contains(name)
            }
            StepBody::Parallel(steps) => changes(steps, name),
            _ => false,
        }
    })
}
