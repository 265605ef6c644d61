//! Every text with expressions of a file, with the key it stands at, which says what it may name.

use std::ops::Range;

use plim_diag::Span;
use plim_expression::{Expression, Template};
use plim_workflow::{
    Action, ActionBody, CallSecrets, Concurrency, Condition, Container, Defaults, Entries, Job,
    JobBody, Key, Machine, Setting, Site, StepBody, Strategy, Text, Token, TokenKind, Trigger,
    Workflow,
};

use crate::subject::Document;
use crate::{JobAt, StepAt, Subject};

/// A text that holds expressions, or a condition.
#[derive(Copy, Clone, Debug)]
pub struct TextAt<'a> {
    /// Its parts. A condition without `${{ }}` is one expression.
    pub template: &'a Template,
    /// Where the value stands, header and quotes included.
    pub span: Span,
    /// Where each expression of `template` stands, in the same order.
    pub expressions: &'a [Span],
    /// What may be named in it.
    pub site: Site,
    /// The key: `run`, `if`, `env`, `matrix`.
    pub key: &'static str,
    /// The name below the key, as in `env`, `with`, `outputs` and `secrets`.
    pub entry: Option<&'a str>,
    /// The condition, if it is one.
    pub condition: Option<&'a Condition>,
    /// The job it belongs to.
    pub job: Option<JobAt<'a>>,
    /// The step it belongs to.
    pub step: Option<StepAt<'a>>,
}

/// One expression of a text.
#[derive(Copy, Clone, Debug)]
pub struct ExpressionAt<'a> {
    /// The expression.
    pub expression: &'a Expression,
    /// Where its source stands in the file, without `${{` and blanks.
    pub span: Span,
    /// The text it is in.
    pub text: TextAt<'a>,
    source: &'a str,
}

impl<'a> TextAt<'a> {
    /// Whether it is one expression with nothing around it, so that its value keeps its type.
    #[must_use]
    pub fn is_one_expression(&self) -> bool {
        self.template.segments.len() == 1 && self.expressions.len() == 1
    }

    /// The expressions, each with its place.
    pub(crate) fn each(self, source: &'a str) -> impl Iterator<Item = ExpressionAt<'a>> {
        let pairs = self.template.expressions().zip(self.expressions);
        pairs.map(move |((expression, _), &span)| ExpressionAt {
            expression,
            span,
            text: self,
            source,
        })
    }
}

impl ExpressionAt<'_> {
    /// Where the bytes `part` of the expression's source stand in the file.
    #[must_use]
    pub fn place(&self, part: &Range<usize>) -> Span {
        let written = self.span.text(self.source).unwrap_or("");
        let own = self.expression.source();
        if written == own {
            let offset = |at: usize| self.span.start + u32::try_from(at).unwrap_or(0);
            return Span::new(offset(part.start), offset(part.end));
        }
        // Line ends and the indentation of a block scalar, or escapes of a quoted one, stand in between.
        let start = aligned(own, written, part.start);
        let end = aligned(own, written, part.end.saturating_sub(1)) + 1;
        let offset =
            |at: usize| self.span.start + u32::try_from(at.min(written.len())).unwrap_or(0);
        Span::new(offset(start), offset(end.max(start)))
    }
}

/// The byte of `written` that gave the byte at `wanted` of `own`, which differ in blanks only.
fn aligned(own: &str, written: &str, wanted: usize) -> usize {
    let (own, written) = (own.as_bytes(), written.as_bytes());
    let mut at = 0;
    for &byte in own.iter().take(wanted + 1) {
        if byte.is_ascii_whitespace() {
            continue;
        }
        while at < written.len() && written[at] != byte {
            at += 1;
        }
        at += 1;
    }
    at.saturating_sub(1)
}

/// The texts with expressions of a file and its conditions: those of the file itself, of its jobs, then of its steps.
pub(crate) fn texts<'a>(subject: &'a Subject, steps: &[StepAt<'a>]) -> Vec<TextAt<'a>> {
    let mut collector = Collector { found: Vec::new(), job: None, step: None };
    match &subject.document {
        Document::Workflow(read) => collector.workflow(&read.value),
        Document::Action(read) => collector.action(&read.value),
        Document::Dependabot(_) | Document::PreCommit(_) => {}
    }
    for &step in steps {
        (collector.job, collector.step) = (step.job, Some(step));
        collector.step(step);
    }
    collector.found
}

struct Collector<'a> {
    found: Vec<TextAt<'a>>,
    job: Option<JobAt<'a>>,
    step: Option<StepAt<'a>>,
}

