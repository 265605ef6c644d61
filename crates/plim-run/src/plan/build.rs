//! Builds the plan of one workflow: its jobs in order, their legs, and why each will or will not run.

use std::sync::Arc;

use plim_diag::Diagnostic;
use plim_expression::{Object, Scope, Value};
use plim_workflow::{
    EvaluationError, Job, JobBody, Leg, Legs as Expanded, Strategy, Trigger, Workflow, job_name,
};

use super::examine::{Findings, examine};
use super::planner::{File, Inner, same_value};
use super::reads::reads;
use super::select::{Graph, Selection};
use super::stored::Home;
use super::{Legs, PlannedJob, PlannedLeg, PlannedWorkflow};
use crate::event::{Cause, JobKey};
use crate::known::Known;
use crate::occasion::{Occasion, dispatch_inputs};

/// A workflow with all that its plan depends on.
pub(super) struct Frame<'a> {
    pub(super) planner: &'a Arc<Inner>,
    pub(super) workflow: Arc<Workflow>,
    pub(super) name: Arc<str>,
    pub(super) occasion: Arc<Occasion>,
    /// The `github` context with the token.
    pub(super) github: Value,
    pub(super) inputs: Value,
    pub(super) open_inputs: Vec<Arc<str>>,
    pub(super) callers: Vec<Arc<str>>,
    /// The repository that it is from, when that is another one.
    pub(super) home: Option<Arc<Home>>,
    pub(super) prefix: String,
    pub(super) title: String,
    pub(super) selection: Selection,
}

/// What the expressions of a job see before anything ran.
struct Before<'a> {
    github: &'a Value,
    inputs: &'a Value,
    variables: &'a Value,
    runner: &'a Value,
    matrix: Option<Value>,
    strategy: Option<Value>,
}

impl Scope for Before<'_> {
    fn context(&self, name: &str) -> Option<Value> {
        match name {
            "github" | "gitea" | "forgejo" | "forge" => Some(self.github.clone()),
            "inputs" => Some(self.inputs.clone()),
            "vars" => Some(self.variables.clone()),
            "runner" => Some(self.runner.clone()),
            "matrix" => self.matrix.clone(),
            "strategy" => self.strategy.clone(),
            _ => None,
        }
    }

    fn call(&self, _name: &str, _arguments: &[Value]) -> Option<Result<Value, String>> {
        None
    }
}

/// What is known of a leg when it is planned.
struct Place<'l> {
    leg: &'l Leg,
    number: usize,
    total: usize,
}

impl<'a> Frame<'a> {
    /// A workflow that an event starts.
    ///
    /// Errors: an input that a person gives is missing or wrong.
    pub(super) fn triggered(
        planner: &'a Arc<Inner>,
        file: &File,
        occasion: Arc<Occasion>,
        selection: Selection,
    ) -> Result<Self, Box<Diagnostic>> {
        let mut frame = Self {
            planner,
            workflow: Arc::clone(&file.workflow),
            name: file.name(),
            github: with_token(planner, &occasion),
            occasion,
            inputs: Value::from(Object::new()),
            open_inputs: Vec::new(),
            callers: Vec::new(),
            home: None,
            prefix: planner.key_prefix(&file.path),
            title: String::new(),
            selection,
        };
        let trigger = frame.trigger().filter(|trigger| !trigger.inputs.is_empty());
        if let Some(trigger) = trigger {
            frame.inputs = frame.inputs_of(trigger)?.into();
        }
        Ok(frame)
    }

    /// A workflow that was planned before.
    pub(super) fn resumed(planner: &'a Arc<Inner>, planned: &PlannedWorkflow) -> Self {
        Self {
            planner,
            workflow: Arc::clone(&planned.workflow),
            name: Arc::clone(&planned.name),
            github: with_token(planner, &planned.occasion),
            occasion: Arc::clone(&planned.occasion),
            inputs: planned.inputs.clone(),
            open_inputs: planned.open_inputs.clone(),
            callers: planned.callers.clone(),
            home: planned.home.clone(),
            prefix: planned.prefix.clone(),
            title: planned.title.clone(),
            selection: planned.selection.clone(),
        }
    }

    /// The trigger that starts it.
    fn trigger(&self) -> Option<&Trigger> {
        self.workflow.triggers.iter().find(|trigger| trigger.event.value == self.occasion.event)
    }

