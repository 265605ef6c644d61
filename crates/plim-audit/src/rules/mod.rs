//! The rules, one file each.
//!
//! To add one: a file beside this with a `RULE`, its `mod` line and its line in [`RULES`].

mod action_runtime_gone;
mod condition_always_true;
mod deprecated_action_input;
mod deprecated_command;
mod insecure_commands;
mod missing_action_input;
mod missing_local_action;
mod retired_action_version;
mod unknown_action_input;

use crate::Rule;

/// Every rule but those of the reader of the language, ordered by code.
pub const RULES: &[&Rule] = &[
    &action_runtime_gone::RULE,
    &condition_always_true::RULE,
    &deprecated_action_input::RULE,
    &deprecated_command::RULE,
    &insecure_commands::RULE,
    &missing_action_input::RULE,
    &missing_local_action::RULE,
    &retired_action_version::RULE,
    &unknown_action_input::RULE,
];
