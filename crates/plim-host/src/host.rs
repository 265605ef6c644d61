//! Holds what a program knows of the world around it.

use crate::clock::Clock;
use crate::environment::Environment;

/// The world as a value: what would otherwise be reached for from anywhere.
#[derive(Clone, Debug, Default)]
pub struct Host {
    /// What tells the time.
    pub clock: Clock,
    /// The variables that `plim` was started with.
    pub environment: Environment,
}

impl Host {
    /// The world that this process was started in.
    pub fn of_this_process() -> Self {
        Self { clock: Clock::real(), environment: Environment::of_this_process() }
    }
}
