//! Plans and executes workflows on this machine.
//!
//! One typed stream of [`Event`]s leaves this crate; the terminal, JSON lines, JUnit, the history and
//! the evidence only read it.

pub mod actions;
pub mod annotation;
pub mod basis;
mod bounds;
pub mod builtin;
pub mod capability;
pub mod command;
pub mod environment_file;
pub mod event;
pub mod execute;
pub mod github_variables;
pub mod glob;
pub mod hash_files;
pub mod history;
mod known;
pub mod mask;
pub mod matcher;
pub mod occasion;
pub mod packages;
pub mod plan;
pub mod privilege;
pub mod publish;
pub mod request;
pub mod room;
pub mod setup;
pub mod shell;
pub mod source;
pub mod store;
pub mod summary;
pub mod toolbox;
pub mod want;

mod compile;
mod tally;
mod tool;

use plim_workflow::script;

pub use event::{Event, JobKey, Sink};
pub use occasion::Occasion;
pub use plan::{Plan, PlanError, Planner};
pub use request::Request;
pub use source::Source;
pub use want::Want;
