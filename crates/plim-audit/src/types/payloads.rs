//! What the payloads of webhooks hold: the properties of `github.event` and of the objects in it.
//!
//! The names are those of GitHub's "webhook events and payloads"; what is deeper is not listed.

/// The properties that every payload may have.
pub(super) const COMMON: &[&str] =
    &["enterprise", "installation", "organization", "repository", "sender"];

/// The properties that the payload of an event has besides [`COMMON`], ordered by event.
#[rustfmt::skip]
pub(super) const PAYLOADS: &[(&str, &[&str])] = &[
    ("branch_protection_rule", &["action", "changes", "rule"]),
    ("check_run", &["action", "check_run", "requested_action"]),
    ("check_suite", &["action", "check_suite"]),
    ("create", &["description", "master_branch", "pusher_type", "ref", "ref_type"]),
    ("delete", &["pusher_type", "ref", "ref_type"]),
    ("deployment", &["action", "deployment", "workflow", "workflow_run"]),
    ("deployment_status", &["action", "check_run", "deployment", "deployment_status", "workflow", "workflow_run"]),
    ("discussion", &["action", "answer", "changes", "discussion", "label", "old_answer"]),
    ("discussion_comment", &["action", "changes", "comment", "discussion"]),
    ("fork", &["forkee"]),
    ("gollum", &["pages"]),
    ("issue_comment", &["action", "changes", "comment", "issue"]),
    ("issues", &[
        "action", "assignee", "changes", "issue", "issue_field", "issue_field_value", "label", "milestone", "type",
    ]),
    ("label", &["action", "changes", "label"]),
    ("merge_group", &["action", "merge_group", "reason"]),
    ("milestone", &["action", "changes", "milestone"]),
    ("page_build", &["build", "id"]),
    ("project", &["action", "changes", "project"]),
    ("project_card", &["action", "changes", "project_card"]),
    ("project_column", &["action", "changes", "project_column"]),
    ("public", &[]),
    ("pull_request", &[
        "action", "after", "assignee", "before", "changes", "label", "milestone", "number", "pull_request", "reason",
        "requested_reviewer", "requested_team", "stack",
    ]),
    ("pull_request_review", &["action", "changes", "pull_request", "review", "number"]),
    ("pull_request_review_comment", &["action", "changes", "comment", "pull_request"]),
    ("push", &[
        "after", "base_ref", "before", "commits", "compare", "created", "deleted", "forced", "head_commit", "pusher",
        "ref",
    ]),
    ("registry_package", &["action", "registry_package"]),
    ("release", &["action", "changes", "release"]),
    ("repository_dispatch", &["action", "branch", "client_payload"]),
    ("schedule", &["schedule", "workflow"]),
    ("status", &[
        "avatar_url", "branches", "commit", "context", "created_at", "description", "id", "name", "sha", "state",
        "target_url", "updated_at",
    ]),
    ("watch", &["action"]),
    ("workflow_dispatch", &["inputs", "ref", "workflow"]),
    ("workflow_run", &["action", "workflow", "workflow_run"]),
];

