//! Executes a plan: its jobs in order, as many at once as the machine bears, and tells every event.

mod background;
mod cancel;
mod composite;
mod console;
mod forge;
mod furnish;
mod groups;
mod instance;
mod javascript;
mod launch;
mod leg;
mod naming;
mod native;
mod open;
mod pause;
mod places;
mod reuse;
mod schedule;
mod scope;
mod script;
mod state;
mod step;
mod supervise;
mod uses;
mod variables;
mod world;

pub use cancel::{Cancellation, Urgency};
pub use pause::{Moment, OpenShell, Pauses, StepChoice, Stopped, Visit, Word};
pub(crate) use world::World;
pub use world::{Approve, Options};

use crate::{Sink, event::RunResult, plan::Plan};

/// Executes `plan` and returns how it ended, after the last event was sent.
///
/// `interrupt` is how the caller asks it to stop: [`Urgency::Cancel`] as GitHub cancels a run,
/// [`Urgency::Kill`] at once. No process that it started is left when it returns.
pub fn execute(plan: &Plan, options: Options, interrupt: &Cancellation, sink: Sink) -> RunResult {
    schedule::run(plan, options, interrupt, sink)
}
