//! Background steps: started, waited for, and cancelled by other steps of the job.
//!
//! What such a step sets stays its own until it is waited for, as in the runner's
//! `BackgroundStepCoordinator`.

use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread::{Scope, ScopedJoinHandle},
};

use plim_workflow::{Step, StepBody};

use super::{
    cancel::{Cancellation, Urgency},
    leg::Leg,
    naming,
    scope::StepScope,
    state::{Change, Frame, State},
    step::{self, Attempt},
};
use crate::event::{Conclusion, LineKind};

/// How many may run at once, as in the runner.
const MOST: usize = 10;

/// The background steps of a leg.
pub(crate) struct Background<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    leg: &'env Leg,
    frame: &'env Arc<Frame>,
    slots: Arc<Slots>,
    steps: Vec<Started<'scope>>,
}

struct Started<'scope> {
    id: Arc<str>,
    name: String,
    halt: Cancellation,
    /// A `cancel` step named it, so its being cancelled is no failure.
    expected: bool,
    handle: Option<ScopedJoinHandle<'scope, Ended>>,
    conclusion: Option<Conclusion>,
}

struct Ended {
    attempt: Attempt,
    changes: Vec<Change>,
}

impl<'scope, 'env> Background<'scope, 'env> {
    pub(crate) fn new(
        scope: &'scope Scope<'scope, 'env>,
        leg: &'env Leg,
        frame: &'env Arc<Frame>,
    ) -> Self {
        Self { scope, leg, frame, slots: Arc::default(), steps: Vec::new() }
    }

    /// Runs a step of the job, whatever its kind, and gives how it counts for the job.
    pub(crate) fn run(&mut self, step: &'env Step, state: &mut State) -> Conclusion {
        match &step.body {
            StepBody::Parallel(steps) => self.word(step, state, |this, state| {
                steps.iter().for_each(|step| this.start(step, state));
                let ids: Vec<_> = steps.iter().map(|step| step.id.clone()).collect();
                this.wait(&ids, state)
            }),
            StepBody::Wait(ids) => self.word(step, state, |this, state| {
                let ids: Vec<_> = ids.iter().map(|id| id.value.clone()).collect();
                this.wait(&ids, state)
            }),
            StepBody::WaitAll => self.word(step, state, |this, state| this.wait_all(state)),
            StepBody::Cancel(id) => {
                self.word(step, state, |this, state| this.cancel(&id.value, state))
            }
            _ if step.background => {
                self.start(step, state);
                Conclusion::Success
            }
            _ => step::run(self.leg, step, self.frame, state).conclusion,
        }
    }

    /// Waits for all that nobody waited for, before the post parts run.
    pub(crate) fn finish(&mut self, state: &mut State) -> Conclusion {
        self.wait_all(state)
    }

    /// A step that is a word to the background steps: its own condition, events and status.
    fn word(
        &mut self,
        step: &Step,
        state: &mut State,
        act: impl FnOnce(&mut Self, &mut State) -> Conclusion,
    ) -> Conclusion {
        let wanted = step::is_wanted(self.leg, step, self.frame, state);
        let number = self.leg.number();
        let name = naming::step(step, &self.bare_scope(state));
        let leg = self.leg;
        let attempt = step::observed(leg, number, &name, || {
            let outcome = match wanted {
                Some(true) => act(self, state),
                Some(false) => Conclusion::Skipped,
                None => {
                    leg.error(number, "could not evaluate the step's `if`");
                    Conclusion::Failure
                }
            };
            Attempt { outcome, conclusion: outcome, exit_code: None, outputs: Vec::new() }
        });
        attempt.conclusion
    }

    fn bare_scope<'s>(&'s self, state: &'s State) -> StepScope<'s> {
        StepScope {
            leg: self.leg,
            state,
            frame: self.frame,
            environment: &state.environment,
            github: plim_expression::Value::Object(self.leg.contexts.github.clone()),
            aside: false,
        }
    }

    fn start(&mut self, step: &'env Step, state: &mut State) {
        if step::is_wanted(self.leg, step, self.frame, state) == Some(false) {
            step::run(self.leg, step, self.frame, state);
            return;
        }
        let name = naming::step(step, &self.bare_scope(state));
        let halt = Cancellation::default();
        let (leg, frame, slots) = (self.leg, self.frame, self.slots.clone());
        let (mut copy, stop) = (state.aside(), halt.clone());
        let handle = self.scope.spawn(move || {
            let _slot = slots.take();
            let attempt = step::run_aside(leg, step, frame, &mut copy, &stop);
            Ended { attempt, changes: copy.into_changes() }
        });
        let (id, handle) = (step.id.clone(), Some(handle));
        self.steps.push(Started { id, name, halt, expected: false, handle, conclusion: None });
    }

    fn wait_all(&mut self, state: &mut State) -> Conclusion {
        let left = self.steps.iter().filter(|step| step.handle.is_some());
        let ids: Vec<_> = left.map(|step| step.id.clone()).collect();
        self.wait(&ids, state)
    }

    fn wait(&mut self, ids: &[Arc<str>], state: &mut State) -> Conclusion {
        let mut result = Conclusion::Success;
        for id in ids {
            let found = self.steps.iter_mut().find(|step| step.id.eq_ignore_ascii_case(id));
            let Some(started) = found else { continue };
            if let Some(handle) = started.handle.take() {
                started.conclusion = Some(join(handle, id, self.frame, state));
            }
            let conclusion = started.conclusion.unwrap_or(Conclusion::Failure);
            if !(started.expected && conclusion == Conclusion::Cancelled) {
                result = worse(result, conclusion);
            }
        }
        result
    }

    fn cancel(&mut self, id: &str, state: &mut State) -> Conclusion {
        let found = self.steps.iter_mut().find(|step| step.id.eq_ignore_ascii_case(id));
        if let Some(started) = found {
            started.expected = true;
            started.halt.request(Urgency::Cancel, "cancelled by another step");
            let line = format!("Cancelling background step: {}", started.name);
            self.leg.log(self.leg.last_number(), LineKind::Text, &line);
            let id = started.id.clone();
            self.wait(&[id], state);
        }
        Conclusion::Success
    }
}

/// Takes over what a background step set and how it ended.
fn join(
    handle: ScopedJoinHandle<'_, Ended>,
    id: &str,
    frame: &Frame,
    state: &mut State,
) -> Conclusion {
    let Ok(Ended { attempt, changes }) = handle.join() else { return Conclusion::Failure };
    changes.into_iter().for_each(|change| state.apply(change));
    frame.record(id, &attempt.outputs, attempt.outcome, attempt.conclusion);
    attempt.conclusion
}

fn worse(one: Conclusion, other: Conclusion) -> Conclusion {
    let rank = |conclusion| match conclusion {
        Conclusion::Failure => 2,
        Conclusion::Cancelled => 1,
        _ => 0,
    };
    match rank(other) {
        0 => one,
        more if more > rank(one) => other,
        _ => one,
    }
}

/// Counts the background steps that run.
#[derive(Default)]
struct Slots {
    taken: Mutex<usize>,
    freed: Condvar,
}

struct Slot(Arc<Slots>);

impl Slots {
    fn take(self: &Arc<Self>) -> Slot {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = self
            .freed
            .wait_while(taken, |taken| *taken >= MOST)
            .unwrap_or_else(PoisonError::into_inner);
        *taken += 1;
        Slot(self.clone())
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        *self.0.taken.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.freed.notify_one();
    }
}
