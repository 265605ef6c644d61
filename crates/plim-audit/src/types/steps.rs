//! The type of `steps`: how steps ended, and what they gave.

use std::sync::Arc;

use plim_expression::types::Type;
use plim_workflow::{Action, ActionBody, Step, StepBody, Uses};

use super::fixed::{CONCLUSION, TEXTS};
use crate::{Audit, UseAt, Used};

/// The `steps` context of `steps`, wherever among them it is read.
pub(super) fn steps(audit: &Audit<'_>, steps: &[Step]) -> Type {
    let mut named = Vec::new();
    collect(&audit.uses(), steps, &mut named);
    Type::object(named)
}

fn collect(uses: &[UseAt<'_>], steps: &[Step], named: &mut Vec<(Arc<str>, Type)>) {
    for step in steps {
        // The ids that are made for steps without one can be read as well.
        named.push((Arc::clone(&step.id), of_step(uses, step)));
        if let StepBody::Parallel(inner) = &step.body {
            collect(uses, inner, named);
        }
    }
}

fn of_step(uses: &[UseAt<'_>], step: &Step) -> Type {
    let outputs = match &step.body {
        StepBody::Uses(used) => of_action(uses, used),
        _ => TEXTS.clone(),
    };
    let ended = [("conclusion", CONCLUSION.clone()), ("outcome", CONCLUSION.clone())];
    Type::object(ended.into_iter().chain([("outputs", outputs)]))
}

fn of_action(uses: &[UseAt<'_>], used: &Uses) -> Type {
    match uses.iter().find(|at| std::ptr::eq(at.uses, used)).map(|at| &at.action) {
        Some(Used::Known(known)) => match known.outputs() {
            Some(names) => Type::object(names.into_iter().map(|name| (name, Type::TEXT))),
            None => TEXTS.clone(),
        },
        Some(Used::Local(action)) => of_local(action),
        _ => TEXTS.clone(),
    }
}

fn of_local(action: &Action) -> Type {
    let unread = action.partly_read || matches!(action.body, ActionBody::Unreadable);
    // Programs set what they like, declared or not; without a declaration nothing can be said.
    let silent = !matches!(action.body, ActionBody::Composite(_)) && action.outputs.is_empty();
    if unread || silent {
        return TEXTS.clone();
    }
    Type::object(action.outputs.iter().map(|output| (Arc::clone(&output.name.value), Type::TEXT)))
}
