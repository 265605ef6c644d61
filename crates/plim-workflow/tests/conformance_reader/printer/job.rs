//! Jobs, and the workflows they call.

use plim_workflow::{
    Call, CallSecrets, Concurrency, Defaults, Environment, Job, JobBody, Machine, Name,
    Permissions, Queue, RunsOn, Snapshot, Strategy, Text, Token, TokenKind, Trigger,
};
use serde_json::{Map, Value, json};

use super::token::span_of;
use super::{File, expression, permissions, put};

impl File<'_, '_> {
    pub(super) fn jobs(self, granted: Option<&Permissions>) -> Value {
        self.workflow.jobs.iter().map(|job| self.job(job, granted)).collect()
    }

    fn job(self, job: &Job, granted: Option<&Permissions>) -> Value {
        let mut fields = Map::new();
        let called = matches!(job.body, JobBody::Call(_));
        fields.insert("type".to_owned(), json!(if called { "reusableWorkflowJob" } else { "job" }));
        fields.insert("id".to_owned(), self.name(&job.id));
        let name = job.name.as_ref().filter(|name| name.template.is_literal() != Some(""));
        fields.insert(
            "name".to_owned(),
            name.map_or_else(|| self.name(&job.id), |name| self.text(name)),
        );
        if called || !job.needs.is_empty() {
            let needs = job.needs.iter().map(|need| self.name(need)).collect();
            fields.insert("needs".to_owned(), needs);
        }
        let condition = job.condition.as_ref();
        let source = condition.map_or("success()", |it| it.condition.expression().source());
        fields.insert("if".to_owned(), expression(source));
        self.settings(job, &mut fields);
        let granted = job.permissions.as_ref().or(granted);
        match &job.body {
            JobBody::Steps(machine) => {
                put(&mut fields, "permissions", granted.map(permissions));
                self.machine(machine, &mut fields);
            }
            JobBody::Call(call) => self.call(call, granted, &mut fields),
            JobBody::Unreadable => {}
        }
        Value::Object(fields)
    }

    fn settings(self, job: &Job, fields: &mut Map<String, Value>) {
        put(fields, "environment", job.environment.as_ref().map(|it| self.environment(it)));
        put(fields, "concurrency", job.concurrency.as_ref().map(|it| self.concurrency(it)));
        put(fields, "strategy", job.strategy.as_ref().map(|it| self.strategy(it)));
        put(fields, "outputs", (!job.outputs.is_empty()).then(|| self.outputs(&job.outputs)));
        put(fields, "env", job.env.as_ref().map(|it| self.texts(it)));
        put(fields, "defaults", self.defaults(&job.defaults));
        put(fields, "timeout-minutes", job.timeout_minutes.as_ref().map(|it| self.amount(it)));
        put(
            fields,
            "cancel-timeout-minutes",
            job.cancel_timeout_minutes.as_ref().map(|it| self.amount(it)),
        );
        put(fields, "continue-on-error", job.continue_on_error.as_ref().map(|it| self.flag(it)));
    }

    fn outputs(self, outputs: &[(Name, Text)]) -> Value {
        let entries =
            outputs.iter().map(|(name, text)| (self.name(name), self.text(text))).collect();
        self.map(entries, outputs[0].0.span)
    }

    fn environment(self, environment: &Environment) -> Value {
        let mut fields = vec![("name", environment.name.span, self.text(&environment.name))];
        if let Some(url) = &environment.url {
            fields.push(("url", url.span, self.text(url)));
        }
        if let Some(deployment) = &environment.deployment {
            fields.push(("deployment", span_of(deployment), self.flag(deployment)));
        }
        self.fixed(fields)
    }

    pub(super) fn concurrency(self, concurrency: &Concurrency) -> Value {
        let mut fields = vec![("group", concurrency.group.span, self.text(&concurrency.group))];
        if let Some(cancel) = &concurrency.cancel_in_progress {
            fields.push(("cancel-in-progress", span_of(cancel), self.flag(cancel)));
        }
        if concurrency.queue == Queue::Max {
            fields.push(("queue", concurrency.group.span, json!("max")));
        }
        self.fixed(fields)
    }

    fn strategy(self, strategy: &Strategy) -> Value {
        if let Some(whole) = &strategy.whole {
            return self.text(whole);
        }
        let mut fields = Vec::new();
        if let Some(matrix) = &strategy.matrix {
            fields.push(("matrix", matrix.span, self.token(matrix)));
        }
        if let Some(fail_fast) = &strategy.fail_fast {
            fields.push(("fail-fast", span_of(fail_fast), self.flag(fail_fast)));
        }
        if let Some(most) = &strategy.max_parallel {
            fields.push(("max-parallel", span_of(most), self.amount(most)));
        }
        self.fixed(fields)
    }

    pub(super) fn defaults(self, defaults: &Defaults) -> Option<Value> {
        let mut run = Vec::new();
        if let Some(shell) = &defaults.shell {
            run.push(("shell", shell.span, self.text(shell)));
        }
        if let Some(folder) = &defaults.working_directory {
            run.push(("working-directory", folder.span, self.text(folder)));
        }
        let (_, span, _) = *run.first()?;
        let around = self.key_of(span).map(|(mapping, _)| mapping).unwrap_or_default();
        Some(self.fixed(vec![("run", around, self.fixed(run))]))
    }

