//! The properties of the `github` and `runner` contexts that reach steps as variables.

/// The properties of `github` that become `GITHUB_*`, as in the runner's `GitHubContext`.
///
/// `token` and `event` are not among them: a step sees the token only where the workflow passes it.
const EXPOSED: &[&str] = &[
    "action",
    "action_path",
    "action_ref",
    "action_repository",
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
    "ref",
    "ref_name",
    "ref_protected",
    "ref_type",
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

/// The variable that carries `github.<property>` to steps, or none when it stays in the context.
///
/// Only texts and booleans are carried (`true`, `false`), and an empty text is carried too.
pub fn github_variable(property: &str) -> Option<String> {
    EXPOSED
        .iter()
        .any(|exposed| exposed.eq_ignore_ascii_case(property))
        .then(|| format!("GITHUB_{}", property.to_uppercase()))
}

/// The variable that carries `runner.<property>` to steps: every property has one.
pub fn runner_variable(property: &str) -> String {
    format!("RUNNER_{}", property.to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn semantic_45_only_listed_properties_become_variables() {
        assert_eq!(github_variable("sha").as_deref(), Some("GITHUB_SHA"));
        assert_eq!(github_variable("ref_protected").as_deref(), Some("GITHUB_REF_PROTECTED"));
        assert_eq!(github_variable("Step_Summary").as_deref(), Some("GITHUB_STEP_SUMMARY"));
        for kept in ["token", "event", "repositoryUrl", "secret_source", "action_status", ""] {
            assert_eq!(github_variable(kept), None, "{kept}");
        }
        assert_eq!(EXPOSED.len(), 39);
    }

    #[test]
    fn every_property_of_runner_becomes_a_variable() {
        assert_eq!(runner_variable("temp"), "RUNNER_TEMP");
    }
}
