//! One step: its environment, its condition, what it does, and how that counts.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use plim_expression::{Object, Value};
use plim_workflow::{Condition, EvaluationError, Step, StepBody};

use super::{
    cancel::Cancellation,
    leg::Leg,
    naming,
    scope::StepScope,
    script,
    state::{Frame, State},
    uses,
    variables::Variables,
};
use crate::event::{Annotation, Conclusion, Event, Level, LineKind, StepNumber};

/// The part of an action that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Pre,
    Main,
    Post,
}

/// What holds for a step because of where it stands: limits that come from outside it.
#[derive(Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    /// The step of the job whose log this is.
    pub(crate) number: StepNumber,
    /// The earliest time limit of the steps around it.
    pub(crate) deadline: Option<Instant>,
    /// The cancellation of the background step that this is, or is part of.
    pub(crate) halt: Option<&'a Cancellation>,
    /// Whether the steps around it let it run on after a cancellation of the job.
    pub(crate) runs_on: &'a dyn Fn() -> bool,
}

/// A step in its place, with everything its expressions can read.
pub(crate) struct Site<'a> {
    pub(crate) leg: &'a Leg,
    pub(crate) step: &'a Step,
    pub(crate) frame: &'a Arc<Frame>,
    pub(crate) part: Part,
    pub(crate) around: Surroundings<'a>,
    /// The `env` context.
    pub(crate) environment: Variables,
    /// What of it flows into a composite action.
    pub(crate) overrides: Variables,
    /// The `github` context.
    pub(crate) github: Value,
    /// The condition, to be looked at again when the job is cancelled.
    pub(crate) condition: Option<&'a Condition>,
}

/// What came of a step.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Attempt {
    pub(crate) outcome: Conclusion,
    pub(crate) conclusion: Conclusion,
    pub(crate) exit_code: Option<i32>,
    pub(crate) outputs: Vec<(String, String)>,
}

/// What a step did, before `continue-on-error`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Performed {
    pub(crate) outcome: Conclusion,
    pub(crate) exit_code: Option<i32>,
    pub(crate) outputs: Vec<(String, String)>,
}

impl Performed {
    pub(crate) fn failed() -> Self {
        Self { outcome: Conclusion::Failure, exit_code: None, outputs: Vec::new() }
    }
}

impl Attempt {
    pub(crate) fn skipped() -> Self {
        let outcome = Conclusion::Skipped;
        Self { outcome, conclusion: outcome, exit_code: None, outputs: Vec::new() }
    }
}

impl From<Performed> for Attempt {
    fn from(Performed { outcome, exit_code, outputs }: Performed) -> Self {
        Self { outcome, conclusion: outcome, exit_code, outputs }
    }
}

impl<'a> Site<'a> {
    /// Puts a step in its place. Errors: an expression in the step's `env` fails.
    pub(crate) fn new(
        leg: &'a Leg,
        step: &'a Step,
        frame: &'a Arc<Frame>,
        state: &State,
        part: Part,
        around: Surroundings<'a>,
    ) -> (Self, Result<(), EvaluationError>) {
        let mut environment = state.environment.clone();
        let mut overrides = Variables::default();
        if let Some(action) = &frame.action {
            overrides.extend(&action.overrides);
            environment.extend(&overrides);
        }
        let github = github(leg, step, frame);
        let condition = step.condition.as_ref();
        let mut site =
            Self { leg, step, frame, part, around, environment, overrides, github, condition };
        let own = site.own_environment(state);
        let result = own.map(|own| {
            site.environment.extend(&own);
            site.overrides.extend(&own);
        });
        (site, result)
    }

    /// The step's own `env`. Its entries cannot see each other.
    fn own_environment(&self, state: &State) -> Result<Variables, EvaluationError> {
        let Some(entries) = &self.step.env else { return Ok(Variables::default()) };
        entries.evaluate(&self.scope(state)).map(Variables::from_iter)
    }

