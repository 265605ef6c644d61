//! The parts of an event that strangers write.

use plim_workflow::Uses;

use super::sink::Sink;
use crate::Subject;
use crate::remote::{Remote, literal};

/// What a stranger writes, and the events in which it is there.
const SOURCES: [(&str, &[&str]); 28] = [
    ("github.head_ref", PULLS),
    ("github.event.pull_request.title", PULLS),
    ("github.event.pull_request.body", PULLS),
    ("github.event.pull_request.head.ref", PULLS),
    ("github.event.pull_request.head.label", PULLS),
    ("github.event.pull_request.head.repo.default_branch", PULLS),
    ("github.event.pull_request.head.repo.description", PULLS),
    ("github.event.pull_request.head.repo.homepage", PULLS),
    ("github.event.issue.title", &["issues", "issue_comment"]),
    ("github.event.issue.body", &["issues", "issue_comment"]),
    ("github.event.comment.body", COMMENTS),
    ("github.event.review.body", PULLS),
    ("github.event.review_comment.body", PULLS),
    ("github.event.discussion.title", &["discussion", "discussion_comment"]),
    ("github.event.discussion.body", &["discussion", "discussion_comment"]),
    ("github.event.commits.*.message", &["push"]),
    ("github.event.commits.*.author.email", &["push"]),
    ("github.event.commits.*.author.name", &["push"]),
    ("github.event.head_commit.message", &["push"]),
    ("github.event.head_commit.author.email", &["push"]),
    ("github.event.head_commit.author.name", &["push"]),
    ("github.event.pages.*.page_name", &["gollum"]),
    ("github.event.workflow_run.head_branch", RUNS),
    ("github.event.workflow_run.display_title", RUNS),
    ("github.event.workflow_run.head_commit.message", RUNS),
    ("github.event.workflow_run.head_commit.author.name", RUNS),
    ("github.event.workflow_run.head_repository.description", RUNS),
    ("github.event.workflow_run.pull_requests.*.head.ref", RUNS),
];

const PULLS: &[&str] =
    &["pull_request", "pull_request_target", "pull_request_review", "pull_request_review_comment"];
const COMMENTS: &[&str] =
    &["issue_comment", "discussion_comment", "commit_comment", "pull_request_review_comment"];
const RUNS: &[&str] = &["workflow_run"];

/// Outputs of actions that hold what a stranger wrote; `*` for all of them.
const OUTPUTS: [(&str, &str); 12] = [
    ("dorny/paths-filter", "*_files"),
    ("jitterbit/get-changed-files", "*"),
    ("tj-actions/changed-files", "*_files"),
    ("tj-actions/branch-names", "current_branch"),
    ("tj-actions/branch-names", "head_ref_branch"),
    ("xt0rted/pull-request-comment-branch", "head_ref"),
    ("xt0rted/pull-request-comment-branch", "ref"),
    ("alessbell/pull-request-comment-branch", "head_ref"),
    ("eficode/resolve-pr-refs", "head_ref"),
    ("trilom/file-changes-action", "*"),
    ("peter-murray/issue-body-parser-action", "*"),
    ("stefanbuck/github-issue-parser", "*"),
];

/// Whether a stranger writes what stands at `path`, in an event that can start the file.
///
/// `whole` says that an object counts, too, since it is printed with all that is in it.
pub(super) fn is_untrusted(subject: &Subject, path: &str, whole: bool) -> bool {
    let mut found = SOURCES
        .iter()
        .filter(|(pattern, _)| fits(pattern, path) || (whole && holds(path, pattern)));
    found.any(|(_, events)| can_start(subject, events))
}

/// Whether an output of the action holds what a stranger wrote.
pub(super) fn is_untrusted_output(action: &str, output: &str) -> bool {
    OUTPUTS.iter().any(|(name, pattern)| {
        *name == action
            && match pattern.strip_prefix('*') {
                Some(end) => output.ends_with(end) || output == "*",
                None => output == *pattern,
            }
    })
}

/// Whether the action writes its lists of files so that `sink` takes them for nothing else.
pub(super) fn is_escaped(remote: &Remote<'_>, uses: &Uses, sink: Sink) -> bool {
    if remote.is("dorny/paths-filter") {
        return match literal(uses, "list-files") {
            Some("shell" | "escape") => sink == Sink::Shell,
            Some("json") => sink == Sink::Value,
            _ => false,
        };
    }
    // `safe_output`, which is on since version 41, puts a backslash before what a shell reads as more than text.
    remote.is("tj-actions/changed-files")
        && sink == Sink::Shell
        && literal(uses, "safe_output") != Some("false")
        && major(remote).is_some_and(|major| major >= 41)
}

fn major(remote: &Remote<'_>) -> Option<u32> {
    let version = if remote.is_commit() { remote.version_comment()? } else { remote.reference };
    let number = version.trim_start_matches('v').split('.').next()?;
    number.parse().ok()
}

fn fits(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern.split('.'), path.split('.'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return true,
            (Some(wanted), Some(part)) if wanted == part || wanted == "*" => {}
            _ => return false,
        }
    }
}

fn holds(path: &str, pattern: &str) -> bool {
    path != "github" && pattern.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'))
}

/// Whether one of `events` can start the file; of actions and called workflows, any can.
fn can_start(subject: &Subject, events: &[&str]) -> bool {
    let Some(workflow) = subject.workflow() else { return true };
    let mut triggers = workflow.triggers.iter().map(|trigger| &*trigger.event.value);
    triggers.any(|event| event == "workflow_call" || events.contains(&event))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_a_whole_path() {
        assert!(fits("github.event.commits.*.message", "github.event.commits.*.message"));
        assert!(fits("github.event.commits.*.message", "github.event.commits.0.message"));
        assert!(!fits("github.event.issue.title", "github.event.issue"));
        assert!(!fits("github.head_ref", "github.head_ref.length"));
        assert!(is_untrusted_output("tj-actions/changed-files", "all_changed_files"));
        assert!(!is_untrusted_output("tj-actions/changed-files", "any_changed"));
    }
}
