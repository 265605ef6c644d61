//! What must hold of any bytes that are read as a workflow or an action.

use plim_diag::{Diagnostic, Span};
use plim_expression::Object;
use plim_workflow::yaml::Tree;
use plim_workflow::{Action, ActionBody, JobBody, Step, StepBody, Text, Workflow};

/// Panics when `input` breaks a property.
pub(crate) fn holds(input: &[u8]) {
    for folder in [".github", ".forgejo"] {
        let path = format!("{folder}/workflows/fuzz.yml");
        let read = Workflow::read_bytes(&path, input);
        said_well(&read.tree, &read.diagnostics);
        workflow_holds(&read.tree, &read.value);
    }
    let read = Action::read_bytes("action.yml", input);
    said_well(&read.tree, &read.diagnostics);
    if let ActionBody::Composite(composite) = &read.value.body {
        steps_hold(&read.tree, &composite.steps);
    }
}

/// A diagnostic points into the file, begins in lower case and has no final full stop.
fn said_well(tree: &Tree, diagnostics: &[Diagnostic]) {
    for diagnostic in diagnostics {
        let message = &diagnostic.message;
        assert!(!message.is_empty() && !message.ends_with('.'), "{message:?}");
        assert!(!message.starts_with(char::is_uppercase), "{message:?}");
        let places = diagnostic.related.iter().map(|related| related.place.span);
        places.chain(diagnostic.span()).for_each(|span| points_into(tree, span));
    }
}

fn points_into(tree: &Tree, span: Span) {
    assert!(span.text(tree.source()).is_some(), "{span:?} is no part of the file");
}

fn workflow_holds(tree: &Tree, workflow: &Workflow) {
    workflow.name.iter().chain(&workflow.run_name).for_each(|text| text_holds(tree, text));
    for job in &workflow.jobs {
        points_into(tree, job.id.span);
        job.name.iter().for_each(|text| text_holds(tree, text));
        _ = job.strategy.as_ref().map(|strategy| strategy.evaluate(&Object::new()));
        if let JobBody::Steps(machine) = &job.body {
            _ = machine.runs_on.evaluate(&Object::new());
            steps_hold(tree, &machine.steps);
        }
    }
}

/// Every step has an id of its own.
fn steps_hold(tree: &Tree, steps: &[Step]) {
    let mut ids: Vec<&str> = Vec::new();
    for step in steps {
        assert!(!step.id.is_empty() && !ids.contains(&&*step.id), "`{}`", step.id);
        ids.push(&step.id);
        points_into(tree, step.span);
        if let StepBody::Run(run) = &step.body {
            text_holds(tree, &run.script);
        }
        _ = step.env.as_ref().map(|env| env.evaluate(&Object::new()));
    }
}

/// Each expression has a place, and a failure too.
fn text_holds(tree: &Tree, text: &Text) {
    assert_eq!(text.template.expressions().count(), text.expressions.len());
    text.expressions.iter().for_each(|span| points_into(tree, *span));
    if let Err(error) = text.evaluate_text(&Object::new()) {
        points_into(tree, error.span);
    }
}
