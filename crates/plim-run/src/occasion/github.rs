//! The `github` context of a workflow, but for what differs per job and step.

use plim_expression::{Object, Value};
use plim_workflow::{Forge, Workflow};

use super::Moment;
use crate::request::Request;
use crate::source::Source;

/// The context, in the order of GitHub's documentation.
///
/// Numbers of runs are those of the first run; whoever keeps runs counts them. Ids of GitHub's database are `0`: they
/// are known to GitHub only.
pub(super) fn context(
    workflow: &Workflow,
    moment: &Moment,
    source: &Source,
    request: &Request,
    payload: &serde_json::Value,
) -> Value {
    let actor = request.actor.as_deref().unwrap_or(&source.actor);
    let (api, graphql) = interfaces(source);
    let name = workflow.name.as_ref().and_then(|name| name.template.is_literal());
    let event = match &*moment.event {
        // A called workflow sees the event of its caller.
        "workflow_call" => "push",
        event => event,
    };
    let texts = [
        ("ref", &*moment.reference),
        ("sha", source.commit()),
        ("repository", &source.repository),
        ("repository_owner", source.repository.split('/').next().unwrap_or_default()),
        ("repository_owner_id", "0"),
        ("repositoryUrl", &format!("{}.git", source.url().replacen("https://", "git://", 1))),
        ("run_id", "1"),
        ("run_number", "1"),
        ("retention_days", "90"),
        ("run_attempt", "1"),
        ("artifact_cache_size_limit", "10"),
        ("repository_visibility", "public"),
        ("repository_id", "0"),
        ("actor_id", "0"),
        ("actor", actor),
        ("triggering_actor", actor),
        ("workflow", name.unwrap_or(&workflow.path)),
        ("head_ref", moment.from.as_deref().unwrap_or_default()),
        ("base_ref", base_ref(moment)),
        ("event_name", event),
        ("server_url", &source.server),
        ("api_url", &api),
        ("graphql_url", &graphql),
        ("ref_name", moment.short_reference()),
        ("ref_type", if moment.reference.starts_with("refs/tags/") { "tag" } else { "branch" }),
        ("secret_source", "Actions"),
        ("workflow_ref", &format!("{}/{}@{}", source.repository, workflow.path, moment.reference)),
        ("workflow_sha", source.commit()),
    ];
    let mut context: Object =
        texts.into_iter().map(|(key, text)| (key, Value::from(text))).collect();
    context.insert("ref_protected", false);
    context.insert("event", Value::from_json(payload));
    Value::from(context)
}

/// `base_ref` is set for pull requests only, a merge group has its base in the payload.
fn base_ref(moment: &Moment) -> &str {
    match &moment.from {
        Some(_) => moment.into.as_deref().unwrap_or_default(),
        None => "",
    }
}

/// Where the forge's programming interfaces are.
fn interfaces(source: &Source) -> (String, String) {
    let server = &*source.server;
    match source.forge {
        Forge::GitHub if server == "https://github.com" => {
            ("https://api.github.com".to_owned(), "https://api.github.com/graphql".to_owned())
        }
        Forge::GitHub => (format!("{server}/api/v3"), format!("{server}/api/graphql")),
        Forge::Gitea | Forge::Forgejo => (format!("{server}/api/v1"), String::new()),
    }
}
