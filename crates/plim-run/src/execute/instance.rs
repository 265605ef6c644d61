//! One workflow in the course of a run: a triggered one, or a reusable one that a leg called.

use std::{collections::BTreeSet, sync::Arc};

use plim_expression::{Object, Scope, Value};

use super::{
    World,
    cancel::{Cancellation, Urgency},
    groups::{Held, Request},
    leg::Report,
    open::{Called, Start},
    scope::{Contexts, JobScope},
};
use crate::{
    event::{Conclusion, JobKey},
    plan::PlannedWorkflow,
};

/// Names a leg within a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) instance: usize,
    pub(crate) job: usize,
    pub(crate) leg: usize,
}

/// A workflow in the course of a run.
pub(crate) struct Instance {
    pub(crate) planned: Arc<PlannedWorkflow>,
    /// The leg that called it.
    pub(crate) caller: Option<Place>,
    /// The contexts that all its jobs share.
    pub(crate) contexts: Contexts,
    pub(crate) jobs: Vec<JobState>,
    pub(crate) gate: Gate,
    pub(crate) cancelled: bool,
    /// What it asks of its concurrency group, until it has asked.
    pub(crate) group: Option<Result<Request, String>>,
    /// What names of its jobs begin with: `release / `.
    pub(crate) name_prefix: String,
    /// What keys of its jobs begin with: `ci.yml:release/`.
    pub(crate) key_prefix: String,
    /// The event's payload as JSON.
    pub(crate) payload: Arc<str>,
    /// The groups that it and those above it hold: asking for one of them again would never end.
    pub(crate) groups: Vec<String>,
    pub(crate) reported: bool,
    /// What called it is as in the earlier run that this one repeats.
    pub(crate) settled: bool,
    /// The digest of its text and of the texts of those that call it.
    pub(crate) fingerprint: String,
}

/// Whether a workflow or leg may start as far as its concurrency group goes.
pub(crate) enum Gate {
    /// It has none, or has not asked yet.
    Open,
    /// It waits for its group.
    Waiting(Cancellation),
    /// It holds its group.
    Held(Arc<Held>, Cancellation),
}

/// A job in the course of a run.
pub(crate) enum JobState {
    /// What it needs is not over yet.
    Waiting,
    /// Its legs wait, run or are over.
    Open(OpenJob),
    /// It is over.
    Done(Done),
}

pub(crate) struct OpenJob {
    pub(crate) legs: Vec<LegState>,
    pub(crate) fail_fast: bool,
    pub(crate) max_parallel: usize,
    /// Outputs of the legs in the order in which they ended.
    pub(crate) outputs: Object,
}

pub(crate) struct LegState {
    pub(crate) key: JobKey,
    pub(crate) name: Arc<str>,
    pub(crate) workflow: Arc<str>,
    /// Its `continue-on-error`.
    pub(crate) tolerated: bool,
    /// What it asks of its concurrency group, until it has asked.
    pub(crate) group: Option<Request>,
    /// The environment that needs an approval, until that was asked for.
    pub(crate) environment: Option<String>,
    /// The environment that was asked for.
    pub(crate) asked: Option<String>,
    /// What it does, until it does it.
    pub(crate) start: Option<Start>,
    pub(crate) cancellation: Cancellation,
    pub(crate) gate: Gate,
    /// Its result is that of an earlier run.
    pub(crate) reused: bool,
    pub(crate) stage: Stage,
}

/// How far a leg is.
pub(crate) enum Stage {
    /// It waits for its group, its approval, or a free place.
    Ready,
    /// Somebody is asked whether it may.
    Asked,
    /// It runs.
    Running,
    /// It called the workflow of that instance.
    Called(usize),
    /// It is over.
    Ended(Report),
    /// It cannot run here.
    Blocked { expected: bool },
}

/// How a job ended.
#[derive(Clone, Debug)]
pub(crate) struct Done {
    pub(crate) result: Conclusion,
    pub(crate) outputs: Object,
    /// Some of its legs could not run here, so its result is that of the others.
    pub(crate) provisional: bool,
    /// What could not run was expected to run elsewhere.
    pub(crate) expected: bool,
    /// It is as in the earlier run that this one repeats.
    pub(crate) settled: bool,
}

impl Done {
    pub(crate) fn plain(result: Conclusion) -> Self {
        let (provisional, expected, settled) = (false, false, false);
        Self { result, outputs: Object::new(), provisional, expected, settled }
    }
}

impl Instance {
    /// A workflow that the plan's event triggers.
    pub(crate) fn triggered(world: &World, planned: &PlannedWorkflow) -> Self {
        let file = planned.workflow.path.rsplit('/').next().unwrap_or_default();
        let contexts = world.contexts(planned);
        let payload = planned.occasion.payload.to_string().into();
        let prefix = format!("{file}:");
        let planned = Arc::new(planned.clone());
        let mut instance = Self::new(planned, None, contexts, payload, prefix, String::new());
        instance.fingerprint = world.planner.fingerprint(&instance.planned);
        instance
    }

