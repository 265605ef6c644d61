//! One leg of a job: its folders, its room, its steps from the first to the last post part.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use plim_expression::{Object, Scope, Value};
use plim_host::Cell;
use plim_workflow::{Defaults, Job, JobBody, Setting, Step, Workflow};

use super::{
    World,
    background::Background,
    cancel::{Cancellation, Urgency},
    forge,
    furnish::{self, Furnished},
    launch::Files,
    places::Places,
    scope::{Contexts, JobScope},
    state::{Frame, Kept, State},
    uses::{self, Resolved},
    variables::Variables,
};
use crate::{
    actions::{ActionName, Stored},
    annotation::{self, Limits},
    basis::Basis,
    event::{Annotation, Conclusion, Event, JobKey, Level, LineKind, StepNumber},
    hash_files::hash_files,
    matcher::Matchers,
};

/// What a job may take when it does not say, in minutes.
const JOB_MINUTES: f64 = 360.0;
/// What a cancelled job may still take when it does not say, in minutes.
const CANCEL_MINUTES: f64 = 5.0;
/// How long one `hashFiles` may take, as in the runner.
const HASH_TIME: Duration = Duration::from_secs(120);
/// Why a job was cancelled whose time was up.
pub(crate) const TIME_IS_UP: &str = "the job has exceeded its maximum execution time";

/// Everything that is decided about a leg before it starts.
pub(crate) struct Order {
    pub(crate) key: JobKey,
    pub(crate) name: Arc<str>,
    pub(crate) workflow: Arc<Workflow>,
    /// Which job of the workflow.
    pub(crate) job: usize,
    /// Without `runner`, and `github` without the leg's folders.
    pub(crate) contexts: Contexts,
    /// The event's payload, for `github.event_path`.
    pub(crate) payload: Arc<str>,
    pub(crate) cancellation: Cancellation,
    /// What it is given, but for what all legs of the run are given.
    pub(crate) basis: Basis,
    /// The repository that its workflow is from, when that is another one.
    pub(crate) home: Option<Arc<Stored>>,
}

/// How a leg ended.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) conclusion: Conclusion,
    pub(crate) outputs: Vec<(Arc<str>, String)>,
    /// Whether a person worked in its workspace.
    pub(crate) by_hand: bool,
}

/// What a leg gives to others.
#[derive(Default)]
struct Outputs {
    given: Vec<(Arc<str>, String)>,
    /// The names of those that may hold a secret.
    withheld: Vec<String>,
}

impl Report {
    /// A report without outputs.
    pub(crate) fn of(conclusion: Conclusion) -> Self {
        Self { conclusion, outputs: Vec::new(), by_hand: false }
    }
}

/// A leg that runs: what does not change from step to step.
pub(crate) struct Leg {
    pub(crate) world: Arc<World>,
    pub(crate) key: JobKey,
    pub(crate) workflow: Arc<Workflow>,
    pub(crate) contexts: Contexts,
    pub(crate) places: Places,
    pub(crate) cell: Cell,
    /// What every process gets before the workflow's own variables.
    pub(crate) base: Variables,
    pub(crate) defaults: RunDefaults,
    pub(crate) cancellation: Cancellation,
    pub(crate) deadline: Instant,
    pub(crate) cancel_timeout: Duration,
    pub(crate) matchers: Matchers,
    basis: Basis,
    /// The actions of the store that it has used, and the hashes of their files.
    used: Mutex<Vec<(ActionName, String)>>,
    /// Whether a person worked in the workspace.
    touched: AtomicBool,
    /// How long a person has looked, which counts for no time limit.
    paused: Mutex<Duration>,
    limits: Mutex<HashMap<StepNumber, Limits>>,
    job: usize,
    steps: AtomicU32,
    kept: Mutex<HashMap<usize, Kept>>,
    own_repository: Mutex<bool>,
    /// Command files that a step left as they were made.
    unused_files: Mutex<Option<Files>>,
    /// This job's copies of what the action store has, by tree.
    stored_actions: Mutex<HashMap<String, PathBuf>>,
    /// The repository that its workflow is from, when that is another one.
    pub(crate) home: Option<Arc<Stored>>,
    /// The actions that were found, and the step that each is found for again. They stay, because what a step of a
    /// composite action keeps is found by where that step is in memory.
    found: Mutex<Vec<(Option<usize>, Arc<Resolved>)>>,
}

/// `defaults.run` of workflow and job, evaluated.
#[derive(Default)]
pub(crate) struct RunDefaults {
    pub(crate) shell: Option<String>,
    pub(crate) working_directory: Option<String>,
}

