//! The types of contexts that are the same in every file.

use std::sync::LazyLock;

use plim_expression::types::{Type, Words};
use plim_workflow::EVENTS;

/// How a job or step ended.
pub(super) const CONCLUSIONS: [&str; 4] = ["success", "failure", "cancelled", "skipped"];

/// Any names, each of them a text.
pub(super) static TEXTS: LazyLock<Type> = LazyLock::new(|| Type::map(Type::TEXT));

/// `result`, `outcome` and `conclusion`.
pub(super) static CONCLUSION: LazyLock<Type> = LazyLock::new(|| Type::one_of(CONCLUSIONS));

pub(super) static RUNNER: LazyLock<Type> = LazyLock::new(|| {
    Type::object([
        ("arch", Type::one_of(["X86", "X64", "ARM", "ARM64"])),
        ("debug", Type::TEXT),
        ("environment", Type::one_of(["github-hosted", "self-hosted"])),
        ("name", Type::TEXT),
        ("os", Type::one_of(["Linux", "Windows", "macOS"])),
        ("temp", Type::TEXT),
        ("tool_cache", Type::TEXT),
        ("workspace", Type::TEXT),
    ])
});

pub(super) static STRATEGY: LazyLock<Type> = LazyLock::new(|| {
    Type::object([
        ("fail-fast", Type::Boolean),
        ("job-index", Type::Number),
        ("job-total", Type::Number),
        ("max-parallel", Type::Number),
    ])
});

pub(super) static JOB: LazyLock<Type> = LazyLock::new(|| {
    let network = [("id", Type::TEXT), ("network", Type::TEXT)];
    let service = network.clone().into_iter().chain([("ports", Type::map(Type::Any))]);
    Type::object([
        ("check_run_id", Type::Any),
        ("container", Type::object(network)),
        ("services", Type::map(Type::object(service))),
        ("status", Type::one_of(["success", "failure", "cancelled"])),
        ("workflow_file_path", Type::TEXT),
        ("workflow_ref", Type::TEXT),
        ("workflow_repository", Type::TEXT),
        ("workflow_sha", Type::TEXT),
    ])
});

/// The `github` context but for `event`.
pub(super) static GITHUB: LazyLock<Vec<(&str, Type)>> = LazyLock::new(|| {
    let mut properties: Vec<(&str, Type)> =
        GITHUB_TEXTS.iter().map(|name| (*name, Type::TEXT)).collect();
    properties.extend([
        ("action_status", Type::one_of(["success", "failure", "cancelled"])),
        ("base_ref", Type::Text(Words::BeginsNot("refs/heads/"))),
        ("event_name", Type::one_of(event_names())),
        ("head_ref", Type::Text(Words::BeginsNot("refs/heads/"))),
        ("ref", Type::Text(Words::Begins("refs/"))),
        ("ref_name", Type::Text(Words::BeginsNot("refs/heads/"))),
        ("ref_protected", Type::Any),
        ("ref_type", Type::one_of(["branch", "tag"])),
        ("repository_visibility", Type::one_of(["public", "private", "internal"])),
        ("secret_source", Type::one_of(["None", "Actions", "Codespaces", "Dependabot"])),
    ]);
    properties
});

/// The properties of `github` that hold any text.
const GITHUB_TEXTS: [&str; 36] = [
    "action",
    "action_path",
    "action_ref",
    "action_repository",
    "actor",
    "actor_id",
    "api_url",
    "artifact_cache_size_limit",
    "artifacts",
    "artifacts_list",
    "env",
    "event_path",
    "graphql_url",
    "job",
    "job_workflow_sha",
    "output",
    "path",
    "repository",
    "repositoryUrl",
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
    "token",
    "triggering_actor",
    "workflow",
    "workflow_ref",
    "workflow_sha",
    "workspace",
];

/// What `github.event_name` can be: a called workflow has the event of its caller.
fn event_names() -> impl Iterator<Item = &'static str> {
    let known = EVENTS.iter().map(|event| event.name);
    known.filter(|name| *name != "workflow_call").chain(["dynamic"])
}