    /// What the step's expressions can read and call.
    pub(crate) fn scope<'s>(&'s self, state: &'s State) -> StepScope<'s> {
        StepScope {
            leg: self.leg,
            state,
            frame: self.frame,
            environment: &self.environment,
            github: self.github.clone(),
            aside: self.part != Part::Main,
        }
    }

    pub(crate) fn log(&self, kind: LineKind, text: &str) {
        self.leg.log(self.around.number, kind, text);
    }

    /// An error that fails the step, annotated as the runner does.
    pub(crate) fn error(&self, text: &str) {
        self.leg.error(self.around.number, text);
    }

    /// A word of the step that is good to know, annotated.
    pub(crate) fn notice(&self, text: &str) {
        self.log(LineKind::Notice, text);
        self.leg.annotate(self.around.number, Annotation::plain(Level::Notice, text));
    }

    /// Evaluates the condition now.
    pub(crate) fn wanted(&self, state: &State) -> Result<bool, EvaluationError> {
        match self.condition {
            Some(condition) => condition.evaluate(&self.scope(state)),
            None => Ok(self.part != Part::Main || self.scope(state).succeeds()),
        }
    }

    /// Whether the step runs on although its job was cancelled (semantic 7): its own condition and
    /// those of the steps around it are looked at again.
    pub(crate) fn runs_on(&self, state: &State) -> bool {
        (self.around.runs_on)() && self.wanted(state).unwrap_or(false)
    }

    fn deadline(&self, state: &State) -> Option<(Instant, f64)> {
        let setting = self.step.timeout_minutes.as_ref()?;
        match setting.evaluate(&self.scope(state)) {
            Ok(minutes) if minutes > 0.0 => {
                let length = Duration::try_from_secs_f64(minutes * 60.0).ok()?;
                Some((self.leg.now().checked_add(length)?, minutes))
            }
            Ok(_) => None,
            Err(error) => {
                self.error(&format!("could not determine the step's time limit: {error}"));
                None
            }
        }
    }

    pub(crate) fn tolerated(&self, state: &State) -> bool {
        match &self.step.continue_on_error {
            None => false,
            Some(setting) => setting.evaluate(&self.scope(state)).unwrap_or_else(|error| {
                // An error here counts as `false`, as in the runner's `ApplyContinueOnError`.
                self.error(&format!("could not determine `continue-on-error`: {error}"));
                false
            }),
        }
    }
}

/// Runs a step of the job itself, with events around it, and makes its result visible.
pub(crate) fn run(leg: &Leg, step: &Step, frame: &Arc<Frame>, state: &mut State) -> Attempt {
    let around =
        Surroundings { number: leg.number(), deadline: None, halt: None, runs_on: &|| true };
    let (site, environment) = Site::new(leg, step, frame, state, Part::Main, around);
    let name = naming::step(step, &site.scope(state));
    let attempt = observed(leg, around.number, &name, || attempt(&site, environment, state));
    frame.record(&step.id, &attempt.outputs, attempt.outcome, attempt.conclusion);
    attempt
}

/// Runs a step whose condition holds, in the background: its result becomes visible later.
pub(crate) fn run_aside(
    leg: &Leg,
    step: &Step,
    frame: &Arc<Frame>,
    state: &mut State,
    halt: &Cancellation,
) -> Attempt {
    let (number, halt) = (leg.number(), Some(halt));
    let around = Surroundings { number, deadline: None, halt, runs_on: &|| false };
    let (site, environment) = Site::new(leg, step, frame, state, Part::Main, around);
    let name = naming::step(step, &site.scope(state));
    observed(leg, number, &name, || match environment {
        Ok(()) => {
            let performed = attended(&site, state);
            concluded(&site, state, performed)
        }
        Err(error) => attempt(&site, Err(error), state),
    })
}

/// Whether a step is to run now; `None` after an error, which is told when it runs.
pub(crate) fn is_wanted(leg: &Leg, step: &Step, frame: &Arc<Frame>, state: &State) -> Option<bool> {
    let around = Surroundings { number: 0, deadline: None, halt: None, runs_on: &|| true };
    let (site, environment) = Site::new(leg, step, frame, state, Part::Main, around);
    environment.ok().and_then(|()| site.wanted(state).ok())
}

