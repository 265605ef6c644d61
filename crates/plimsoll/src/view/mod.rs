//! Readers of a run's events: what a person or a program sees of it while it goes on.

mod audience;
pub(crate) mod cause;
pub(crate) mod chart;
mod concise;
pub(crate) mod findings;
mod json;
mod junit;
mod narrator;
mod plain;
mod progress;
pub(crate) mod reckoning;
mod remedy;
mod report;
pub(crate) mod roots;
#[cfg(test)]
mod sample;
pub(crate) mod secrets;
mod terminal;

use std::io;

use plim_run::Event;

pub(crate) use audience::{Audience, Interlude};
pub(crate) use concise::Concise;
pub(crate) use json::JsonLines;
pub(crate) use junit::Junit;
pub(crate) use narrator::{Detail, Narrator, log_line, mark, step_end};
pub(crate) use plain::Plain;
pub(crate) use progress::{Job, JobState, Progress, Step};
pub(crate) use report::Report;
pub(crate) use terminal::Terminal;

/// Something that shows or writes what happens.
pub(crate) trait Reader: Send {
    /// Takes in `event`, which `progress` holds already.
    fn read(&mut self, event: &Event, progress: &Progress);

    /// Called ten times a second.
    fn tick(&mut self, _progress: &Progress) {}

    /// Keeps silent from now on, so that a person can be asked, or speaks again.
    fn hold(&mut self, _silent: bool, _progress: &Progress) {}

    /// Called after the last event; tells whether all could be written.
    fn finish(&mut self, progress: &Progress) -> io::Result<()>;
}
