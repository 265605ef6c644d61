//! Names of steps as a person reads them.

use plim_expression::Scope;
use plim_workflow::{ActionReference, Step, StepBody};

/// The display name of a step: its `name`, or what it does, as in the runner's `ActionRunner`.
pub(crate) fn step(step: &Step, scope: &dyn Scope) -> String {
    if let Some(name) = &step.name {
        return match name.template.evaluate_text(scope) {
            Ok(text) if !text.is_empty() => first_line(&text).to_owned(),
            Ok(_) => deed(step, scope),
            Err(_) => name.template.source(),
        };
    }
    deed(step, scope)
}

fn deed(step: &Step, scope: &dyn Scope) -> String {
    match &step.body {
        StepBody::Run(run) => {
            let script = run.script.template.evaluate_text(scope);
            let script =
                script.map_or_else(|_| run.script.template.source(), |text| text.to_string());
            format!("Run {}", first_line(&script))
        }
        StepBody::Uses(uses) => format!("Run {}", action(&uses.action.value)),
        StepBody::Wait(ids) => {
            let ids: Vec<_> = ids.iter().map(|id| &*id.value).collect();
            format!("Wait for {}", ids.join(", "))
        }
        StepBody::WaitAll => "Wait for all background steps".into(),
        StepBody::Cancel(id) => format!("Cancel {}", id.value),
        StepBody::Parallel(steps) => format!("Run {} steps in parallel", steps.len()),
        StepBody::Unreadable => "Unreadable step".into(),
    }
}

/// An action as its `uses` has it.
pub(crate) fn action(reference: &ActionReference) -> String {
    match reference {
        ActionReference::Local { path, of_repository: false } => format!("./{path}"),
        ActionReference::Local { path, of_repository: true } => format!("$/{path}"),
        ActionReference::Remote { host, owner, repository, path, reference } => {
            let host = host.as_ref().map(|host| format!("{host}/")).unwrap_or_default();
            let path = if path.is_empty() { String::new() } else { format!("/{path}") };
            format!("{host}{owner}/{repository}{path}@{reference}")
        }
        ActionReference::Docker(image) => format!("docker://{image}"),
        ActionReference::Unreadable(text) => text.to_string(),
    }
}

fn first_line(text: &str) -> &str {
    text.trim_start().lines().next().unwrap_or_default().trim_end()
}
