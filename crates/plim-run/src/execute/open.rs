//! Opens a job once what it needs is over: it is skipped, blocked, or has legs to run.

use std::sync::Arc;

use plim_expression::{Object, Value};
use plim_workflow::{
    Call, CallSecrets, Job, JobBody, Leg, Legs as Expanded, Name, Queue, Text, job_name,
};

use super::{
    Cancellation, World,
    groups::Request,
    instance::{Done, Gate, Instance, JobState, LegState, OpenJob, Stage},
    leg::{Order, Report},
    reuse::{Reused, Runs},
    scope::{Contexts, JobScope},
};
use crate::{
    basis::{self, Basis},
    event::{Cause, Conclusion, Event, JobKey, Level},
    history::EarlierEnd,
    plan::{Legs, PlannedJob, PlannedLeg, PlannedWorkflow},
    store::Artifact,
    tally::Tally,
};

/// What a leg does when it starts.
pub(crate) enum Start {
    /// It runs its steps.
    Steps(Box<Order>),
    /// It calls a workflow.
    Call(Box<Called>),
}

/// A call that is about to be made.
pub(crate) struct Called {
    pub(crate) planned: Arc<PlannedWorkflow>,
    pub(crate) inputs: Value,
    pub(crate) secrets: Value,
    /// The leg that calls, by key and by name.
    pub(crate) key: JobKey,
    pub(crate) name: Arc<str>,
}

/// Opens a job that is due.
pub(crate) fn open(
    world: &World,
    instance: &Instance,
    index: usize,
    killed: bool,
    tally: &mut Tally,
) -> JobState {
    let mut opening = Opening { world, instance, index, tally };
    let done = match opening.before(killed) {
        Before::Done(done) => done,
        Before::Legs => match opening.legs() {
            Ok(open) => return JobState::Open(open),
            Err(reason) => opening.fail(&reason),
        },
    };
    JobState::Done(done)
}

struct Opening<'a> {
    world: &'a World,
    instance: &'a Instance,
    index: usize,
    tally: &'a mut Tally,
}

/// What is decided before legs are looked at.
enum Before {
    Done(Done),
    Legs,
}

