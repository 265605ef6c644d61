//! Reaches the world: processes, files, clock, network, git and environment.

mod cell;
mod clock;
mod command;
mod environment;
mod error;
pub mod files;
mod folders;
pub mod git;
mod host;
mod keeper;
mod machine;
mod process;
mod room;
mod signals;
mod sys;
mod terminal;
mod tool;
mod waker;
mod which;

pub use cell::{Cell, LeftOver};
pub use clock::Clock;
pub use command::Command;
pub use environment::Environment;
pub use error::HostError;
pub use folders::Folders;
pub use host::Host;
pub use keeper::Keeper;
pub use machine::{Machine, User};
pub use process::{ExitStatus, Happened, Process, Signal, Stream};
pub use room::{Bind, Isolation, Overlay, Room};
pub use signals::Signals;
pub use terminal::{Echo, TerminalSize, ask, is_terminal, terminal_size};
pub use tool::{Output, Tool};
pub use waker::Waker;
pub use which::which;