/// Sends the events around a step.
pub(crate) fn observed(
    leg: &Leg,
    number: StepNumber,
    name: &str,
    body: impl FnOnce() -> Attempt,
) -> Attempt {
    let started = leg.world.clock.instant();
    leg.emit(Event::StepStarted {
        job: leg.key.clone(),
        step: number,
        name: leg.mask(name).into(),
    });
    let attempt = body();
    leg.emit(Event::StepFinished {
        job: leg.key.clone(),
        step: number,
        outcome: attempt.outcome,
        conclusion: attempt.conclusion,
        exit_code: attempt.exit_code,
        milliseconds: leg.world.milliseconds_since(started),
    });
    attempt
}

/// Tries a step: environment, condition, deed, and what `continue-on-error` makes of it.
pub(crate) fn attempt(
    site: &Site<'_>,
    environment: Result<(), EvaluationError>,
    state: &mut State,
) -> Attempt {
    if let Err(error) = environment {
        site.error(&format!("could not evaluate the step's `env`: {error}"));
        return concluded(site, state, Performed::failed());
    }
    match site.wanted(state) {
        Ok(true) => {
            let performed = attended(site, state);
            concluded(site, state, performed)
        }
        Ok(false) => Attempt::skipped(),
        Err(error) => {
            site.error(&format!("could not evaluate the step's `if`: {error}"));
            // A condition that cannot be evaluated fails the step, whatever `continue-on-error` says.
            Attempt::from(Performed::failed())
        }
    }
}

/// Performs a step, and lets a person look at it where that was asked for.
fn attended(site: &Site<'_>, state: &mut State) -> Performed {
    match &site.leg.world.pausing {
        Some(pausing) => pausing.perform(site, state, &in_time),
        None => in_time(site, state),
    }
}

fn in_time(site: &Site<'_>, state: &mut State) -> Performed {
    let own = site.deadline(state);
    let deadline = [own.map(|(at, _)| at), site.around.deadline].into_iter().flatten().min();
    let performed = perform(site, deadline, state);
    let late = |(at, _): &(Instant, f64)| site.leg.now() >= *at;
    match own.filter(late) {
        Some((_, minutes)) if performed.outcome != Conclusion::Success => {
            let name = naming::step(site.step, &site.scope(state));
            site.error(&format!("the step `{name}` has timed out after {minutes} minutes"));
            Performed { outcome: Conclusion::Failure, ..performed }
        }
        _ => performed,
    }
}

fn perform(site: &Site<'_>, deadline: Option<Instant>, state: &mut State) -> Performed {
    match &site.step.body {
        StepBody::Run(run) => script::run(site, run, deadline, state),
        StepBody::Uses(uses) => uses::run(site, uses, deadline, state),
        StepBody::Parallel(_) | StepBody::Wait(_) | StepBody::WaitAll | StepBody::Cancel(_) => {
            site.error("`parallel`, `wait` and `cancel` are for the steps of a job");
            Performed::failed()
        }
        StepBody::Unreadable => {
            site.error("this step could not be read; `plim run -n` shows why");
            Performed::failed()
        }
    }
}

fn concluded(site: &Site<'_>, state: &State, performed: Performed) -> Attempt {
    let Performed { outcome, exit_code, outputs } = performed;
    let tolerated = outcome == Conclusion::Failure && site.tolerated(state);
    let conclusion = if tolerated { Conclusion::Success } else { outcome };
    Attempt { outcome, conclusion, exit_code, outputs }
}

/// The `github` context of one step.
fn github(leg: &Leg, step: &Step, frame: &Frame) -> Value {
    let mut github: Object = (*leg.contexts.github).clone();
    github.insert("action", &*step.id);
    if let Some(action) = &frame.action {
        github.insert("action_path", &*action.path.to_string_lossy());
        github.insert("action_repository", action.repository.as_str());
        github.insert("action_ref", action.reference.as_str());
        github.insert("action_status", frame.status().as_str());
    }
    Value::Object(github.into())
}