impl<'a> Collector<'a> {
    fn text(&mut self, text: &'a Text, site: Site, key: &'static str, entry: Option<&'a str>) {
        // Texts without expressions are most of a file, and nobody asks for them here.
        if !text.expressions.is_empty() {
            self.add(&text.template, text.span, &text.expressions, site, key, entry, None);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "they are the fields of what is added")]
    fn add(
        &mut self,
        template: &'a Template,
        span: Span,
        expressions: &'a [Span],
        site: Site,
        key: &'static str,
        entry: Option<&'a str>,
        condition: Option<&'a Condition>,
    ) {
        let (job, step) = (self.job, self.step);
        self.found.push(TextAt {
            template,
            span,
            expressions,
            site,
            key,
            entry,
            condition,
            job,
            step,
        });
    }

    fn condition(&mut self, condition: Option<&'a Condition>, site: Site, key: &'static str) {
        if let Some(condition) = condition {
            let (span, expressions) = (condition.span, &condition.expressions);
            let written = condition.condition.written();
            self.add(written, span, expressions, site, key, None, Some(condition));
        }
    }

    fn maybe(&mut self, text: Option<&'a Text>, site: Site, key: &'static str) {
        if let Some(text) = text {
            self.text(text, site, key, None);
        }
    }

    fn setting<T>(&mut self, setting: Option<&'a Setting<T>>, site: Site, key: &'static str) {
        if let Some(Setting::Expression(text)) = setting {
            self.text(text, site, key, None);
        }
    }

    fn entries(&mut self, entries: Option<&'a Entries<Text>>, site: Site, key: &'static str) {
        match entries {
            Some(Entries::Written(written)) => {
                written
                    .iter()
                    .for_each(|(name, text)| self.text(text, site, key, Some(&name.value)));
            }
            Some(Entries::Expression(text)) => self.text(text, site, key, None),
            Some(Entries::Mixed(token)) => self.token(token, site, key, None),
            None => {}
        }
    }

    fn token(&mut self, token: &'a Token, site: Site, key: &'static str, entry: Option<&'a str>) {
        match &token.kind {
            TokenKind::Text(text) => self.text(text, site, key, entry),
            TokenKind::Sequence(items) => {
                items.iter().for_each(|item| self.token(item, site, key, entry));
            }
            TokenKind::Mapping(pairs) => {
                for (name, value) in pairs {
                    if let Key::Text(name) = name {
                        self.text(name, site, key, entry);
                    }
                    self.token(value, site, key, entry);
                }
            }
            TokenKind::Null | TokenKind::Boolean(_) | TokenKind::Number(_) => {}
        }
    }

    fn workflow(&mut self, workflow: &'a Workflow) {
        self.maybe(workflow.run_name.as_ref(), Site::Workflow, "run-name");
        workflow.triggers.iter().for_each(|trigger| self.trigger(trigger));
        self.entries(workflow.env.as_ref(), Site::WorkflowEnv, "env");
        self.concurrency(workflow.concurrency.as_ref(), Site::Workflow);
        for job in &workflow.jobs {
            self.job = Some(JobAt { job, workflow });
            self.job(job);
        }
        self.job = None;
    }

    fn trigger(&mut self, trigger: &'a Trigger) {
        for input in &trigger.inputs {
            if let Some(default) = &input.default {
                self.token(default, Site::Workflow, "default", Some(&input.name.value));
            }
        }
        for output in &trigger.outputs {
            self.text(&output.value, Site::CallOutput, "value", Some(&output.name.value));
        }
    }

    fn concurrency(&mut self, concurrency: Option<&'a Concurrency>, site: Site) {
        if let Some(concurrency) = concurrency {
            self.text(&concurrency.group, site, "concurrency", None);
            self.setting(concurrency.cancel_in_progress.as_ref(), site, "cancel-in-progress");
        }
    }

    fn defaults(&mut self, defaults: &'a Defaults, site: Site) {
        self.maybe(defaults.shell.as_ref(), site, "shell");
        self.maybe(defaults.working_directory.as_ref(), site, "working-directory");
    }

    fn job(&mut self, job: &'a Job) {
        self.maybe(job.name.as_ref(), Site::Job, "name");
        self.condition(job.condition.as_ref(), Site::JobIf, "if");
        if let Some(environment) = &job.environment {
            self.text(&environment.name, Site::Job, "environment", None);
            self.maybe(environment.url.as_ref(), Site::EnvironmentUrl, "url");
            self.setting(environment.deployment.as_ref(), Site::Job, "deployment");
        }
        self.concurrency(job.concurrency.as_ref(), Site::Job);
        if let Some(strategy) = &job.strategy {
            self.strategy(strategy);
        }
        for (name, value) in &job.outputs {
            self.text(value, Site::Outputs, "outputs", Some(&name.value));
        }
        self.entries(job.env.as_ref(), Site::JobEnv, "env");
        self.defaults(&job.defaults, Site::JobDefaults);
        self.setting(job.timeout_minutes.as_ref(), Site::Job, "timeout-minutes");
        self.setting(job.cancel_timeout_minutes.as_ref(), Site::Job, "cancel-timeout-minutes");
        self.setting(job.continue_on_error.as_ref(), Site::Job, "continue-on-error");
        match &job.body {
            JobBody::Steps(machine) => self.machine(machine),
            JobBody::Call(call) => {
                for (name, value) in &call.with {
                    self.token(value, Site::Job, "with", Some(&name.value));
                }
                if let CallSecrets::Given(secrets) = &call.secrets {
                    for (name, value) in secrets {
                        self.text(value, Site::JobEnv, "secrets", Some(&name.value));
                    }
                }
            }
            JobBody::Unreadable => {}
        }
    }