/// Runs a leg from its first event to its last.
pub(crate) fn run(world: &Arc<World>, order: Order) -> Report {
    let started = world.clock.instant();
    let (key, name, workflow) =
        (order.key.clone(), order.name.clone(), order.workflow.path.clone());
    world.emit(Event::JobStarted { job: key.clone(), name, workflow, at: world.timestamp() });
    let report = match Leg::prepare(world, order) {
        Ok((leg, environment)) => leg.run(environment),
        Err(reason) => {
            world.notice(Some(&key), Level::Error, &reason);
            Report::of(Conclusion::Failure)
        }
    };
    world.emit(Event::JobFinished {
        job: key,
        conclusion: report.conclusion,
        outputs: report.outputs.clone(),
        milliseconds: world.milliseconds_since(started),
    });
    report
}

impl Leg {
    /// Makes folders, room and cell, and evaluates what holds for all steps.
    fn prepare(world: &Arc<World>, order: Order) -> Result<(Self, Variables), String> {
        let places = claim(world, &order)?;
        let job = job(&order.workflow, order.job)?;
        let Furnished { room, environment: base } = furnish::furnish(world, &places, job)
            .map_err(|error| format!("{error}; {}", error.help()))?;
        let cell = world.keeper.cell(&room).map_err(|error| error.to_string())?;
        world.note_isolation(cell.isolation());
        let contexts = contexts(world, &order, &places)?;
        let now = world.clock.instant();
        let scope = scope(&contexts, &order.cancellation, None);
        let minutes = |setting: &Option<_>, default| match setting {
            Some(setting) => {
                Setting::<f64>::evaluate(setting, &scope).map_err(|error| error.to_string())
            }
            None => Ok(default),
        };
        let length = duration(minutes(&job.timeout_minutes, JOB_MINUTES)?);
        let cancel_timeout = duration(minutes(&job.cancel_timeout_minutes, CANCEL_MINUTES)?);
        let environment = environment(&order.workflow, job, &scope)?;
        let defaults = defaults(&order.workflow.defaults, &job.defaults, &scope, &environment)?;
        let leg = Self {
            world: world.clone(),
            key: order.key,
            workflow: order.workflow,
            contexts,
            places,
            cell,
            base,
            defaults,
            cancellation: order.cancellation,
            deadline: now.checked_add(length).unwrap_or(now),
            cancel_timeout,
            matchers: Matchers::default(),
            basis: order.basis,
            used: Mutex::default(),
            touched: AtomicBool::new(false),
            paused: Mutex::default(),
            limits: Mutex::default(),
            job: order.job,
            steps: AtomicU32::new(0),
            kept: Mutex::default(),
            own_repository: Mutex::default(),
            unused_files: Mutex::default(),
            stored_actions: Mutex::default(),
            home: order.home,
            found: Mutex::default(),
        };
        Ok((leg, environment))
    }

    fn run(self, environment: Variables) -> Report {
        let mut state = State::new(environment);
        let frame = Arc::new(Frame::of_job(self.contexts.inputs.clone()));
        self.run_steps(&frame, &mut state);
        self.run_posts(&mut state);
        if self.cancellation.is_requested() {
            state.status = Conclusion::Cancelled;
        }
        let Outputs { given: outputs, withheld } = self.outputs(&frame, &state);
        if let Err(reason) = self.tell_forge(&frame, &state) {
            self.world.notice(Some(&self.key), Level::Error, &reason);
            state.merge(Conclusion::Failure);
        }
        let by_hand = self.touched.load(Ordering::Acquire);
        if by_hand {
            let text = "somebody worked in its workspace: its result says nothing about the commit";
            self.world.notice(Some(&self.key), Level::Warning, text);
        }
        let report = Report { conclusion: state.status, outputs, by_hand };
        if report.conclusion == Conclusion::Success {
            self.tell_basis(withheld);
        }
        self.end();
        report
    }

    /// Tells what the result rests on, unless that is not known.
    fn tell_basis(&self, withheld: Vec<String>) {
        if let Some(run) = self.world.run_basis() {
            let used = self.used.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let by_hand = self.touched.load(Ordering::Acquire);
            let basis = Basis { run: run.clone(), withheld, used, by_hand, ..self.basis.clone() };
            self.emit(Event::JobBasis { job: self.key.clone(), basis: Box::new(basis) });
        }
    }

