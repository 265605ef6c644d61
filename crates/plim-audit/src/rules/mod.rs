//! The rules, one file each.
//!
//! To add one: a file beside this with a `RULE`, its `mod` line and its line in [`RULES`].

mod action_runtime_gone;
mod comparison_never_changes;
mod condition_always_true;
mod condition_constant;
mod condition_switched_off;
mod contains_on_text;
mod deprecated_action_input;
mod deprecated_command;
mod format_placeholder;
mod format_unused_argument;
mod insecure_commands;
mod matrix_value_missing;
mod missing_action_input;
mod missing_local_action;
mod object_in_text;
mod retired_action_version;
mod step_not_yet_run;
mod ternary_loses_value;
mod undefined_event_property;
mod undefined_input;
mod undefined_job;
mod undefined_matrix_key;
mod undefined_need;
mod undefined_output;
mod undefined_property;
mod undefined_secret;
mod undefined_step;
mod undefined_variable;
mod unknown_action_input;
mod unusable_argument;

use crate::Rule;

/// Every rule but those of the reader of the language, ordered by code.
pub const RULES: &[&Rule] = &[
    &action_runtime_gone::RULE,
    &comparison_never_changes::RULE,
    &condition_always_true::RULE,
    &condition_constant::RULE,
    &condition_switched_off::RULE,
    &contains_on_text::RULE,
    &deprecated_action_input::RULE,
    &deprecated_command::RULE,
    &format_placeholder::RULE,
    &format_unused_argument::RULE,
    &insecure_commands::RULE,
    &matrix_value_missing::RULE,
    &missing_action_input::RULE,
    &missing_local_action::RULE,
    &object_in_text::RULE,
    &retired_action_version::RULE,
    &step_not_yet_run::RULE,
    &ternary_loses_value::RULE,
    &undefined_event_property::RULE,
    &undefined_input::RULE,
    &undefined_job::RULE,
    &undefined_matrix_key::RULE,
    &undefined_need::RULE,
    &undefined_output::RULE,
    &undefined_property::RULE,
    &undefined_secret::RULE,
    &undefined_step::RULE,
    &undefined_variable::RULE,
    &unknown_action_input::RULE,
    &unusable_argument::RULE,
];
