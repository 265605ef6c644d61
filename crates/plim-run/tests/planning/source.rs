//! What is found where: the root, its workflows, and what git says of it.

use plim_run::{Planner, Request};
use plim_test::sandbox::{Repository, Sandbox};

use crate::support::{environment, github, on, only, planned, reasons, repository, try_plan};

#[test]
fn the_root_is_the_nearest_folder_that_holds_workflows() {
    let repository = repository(&on("  push:"));
    repository.write("examples/inner/.forgejo/workflows/x.yaml", on("  push:"));
    repository.write("examples/inner/src/deep/file", "");
    repository.commit("feat: inner");
    let planner = Planner::open(
        &repository.at("examples/inner/src/deep"),
        Request::default(),
        &environment(),
    )
    .unwrap();
    let source = planner.source();
    assert_eq!(source.root, repository.at("examples/inner"));
    assert_eq!(source.prefix, "examples/inner/");
    assert_eq!(&**source.branch.as_ref().unwrap(), "main");
    assert_eq!(&*only(&planner.plan().unwrap()).workflow.path, ".forgejo/workflows/x.yaml");
}

#[test]
fn a_folder_without_git_is_a_source_whose_files_are_all_new() {
    let sandbox = Sandbox::new();
    sandbox.write(".gitea/workflows/a.yml", on("  push:\n    paths: ['src/**']"));
    assert_eq!(reasons(&planned(&sandbox)).len(), 1);
    sandbox.write("src/main.rs", "");
    let plan = planned(&sandbox);
    assert!(plan.source.layout.is_none() && plan.source.head.is_none() && plan.source.dirty);
    assert_eq!(github(&plan, "ref"), "refs/heads/main");
    assert_eq!(github(&plan, "event.created"), "true");
}

#[test]
fn without_workflows_there_is_one_clear_message() {
    let sandbox = Sandbox::new();
    let error = try_plan(&sandbox, Request::default()).unwrap_err();
    assert!(error.to_string().starts_with("neither `/"), "{error}");
    assert!(error.help().unwrap().contains(".github/workflows"));
    let missing =
        Planner::open(&sandbox.at("nowhere"), Request::default(), &environment()).unwrap_err();
    assert!(missing.to_string().contains("could not read"), "{missing}");
}

#[test]
fn a_repository_without_commits_can_be_planned() {
    let repository = Repository::new();
    repository.write(".github/workflows/ci.yml", on("  push:\n    paths: ['**.yml']"));
    let plan = planned(&repository);
    assert_eq!(plan.source.head, None);
    assert_eq!(github(&plan, "event.before"), "0".repeat(40));
    assert_eq!(github(&plan, "sha"), "0".repeat(40));
}

#[test]
fn workflows_below_other_folders_do_not_count() {
    let repository = repository(&on("  push:"));
    repository
        .write(".github/workflows/sub/b.yml", on("  push:"))
        .write(".github/workflows/c.txt", "");
    assert_eq!(planned(&repository).workflows.len(), 1);
}

#[test]
fn two_forges_with_files_of_the_same_name_have_different_keys() {
    let repository = repository(&on("  push:"));
    repository.write(".gitea/workflows/ci.yml", on("  push:"));
    let plan = planned(&repository);
    let mut keys: Vec<&str> = plan.workflows.iter().map(|w| w.jobs[0].key.as_str()).collect();
    keys.sort_unstable();
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0], keys[1]);
}

#[test]
fn the_repository_is_that_of_the_remote() {
    let repository = repository(&on("  push:"));
    repository.git(&["remote", "add", "origin", "git@github.com:octo/cat.git"]);
    let plan = planned(&repository);
    for (path, wanted) in [
        ("repository", "octo/cat"),
        ("repository_owner", "octo"),
        ("server_url", "https://github.com"),
        ("api_url", "https://api.github.com"),
        ("repositoryUrl", "git://github.com/octo/cat.git"),
        ("workflow_ref", "octo/cat/.github/workflows/ci.yml@refs/heads/main"),
        ("event.repository.full_name", "octo/cat"),
        ("event.repository.html_url", "https://github.com/octo/cat"),
    ] {
        assert_eq!(github(&plan, path), wanted, "{path}");
    }
}

#[test]
fn the_default_branch_is_what_the_remote_says() {
    let repository = repository(&on("  pull_request:"));
    repository.git(&["branch", "develop"]);
    repository.git(&["remote", "add", "origin", "https://example.com/a/b"]);
    repository.git(&["update-ref", "refs/remotes/origin/develop", "HEAD"]);
    repository.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/develop"]);
    let plan = planned(&repository);
    assert_eq!(&*plan.source.default_branch, "develop");
    assert_eq!(github(&plan, "base_ref"), "develop");
}

#[test]
fn the_github_context_has_every_key_of_a_workflow() {
    let plan = planned(&repository(&on("  push:")));
    for key in [
        "actor",
        "actor_id",
        "api_url",
        "base_ref",
        "event",
        "event_name",
        "graphql_url",
        "head_ref",
        "ref",
        "ref_name",
        "ref_protected",
        "ref_type",
        "repository",
        "repository_id",
        "repository_owner",
        "repository_owner_id",
        "repositoryUrl",
        "retention_days",
        "run_id",
        "run_number",
        "run_attempt",
        "secret_source",
        "server_url",
        "sha",
        "triggering_actor",
        "workflow",
        "workflow_ref",
        "workflow_sha",
    ] {
        assert!(only(&plan).occasion.github.get(key).is_some(), "{key}");
    }
}

#[test]
fn a_snapshot_of_uncommitted_work_takes_the_place_of_head_everywhere() {
    let repository = repository(&on("  push:"));
    let head = repository.head();
    repository.write("new", "");
    let plan = planned(&repository);
    let snapshot = "f".repeat(40);
    plan.source.settle(snapshot.as_str().into());
    let plan = plan.planner.plan().unwrap();
    for path in ["sha", "workflow_sha", "event.after", "event.head_commit.id"] {
        assert_eq!(github(&plan, path), snapshot, "{path}");
    }
    assert_eq!(plan.source.commit(), snapshot);
    assert!(!only(&plan).occasion.payload.to_string().contains(&format!("\"after\":\"{head}")));
}
