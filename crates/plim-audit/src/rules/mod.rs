//! The rules, one file each.
//!
//! To add one: a file beside this with a `RULE`, its `mod` line and its line in [`RULES`].

mod action_runtime_gone;
mod ad_hoc_install;
mod all_secrets;
mod anonymous_definition;
mod archived_action;
mod backticks;
mod branch_pinned_action;
mod broad_permissions;
mod cache_in_release;
mod comparison_never_changes;
mod condition_always_true;
mod condition_constant;
mod condition_switched_off;
mod conflicting_runner_labels;
mod contains_on_text;
mod contradicting_pins;
mod credentials_in_artifact;
mod dangerous_trigger;
mod default_of_required_input;
mod dependabot_runs_code;
mod dependabot_without_cooldown;
mod deprecated_action_input;
mod deprecated_command;
mod duplicate_matrix_value;
mod duplicate_need;
mod expansion_in_script;
mod expression_type;
mod format_placeholder;
mod format_unused_argument;
mod glob_as_option;
mod grouped_redirects;
mod hardcoded_credentials;
mod ignored_key;
mod image_without_version;
mod impossible_cron;
mod insecure_commands;
mod insecure_url;
mod invalid_variable_name;
mod masked_status;
mod matrix_value_missing;
mod misfeature;
mod missing_action_file;
mod missing_action_input;
mod missing_action_metadata;
mod missing_concurrency;
mod missing_local_action;
mod missing_permissions;
mod mistyped_action;
mod obfuscated_uses;
mod object_in_text;
mod only_negative_patterns;
mod output_without_value;
mod pattern_without_match;
mod persisted_credentials;
mod pin_without_version;
mod piped_script;
mod read_all_permissions;
mod read_without_r;
mod recent_key;
mod removed_runner_label;
mod retired_action_version;
mod risky_default_token;
mod script_injection;
mod secret_in_script;
mod secret_in_wide_env;
mod secret_outside_environment;
mod secrets_inherited;
mod secrets_inherited_locally;
mod self_hosted_runner;
mod self_hosted_runs_strangers;
mod shell_of_another_system;
mod shell_syntax;
mod spoofable_bot;
mod status_never_seen;
mod step_not_yet_run;
mod superfluous_action;
mod ternary_loses_value;
mod text_as_condition;
mod too_many_inputs;
mod trusted_publishing;
mod undeclared_runner_label;
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
mod undocumented_permission;
mod unknown_action_input;
mod unknown_branding;
mod unknown_runner_label;
mod unknown_shell;
mod unmatched_exclude;
mod unpinned_action;
mod unpinned_image;
mod unpinned_tool;
mod unquoted_substitution;
mod unquoted_variable;
mod unredacted_secret;
mod untrusted_artifact;
mod untrusted_checkout;
mod untrusted_environment_file;
mod unusable_argument;
mod unused_shell_variable;
mod useless_echo;
mod variable_in_single_quotes;
mod vulnerable_action;
mod wide_app_token;

use crate::Rule;

/// Every rule but those of the reader of the language, ordered by code.
pub const RULES: &[&Rule] = &[
    &action_runtime_gone::RULE,
    &ad_hoc_install::RULE,
    &all_secrets::RULE,
    &anonymous_definition::RULE,
    &archived_action::RULE,
    &backticks::RULE,
    &branch_pinned_action::RULE,
    &broad_permissions::RULE,
    &cache_in_release::RULE,
    &comparison_never_changes::RULE,
    &condition_always_true::RULE,
    &condition_constant::RULE,
    &condition_switched_off::RULE,
    &conflicting_runner_labels::RULE,
    &contains_on_text::RULE,
    &contradicting_pins::RULE,
    &credentials_in_artifact::RULE,
    &dangerous_trigger::RULE,
    &default_of_required_input::RULE,
    &dependabot_runs_code::RULE,
    &dependabot_without_cooldown::RULE,
    &deprecated_action_input::RULE,
    &deprecated_command::RULE,
    &duplicate_matrix_value::RULE,
    &duplicate_need::RULE,
    &expansion_in_script::RULE,
    &expression_type::RULE,
    &format_placeholder::RULE,
    &format_unused_argument::RULE,
    &glob_as_option::RULE,
    &grouped_redirects::RULE,
    &hardcoded_credentials::RULE,
    &ignored_key::RULE,
    &image_without_version::RULE,
    &impossible_cron::RULE,
    &insecure_commands::RULE,
    &insecure_url::RULE,
    &invalid_variable_name::RULE,
    &masked_status::RULE,
    &matrix_value_missing::RULE,
    &misfeature::RULE,
    &missing_action_file::RULE,
    &missing_action_input::RULE,
    &missing_action_metadata::RULE,
    &missing_concurrency::RULE,
    &missing_local_action::RULE,
    &missing_permissions::RULE,
    &mistyped_action::RULE,
    &obfuscated_uses::RULE,
    &object_in_text::RULE,
    &only_negative_patterns::RULE,
    &output_without_value::RULE,
    &pattern_without_match::RULE,
    &persisted_credentials::RULE,
    &pin_without_version::RULE,
    &piped_script::RULE,
    &read_all_permissions::RULE,
    &read_without_r::RULE,
    &recent_key::RULE,
    &removed_runner_label::RULE,
    &retired_action_version::RULE,
    &risky_default_token::RULE,
    &script_injection::RULE,
    &secret_in_script::RULE,
    &secret_in_wide_env::RULE,
    &secret_outside_environment::RULE,
    &secrets_inherited::RULE,
    &secrets_inherited_locally::RULE,
    &self_hosted_runner::RULE,
    &self_hosted_runs_strangers::RULE,
    &shell_of_another_system::RULE,
    &shell_syntax::RULE,
    &spoofable_bot::RULE,
    &status_never_seen::RULE,
    &step_not_yet_run::RULE,
    &superfluous_action::RULE,
    &ternary_loses_value::RULE,
    &text_as_condition::RULE,
    &too_many_inputs::RULE,
    &trusted_publishing::RULE,
    &undeclared_runner_label::RULE,
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
    &undocumented_permission::RULE,
    &unknown_action_input::RULE,
    &unknown_branding::RULE,
    &unknown_runner_label::RULE,
    &unknown_shell::RULE,
    &unmatched_exclude::RULE,
    &unpinned_action::RULE,
    &unpinned_image::RULE,
    &unpinned_tool::RULE,
    &unquoted_substitution::RULE,
    &unquoted_variable::RULE,
    &unredacted_secret::RULE,
    &untrusted_artifact::RULE,
    &untrusted_checkout::RULE,
    &untrusted_environment_file::RULE,
    &unusable_argument::RULE,
    &unused_shell_variable::RULE,
    &useless_echo::RULE,
    &variable_in_single_quotes::RULE,
    &vulnerable_action::RULE,
    &wide_app_token::RULE,
];
