//! Composite actions: steps within a step.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use plim_expression::{Object, Value};
use plim_workflow::{ActionBody, Step};

use super::{
    state::{ActionFrame, Frame, State},
    step::{self, Part, Performed, Site, Surroundings},
    uses::{self, Files},
};
use crate::event::Conclusion;

/// How many composite actions may be in each other, as in the runner's `ActionManager`.
pub(super) const DEEPEST: u32 = 9;

/// Runs the steps of a composite action and gives its outputs.
pub(crate) fn run(
    site: &Site<'_>,
    files: &Files,
    inputs: &BTreeMap<String, String>,
    deadline: Option<Instant>,
    state: &mut State,
) -> Performed {
    let ActionBody::Composite(action) = &files.action.body else { return Performed::failed() };
    let depth = site.frame.depth + 1;
    if depth > DEEPEST {
        site.error(&format!("composite actions are nested more than {DEEPEST} deep"));
        return Performed::failed();
    }
    let frame = Arc::new(frame(site, files, inputs, depth));
    for inner in &action.steps {
        run_inner(site, inner, &frame, deadline, state);
        if deadline.is_some_and(|at| site.leg.now() >= at) {
            frame.set_status(Conclusion::Failure);
            break;
        }
    }
    match outputs(site, files, &frame, state) {
        Ok(outputs) => Performed { outcome: frame.status(), exit_code: None, outputs },
        Err(reason) => {
            site.error(&reason);
            Performed::failed()
        }
    }
}

/// Runs the pre parts of what a composite action uses.
pub(crate) fn run_pre(
    site: &Site<'_>,
    files: &Files,
    inputs: &BTreeMap<String, String>,
    state: &mut State,
) -> Performed {
    let ActionBody::Composite(action) = &files.action.body else { return Performed::failed() };
    let frame = Arc::new(frame(site, files, inputs, site.frame.depth + 1));
    for inner in &action.steps {
        let attempt = uses::run_inner_pre(site, inner, &frame, state);
        let conclusion = attempt.map_or(Conclusion::Success, |attempt| attempt.conclusion);
        if matches!(conclusion, Conclusion::Failure | Conclusion::Cancelled) {
            frame.set_status(conclusion);
        }
    }
    Performed { outcome: frame.status(), exit_code: None, outputs: Vec::new() }
}

fn frame(site: &Site<'_>, files: &Files, inputs: &BTreeMap<String, String>, depth: u32) -> Frame {
    let mut object = Object::new();
    for (name, value) in inputs {
        object.insert(name.as_str(), value.as_str());
    }
    let action = ActionFrame {
        path: files.directory.clone(),
        repository: files.repository.clone(),
        reference: files.reference.clone(),
        root: files.root.clone(),
        overrides: site.overrides.clone(),
    };
    Frame::of_action(Value::Object(object.into()), action, depth)
}

fn run_inner(
    site: &Site<'_>,
    inner: &Step,
    frame: &Arc<Frame>,
    deadline: Option<Instant>,
    state: &mut State,
) {
    // The condition of the composite step itself is looked at with the state it started in.
    let before = state.clone();
    let runs_on = || site.runs_on(&before);
    let around = Surroundings { deadline, runs_on: &runs_on, ..site.around };
    let (inner_site, environment) = Site::new(site.leg, inner, frame, state, Part::Main, around);
    let attempt = step::attempt(&inner_site, environment, state);
    frame.record(&inner.id, &attempt.outputs, attempt.outcome, attempt.conclusion);
    if matches!(attempt.conclusion, Conclusion::Failure | Conclusion::Cancelled) {
        frame.set_status(attempt.conclusion);
    }
}

fn outputs(
    site: &Site<'_>,
    files: &Files,
    frame: &Arc<Frame>,
    state: &State,
) -> Result<Vec<(String, String)>, String> {
    let mut scope = site.scope(state);
    scope.frame = frame;
    let mut outputs = Vec::new();
    for output in &files.action.outputs {
        let Some(value) = &output.value else { continue };
        let name = output.name.value.to_string();
        let value = value.evaluate_text(&scope);
        let value =
            value.map_err(|error| format!("could not evaluate the output `{name}`: {error}"))?;
        outputs.push((name, value.to_string()));
    }
    Ok(outputs)
}
