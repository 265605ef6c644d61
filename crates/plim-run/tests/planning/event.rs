//! Which event starts a workflow here.

use plim_run::Request;

use crate::support::{github, on, only, plan, planned, reasons, repository, try_plan};

#[test]
fn on_the_default_branch_a_push_starts_workflows() {
    let repository = repository(&on("  pull_request:\n  push:"));
    let plan = planned(&repository);
    assert_eq!(&*only(&plan).occasion.event, "push");
    assert_eq!(github(&plan, "event_name"), "push");
    assert_eq!(github(&plan, "ref"), "refs/heads/main");
    assert_eq!(github(&plan, "ref_name"), "main");
    assert_eq!(github(&plan, "event.after"), repository.head());
    assert_eq!(github(&plan, "event.head_commit.message"), "feat: first");
    assert_eq!(github(&plan, "head_ref"), "");
}

#[test]
fn on_another_branch_a_pull_request_into_the_default_branch_does() {
    let repository = repository(&on("  pull_request:\n  push:"));
    let base = repository.head();
    repository.git(&["switch", "--quiet", "--create", "topic"]);
    repository.write("x", "");
    repository.commit("fix: the thing\n\nbody");
    let plan = planned(&repository);
    assert_eq!(&*only(&plan).occasion.event, "pull_request");
    for (path, wanted) in [
        ("ref", "refs/pull/1/merge"),
        ("ref_name", "1/merge"),
        ("base_ref", "main"),
        ("head_ref", "topic"),
        ("event.action", "synchronize"),
        ("event.pull_request.title", "fix: the thing"),
        ("event.pull_request.body", "body"),
        ("event.pull_request.base.sha", &base),
        ("event.pull_request.base.ref", "main"),
        ("event.pull_request.head.sha", &repository.head()),
    ] {
        assert_eq!(github(&plan, path), wanted, "{path}");
    }
}

#[test]
fn a_workflow_for_pull_requests_waits_on_the_default_branch() {
    let repository = repository(&on("  pull_request:"));
    let plan = planned(&repository);
    assert!(plan.is_empty());
    assert!(reasons(&plan)[0].contains("`--event pull_request`"), "{:?}", reasons(&plan));
    let asked = Request { event: Some("pull_request".into()), ..Request::default() };
    assert_eq!(only(&self::plan(&repository, asked)).jobs.len(), 1);
}

#[test]
fn where_a_pull_request_is_filtered_out_the_push_is_tried() {
    let repository = repository(&on("  pull_request:\n    branches: [release]\n  push:"));
    repository.git(&["switch", "--quiet", "--create", "topic"]);
    assert_eq!(&*only(&planned(&repository)).occasion.event, "push");
}

#[test]
fn a_named_workflow_is_started_by_what_it_has() {
    for (triggers, wanted, seen) in [
        (
            "  workflow_dispatch:\n  schedule: [{ cron: '0 3 * * *' }]",
            "workflow_dispatch",
            "workflow_dispatch",
        ),
        ("  workflow_call:", "workflow_call", "push"),
        ("  schedule: [{ cron: '0 3 * * *' }]", "schedule", "schedule"),
    ] {
        let repository = repository(&on(triggers));
        let plan = planned(&repository);
        assert!(plan.is_empty() && reasons(&plan)[0].contains("name it"), "{triggers}");
        for name in ["ci", "ci.yml", ".github/workflows/ci.yml", "./.github/workflows/ci.yml"] {
            let request = Request { workflows: vec![name.into()], ..Request::default() };
            let plan = self::plan(&repository, request);
            assert_eq!(&*only(&plan).occasion.event, wanted);
            assert_eq!(github(&plan, "event_name"), seen);
        }
    }
}

#[test]
fn naming_a_workflow_does_not_overrule_its_filters() {
    let repository = repository(&on("  push:\n    branches: [release]"));
    let named = Request { workflows: vec!["ci".into()], ..Request::default() };
    let plan = self::plan(&repository, named.clone());
    assert!(plan.is_empty());
    assert_eq!(reasons(&plan), ["on `push`: `branches` asks for `release`, not `main`"]);
    let request = Request { ignore_filters: true, ..named };
    assert_eq!(only(&self::plan(&repository, request)).jobs.len(), 1);
}

#[test]
fn a_workflow_is_named_by_its_name_too() {
    let repository = repository(&format!("name: Nightly build\n{}", on("  push:")));
    let request = |name: &str| Request { workflows: vec![name.into()], ..Request::default() };
    assert_eq!(only(&plan(&repository, request("nightly BUILD"))).jobs.len(), 1);
    let error = try_plan(&repository, request("ci.yaml")).unwrap_err();
    assert_eq!(error.help().as_deref(), Some("write `ci.yml`"));
}

#[test]
fn an_unknown_event_is_refused_with_the_nearest() {
    let repository = repository(&on("  push:"));
    let request = Request { event: Some("pull_requests".into()), ..Request::default() };
    let error = try_plan(&repository, request).unwrap_err();
    assert_eq!(error.to_string(), "there is no event `pull_requests`");
    assert_eq!(error.help().as_deref(), Some("write `pull_request`"));
}

#[test]
fn other_events_are_chosen_by_name() {
    for (triggers, event, path, wanted) in [
        ("  merge_group:", "merge_group", "event.merge_group.base_ref", "refs/heads/main"),
        ("  release:\n    types: [created]", "release", "event.action", "created"),
        ("  release:", "release", "event.action", "published"),
        ("  schedule: [{ cron: '5 4 * * *' }]", "schedule", "event.schedule", "5 4 * * *"),
        (
            "  workflow_run:\n    workflows: [Build]",
            "workflow_run",
            "event.workflow_run.conclusion",
            "success",
        ),
        ("  repository_dispatch:\n    types: [go]", "repository_dispatch", "event.action", "go"),
        ("  issues:\n    types: [labeled]", "issues", "event.action", "labeled"),
    ] {
        let repository = repository(&on(triggers));
        let request = Request { event: Some(event.into()), ..Request::default() };
        assert_eq!(github(&plan(&repository, request), path), wanted, "{triggers}");
    }
}

#[test]
fn a_merge_group_has_a_queue_of_its_own() {
    let repository = repository(&on("  merge_group:\n    branches: [main]"));
    let request = Request { event: Some("merge_group".into()), ..Request::default() };
    let plan = plan(&repository, request);
    let queue = format!("refs/heads/gh-readonly-queue/main/pr-1-{}", repository.head());
    assert_eq!(github(&plan, "ref"), queue);
    assert_eq!(github(&plan, "event.merge_group.head_sha"), repository.head());
}

#[test]
fn a_payload_is_laid_over_what_git_says() {
    let repository = repository(&on("  push:\n    tags: ['v*']"));
    let payload = serde_json::json!({"ref": "refs/tags/v1.2", "head_commit": {"message": "mine"}, "extra": 1});
    let plan = plan(&repository, Request { payload: Some(payload), ..Request::default() });
    for (path, wanted) in [
        ("ref", "refs/tags/v1.2"),
        ("ref_name", "v1.2"),
        ("ref_type", "tag"),
        ("event.head_commit.message", "mine"),
        ("event.extra", "1"),
        ("event.repository.default_branch", "main"),
    ] {
        assert_eq!(github(&plan, path), wanted, "{path}");
    }
}