impl<'a> Opening<'a> {
    fn planned(&self) -> &'a PlannedJob {
        &self.instance.planned.jobs[self.index]
    }

    fn job(&self) -> &'a Job {
        self.instance.planned.job(self.planned())
    }

    fn key(&self) -> JobKey {
        JobKey(format!("{}{}", self.instance.key_prefix, self.planned().id).into())
    }

    fn name(&self) -> Arc<str> {
        format!("{}{}", self.instance.name_prefix, self.planned().id).into()
    }

    fn workflow(&self) -> Arc<str> {
        self.instance.planned.workflow.path.clone()
    }

    fn before(&mut self, killed: bool) -> Before {
        if !self.planned().selected {
            let settled = true;
            return Before::Done(Done { settled, ..Done::plain(Conclusion::Skipped) });
        }
        if killed {
            return Before::Done(self.cancelled());
        }
        if let Some(cause) = self.planned().blocked.clone() {
            return Before::Done(self.blocked(cause));
        }
        if let Some(done) = self.undetermined() {
            return Before::Done(done);
        }
        let contexts = self.instance.contexts_of(self.index);
        let wanted = match &self.job().condition {
            Some(condition) => condition.evaluate(&self.scope(&contexts, &self.ancestors())),
            None => Ok(self.ancestors().iter().all(|result| *result == Conclusion::Success)
                && !self.instance.cancelled),
        };
        match wanted {
            Ok(true) => Before::Legs,
            Ok(false) if self.instance.cancelled => Before::Done(self.cancelled()),
            Ok(false) => Before::Done(self.skipped()),
            Err(error) => Before::Done(self.fail(&format!("could not evaluate `if`: {error}"))),
        }
    }

    fn ancestors(&self) -> Vec<Conclusion> {
        self.instance.ancestors(self.index)
    }

    fn scope<'s>(&self, contexts: &'s Contexts, ancestors: &'s [Conclusion]) -> JobScope<'s> {
        let cancelled = self.instance.cancelled;
        JobScope { contexts, ancestors, cancelled, environment: None, steps: None }
    }

    fn skipped(&mut self) -> Done {
        let failed = self.ancestors().iter().any(|result| *result != Conclusion::Success);
        let reason = match failed && self.job().condition.is_none() {
            true => "a job that it needs did not succeed",
            false => "its `if` is false",
        };
        self.tally.skipped();
        self.say_skipped(reason);
        let settled = self.was_skipped() && self.is_settled();
        Done { settled, ..Done::plain(Conclusion::Skipped) }
    }

    /// Whether all that decides about the job is as in the earlier run that this one repeats.
    fn is_settled(&self) -> bool {
        self.instance.is_settled_for(self.index)
    }

    fn was_skipped(&self) -> bool {
        let job = self.world.earlier.as_ref().and_then(|earlier| earlier.job(&self.key()));
        job.is_some_and(|job| job.end == EarlierEnd::Skipped)
    }

    fn cancelled(&mut self) -> Done {
        self.tally.ran(Conclusion::Cancelled, false);
        self.say_skipped("cancelled before it started");
        Done::plain(Conclusion::Cancelled)
    }

    fn say_skipped(&self, reason: &str) {
        let (job, name, workflow) = (self.key(), self.name(), self.workflow());
        self.world.emit(Event::JobSkipped { job, name, workflow, reason: reason.into() });
    }

    fn blocked(&mut self, cause: Cause) -> Done {
        let expected = matches!(cause, Cause::Runner { expected: true, .. });
        self.tally.blocked(&cause);
        let (job, name, workflow) = (self.key(), self.name(), self.workflow());
        self.world.emit(Event::JobBlocked { job, name, workflow, cause });
        Done { expected, ..Done::plain(Conclusion::Undetermined) }
    }

    /// A job that needs one of which nothing could be told does not run, whatever its `if`.
    fn undetermined(&mut self) -> Option<Done> {
        let needs = self.instance.needs(self.index).iter();
        let results = needs.filter_map(|&need| Some((need, self.instance.done(need)?)));
        let missing: Vec<_> =
            results.filter(|(_, done)| done.result == Conclusion::Undetermined).collect();
        let (first, _) = missing.first()?;
        let expected = missing.iter().all(|(_, done)| done.expected);
        let cause = Cause::Needs { job: self.instance.planned.jobs[*first].id.to_string() };
        self.tally.undetermined(expected);
        let (job, name, workflow) = (self.key(), self.name(), self.workflow());
        self.world.emit(Event::JobBlocked { job, name, workflow, cause });
        Some(Done { expected, ..Done::plain(Conclusion::Undetermined) })
    }

    fn fail(&mut self, reason: &str) -> Done {
        self.tally.ran(Conclusion::Failure, false);
        let text = format!("`{}` failed: {reason}", self.name());
        self.world.notice(Some(&self.key()), Level::Error, &text);
        Done::plain(Conclusion::Failure)
    }

    fn legs(&mut self) -> Result<OpenJob, String> {
        let contexts = self.instance.contexts_of(self.index);
        let ancestors = self.ancestors();
        let expanded = match &self.job().strategy {
            Some(strategy) => strategy
                .evaluate(&self.scope(&contexts, &ancestors))
                .map_err(|error| format!("could not evaluate `strategy`: {error}"))?,
            None => Expanded::single(),
        };
        let mut open = OpenJob::new(expanded.fail_fast, expanded.max_parallel);
        let total = expanded.legs.len();
        for (number, leg) in expanded.legs.iter().enumerate() {
            let strategy = strategy(&expanded, number, total);
            let facts = Contexts { strategy, matrix: leg.matrix.clone(), ..contexts.clone() };
            if let Some(planned) = self.planned_leg(number, leg, total, &facts)? {
                let state = self.leg(&planned, leg, facts)?;
                if let Stage::Ended(report) = &state.stage {
                    for (name, value) in &report.outputs {
                        open.outputs.insert(name.clone(), value.as_str());
                    }
                }
                open.legs.push(state);
            }
        }
        Ok(open)
    }

    /// What the plan says of a leg; `None` when the user left it out. Legs that depend on jobs that
    /// ran since are planned now.
    fn planned_leg(
        &self,
        number: usize,
        leg: &Leg,
        total: usize,
        contexts: &Contexts,
    ) -> Result<Option<PlannedLeg>, String> {
        let again = || {
            let (workflow, job) = (&self.instance.planned, self.planned());
            let scope = self.scope(contexts, &[]);
            self.world.planner.leg(workflow, job, leg, number, total, &scope)
        };
        match &self.planned().legs {
            Legs::Known(legs) => match legs.iter().find(|leg| leg.index == number) {
                Some(leg) if leg.open => Ok(again()),
                known => Ok(known.cloned()),
            },
            Legs::Deferred { .. } => Ok(again()),
        }
    }

    fn leg(
        &mut self,
        planned: &PlannedLeg,
        leg: &Leg,
        contexts: Contexts,
    ) -> Result<LegState, String> {
        let job = self.job();
        let scope = self.scope(&contexts, &[]);
        let written = job.name.as_ref().map(|name| {
            let text = name
                .evaluate_text(&scope)
                .map_err(|error| format!("could not evaluate `name`: {error}"));
            text.map(|text| (text, name.template.has_expressions()))
        });
        let written = written.transpose()?;
        let written = written.as_ref().map(|(text, computed)| (&**text, *computed));
        let own = job_name(&self.planned().id, written, leg);
        let name: Arc<str> = format!("{}{own}", self.instance.name_prefix).into();
        let key = planned.key.clone();
        let tolerated = match &job.continue_on_error {
            Some(setting) => setting
                .evaluate(&scope)
                .map_err(|error| format!("could not evaluate `continue-on-error`: {error}"))?,
            None => false,
        };
        let group = group(job, &scope)?;
        let environment = environment(job, &scope)?;
        let mut state = LegState {
            key: key.clone(),
            name: name.clone(),
            workflow: self.workflow(),
            tolerated,
            group,
            environment,
            asked: None,
            cancellation: Cancellation::default(),
            gate: Gate::Open,
            reused: false,
            stage: Stage::Ready,
            start: None,
        };
        if let Some(cause) = &planned.blocked {
            self.tally.blocked(cause);
            let (job, workflow, cause) = (key, state.workflow.clone(), cause.clone());
            let expected = matches!(cause, Cause::Runner { expected: true, .. });
            self.world.emit(Event::JobBlocked { job, name, workflow, cause });
            state.stage = Stage::Blocked { expected };
            return Ok(state);
        }
        let cancellation = state.cancellation.clone();
        state.start = Some(match &job.body {
            JobBody::Steps(_) => {
                let order = self.order(planned, name, contexts, cancellation);
                if let Some(report) = self.reuse(&order) {
                    state.reused = true;
                    state.stage = Stage::Ended(report);
                    return Ok(state);
                }
                Start::Steps(Box::new(order))
            }
            JobBody::Call(call) => {
                Start::Call(Box::new(self.call(planned, name, call, &contexts)?))
            }
            JobBody::Unreadable => return Err("it could not be read".into()),
        });
        Ok(state)
    }

    fn order(
        &self,
        planned: &PlannedLeg,
        name: Arc<str>,
        mut contexts: Contexts,
        cancellation: Cancellation,
    ) -> Order {
        let mut github: Object = (*contexts.github).clone();
        github.insert("job", &*self.planned().id);
        contexts.github = github.into();
        contexts.job = self.job_context().into();
        let basis = self.basis(&contexts);
        let workflow = self.instance.planned.workflow.clone();
        let payload = self.instance.payload.clone();
        Order {
            key: planned.key.clone(),
            name,
            workflow,
            job: self.planned().index,
            contexts,
            payload,
            cancellation,
            basis,
            home: self.instance.planned.home.as_ref().map(|home| home.stored.clone()),
        }
    }

    /// How a leg ended in the earlier run, if that holds now; says why not where it had passed.
    fn reuse(&mut self, order: &Order) -> Option<Report> {
        match self.world.reuse(&order.key, &order.basis, self.is_settled()) {
            Ok(reused) => {
                self.tally.reused();
                Some(self.tell_reused(order, reused))
            }
            Err(Runs::Anyway) => None,
            Err(Runs::Because(reason)) => {
                let text = format!("`{}` runs again although it passed: {reason}", order.name);
                self.world.notice(None, Level::Notice, &text);
                None
            }
        }
    }

    fn tell_reused(&self, order: &Order, reused: Reused) -> Report {
        let Reused { from, outputs, milliseconds, basis, artifacts } = reused;
        let job = || order.key.clone();
        self.world.emit(Event::JobReused {
            job: job(),
            name: order.name.clone(),
            workflow: order.workflow.path.clone(),
            from,
            outputs: outputs.clone(),
            milliseconds,
        });
        for Artifact { name, size: bytes, digest, .. } in artifacts {
            let name = name.into();
            self.world.emit(Event::ArtifactStored { job: job(), name, bytes, digest });
        }
        self.world.emit(Event::JobBasis { job: job(), basis });
        Report { outputs, ..Report::of(Conclusion::Success) }
    }

    /// What a leg is given, but for what all legs of the run are given.
    fn basis(&self, contexts: &Contexts) -> Basis {
        let request = self.world.planner.request();
        Basis {
            workflow: self.instance.fingerprint.clone(),
            event: basis::event_fingerprint(&self.instance.contexts.github, request),
            inputs: basis::fingerprint_of(&contexts.inputs),
            matrix: basis::fingerprint_of(&contexts.matrix),
            ..Basis::default()
        }
    }

    /// The `job` context, less its status.
    fn job_context(&self) -> Object {
        let github = &self.instance.contexts.github;
        let text = |name| github.get(name).cloned().unwrap_or(Value::Null);
        let mut job = Object::new();
        job.insert("check_run_id", Value::Null);
        job.insert("container", Value::Object(Object::new().into()));
        job.insert("services", Value::Object(Object::new().into()));
        job.insert("workflow_ref", text("workflow_ref"));
        job.insert("workflow_sha", text("workflow_sha"));
        job.insert("workflow_repository", text("repository"));
        job.insert("workflow_file_path", &*self.instance.planned.workflow.path);
        job
    }

    fn call(
        &self,
        leg: &PlannedLeg,
        name: Arc<str>,
        call: &Call,
        contexts: &Contexts,
    ) -> Result<Called, String> {
        let scope = self.scope(contexts, &[]);
        let target = leg.call.clone().ok_or("the workflow that it calls could not be read")?;
        let mut given = Object::new();
        for (key, token) in &call.with {
            let value = token.evaluate(&scope);
            let value = value
                .map_err(|error| format!("could not evaluate `with.{}`: {error}", key.value))?;
            given.insert(&*key.value, value);
        }
        let workflow = &self.instance.planned;
        let planned = self.world.planner.call(workflow, self.planned(), target, &given)?;
        let secrets = self.secrets(&call.secrets, &scope)?;
        let inputs = planned.inputs.clone();
        Ok(Called { planned, inputs, secrets, key: leg.key.clone(), name })
    }

    /// The secrets that a called workflow gets: what is handed over, and always the token.
    fn secrets(&self, handed: &CallSecrets, scope: &JobScope<'_>) -> Result<Value, String> {
        let own = &self.instance.contexts.secrets;
        let mut secrets = Object::new();
        if let Some(token) = own.get("GITHUB_TOKEN") {
            secrets.insert("GITHUB_TOKEN", token.clone());
        }
        match handed {
            CallSecrets::None => {}
            CallSecrets::Inherit => return Ok(own.clone()),
            CallSecrets::Given(given) => self.evaluate_secrets(given, scope, &mut secrets)?,
        }
        Ok(Value::Object(secrets.into()))
    }

    fn evaluate_secrets(
        &self,
        given: &[(Name, Text)],
        scope: &JobScope<'_>,
        secrets: &mut Object,
    ) -> Result<(), String> {
        for (name, text) in given {
            let value = text.evaluate_text(scope);
            let value = value
                .map_err(|error| format!("could not evaluate `secrets.{}`: {error}", name.value))?;
            // A secret made of others is a secret too.
            self.world.masker.add_value(&value);
            secrets.insert(&*name.value, &*value);
        }
        Ok(())
    }
}

