//! Finds what publishes, pushes, deploys or releases: in commands of scripts and among well-known actions.
//!
//! Whatever is found is withheld until the user allows it. A dry run, a comment or an `echo` is not found. Adding a
//! command is one row in `commands.rs` or `deployments.rs`, adding an action one row in `actions.rs`.

mod actions;
mod commands;
mod deployments;
mod judges;

pub use actions::action;
pub use commands::command;