    fn run_steps(&self, frame: &Arc<Frame>, state: &mut State) {
        let Some(steps) = self.job_steps() else { return };
        for step in steps {
            if let Some(attempt) = uses::run_pre(self, step, frame, state) {
                self.settle(attempt.conclusion, state);
            }
        }
        std::thread::scope(|scope| {
            let mut background = Background::new(scope, self, frame);
            for step in steps {
                let conclusion = background.run(step, state);
                self.settle(conclusion, state);
            }
            let conclusion = background.finish(state);
            self.settle(conclusion, state);
        });
    }

    fn run_posts(&self, state: &mut State) {
        while let Some(post) = state.posts.pop() {
            let attempt = uses::run_post(self, &post, state);
            self.settle(attempt.conclusion, state);
        }
    }

    /// Takes a step's conclusion into the job's status.
    fn settle(&self, conclusion: Conclusion, state: &mut State) {
        state.merge(conclusion);
        if self.now() >= self.deadline {
            self.cancellation.request(Urgency::Cancel, TIME_IS_UP);
        }
        if self.cancellation.is_requested() {
            state.status = Conclusion::Cancelled;
        }
    }

    fn job_steps(&self) -> Option<&[Step]> {
        match &self.workflow.jobs.get(self.job)?.body {
            JobBody::Steps(machine) => Some(&machine.steps),
            JobBody::Call(_) | JobBody::Unreadable => None,
        }
    }

    /// The job's outputs; empty ones are not set, and those that hold a secret are dropped.
    fn outputs(&self, frame: &Frame, state: &State) -> Outputs {
        let mut outputs = Outputs::default();
        let Some(job) = self.workflow.jobs.get(self.job) else { return outputs };
        let scope = self.last_scope(frame, state);
        for (name, text) in &job.outputs {
            match text.evaluate_text(&scope) {
                Ok(value) if value.is_empty() => {}
                Ok(value) if self.world.masker.finds_secret(&value) => {
                    outputs.withheld.push(name.value.to_string());
                    let text =
                        format!("skipped output `{}` because it may hold a secret", name.value);
                    self.world.notice(Some(&self.key), Level::Warning, &text);
                }
                Ok(value) => outputs.given.push((name.value.clone(), value.to_string())),
                Err(error) => self.world.notice(
                    Some(&self.key),
                    Level::Error,
                    &format!("could not evaluate the output `{}`: {error}", name.value),
                ),
            }
        }
        outputs
    }

    /// What can be read when all steps are over.
    fn last_scope<'s>(&'s self, frame: &Frame, state: &'s State) -> JobScope<'s> {
        let scope = scope(&self.contexts, &self.cancellation, Some(&state.environment));
        JobScope { steps: Some(frame.steps()), ..scope }
    }

    fn tell_forge(&self, frame: &Frame, state: &State) -> Result<(), String> {
        let Some(job) = self.workflow.jobs.get(self.job) else { return Ok(()) };
        forge::tell(self, job, &self.last_scope(frame, state))
    }

    /// Kills what the steps left behind and says so.
    fn end(self) {
        let (world, key) = (self.world, self.key);
        if let Some(reason) = self.cancellation.reason() {
            world.notice(Some(&key), Level::Warning, &reason);
        }
        match self.cell.end() {
            Ok(left) => {
                for process in left {
                    let text =
                        format!("ended a process left behind: {} ({})", process.pid, process.name);
                    world.notice(Some(&key), Level::Notice, &text);
                }
            }
            Err(error) => world.notice(Some(&key), Level::Warning, &error.to_string()),
        }
    }

    /// The time of this leg, by which its limits are counted: it stands still while a person looks at a step.
    pub(crate) fn now(&self) -> Instant {
        let now = self.world.clock.instant();
        now.checked_sub(self.paused()).unwrap_or(now)
    }

    /// The moment at which it will be `at` by the time of this leg, unless it stands still again.
    pub(crate) fn due(&self, at: Instant) -> Instant {
        at.checked_add(self.paused()).unwrap_or(at)
    }

