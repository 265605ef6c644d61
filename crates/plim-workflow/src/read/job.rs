//! Reads jobs.

use plim_diag::Span;

use super::mapping::Entries;
use super::{Reader, codes};
use crate::yaml::{Entry, NodeRef};
use crate::{
    Call, CallSecrets, Defaults, Job, JobBody, Machine, Name, RunsOn, Site, Token,
    WorkflowReference, check_id,
};

/// The keys of a job that runs steps.
const STEPS_KEYS: [&str; 19] = [
    "name",
    "needs",
    "if",
    "runs-on",
    "steps",
    "permissions",
    "environment",
    "concurrency",
    "outputs",
    "env",
    "defaults",
    "timeout-minutes",
    "cancel-timeout-minutes",
    "strategy",
    "continue-on-error",
    "container",
    "services",
    "snapshot",
    "cache-mode",
];

/// The keys of a job that calls a workflow.
const CALL_KEYS: [&str; 9] =
    ["name", "uses", "with", "secrets", "needs", "if", "permissions", "concurrency", "strategy"];

#[derive(Clone, Copy, PartialEq)]
enum Form {
    Steps,
    Call,
    Neither,
}

/// What stands only in one of both forms, as it is read.
#[derive(Default)]
struct Parts {
    runs_on: Option<RunsOn>,
    machine: Option<Machine>,
    uses: Option<Name>,
    with: Vec<(Name, Token)>,
    secrets: CallSecrets,
}

impl Reader {
    /// The jobs under `jobs`.
    pub(super) fn jobs(&mut self, node: NodeRef<'_>) -> Vec<Job> {
        let Some(entries) = self.mapping(node, "jobs") else { return Vec::new() };
        let mut jobs = Vec::with_capacity(entries.len());
        for (id, entry) in &entries {
            if self.job_id(id, entry.key.span()) {
                let id = Name::new((&**id).into(), entry.key.span());
                jobs.push(self.job(id, entry.value));
            }
        }
        self.check_needs(node, &jobs);
        jobs
    }

    /// Whether there is a name at all; a wrong one is reported and kept.
    fn job_id(&mut self, id: &str, span: Span) -> bool {
        if id.is_empty() {
            self.empty(span, "the id of a job");
            return false;
        }
        if let Err(error) = check_id(id) {
            self.error(span, codes::INVALID_ID, format!("`{id}` {error}"), error.help());
        }
        true
    }

    fn job(&mut self, id: Name, node: NodeRef<'_>) -> Job {
        let mut job = empty_job(id, node.span());
        let Some(entries) = self.mapping(node, &job.id.value.clone()) else { return job };
        let form = form(&entries);
        let mut parts = Parts::default();
        for (key, entry) in &entries {
            if !self.shared_key(&mut job, key, entry)
                && !self.own_key(&mut job, &mut parts, form, key, entry)
            {
                self.foreign_key(key, entry, form);
            }
        }
        self.complete(&mut job, parts, form, node, &entries);
        job
    }

    /// Reads a key that both forms of a job have; false where it is another.
    fn shared_key(&mut self, job: &mut Job, key: &str, entry: &Entry<'_>) -> bool {
        let value = entry.value;
        match key {
            "name" => job.name = self.text(value, key, Site::Job),
            "needs" => job.needs = self.names(value, key),
            "if" => job.condition = self.condition(value, key, Site::JobIf),
            "permissions" => job.permissions = self.permissions(value),
            "concurrency" => job.concurrency = self.concurrency(value, Site::Job),
            "strategy" => job.strategy = self.strategy(value),
            _ => return false,
        }
        true
    }

    fn own_key(
        &mut self,
        job: &mut Job,
        parts: &mut Parts,
        form: Form,
        key: &str,
        entry: &Entry<'_>,
    ) -> bool {
        match form {
            Form::Call => self.call_key(parts, key, entry),
            Form::Steps | Form::Neither => {
                self.environment_key(job, key, entry) || self.machine_key(parts, key, entry)
            }
        }
    }

    fn environment_key(&mut self, job: &mut Job, key: &str, entry: &Entry<'_>) -> bool {
        let value = entry.value;
        match key {
            "environment" => job.environment = self.environment(value),
            "outputs" => job.outputs = self.written_texts(value, key, Site::Outputs),
            "env" => job.env = self.texts(value, key, Site::JobEnv),
            "defaults" => job.defaults = self.defaults(value, Site::JobDefaults),
            "timeout-minutes" => job.timeout_minutes = self.number_setting(value, key, Site::Job),
            "cancel-timeout-minutes" => {
                job.cancel_timeout_minutes = self.number_setting(value, key, Site::Job);
            }
            "continue-on-error" => {
                job.continue_on_error = self.boolean_setting(value, key, Site::Job);
            }
            // What the job's token may do with caches (`read`, `write-only`); no schema that is public has it yet.
            "cache-mode" => _ = self.filled_text(value, key, Site::Job),
            _ => return false,
        }
        true
    }

    fn machine_key(&mut self, parts: &mut Parts, key: &str, entry: &Entry<'_>) -> bool {
        let value = entry.value;
        if key == "runs-on" {
            parts.runs_on = self.runs_on(value);
            return true;
        }
        let machine = parts.machine.get_or_insert_with(|| empty_machine(value.span()));
        match key {
            "steps" => machine.steps = self.steps(value),
            "container" => machine.container = self.container(value),
            "services" => machine.services = self.services(value),
            "snapshot" => machine.snapshot = self.snapshot(value),
            _ => return false,
        }
        true
    }

    fn call_key(&mut self, parts: &mut Parts, key: &str, entry: &Entry<'_>) -> bool {
        let value = entry.value;
        match key {
            "uses" => parts.uses = self.workflow_reference(value),
            "with" => parts.with = self.call_inputs(value),
            "secrets" => parts.secrets = self.call_secrets_given(value),
            _ => return false,
        }
        true
    }

