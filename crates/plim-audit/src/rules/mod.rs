//! The rules, one file each.
//!
//! To add one: a file beside this with a `RULE`, its `mod` line and its line in [`RULES`].

mod action_runtime_gone;
mod ad_hoc_install;
mod all_secrets;
mod anonymous_definition;
mod archived_action;
mod artifact_may_be_empty;
mod automatic_merge;
mod backticks;
mod binding_before_library;
mod branch_pinned_action;
mod broad_permissions;
mod cache_in_release;
mod cache_key_shared;
mod cache_of_strangers;
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
mod deno_all_permissions;
mod dependabot_runs_code;
mod dependabot_too_often;
mod dependabot_without_cooldown;
mod dependency_outside_repository;
mod deploy_not_verified;
mod deprecated_action_input;
mod deprecated_command;
mod dispatch_unheard;
mod draft_stays_draft;
mod duplicate_job;
mod duplicate_matrix_value;
mod duplicate_need;
mod expansion_in_script;
mod expression_type;
mod forbidden_action;
mod format_placeholder;
mod format_unused_argument;
mod gate_ignores_results;
mod gate_misses_job;
mod gate_swallows_errors;
mod glob_as_option;
mod grouped_redirects;
mod hardcoded_credentials;
mod hook_revision_moves;
mod ignored_key;
mod image_without_version;
mod impossible_cron;
mod injection_through_input;
mod insecure_commands;
mod insecure_url;
mod invalid_variable_name;
mod job_without_timeout;
mod lock_missing;
mod lock_not_enforced;
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
mod no_egress_guard;
mod obfuscated_uses;
mod object_in_text;
mod only_negative_patterns;
mod output_without_value;
mod passphrase_in_environment;
mod pattern_misread;
mod pattern_refused;
mod pattern_without_match;
mod persisted_credentials;
mod pin_contradicts_lock;
mod pin_not_locked;
mod pin_without_version;
mod piped_script;
mod publish_best_effort;
mod publish_cancellable;
mod publish_elsewhere;
mod publish_fails_fast;
mod publish_from_any_branch;
mod publish_from_chosen_ref;
mod publish_not_repeatable;
mod publish_not_verified;
mod publish_on_pull_request;
mod publish_pipe_hides_failure;
mod publish_rebuilds;
mod publish_silently_skipped;
mod publish_trusts_error_text;
mod publish_without_attestation;
mod publish_without_gate;
mod published_by_two_workflows;
mod published_package_missing;
mod read_all_permissions;
mod read_without_r;
mod recent_key;
mod refusal_unseen;
mod release_before_publish;
mod release_clobbers_files;
mod release_created_twice;
mod release_may_match_no_file;
mod release_without_checksum;
mod removed_runner_label;
mod response_in_log;
mod retired_action_version;
mod risky_default_token;
mod script_injection;
mod script_missing;
mod script_not_executable;
mod secret_checked_late;
mod secret_in_arguments;
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
mod status_by_automatic_token;
mod status_never_seen;
mod status_unread;
mod step_not_yet_run;
mod superfluous_action;
mod tag_moved;
mod tag_version_unchecked;
mod ternary_loses_value;
mod text_as_condition;
mod timeout_missing;
mod timeout_missing_in_build;
mod token_cannot;
mod token_starts_nothing;
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
mod workspace_left_out;

use crate::Rule;

/// Every rule but those of the reader of the language, ordered by code.
pub const RULES: &[&Rule] = &[
    &action_runtime_gone::RULE,
    &ad_hoc_install::RULE,
    &all_secrets::RULE,
    &anonymous_definition::RULE,
    &archived_action::RULE,
    &artifact_may_be_empty::RULE,
    &automatic_merge::RULE,
    &backticks::RULE,
    &binding_before_library::RULE,
    &branch_pinned_action::RULE,
    &broad_permissions::RULE,
    &cache_in_release::RULE,
    &cache_key_shared::RULE,
    &cache_of_strangers::RULE,
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
    &deno_all_permissions::RULE,
    &dependabot_runs_code::RULE,
    &dependabot_too_often::RULE,
    &dependabot_without_cooldown::RULE,
    &dependency_outside_repository::RULE,
    &deploy_not_verified::RULE,
    &deprecated_action_input::RULE,
    &deprecated_command::RULE,
    &dispatch_unheard::RULE,
    &draft_stays_draft::RULE,
    &duplicate_job::RULE,
    &duplicate_matrix_value::RULE,
    &duplicate_need::RULE,
    &expansion_in_script::RULE,
    &expression_type::RULE,
    &forbidden_action::RULE,
    &format_placeholder::RULE,
    &format_unused_argument::RULE,
    &gate_ignores_results::RULE,
    &gate_misses_job::RULE,
    &gate_swallows_errors::RULE,
    &glob_as_option::RULE,
    &grouped_redirects::RULE,
    &hardcoded_credentials::RULE,
    &hook_revision_moves::RULE,
    &ignored_key::RULE,
    &image_without_version::RULE,
    &impossible_cron::RULE,
    &injection_through_input::RULE,
    &insecure_commands::RULE,
    &insecure_url::RULE,
    &invalid_variable_name::RULE,
    &job_without_timeout::RULE,
    &lock_missing::RULE,
    &lock_not_enforced::RULE,
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
    &no_egress_guard::RULE,
    &obfuscated_uses::RULE,
    &object_in_text::RULE,
    &only_negative_patterns::RULE,
    &output_without_value::RULE,
    &passphrase_in_environment::RULE,
    &pattern_misread::RULE,
    &pattern_refused::RULE,
    &pattern_without_match::RULE,
    &persisted_credentials::RULE,
    &pin_contradicts_lock::RULE,
    &pin_not_locked::RULE,
    &pin_without_version::RULE,
    &piped_script::RULE,
    &publish_best_effort::RULE,
    &publish_cancellable::RULE,
    &publish_elsewhere::RULE,
    &publish_fails_fast::RULE,
    &publish_from_any_branch::RULE,
    &publish_from_chosen_ref::RULE,
    &publish_not_repeatable::RULE,
    &publish_not_verified::RULE,
    &publish_on_pull_request::RULE,
    &publish_pipe_hides_failure::RULE,
    &publish_rebuilds::RULE,
    &publish_silently_skipped::RULE,
    &publish_trusts_error_text::RULE,
    &publish_without_attestation::RULE,
    &publish_without_gate::RULE,
    &published_by_two_workflows::RULE,
    &published_package_missing::RULE,
    &read_all_permissions::RULE,
    &read_without_r::RULE,
    &recent_key::RULE,
    &refusal_unseen::RULE,
    &release_before_publish::RULE,
    &release_clobbers_files::RULE,
    &release_created_twice::RULE,
    &release_may_match_no_file::RULE,
    &release_without_checksum::RULE,
    &removed_runner_label::RULE,
    &response_in_log::RULE,
    &retired_action_version::RULE,
    &risky_default_token::RULE,
    &script_injection::RULE,
    &script_missing::RULE,
    &script_not_executable::RULE,
    &secret_checked_late::RULE,
    &secret_in_arguments::RULE,
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
    &status_by_automatic_token::RULE,
    &status_never_seen::RULE,
    &status_unread::RULE,
    &step_not_yet_run::RULE,
    &superfluous_action::RULE,
    &tag_moved::RULE,
    &tag_version_unchecked::RULE,
    &ternary_loses_value::RULE,
    &text_as_condition::RULE,
    &timeout_missing::RULE,
    &timeout_missing_in_build::RULE,
    &token_cannot::RULE,
    &token_starts_nothing::RULE,
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
    &workspace_left_out::RULE,
];
