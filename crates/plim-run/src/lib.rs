//! Plans and executes workflows on this machine.
//!
//! One typed stream of [`Event`]s leaves this crate; the terminal, JSON lines, JUnit, the history and
//! the evidence only read it.

pub mod builtin;
pub mod event;
pub mod glob;
pub mod hash_files;
pub mod store;

pub use event::{Event, JobKey, Sink};