    fn strategy(&mut self, strategy: &'a Strategy) {
        self.maybe(strategy.whole.as_ref(), Site::Strategy, "strategy");
        if let Some(matrix) = &strategy.matrix {
            self.token(matrix, Site::Strategy, "matrix", None);
        }
        self.setting(strategy.fail_fast.as_ref(), Site::Strategy, "fail-fast");
        self.setting(strategy.max_parallel.as_ref(), Site::Strategy, "max-parallel");
    }

    fn machine(&mut self, machine: &'a Machine) {
        self.maybe(machine.runs_on.group.as_ref(), Site::Job, "group");
        if let Some(labels) = &machine.runs_on.labels {
            self.token(labels, Site::Job, "runs-on", None);
        }
        if let Some(container) = &machine.container {
            self.container(container, "container");
        }
        match &machine.services {
            Some(Entries::Written(services)) => {
                services.iter().for_each(|(_, service)| self.container(service, "services"));
            }
            Some(Entries::Expression(text)) => self.text(text, Site::Job, "services", None),
            Some(Entries::Mixed(token)) => self.token(token, Site::Job, "services", None),
            None => {}
        }
        if let Some(snapshot) = &machine.snapshot {
            self.text(&snapshot.image_name, Site::Job, "image-name", None);
            self.maybe(snapshot.version.as_ref(), Site::Job, "version");
            self.condition(snapshot.condition.as_ref(), Site::StepIf, "if");
        }
    }

    fn container(&mut self, container: &'a Container, key: &'static str) {
        let TokenKind::Mapping(pairs) = &container.value.kind else {
            self.token(&container.value, Site::Job, key, None);
            return;
        };
        for (name, value) in pairs {
            let name = match name {
                Key::Text(name) => name.template.is_literal(),
                Key::Insert(_) => None,
            };
            let site = match name {
                Some("env") => Site::Outputs,
                Some("credentials") => Site::Credentials,
                _ => Site::Job,
            };
            self.token(value, site, key, name);
        }
    }

    fn step(&mut self, step: StepAt<'a>) {
        let (site, condition) = match step.job {
            Some(_) => (Site::Step, Site::StepIf),
            None => (Site::ActionStep, Site::ActionIf),
        };
        let step = step.step;
        self.maybe(step.name.as_ref(), site, "name");
        self.condition(step.condition.as_ref(), condition, "if");
        self.entries(step.env.as_ref(), site, "env");
        self.setting(step.continue_on_error.as_ref(), site, "continue-on-error");
        self.setting(step.timeout_minutes.as_ref(), site, "timeout-minutes");
        match &step.body {
            StepBody::Run(run) => {
                self.text(&run.script, site, "run", None);
                self.maybe(run.shell.as_ref(), site, "shell");
                self.maybe(run.working_directory.as_ref(), site, "working-directory");
            }
            StepBody::Uses(uses) => self.entries(Some(&uses.with), site, "with"),
            _ => {}
        }
    }

    fn action(&mut self, action: &'a Action) {
        for input in &action.inputs {
            if let Some(default) = &input.default {
                self.text(default, Site::ActionInput, "default", Some(&input.name.value));
            }
        }
        for output in &action.outputs {
            if let Some(value) = &output.value {
                self.text(value, Site::ActionOutput, "value", Some(&output.name.value));
            }
        }
        match &action.body {
            ActionBody::JavaScript(body) => {
                self.condition(body.pre_if.as_ref(), Site::ActionIf, "pre-if");
                self.condition(body.post_if.as_ref(), Site::ActionIf, "post-if");
            }
            ActionBody::Docker(body) => {
                self.condition(body.pre_if.as_ref(), Site::ActionIf, "pre-if");
                self.condition(body.post_if.as_ref(), Site::ActionIf, "post-if");
                body.args.iter().for_each(|arg| self.token(arg, Site::DockerAction, "args", None));
                self.entries(body.env.as_ref(), Site::DockerAction, "env");
            }
            ActionBody::Composite(_) | ActionBody::Unreadable => {}
        }
    }
}
