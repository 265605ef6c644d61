//! The type of `github.event`, by the triggers of a workflow.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use plim_expression::types::{Shape, Type};
use plim_workflow::{Activities, Event, InputKind, Trigger};

use super::payloads::{BOOLEANS, COMMON, OBJECTS, PAYLOADS};

/// Properties of objects that are lists, of whatever.
const LISTS: [&str; 5] =
    ["assets", "assignees", "pull_requests", "requested_reviewers", "requested_teams"];

static OBJECT: LazyLock<HashMap<&str, Type>> = LazyLock::new(|| {
    let object =
        |names: &[&'static str]| Type::object(names.iter().map(|name| (*name, leaf(name))));
    OBJECTS.iter().map(|(name, properties)| (*name, object(properties))).collect()
});

static PAYLOAD: LazyLock<HashMap<&str, Type>> = LazyLock::new(|| {
    let payload = |names: &[&'static str]| {
        Type::object(names.iter().chain(COMMON).map(|name| (*name, property(name))))
    };
    PAYLOADS.iter().map(|(event, names)| (*event, payload(names))).collect()
});

fn property(name: &'static str) -> Type {
    match OBJECT.get(name) {
        Some(object) => object.clone(),
        None if name == "commits" => Type::array(Type::Any),
        None => leaf(name),
    }
}

fn leaf(name: &str) -> Type {
    match name {
        _ if BOOLEANS.contains(&name) => Type::Boolean,
        "labels" => Type::array(Type::object(
            ["color", "default", "description", "id", "name", "node_id", "url"]
                .map(|name| (name, Type::Any)),
        )),
        _ if LISTS.contains(&name) => Type::array(Type::Any),
        _ => Type::Any,
    }
}

/// What is known of `github.event` in a workflow that `triggers` start.
///
/// A called workflow has the event of its caller, of which nothing is known but that it is an object.
pub(super) fn event(triggers: &[Trigger]) -> Type {
    let called = |trigger: &Trigger| &*trigger.event.value == "workflow_call";
    if triggers.is_empty() || triggers.iter().any(called) {
        return any_payload();
    }
    Type::joined(triggers.iter().map(payload))
}

/// An object of whatever properties.
fn any_payload() -> Type {
    Type::Object(Arc::new(Shape::open(std::iter::empty::<(&str, Type)>(), Type::Any)))
}

fn payload(trigger: &Trigger) -> Type {
    let event = match &*trigger.event.value {
        "pull_request_target" => "pull_request",
        event => event,
    };
    let Some(payload) = PAYLOAD.get(event) else { return any_payload() };
    let special = match event {
        "workflow_dispatch" => Type::object([("inputs", typed_by_person(trigger))]),
        _ => match activities(trigger) {
            Some(activities) => Type::object([("action", activities)]),
            None => return payload.clone(),
        },
    };
    // What is listed of this trigger takes the place of what every such event has.
    let Type::Object(shape) = payload else { return Type::Any };
    let Type::Object(special) = &special else { return Type::Any };
    Type::object(shape.names().filter_map(|name| {
        let known = special.get(name).or_else(|| shape.get(name))?;
        Some((name, known.clone()))
    }))
}

/// What `action` can be.
fn activities(trigger: &Trigger) -> Option<Type> {
    let event = Event::named(&trigger.event.value)?;
    match event.activities {
        Activities::None | Activities::Any => None,
        // Those that a new kind of event would have are not known here, so what is written counts as well.
        _ => {
            let written = trigger.types.iter().flatten().map(|name| &*name.value);
            Some(Type::one_of(event.known_activities().iter().copied().chain(written)))
        }
    }
}

/// `github.event.inputs`, where everything is a text.
fn typed_by_person(trigger: &Trigger) -> Type {
    Type::object(trigger.inputs.iter().map(|input| {
        let kind = match &input.kind {
            InputKind::Boolean => Type::one_of(["true", "false"]),
            InputKind::Choice(options) => Type::one_of(options.iter().map(|option| &option.value)),
            _ => Type::TEXT,
        };
        (Arc::clone(&input.name.value), kind)
    }))
}