    fn paused(&self) -> Duration {
        *self.paused.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes `length` out of the time of this leg.
    pub(crate) fn pause_clock(&self, length: Duration) {
        *self.paused.lock().unwrap_or_else(PoisonError::into_inner) += length;
    }

    /// A person works in the workspace from now on.
    pub(crate) fn touch(&self) {
        self.touched.store(true, Ordering::Release);
    }

    /// The number of a step of the job in its list, counted from 1; 0 for one that is not in it.
    pub(crate) fn position(&self, step: &Step) -> usize {
        let all = self.job_steps().unwrap_or_default();
        all.iter().position(|one| std::ptr::eq(one, step)).map_or(0, |at| at + 1)
    }

    /// The number of the step that starts now.
    pub(crate) fn number(&self) -> StepNumber {
        self.steps.fetch_add(1, Ordering::Relaxed)
    }

    /// The number of the step that started last.
    pub(crate) fn last_number(&self) -> StepNumber {
        self.steps.load(Ordering::Relaxed).saturating_sub(1)
    }

    /// A new file for a script or its environment.
    pub(crate) fn script_file(&self, extension: &str) -> PathBuf {
        self.places.temporary.join(format!("{}{extension}", self.world.unique()))
    }

    /// Command files that a step left as they were made, for the next one.
    pub(crate) fn unused_files(&self) -> MutexGuard<'_, Option<Files>> {
        self.unused_files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The repository's own files beside the workspace, for `$/` actions; made when first asked for.
    pub(crate) fn own_repository(&self) -> Result<PathBuf, String> {
        let mut made = self.own_repository.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.places.root.join("repository");
        if !*made {
            self.world.copy_repository(&folder)?;
            *made = true;
        }
        Ok(folder)
    }

    /// This job's own copy of an action's repository in the store, made and hashed when first asked for.
    ///
    /// Errors: its files are not those that were fetched.
    pub(crate) fn stored_action(&self, stored: &Stored, uses: &str) -> Result<PathBuf, String> {
        let use_of_it = (stored.name.clone(), stored.tree.clone());
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if !used.contains(&use_of_it) {
            used.push(use_of_it);
        }
        drop(used);
        let mut copies = self.stored_actions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(copy) = copies.get(&stored.tree) {
            return Ok(copy.clone());
        }
        let name = &stored.name;
        let reference = name.reference.replace('/', "_");
        let place = self.places.actions.join(&*name.owner).join(&*name.repository).join(reference);
        let store = self.world.planner.action_store().ok_or("there is no action store")?;
        store.copy(stored, &place).map_err(|error| match error.help() {
            Some(help) => format!("{error}; {help}"),
            None => error.to_string(),
        })?;
        copies.insert(stored.tree.clone(), place.clone());
        self.emit(Event::ActionUsed {
            job: self.key.clone(),
            uses: uses.into(),
            commit: stored.commit.as_str().into(),
        });
        Ok(place)
    }

    /// The action that was found for a step before.
    pub(crate) fn found(&self, step: &Step) -> Option<Arc<Resolved>> {
        let place = std::ptr::from_ref(step).addr();
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.iter().find(|(known, _)| *known == Some(place)).map(|(_, action)| action.clone())
    }

    /// Keeps an action that was found, for `step` when it will be the same again.
    pub(crate) fn keep_found(&self, step: Option<&Step>, action: &Arc<Resolved>) {
        let place = step.map(|step| std::ptr::from_ref(step).addr());
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.push((place, action.clone()));
    }

    /// What a use of an action keeps from part to part.
    pub(crate) fn kept(&self, step: &Step) -> Kept {
        let place = std::ptr::from_ref(step).addr();
        let mut all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(place).or_default().clone()
    }

    pub(crate) fn emit(&self, event: Event) {
        self.world.emit(event);
    }

    pub(crate) fn mask(&self, text: &str) -> String {
        self.world.masker.mask(text).into_owned()
    }

    /// Sends a line of the log, masked.
    pub(crate) fn log(&self, step: StepNumber, kind: LineKind, text: &str) {
        self.log_masked(step, kind, self.mask(text));
    }

    /// Sends a line of the log that was masked already.
    pub(crate) fn log_masked(&self, step: StepNumber, kind: LineKind, text: String) {
        self.emit(Event::Log { job: self.key.clone(), step, kind, text });
    }

    /// An error of the step, as a line and as an annotation.
    pub(crate) fn error(&self, step: StepNumber, text: &str) {
        self.log(step, LineKind::Error, text);
        self.annotate(step, Annotation::plain(Level::Error, text));
    }

    /// A warning of the step, as a line and as an annotation.
    pub(crate) fn warn(&self, step: StepNumber, text: &str) {
        self.log(step, LineKind::Warning, text);
        self.annotate(step, Annotation::plain(Level::Warning, text));
    }

    /// Sends an annotation, masked, unless the step has made too many of its kind.
    pub(crate) fn annotate(&self, step: StepNumber, annotation: Annotation) {
        let mut limits = self.limits.lock().unwrap_or_else(PoisonError::into_inner);
        if limits.entry(step).or_default().admit(&annotation) {
            let annotation = annotation::prepare(annotation, &self.world.masker);
            self.emit(Event::Annotated { job: self.key.clone(), step, annotation });
        }
    }

    /// `hashFiles(…)`.
    pub(crate) fn hash_files(&self, arguments: &[Value]) -> Result<Value, String> {
        let patterns: Vec<_> = arguments.iter().map(Value::to_text).collect();
        let patterns: Vec<&str> = patterns.iter().map(|pattern| &**pattern).collect();
        let late = self.world.clock.instant() + HASH_TIME;
        let expired = || self.cancellation.is_requested() || self.world.clock.instant() >= late;
        hash_files(&patterns, &self.places.workspace, &self.places.home, &expired)
            .map(Value::from)
            .map_err(|error| error.to_string())
    }
}

fn claim(world: &World, order: &Order) -> Result<Places, String> {
    let root = world.leg_folder(&order.key);
    let mut waiting = |who: &str| {
        let text = format!("waiting for the workspace `{}`, which {who} uses", root.display());
        world.notice(Some(&order.key), Level::Notice, &text);
    };
    let holder = format!("`plim run` {}", world.options.run);
    let name = &world.repository_name;
    Places::claim(root.clone(), name, &holder, &order.cancellation, &mut waiting)
        .map_err(|error| error.to_string())
}

/// Completes the contexts with what is known now that the leg has its folders.
fn contexts(world: &World, order: &Order, places: &Places) -> Result<Contexts, String> {
    let text = |path: &std::path::Path| Value::from(path.to_string_lossy().into_owned());
    let event_path = places.temporary.join("event.json");
    std::fs::write(&event_path, order.payload.as_bytes())
        .map_err(|error| format!("could not write `{}`: {error}", event_path.display()))?;
    let mut github: Object = (*order.contexts.github).clone();
    github.insert("workspace", text(&places.workspace));
    github.insert("event_path", text(&event_path));
    let mut runner = world.runner_context();
    runner.insert("temp", text(&places.temporary));
    runner.insert("workspace", text(&places.root));
    let runner = Value::Object(runner.into());
    Ok(Contexts { github: github.into(), runner, ..order.contexts.clone() })
}

fn job(workflow: &Workflow, index: usize) -> Result<&Job, String> {
    workflow.jobs.get(index).ok_or_else(|| format!("`{}` has no such job", workflow.path))
}

fn scope<'a>(
    contexts: &'a Contexts,
    cancellation: &Cancellation,
    environment: Option<&'a Variables>,
) -> JobScope<'a> {
    let cancelled = cancellation.is_requested();
    JobScope { contexts, ancestors: &[], cancelled, environment, steps: None }
}

