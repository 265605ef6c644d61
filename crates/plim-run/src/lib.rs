//! Plans and executes workflows on this machine.
//!
//! One typed stream of [`Event`]s leaves this crate; the terminal, JSON lines, JUnit, the history and
//! the evidence only read it.

pub mod builtin;
pub mod event;
pub mod occasion;
pub mod plan;
pub mod request;
pub mod source;
pub mod store;

pub use event::{Event, JobKey, Sink};
pub use occasion::Occasion;
pub use plan::Plan;
pub use request::Request;
pub use source::Source;