/// The `strategy` context of one leg.
fn strategy(expanded: &Expanded, number: usize, total: usize) -> Value {
    let mut strategy = Object::new();
    strategy.insert("fail-fast", expanded.fail_fast);
    strategy.insert("job-index", number as f64);
    strategy.insert("job-total", total as f64);
    strategy.insert("max-parallel", expanded.max_parallel as f64);
    Value::Object(strategy.into())
}

fn group(job: &Job, scope: &JobScope<'_>) -> Result<Option<Request>, String> {
    let Some(concurrency) = &job.concurrency else { return Ok(None) };
    let group = concurrency.evaluate(scope);
    let group = group.map_err(|error| format!("could not evaluate `concurrency`: {error}"))?;
    Ok(Some(Request::from(group)))
}

fn environment(job: &Job, scope: &JobScope<'_>) -> Result<Option<String>, String> {
    let Some(environment) = &job.environment else { return Ok(None) };
    let name = environment.evaluate_name(scope);
    let name = name.map_err(|error| format!("could not evaluate `environment`: {error}"))?;
    Ok(name.map(|name| name.to_string()))
}

impl From<plim_workflow::ConcurrencyGroup> for Request {
    fn from(group: plim_workflow::ConcurrencyGroup) -> Self {
        Self {
            group: group.group.to_string(),
            cancel_in_progress: group.cancel_in_progress,
            queue: group.queue == Queue::Max,
        }
    }
}