/// The workflow's `env`, then the job's.
fn environment(workflow: &Workflow, job: &Job, scope: &dyn Scope) -> Result<Variables, String> {
    let mut variables = Variables::default();
    for entries in [&workflow.env, &job.env].into_iter().flatten() {
        let pairs = entries
            .evaluate(scope)
            .map_err(|error| format!("could not evaluate `env`: {error}"))?;
        variables.extend(&Variables::from_iter(pairs));
    }
    Ok(variables)
}

fn defaults(
    workflow: &Defaults,
    job: &Defaults,
    scope: &JobScope<'_>,
    environment: &Variables,
) -> Result<RunDefaults, String> {
    let scope = JobScope {
        environment: Some(environment),
        steps: None,
        contexts: scope.contexts,
        ancestors: scope.ancestors,
        cancelled: scope.cancelled,
    };
    let one = |own: &Option<plim_workflow::Text>, outer: &Option<plim_workflow::Text>, key| {
        let text = own.as_ref().or(outer.as_ref());
        let value = text.map(|text| text.evaluate_text(&scope)).transpose();
        let value =
            value.map_err(|error| format!("could not evaluate `defaults.run.{key}`: {error}"))?;
        Ok::<_, String>(value.map(|text| text.to_string()).filter(|text| !text.is_empty()))
    };
    Ok(RunDefaults {
        shell: one(&job.shell, &workflow.shell, "shell")?,
        working_directory: one(
            &job.working_directory,
            &workflow.working_directory,
            "working-directory",
        )?,
    })
}

fn duration(minutes: f64) -> Duration {
    Duration::try_from_secs_f64((minutes * 60.0).max(0.0)).unwrap_or(Duration::MAX)
}
