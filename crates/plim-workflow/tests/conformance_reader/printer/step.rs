//! Steps, each as what it does.

use plim_workflow::{ActionReference, Entries, Step, StepBody};
use serde_json::{Map, Value, json};

use super::{File, expression, put};

impl File<'_, '_> {
    pub(super) fn step(self, step: &Step) -> Value {
        let mut fields = Map::new();
        fields.insert("id".to_owned(), json!(&*step.id));
        let name = step.name.as_ref().map(|name| self.text(name));
        put(&mut fields, "name", name.or_else(|| own_name(&step.body)));
        if !matches!(step.body, StepBody::Wait(_) | StepBody::WaitAll | StepBody::Cancel(_)) {
            let source = step
                .condition
                .as_ref()
                .map_or("success()", |it| it.condition.expression().source());
            fields.insert("if".to_owned(), expression(source));
        }
        put(
            &mut fields,
            "continue-on-error",
            step.continue_on_error.as_ref().map(|it| self.flag(it)),
        );
        put(
            &mut fields,
            "timeout-minutes",
            step.timeout_minutes.as_ref().map(|it| self.amount(it)),
        );
        put(&mut fields, "env", step.env.as_ref().map(|env| self.texts(env)));
        put(&mut fields, "background", step.background.then_some(json!(true)));
        self.step_body(&step.body, &mut fields);
        Value::Object(fields)
    }

    fn step_body(self, body: &StepBody, fields: &mut Map<String, Value>) {
        match body {
            StepBody::Run(run) => {
                fields.insert("run".to_owned(), self.text(&run.script));
                put(fields, "shell", run.shell.as_ref().map(|it| self.text(it)));
                put(
                    fields,
                    "working-directory",
                    run.working_directory.as_ref().map(|it| self.text(it)),
                );
            }
            StepBody::Uses(uses) => {
                fields.insert(
                    "uses".to_owned(),
                    self.literal(&written(&uses.action.value), uses.action.span),
                );
                if !matches!(&uses.with, Entries::Written(entries) if entries.is_empty()) {
                    fields.insert("with".to_owned(), self.texts(&uses.with));
                }
            }
            StepBody::Wait(steps) => {
                fields
                    .insert("wait".to_owned(), steps.iter().map(|step| self.name(step)).collect());
            }
            StepBody::WaitAll => _ = fields.insert("wait-all".to_owned(), json!(true)),
            StepBody::Cancel(step) => _ = fields.insert("cancel".to_owned(), self.name(step)),
            StepBody::Parallel(steps) => {
                fields.insert(
                    "parallel".to_owned(),
                    steps.iter().map(|step| self.step(step)).collect(),
                );
            }
            StepBody::Unreadable => {}
        }
    }
}

/// What GitHub calls a step that only speaks to others.
fn own_name(body: &StepBody) -> Option<Value> {
    match body {
        StepBody::Wait(_) => Some(json!("Wait")),
        StepBody::WaitAll => Some(json!("Wait for all")),
        StepBody::Cancel(_) => Some(json!("Cancel")),
        _ => None,
    }
}

/// What a `uses` says.
fn written(action: &ActionReference) -> String {
    match action {
        ActionReference::Local { path, of_repository: true } => format!("$/{path}"),
        ActionReference::Local { path, .. } => format!("./{path}"),
        ActionReference::Docker(image) => format!("docker://{image}"),
        ActionReference::Unreadable(text) => text.to_string(),
        ActionReference::Remote { host, owner, repository, path, reference } => {
            let host = host.as_deref().map(|host| format!("{host}/")).unwrap_or_default();
            let path = if path.is_empty() { String::new() } else { format!("/{path}") };
            format!("{host}{owner}/{repository}{path}@{reference}")
        }
    }
}
