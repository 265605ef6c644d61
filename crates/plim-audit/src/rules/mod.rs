//! The rules, one file each.
//!
//! To add one: a file beside this with a `RULE`, its `mod` line and its line in [`RULES`].

mod condition_always_true;
mod deprecated_command;
mod insecure_commands;

use crate::Rule;

/// Every rule but those of the reader of the language, ordered by code.
pub const RULES: &[&Rule] =
    &[&condition_always_true::RULE, &deprecated_command::RULE, &insecure_commands::RULE];
