//! The types of `inputs`, `secrets` and `vars`: what a file and its owner declare.

use std::sync::Arc;

use plim_expression::types::Type;
use plim_workflow::{Action, Input, InputKind, Trigger, Workflow};

use crate::Settings;

/// The secrets that are there without being declared.
const GIVEN: [&str; 3] = ["GITHUB_TOKEN", "ACTIONS_STEP_DEBUG", "ACTIONS_RUNNER_DEBUG"];

/// `inputs` of a workflow: those of a person and those of a caller.
pub(super) fn of_workflow(workflow: &Workflow) -> Type {
    let declared = workflow.triggers.iter().flat_map(|trigger| {
        trigger.inputs.iter().map(|input| (Arc::clone(&input.name.value), kind(trigger, input)))
    });
    Type::object(declared)
}

fn kind(trigger: &Trigger, input: &Input) -> Type {
    match &input.kind {
        InputKind::Boolean => Type::Boolean,
        InputKind::Number if &*trigger.event.value == "workflow_call" => Type::Number,
        // Whether a number that a person types stays a text is not documented.
        InputKind::Number => Type::Any,
        InputKind::Choice(options) => Type::one_of(options.iter().map(|option| &option.value)),
        InputKind::String | InputKind::Environment => Type::TEXT,
    }
}

/// `inputs` of an action, all of which are texts.
pub(super) fn of_action(action: &Action) -> Type {
    Type::object(action.inputs.iter().map(|input| (Arc::clone(&input.name.value), Type::TEXT)))
}

/// `secrets`: declared ones only where the workflow is called and says which; else any.
pub(super) fn secrets(workflow: &Workflow) -> Type {
    let [trigger] = &*workflow.triggers else { return Type::map(Type::TEXT) };
    if trigger.secrets.is_empty() {
        return Type::map(Type::TEXT);
    }
    let declared = trigger.secrets.iter().map(|secret| Arc::clone(&secret.name.value));
    Type::object(declared.chain(GIVEN.map(Arc::from)).map(|name| (name, Type::TEXT)))
}

/// `vars`: those that the owner of the repository lists; else any.
pub(super) fn variables(settings: &Settings) -> Type {
    match &settings.variables {
        Some(names) => Type::object(names.iter().map(|name| (name.as_str(), Type::TEXT))),
        None => Type::map(Type::TEXT),
    }
}