/// The properties of the objects in payloads, ordered by name; those of all events together.
#[rustfmt::skip]
pub(super) const OBJECTS: &[(&str, &[&str])] = &[
    ("check_run", &[
        "app", "check_suite", "completed_at", "conclusion", "deployment", "details_url", "external_id", "head_sha",
        "html_url", "id", "name", "node_id", "output", "pull_requests", "started_at", "status", "url",
    ]),
    ("check_suite", &[
        "after", "app", "before", "check_runs_url", "conclusion", "created_at", "head_branch", "head_commit",
        "head_sha", "id", "latest_check_runs_count", "node_id", "pull_requests", "rerequestable",
        "runs_rerequestable", "status", "updated_at", "url",
    ]),
    ("comment", &[
        "author_association", "body", "child_comment_count", "created_at", "discussion_id", "html_url", "id",
        "node_id", "parent_id", "reactions", "repository_url", "updated_at", "user", "issue_url",
        "performed_via_github_app", "url", "pin", "minimized", "_links", "commit_id", "diff_hunk", "in_reply_to_id",
        "line", "original_commit_id", "original_line", "original_position", "original_start_line", "path", "position",
        "pull_request_review_id", "pull_request_url", "side", "start_line", "start_side", "subject_type",
    ]),
    ("deployment", &[
        "created_at", "creator", "description", "environment", "id", "node_id", "original_environment", "payload",
        "performed_via_github_app", "production_environment", "ref", "repository_url", "sha", "statuses_url", "task",
        "transient_environment", "updated_at", "url",
    ]),
    ("deployment_status", &[
        "created_at", "creator", "deployment_url", "description", "environment", "environment_url", "id", "log_url",
        "node_id", "performed_via_github_app", "repository_url", "state", "target_url", "updated_at", "url",
    ]),
    ("discussion", &[
        "active_lock_reason", "answer_chosen_at", "answer_chosen_by", "answer_html_url", "author_association", "body",
        "category", "comments", "created_at", "html_url", "id", "locked", "node_id", "number", "reactions",
        "repository_url", "state", "state_reason", "timeline_url", "title", "updated_at", "user", "labels",
    ]),
    ("head_commit", &[
        "added", "author", "committer", "distinct", "id", "message", "modified", "removed", "timestamp", "tree_id",
        "url",
    ]),
    ("issue", &[
        "active_lock_reason", "assignee", "assignees", "author_association", "body", "closed_at", "comments",
        "comments_url", "created_at", "draft", "events_url", "html_url", "id", "labels", "labels_url", "locked",
        "milestone", "node_id", "number", "performed_via_github_app", "pull_request", "reactions", "repository_url",
        "sub_issues_summary", "issue_dependencies_summary", "state", "state_reason", "timeline_url", "title", "type",
        "updated_at", "url", "user", "pinned_comment", "issue_field_values", "closed_by", "sub_issues", "parent",
        "repository",
    ]),
    ("label", &["color", "default", "description", "id", "name", "node_id", "url"]),
    ("merge_group", &["head_sha", "head_ref", "base_sha", "base_ref", "head_commit"]),
    ("milestone", &[
        "closed_at", "closed_issues", "created_at", "creator", "description", "due_on", "html_url", "id",
        "labels_url", "node_id", "number", "open_issues", "state", "title", "updated_at", "url",
    ]),
    ("organization", &[
        "login", "id", "node_id", "url", "repos_url", "events_url", "hooks_url", "issues_url", "members_url",
        "public_members_url", "avatar_url", "description",
    ]),
    ("pull_request", &[
        "_links", "active_lock_reason", "additions", "assignee", "assignees", "author_association", "auto_merge",
        "base", "body", "changed_files", "closed_at", "comments", "comments_url", "commits", "commits_url",
        "created_at", "deletions", "diff_url", "draft", "head", "html_url", "id", "issue_url", "labels", "locked",
        "maintainer_can_modify", "merge_commit_sha", "mergeable", "mergeable_state", "merged", "merged_at",
        "merged_by", "milestone", "node_id", "number", "patch_url", "rebaseable", "requested_reviewers",
        "requested_teams", "review_comment_url", "review_comments", "review_comments_url", "stack", "state",
        "statuses_url", "title", "updated_at", "url", "user", "allow_auto_merge", "allow_update_branch",
        "delete_branch_on_merge", "merge_commit_message", "merge_commit_title", "squash_merge_commit_message",
        "squash_merge_commit_title", "use_squash_pr_title_as_default",
    ]),
    ("pusher", &["date", "email", "name", "username"]),
    ("release", &[
        "assets", "assets_url", "author", "body", "created_at", "updated_at", "discussion_url", "draft", "html_url",
        "id", "immutable", "name", "node_id", "prerelease", "published_at", "reactions", "tag_name", "tarball_url",
        "target_commitish", "upload_url", "url", "zipball_url", "mentions_count", "short_description_html",
        "is_short_description_html_truncated",
    ]),
    ("repository", &[
        "id", "node_id", "name", "full_name", "license", "organization", "forks", "permissions", "owner", "private",
        "html_url", "description", "fork", "url", "archive_url", "assignees_url", "blobs_url", "branches_url",
        "collaborators_url", "comments_url", "commits_url", "compare_url", "contents_url", "contributors_url",
        "deployments_url", "downloads_url", "events_url", "forks_url", "git_commits_url", "git_refs_url",
        "git_tags_url", "git_url", "issue_comment_url", "issue_events_url", "issues_url", "keys_url", "labels_url",
        "languages_url", "merges_url", "milestones_url", "notifications_url", "pulls_url", "releases_url", "ssh_url",
        "stargazers_url", "statuses_url", "subscribers_url", "subscription_url", "tags_url", "teams_url", "trees_url",
        "clone_url", "mirror_url", "hooks_url", "svn_url", "homepage", "language", "forks_count", "stargazers_count",
        "watchers_count", "size", "default_branch", "open_issues_count", "is_template", "topics", "custom_properties",
        "has_issues", "has_projects", "has_wiki", "has_pages", "has_downloads", "has_discussions",
        "has_pull_requests", "pull_request_creation_policy", "archived", "disabled", "visibility", "pushed_at",
        "created_at", "updated_at", "allow_rebase_merge", "template_repository", "temp_clone_token",
        "allow_squash_merge", "allow_auto_merge", "delete_branch_on_merge", "allow_update_branch",
        "use_squash_pr_title_as_default", "squash_merge_commit_title", "squash_merge_commit_message",
        "merge_commit_title", "merge_commit_message", "allow_merge_commit", "allow_forking",
        "web_commit_signoff_required", "subscribers_count", "network_count", "open_issues", "watchers",
        "master_branch", "starred_at", "anonymous_access_enabled", "public", "role_name", "stargazers",
        "master_branch", "stargazers", "custom_properties", "organization", "permissions",
    ]),
    ("review", &[
        "_links", "author_association", "body", "commit_id", "html_url", "id", "node_id", "pull_request_url", "state",
        "submitted_at", "updated_at", "user",
    ]),
    ("sender", &[
        "name", "email", "login", "id", "node_id", "avatar_url", "gravatar_id", "url", "html_url", "followers_url",
        "following_url", "gists_url", "starred_url", "subscriptions_url", "organizations_url", "repos_url",
        "events_url", "received_events_url", "type", "site_admin", "starred_at", "user_view_type",
    ]),
    ("workflow_run", &[
        "actor", "artifacts_url", "cancel_url", "check_suite_id", "check_suite_node_id", "check_suite_url",
        "conclusion", "created_at", "display_title", "event", "head_branch", "head_commit", "head_repository",
        "head_sha", "html_url", "id", "jobs_url", "logs_url", "name", "node_id", "path", "previous_attempt_url",
        "pull_requests", "referenced_workflows", "repository", "rerun_url", "run_attempt", "run_number",
        "run_started_at", "status", "triggering_actor", "updated_at", "url", "workflow_id", "workflow_url",
    ]),
];

/// The properties that are booleans wherever they stand.
pub(super) const BOOLEANS: &[&str] = &[
    "archived",
    "created",
    "deleted",
    "draft",
    "forced",
    "fork",
    "locked",
    "merged",
    "prerelease",
    "private",
];