    fn inputs_of(&self, trigger: &Trigger) -> Result<Object, Box<Diagnostic>> {
        let payload = self.occasion.payload.get("inputs").and_then(serde_json::Value::as_object);
        let of_payload = payload.into_iter().flatten();
        let of_payload = of_payload
            .filter(|(name, _)| trigger.inputs.iter().any(|input| *input.name.value == ***name))
            .filter(|(_, value)| value.as_str() != Some(""))
            .map(|(name, value)| (name.clone(), Value::from_json(value)));
        let given = &self.planner.request.inputs;
        let given = given.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())));
        let given: Vec<(String, Value)> = of_payload.chain(given).collect();
        let scope = self.scope(None);
        dispatch_inputs(trigger, &given, &scope).map_err(|error| {
            let code = plim_diag::Code("invalid-input");
            let diagnostic = Diagnostic::error(code, format!("`{}`: {error}", self.workflow.path))
                .at(Arc::clone(&self.workflow.path), trigger.span)
                .maybe_help(error.help());
            Box::new(diagnostic)
        })
    }

    /// Plans every job; what is wrong with them goes to `diagnostics`.
    pub(super) fn plan(&self, diagnostics: &mut Vec<Diagnostic>) -> PlannedWorkflow {
        let jobs = &self.workflow.jobs;
        let graph = Graph::of(jobs);
        let left_out = |id: &str| self.planner.is_left_out(id, &format!("{}{id}", self.prefix));
        let selected = graph.selected(jobs, &self.selection, &left_out);
        let mut places = vec![0; jobs.len()];
        for (place, &index) in graph.order.iter().enumerate() {
            places[index] = place;
        }
        let mut planned: Vec<PlannedJob> = Vec::with_capacity(jobs.len());
        for &index in &graph.order {
            let needs = graph.needs[index].iter().filter(|&&need| selected[need]);
            let needs = needs.map(|&need| places[need]).collect();
            let job = self.job(index, selected[index], diagnostics);
            planned.push(PlannedJob { needs, ..job });
        }
        PlannedWorkflow {
            workflow: Arc::clone(&self.workflow),
            name: Arc::clone(&self.name),
            occasion: Arc::clone(&self.occasion),
            inputs: self.inputs.clone(),
            open_inputs: self.open_inputs.clone(),
            jobs: planned,
            callers: self.callers.clone(),
            home: self.home.clone(),
            prefix: self.prefix.clone(),
            title: self.title.clone(),
            selection: self.selection.clone(),
        }
    }

    fn scope(&self, place: Option<(&Place<'_>, &Expanded)>) -> Before<'_> {
        let strategy = place.map(|(place, expanded)| {
            let object: Object = [
                ("fail-fast", Value::from(expanded.fail_fast)),
                ("job-index", Value::from(place.number as f64)),
                ("job-total", Value::from(place.total as f64)),
                ("max-parallel", Value::from(expanded.max_parallel as f64)),
            ]
            .into_iter()
            .collect();
            Value::from(object)
        });
        Before {
            github: &self.github,
            inputs: &self.inputs,
            variables: &self.planner.variables,
            runner: &self.planner.runner,
            matrix: place.map(|(place, _)| place.leg.matrix.clone()),
            strategy,
        }
    }

    fn known<'k>(&'k self, scope: &'k dyn Scope) -> Known<'k> {
        Known { scope, open_inputs: &self.open_inputs, variables: &[], all_goes_well: false }
    }

    fn job(&self, index: usize, selected: bool, diagnostics: &mut Vec<Diagnostic>) -> PlannedJob {
        let job = &self.workflow.jobs[index];
        let mut planned = PlannedJob {
            id: Arc::clone(&job.id.value),
            key: format!("{}{}", self.prefix, job.id.value),
            index,
            needs: Vec::new(),
            selected,
            legs: Legs::Known(Vec::new()),
            blocked: None,
            skipped: None,
            open: false,
        };
        if !selected {
            return planned;
        }
        let scope = self.scope(None);
        let known = self.known(&scope);
        if let Some(condition) = &job.condition {
            let well = Known { all_goes_well: true, ..known };
            planned.open = well.holds(condition) != Some(true);
            if known.holds(condition) == Some(false) {
                planned.skipped = Some("its `if` is false".to_owned());
            }
        }
        if matches!(job.body, JobBody::Unreadable) {
            let reason = format!("the job `{}` could not be read", job.id.value);
            planned.blocked = Some(Cause::Unreadable { reason });
            return planned;
        }
        match self.expand(job, &known) {
            Ok(Some(expanded)) => {
                planned.legs = Legs::Known(self.legs(job, &planned, &expanded, diagnostics));
            }
            Ok(None) => planned.legs = Legs::Deferred { reason: deferred(job) },
            Err(error) => {
                planned.blocked = Some(Cause::Unreadable { reason: error.to_string() });
                diagnostics.push(error.diagnostic(&self.workflow.path));
            }
        }
        planned
    }

    /// The legs of a job; `None` when they are not known yet.
    fn expand(&self, job: &Job, known: &Known<'_>) -> Result<Option<Expanded>, EvaluationError> {
        let Some(strategy) = &job.strategy else { return Ok(Some(Expanded::single())) };
        if !is_known(strategy, known) {
            return Ok(None);
        }
        strategy.evaluate(known.scope).map(Some)
    }

    fn legs(
        &self,
        job: &Job,
        planned: &PlannedJob,
        expanded: &Expanded,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<PlannedLeg> {
        let total = expanded.legs.len();
        // A job that cannot come to run here is not looked into.
        let examined = planned.skipped.is_none();
        let mut legs = Vec::with_capacity(total);
        for (number, leg) in expanded.legs.iter().enumerate() {
            if !self.is_wanted(leg) {
                continue;
            }
            let place = Place { leg, number, total };
            let scope = self.scope(Some((&place, expanded)));
            legs.push(self.leg(job, &place, &scope, examined, diagnostics));
        }
        legs
    }

    /// Whether a leg has the values that the user asked for; keys that its matrix lacks do not count.
    fn is_wanted(&self, leg: &Leg) -> bool {
        let asked = &self.planner.request.matrix;
        asked.iter().all(|(key, _)| match leg.matrix.get(key) {
            Some(got) => {
                asked.iter().filter(|(other, _)| other == key).any(|(_, v)| same_value(got, v))
            }
            None => true,
        })
    }

    fn leg(
        &self,
        job: &Job,
        place: &Place<'_>,
        scope: &dyn Scope,
        examined: bool,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> PlannedLeg {
        let known = self.known(scope);
        let id = &job.id.value;
        let key = match place.total {
            1 => format!("{}{id}", self.prefix),
            _ => format!("{}{id}[{}]", self.prefix, place.number + 1),
        };
        let written = job.name.as_ref().map(|n| (known.shown(n), n.template.has_expressions()));
        let written = written.as_ref().map(|(text, computed)| (text.as_str(), *computed));
        let name = format!("{}{}", self.title, job_name(id, written, place.leg));
        let mut planned = PlannedLeg {
            key: JobKey(key.into()),
            leg: place.leg.clone(),
            index: place.number,
            name: name.into(),
            labels: Vec::new(),
            blocked: None,
            also: Vec::new(),
            left_out: Vec::new(),
            builds: false,
            open: !job.needs.is_empty() && reads(job, &["needs"]),
            call: None,
        };
        if !examined {
            return planned;
        }
        match &job.body {
            JobBody::Steps(machine) => {
                let (workflow, key) = (&self.workflow, &planned.key.0);
                let home = self.home.as_ref().map(|home| home.root.as_path());
                let findings = examine(self.planner, workflow, job, machine, key, home, known);
                planned.take(findings);
            }
            JobBody::Call(call) => self.call(job, call, &mut planned, &known, diagnostics),
            JobBody::Unreadable => {}
        }
        planned
    }

    /// Plans a leg with what is known while the run goes on.
    pub(super) fn leg_at_run_time(
        &self,
        planned: &PlannedJob,
        leg: &Leg,
        number: usize,
        total: usize,
        scope: &dyn Scope,
    ) -> Option<PlannedLeg> {
        if !self.is_wanted(leg) {
            return None;
        }
        let job = self.workflow.jobs.get(planned.index)?;
        let place = Place { leg, number, total };
        let mut planned = self.leg(job, &place, scope, true, &mut Vec::new());
        self.planner.leave_out_late(&mut planned);
        Some(PlannedLeg { open: false, ..planned })
    }
}

impl PlannedLeg {
    fn take(&mut self, findings: Findings) {
        (self.labels, self.left_out) = (findings.labels, findings.left_out);
        self.builds = findings.builds;
        let mut causes = findings.causes.into_iter();
        self.blocked = causes.next();
        self.also = causes.collect();
    }
}

fn with_token(planner: &Inner, occasion: &Occasion) -> Value {
    let mut github = match &occasion.github {
        Value::Object(github) => Object::clone(github),
        _ => Object::new(),
    };
    github.insert("token", planner.request.token.as_deref().unwrap_or_default());
    github.into()
}

fn is_known(strategy: &Strategy, known: &Known<'_>) -> bool {
    let setting =
        |text: Option<&plim_workflow::Text>| text.is_none_or(|t| known.text_value(t).is_some());
    let fail_fast = strategy.fail_fast.as_ref().and_then(expression);
    let max_parallel = strategy.max_parallel.as_ref().and_then(expression);
    setting(strategy.whole.as_ref())
        && setting(fail_fast)
        && setting(max_parallel)
        && strategy.matrix.as_ref().is_none_or(|matrix| known.token_known(matrix))
}

fn expression<T>(setting: &plim_workflow::Setting<T>) -> Option<&plim_workflow::Text> {
    match setting {
        plim_workflow::Setting::Expression(text) => Some(text),
        plim_workflow::Setting::Literal(_) => None,
    }
}

/// What has to be known before the legs of a job are.
fn deferred(job: &Job) -> String {
    match job.needs.as_slice() {
        [] => "its matrix is not known before it starts".to_owned(),
        needs => {
            let names: Vec<String> = needs.iter().map(|need| format!("`{}`", need.value)).collect();
            format!("its matrix comes from {}", names.join(", "))
        }
    }
}