    /// A workflow that a leg of `caller` calls.
    pub(crate) fn called(world: &World, caller: &Instance, place: Place, called: Called) -> Self {
        let fingerprint = world.planner.fingerprint(&called.planned);
        let planned = called.planned;
        let contexts = Contexts {
            needs: Value::Object(Object::new().into()),
            inputs: called.inputs,
            secrets: called.secrets,
            ..caller.contexts.clone()
        };
        let key_prefix = format!("{}/", called.key);
        let name_prefix = format!("{} / ", called.name);
        let payload = caller.payload.clone();
        let mut instance =
            Self::new(planned, Some(place), contexts, payload, key_prefix, name_prefix);
        instance.groups.clone_from(&caller.groups);
        instance.cancelled = caller.cancelled;
        instance.settled = caller.is_settled_for(place.job);
        instance.fingerprint = fingerprint;
        instance
    }

    fn new(
        planned: Arc<PlannedWorkflow>,
        caller: Option<Place>,
        contexts: Contexts,
        payload: Arc<str>,
        key_prefix: String,
        name_prefix: String,
    ) -> Self {
        let jobs = planned.jobs.iter().map(|_| JobState::Waiting).collect();
        let mut instance = Self {
            planned,
            caller,
            contexts,
            jobs,
            gate: Gate::Open,
            cancelled: false,
            group: None,
            name_prefix,
            key_prefix,
            payload,
            groups: Vec::new(),
            reported: false,
            settled: true,
            fingerprint: String::new(),
        };
        instance.group = instance.asked_group();
        instance
    }

    /// What `concurrency` of the workflow asks for.
    fn asked_group(&self) -> Option<Result<Request, String>> {
        let concurrency = self.planned.workflow.concurrency.as_ref()?;
        let group = concurrency.evaluate(&self.scope());
        Some(group.map(Request::from).map_err(|error| {
            format!("could not evaluate `concurrency` of `{}`: {error}", self.planned.workflow.path)
        }))
    }

    fn scope(&self) -> JobScope<'_> {
        let contexts = &self.contexts;
        JobScope { contexts, ancestors: &[], cancelled: false, environment: None, steps: None }
    }

    /// Gives its concurrency group back.
    pub(crate) fn release(&mut self) {
        self.gate.release();
    }

    pub(crate) fn done(&self, index: usize) -> Option<&Done> {
        match self.jobs.get(index)? {
            JobState::Done(done) => Some(done),
            JobState::Waiting | JobState::Open(_) => None,
        }
    }

    /// Whether everything that a job needs, and what called its workflow, is as in the earlier run.
    pub(crate) fn is_settled_for(&self, index: usize) -> bool {
        let settled = |need: &usize| self.done(*need).is_some_and(|done| done.settled);
        self.settled && self.needs(index).iter().all(settled)
    }

    /// Whether all its jobs are as in the earlier run.
    pub(crate) fn is_settled(&self) -> bool {
        (0..self.jobs.len()).all(|job| self.done(job).is_some_and(|done| done.settled))
    }

    pub(crate) fn is_over(&self) -> bool {
        self.jobs.iter().all(|job| matches!(job, JobState::Done(_)))
    }

    /// Whether everything that a job needs is over.
    pub(crate) fn is_due(&self, index: usize) -> bool {
        matches!(self.jobs.get(index), Some(JobState::Waiting))
            && self.needs(index).iter().all(|&need| self.done(need).is_some())
    }

    pub(crate) fn needs(&self, index: usize) -> &[usize] {
        self.planned.jobs.get(index).map_or(&[], |job| &job.needs)
    }

    /// The results of every job that one needs, directly or not.
    pub(crate) fn ancestors(&self, index: usize) -> Vec<Conclusion> {
        let (mut seen, mut next) = (BTreeSet::new(), self.needs(index).to_vec());
        while let Some(job) = next.pop() {
            if seen.insert(job) {
                next.extend(self.needs(job));
            }
        }
        seen.into_iter().filter_map(|job| self.done(job)).map(|done| done.result).collect()
    }

    /// The contexts of one job: what all share, and its `needs`.
    pub(crate) fn contexts_of(&self, index: usize) -> Contexts {
        let mut needs = Object::new();
        for &need in self.needs(index) {
            let (Some(planned), Some(done)) = (self.planned.jobs.get(need), self.done(need)) else {
                continue;
            };
            let mut entry = Object::new();
            entry.insert("result", done.result.as_str());
            entry.insert("outputs", Value::Object(done.outputs.clone().into()));
            needs.insert(&*planned.id, Value::Object(entry.into()));
        }
        Contexts { needs: Value::Object(needs.into()), ..self.contexts.clone() }
    }

    /// The outputs that a called workflow gives to its caller, and how it ended.
    pub(crate) fn report(&self) -> Result<Report, String> {
        let results: Vec<_> = (0..self.jobs.len()).filter_map(|job| self.done(job)).collect();
        let conclusion = worst(results.iter().map(|done| done.result));
        let scope = OutputScope { contexts: &self.contexts, jobs: self.jobs_context() };
        let declared = self.planned.workflow.triggers.iter().flat_map(|trigger| &trigger.outputs);
        let mut outputs = Vec::new();
        for output in declared {
            let value = output.value.evaluate_text(&scope).map_err(|error| {
                format!("could not evaluate the output `{}`: {error}", output.name.value)
            })?;
            if !value.is_empty() {
                outputs.push((output.name.value.clone(), value.to_string()));
            }
        }
        Ok(Report { outputs, ..Report::of(conclusion) })
    }

    /// The `jobs` context, which only the outputs of a called workflow can read.
    fn jobs_context(&self) -> Value {
        let mut jobs = Object::new();
        for (index, planned) in self.planned.jobs.iter().enumerate() {
            let Some(done) = self.done(index) else { continue };
            let mut entry = Object::new();
            entry.insert("result", done.result.as_str());
            entry.insert("outputs", Value::Object(done.outputs.clone().into()));
            jobs.insert(&*planned.id, Value::Object(entry.into()));
        }
        Value::Object(jobs.into())
    }
}