    fn machine(self, machine: &Machine, fields: &mut Map<String, Value>) {
        fields.insert("runs-on".to_owned(), self.runs_on(&machine.runs_on));
        put(fields, "container", machine.container.as_ref().map(|it| self.textual(&it.value)));
        let services = machine.services.as_ref();
        put(
            fields,
            "services",
            services.map(|it| self.entries(it, |file, it| file.textual(&it.value))),
        );
        put(fields, "snapshot", machine.snapshot.as_ref().map(|it| self.snapshot(it)));
        let steps = machine.steps.iter().map(|step| self.step(step));
        put(fields, "steps", (!machine.steps.is_empty()).then(|| steps.collect()));
    }

    fn runs_on(self, runs_on: &RunsOn) -> Value {
        let labels = runs_on.labels.as_ref().map(|labels| (labels.span, self.textual(labels)));
        match (&runs_on.group, labels) {
            (None, Some((_, labels))) => labels,
            (None, None) => Value::Null,
            (Some(group), labels) => {
                let mut fields = vec![("group", group.span, self.text(group))];
                fields.extend(labels.map(|(span, labels)| ("labels", span, labels)));
                self.fixed(fields)
            }
        }
    }

    fn snapshot(self, snapshot: &Snapshot) -> Value {
        let mut fields =
            vec![("image-name", snapshot.image_name.span, self.text(&snapshot.image_name))];
        if let Some(version) = &snapshot.version {
            fields.push(("version", version.span, self.text(version)));
        }
        if let Some(condition) = &snapshot.condition {
            // It is no condition of a step or job, to which `success()` would be added.
            let written = condition.condition.written().expressions().next();
            let source = written.map_or("", |(written, _)| written.source());
            fields.push(("if", condition.span, expression(source)));
        }
        self.fixed(fields)
    }

    fn call(self, call: &Call, granted: Option<&Permissions>, fields: &mut Map<String, Value>) {
        fields.insert("ref".to_owned(), self.name(&call.uses));
        if !call.with.is_empty() {
            let given = call.with.iter().map(|(name, value)| (self.name(name), self.given(value)));
            fields
                .insert("input-values".to_owned(), self.map(given.collect(), call.with[0].0.span));
        }
        match &call.secrets {
            CallSecrets::None => {}
            CallSecrets::Inherit => _ = fields.insert("inherit-secrets".to_owned(), json!(true)),
            CallSecrets::Given(given) => {
                fields.insert("secret-values".to_owned(), self.outputs(given));
            }
        }
        if self.printer.vector.without_called {
            put(fields, "permissions", granted.map(permissions));
            fields.insert("jobs".to_owned(), json!([]));
            return;
        }
        let called = self.printer.file(&call.uses.value);
        let granted = called.and_then(|file| file.workflow.permissions.as_ref()).or(granted);
        put(fields, "permissions", granted.map(permissions));
        let Some(file) = called else { return };
        if let Some(trigger) = file.workflow.trigger("workflow_call") {
            file.definitions(trigger, fields);
            put(fields, "outputs", file.called_outputs(trigger));
        }
        put(fields, "env", file.workflow.env.as_ref().map(|env| file.texts(env)));
        put(fields, "defaults", file.defaults(&file.workflow.defaults));
        put(
            fields,
            "concurrency",
            file.workflow.concurrency.as_ref().map(|it| file.concurrency(it)),
        );
        fields.insert("jobs".to_owned(), file.jobs(granted));
    }

    /// The value of an input; nothing at all is the empty text.
    fn given(self, value: &Token) -> Value {
        if matches!(value.kind, TokenKind::Null) {
            self.literal("", value.span)
        } else {
            self.token(value)
        }
    }

    fn definitions(self, trigger: &Trigger, fields: &mut Map<String, Value>) {
        let inputs = trigger.inputs.iter().map(|input| {
            let mut said = vec![("required", input.name.span, json!(input.required))];
            said.push(("type", input.name.span, json!(input.kind.name())));
            said.extend(input.default.as_ref().map(|it| ("default", it.span, self.token(it))));
            said.extend(
                input.description.as_ref().map(|it| ("description", input.name.span, json!(&**it))),
            );
            (self.name(&input.name), self.fixed(said))
        });
        if !trigger.inputs.is_empty() {
            let inputs = self.map(inputs.collect(), trigger.inputs[0].name.span);
            fields.insert("input-definitions".to_owned(), inputs);
        }
        let secrets = trigger.secrets.iter().map(|secret| {
            let said = vec![("required", secret.name.span, json!(secret.required))];
            (self.name(&secret.name), self.fixed(said))
        });
        if !trigger.secrets.is_empty() {
            let secrets = self.map(secrets.collect(), trigger.secrets[0].name.span);
            fields.insert("secret-definitions".to_owned(), secrets);
        }
    }

    fn called_outputs(self, trigger: &Trigger) -> Option<Value> {
        let first = trigger.outputs.first()?;
        let outputs = trigger.outputs.iter().map(|output| {
            let mut said = vec![("value", output.value.span, self.text(&output.value))];
            let description = output.description.as_ref();
            said.extend(description.map(|it| ("description", output.value.span, json!(&**it))));
            (self.name(&output.name), self.fixed(said))
        });
        Some(self.map(outputs.collect(), first.name.span))
    }
}
