//! Reaches the world: processes, files, clock, network, git and environment.

mod cell;
mod command;
mod environment;
mod error;
mod keeper;
mod process;
mod room;
mod sys;
mod waker;
mod which;

pub use cell::{Cell, LeftOver};
pub use command::Command;
pub use environment::Environment;
pub use error::HostError;
pub use keeper::Keeper;
pub use process::{ExitStatus, Happened, Process, Signal, Stream};
pub use room::{Bind, Isolation, Overlay, Room};
pub use waker::Waker;
pub use which::which;