struct OutputScope<'a> {
    contexts: &'a Contexts,
    jobs: Value,
}

impl Scope for OutputScope<'_> {
    fn context(&self, name: &str) -> Option<Value> {
        if name.eq_ignore_ascii_case("jobs") {
            return Some(self.jobs.clone());
        }
        let contexts = self.contexts;
        JobScope { contexts, ancestors: &[], cancelled: false, environment: None, steps: None }
            .context(name)
    }

    fn call(&self, _name: &str, _arguments: &[Value]) -> Option<Result<Value, String>> {
        None
    }
}

impl Gate {
    fn release(&mut self) {
        match std::mem::replace(self, Self::Open) {
            Self::Open => {}
            Self::Waiting(waiting) => waiting.request(Urgency::Cancel, "it is over"),
            Self::Held(held, done) => {
                done.request(Urgency::Cancel, "it is over");
                drop(held);
            }
        }
    }
}

impl LegState {
    /// Whether it has to ask before it can start, for which it needs no free place.
    pub(crate) fn needs_word(&self) -> bool {
        self.environment.is_some()
            || self.group.is_some()
            || matches!(self.start, Some(Start::Call(_)))
    }

    /// Gives its concurrency group back.
    pub(crate) fn release(&mut self) {
        self.gate.release();
    }
}

impl OpenJob {
    pub(crate) fn running(&self) -> usize {
        let runs = |leg: &&LegState| matches!(leg.stage, Stage::Running | Stage::Called(_));
        self.legs.iter().filter(runs).count()
    }

    /// How many of its legs cannot run here.
    pub(crate) fn blocked(&self) -> usize {
        self.legs.iter().filter(|leg| matches!(leg.stage, Stage::Blocked { .. })).count()
    }

    /// How the job ended, once all its legs are over.
    pub(crate) fn done(&self) -> Option<Done> {
        let (mut results, mut blocked, mut expected) = (Vec::new(), 0, true);
        for leg in &self.legs {
            match &leg.stage {
                Stage::Ended(report) => results.push(report.conclusion),
                Stage::Blocked { expected: it_was } => {
                    blocked += 1;
                    expected &= it_was;
                }
                Stage::Ready | Stage::Asked | Stage::Running | Stage::Called(_) => return None,
            }
        }
        let result = match results.is_empty() {
            true => Conclusion::Undetermined,
            false => worst(results.into_iter()),
        };
        let outputs = self.outputs.clone();
        let (provisional, expected) = (blocked > 0, blocked > 0 && expected);
        let settled = self.legs.iter().all(|leg| leg.reused);
        Some(Done { result, outputs, provisional, expected, settled })
    }
}

/// How many ended jobs or legs count as one.
pub(crate) fn worst(results: impl Iterator<Item = Conclusion>) -> Conclusion {
    let rank = |conclusion: &Conclusion| match conclusion {
        Conclusion::Skipped => 0,
        Conclusion::Success => 1,
        Conclusion::Undetermined => 2,
        Conclusion::Cancelled => 3,
        Conclusion::Failure => 4,
    };
    results.max_by_key(rank).unwrap_or(Conclusion::Success)
}