    fn foreign_key(&mut self, key: &str, entry: &Entry<'_>, form: Form) {
        let (own, other, owner, advice): (&[&str], &[&str], _, _) = match form {
            Form::Call => (&CALL_KEYS, &STEPS_KEYS, "a job that calls a workflow", "remove it"),
            Form::Steps => (
                &STEPS_KEYS,
                &CALL_KEYS,
                "a job that runs steps",
                "remove it, or `runs-on` and what belongs to it",
            ),
            Form::Neither => (&STEPS_KEYS, &CALL_KEYS, "a job", "add `uses` to call a workflow"),
        };
        if other.contains(&key) {
            let message = format!("`{key}` is not a key of {owner}");
            self.error(entry.key.span(), codes::CONFLICTING_KEYS, message, advice);
            return;
        }
        self.unknown_key(entry, owner, own);
    }

    fn complete(
        &mut self,
        job: &mut Job,
        parts: Parts,
        form: Form,
        node: NodeRef<'_>,
        entries: &Entries<'_>,
    ) {
        let has = |wanted: &str| entries.iter().any(|(key, _)| key == wanted);
        let owner = format!("the job `{}`", job.id.value);
        match form {
            Form::Call => {
                if let Some(uses) = parts.uses {
                    job.body =
                        JobBody::Call(Call { uses, with: parts.with, secrets: parts.secrets });
                }
            }
            Form::Steps | Form::Neither => {
                if !has("runs-on") {
                    self.missing_key(node, &owner, "runs-on");
                } else if !has("steps") {
                    let message = format!("{owner} has no `steps`");
                    let help = "add `steps`, or `uses` to call a workflow";
                    self.absent(job.id.span, codes::MISSING_STEPS, message, help);
                }
                if let Some(runs_on) = parts.runs_on {
                    let machine = parts.machine.unwrap_or_else(|| empty_machine(node.span()));
                    job.body = JobBody::Steps(Machine { runs_on, ..machine });
                }
            }
        }
    }

    fn workflow_reference(&mut self, node: NodeRef<'_>) -> Option<Name> {
        let uses = self.name(node, "uses")?;
        if let Err(error) = WorkflowReference::parse(&uses.value, self.forge) {
            self.error(uses.span, codes::INVALID_CALL, error.to_string(), error.help(self.forge));
        }
        Some(uses)
    }

    fn call_inputs(&mut self, node: NodeRef<'_>) -> Vec<(Name, Token)> {
        let mut inputs = Vec::new();
        for (name, entry) in self.named(node, "with").unwrap_or_default() {
            if !entry.value.is_scalar() {
                self.mistyped(entry.value, &name, "a string, a boolean or a number");
                continue;
            }
            let value = self.token(entry.value, Site::Job);
            inputs.push((Name::new((&*name).into(), entry.key.span()), value));
        }
        inputs
    }

    fn call_secrets_given(&mut self, node: NodeRef<'_>) -> CallSecrets {
        match node.as_str() {
            Some("inherit") => CallSecrets::Inherit,
            Some(other) => {
                let message = format!("`{other}` is no `secrets`");
                let help = "write `inherit`, or a mapping of secrets";
                self.error(node.written_span(), codes::INVALID_VALUE, message, help);
                CallSecrets::None
            }
            None => CallSecrets::Given(self.written_texts(node, "secrets", Site::JobEnv)),
        }
    }

    /// `defaults`, of which only `run` exists.
    pub(super) fn defaults(&mut self, node: NodeRef<'_>, site: Site) -> Defaults {
        let mut defaults = Defaults::default();
        for (key, entry) in self.mapping(node, "defaults").unwrap_or_default() {
            if key == "run" {
                self.run_defaults(entry.value, site, &mut defaults);
            } else {
                self.unknown_key(&entry, "`defaults`", &["run"]);
            }
        }
        defaults
    }

    fn run_defaults(&mut self, node: NodeRef<'_>, site: Site, defaults: &mut Defaults) {
        for (key, entry) in self.mapping(node, "run").unwrap_or_default() {
            match &*key {
                "shell" => defaults.shell = self.filled_text(entry.value, &key, site),
                "working-directory" => {
                    defaults.working_directory = self.filled_text(entry.value, &key, site);
                }
                _ => self.unknown_key(&entry, "`run`", &["shell", "working-directory"]),
            }
        }
    }
}

/// The form of a job by its first telling key.
fn form(entries: &Entries<'_>) -> Form {
    let telling = |key: &str| match key {
        "uses" => Some(Form::Call),
        "runs-on" | "steps" => Some(Form::Steps),
        _ => None,
    };
    let found = entries.iter().find_map(|(key, _)| telling(key));
    found.unwrap_or_else(|| {
        let only_calls = |key: &str| CALL_KEYS.contains(&key) && !STEPS_KEYS.contains(&key);
        if entries.iter().any(|(key, _)| only_calls(key)) { Form::Neither } else { Form::Steps }
    })
}

fn empty_job(id: Name, span: Span) -> Job {
    Job {
        id,
        name: None,
        needs: Vec::new(),
        condition: None,
        permissions: None,
        environment: None,
        concurrency: None,
        strategy: None,
        outputs: Vec::new(),
        env: None,
        defaults: Defaults::default(),
        timeout_minutes: None,
        cancel_timeout_minutes: None,
        continue_on_error: None,
        body: JobBody::Unreadable,
        span,
    }
}

fn empty_machine(span: Span) -> Machine {
    let runs_on = RunsOn { group: None, labels: None, span };
    Machine { runs_on, container: None, services: None, steps: Vec::new(), snapshot: None }
}
