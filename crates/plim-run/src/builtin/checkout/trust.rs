//! Refuses to check out the code of a fork in a workflow that is trusted, as the real action does.
//!
//! `pull_request_target` and `workflow_run` run with the rights of the base repository; checking out a
//! fork's pull request there hands them over to whoever opened it.

use serde_json::Value;

use super::{Failure, Invocation};

/// Errors: when the event is one of the two, the pull request is a fork's, the inputs lead to its code,
/// and `allow-unsafe-pr-checkout` is not set.
pub(super) fn check(cx: &Invocation<'_>) -> Result<(), Failure> {
    let event = cx.github("event_name");
    if cx.is_true("allow-unsafe-pr-checkout") || cx.input("ref").is_empty() {
        return Ok(());
    }
    let Some(fork) = Fork::of(cx, event) else { return Ok(()) };
    let reference = cx.input("ref");
    if !fork.commits.iter().any(|commit| commit == &reference.to_lowercase()) && !is_pull(reference)
    {
        return Ok(());
    }
    Err(Failure::new(format!(
        "Refusing to check out fork pull request code from a '{event}' workflow: it would run with the base repository's token, secrets and caches"
    ))
    .advise("set `allow-unsafe-pr-checkout: true` once you have reviewed the risks"))
}

/// A pull request of a fork.
struct Fork {
    commits: Vec<String>,
}

impl Fork {
    fn of(cx: &Invocation<'_>, event: &str) -> Option<Self> {
        let payload = cx.github.get("event")?;
        let at = |path: &[&str]| path.iter().try_fold(payload, |value, key| value.get(key));
        let (head, commits): (_, &[&[&str]]) = match event {
            "pull_request_target" => (
                at(&["pull_request", "head", "repo", "id"]),
                &[&["pull_request", "head", "sha"], &["pull_request", "merge_commit_sha"]],
            ),
            "workflow_run" => {
                let inner = at(&["workflow_run", "event"]).and_then(Value::as_str)?;
                if !inner.starts_with("pull_request") {
                    return None;
                }
                let commits: &[&[&str]] = match inner {
                    // There `head_sha` is the base branch.
                    "pull_request_target" => &[&["workflow_run", "head_commit", "id"]],
                    _ => &[&["workflow_run", "head_commit", "id"], &["workflow_run", "head_sha"]],
                };
                (at(&["workflow_run", "head_repository", "id"]), commits)
            }
            _ => return None,
        };
        let base = at(&["repository", "id"]).and_then(Value::as_i64)?;
        if head.and_then(Value::as_i64)? == base {
            return None;
        }
        let text = |path: &&[&str]| at(path).and_then(Value::as_str).map(str::to_lowercase);
        Some(Self { commits: commits.iter().filter_map(text).collect() })
    }
}

/// `refs/pull/7/head` or `refs/pull/7/merge`.
fn is_pull(reference: &str) -> bool {
    let number = reference
        .strip_prefix("refs/pull/")
        .and_then(|rest| rest.strip_suffix("/head").or_else(|| rest.strip_suffix("/merge")));
    number.is_some_and(|number| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}
