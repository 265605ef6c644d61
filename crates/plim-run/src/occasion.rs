//! An occasion is the event that starts a workflow here, with its payload and the `github` context.

use std::sync::Arc;

use plim_expression::Value;

/// The event that starts a workflow.
#[derive(Clone, Debug)]
pub struct Occasion {
    /// The event's name.
    pub event: Arc<str>,
    /// Its activity type: `synchronize`.
    pub activity: Option<Arc<str>>,
    /// The full reference: `refs/heads/main`, `refs/pull/1/merge`.
    pub reference: Arc<str>,
    /// The commit.
    pub sha: Arc<str>,
    /// What `github.event` holds and `GITHUB_EVENT_PATH` is to hold.
    pub payload: serde_json::Value,
    /// The `github` context but for what differs per job and step: `job`, `action*`, `workspace`, `event_path`, `env`,
    /// `path` and the like, and `token`.
    pub github: Value,
}

/// The keys of the `github` context that become variables: `GITHUB_` and the key in upper case.
///
/// The list of the runner's `GitHubContext.cs`, in its order; `event` and `token` never do. Texts and booleans only.
pub const EXPORTED: &[&str] = &[
    "action_path",
    "action_ref",
    "action_repository",
    "action",
    "actor",
    "actor_id",
    "api_url",
    "artifacts",
    "artifacts_list",
    "base_ref",
    "env",
    "event_name",
    "event_path",
    "graphql_url",
    "head_ref",
    "job",
    "output",
    "path",
    "ref_name",
    "ref_protected",
    "ref_type",
    "ref",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "retention_days",
    "run_attempt",
    "run_id",
    "run_number",
    "server_url",
    "sha",
    "state",
    "step_summary",
    "triggering_actor",
    "workflow",
    "workflow_ref",
    "workflow_sha",
    "workspace",
];
