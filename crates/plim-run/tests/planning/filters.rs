//! Whether filters of branches, tags and paths let it start.

use plim_run::Request;

use crate::support::{github, on, only, plan, planned, reasons, repository};

#[test]
fn filters_of_paths_look_at_what_changed() {
    let workflow = on("  push:\n    paths: ['src/**', '!src/**.md']");
    let repository = repository(&workflow);
    repository.write("src/a.rs", "");
    repository.commit("feat: a");
    assert_eq!(planned(&repository).workflows.len(), 1);
    repository.write("src/b.md", "");
    repository.commit("docs: b");
    assert_eq!(
        reasons(&planned(&repository)),
        ["on `push`: `paths` asks for `src/**`, `!src/**.md`, and only `src/b.md` changed"]
    );
}

#[test]
fn uncommitted_files_count_as_changed() {
    let repository = repository(&on("  push:\n    paths: ['src/**']"));
    repository.write("other", "");
    repository.commit("chore: other");
    assert!(planned(&repository).is_empty());
    repository.write("src/new.rs", "");
    let plan = planned(&repository);
    assert!(plan.source.dirty);
    assert_eq!(plan.source.uncommitted, ["src/new.rs"]);
    assert_eq!(only(&plan).jobs.len(), 1);
}

#[test]
fn a_pull_request_is_compared_with_where_it_left_its_base() {
    let repository = repository(&on("  pull_request:\n    paths: ['src/**']"));
    repository.git(&["switch", "--quiet", "--create", "topic"]);
    repository.write("docs.md", "");
    repository.commit("docs: one");
    // What main did since does not belong to the pull request.
    repository.git(&["switch", "--quiet", "main"]);
    repository.write("src/other.rs", "");
    repository.commit("feat: on main");
    repository.git(&["switch", "--quiet", "topic"]);
    assert!(planned(&repository).is_empty());
    repository.write("src/mine.rs", "");
    repository.commit("feat: mine");
    repository.write("docs2.md", "");
    repository.commit("docs: two");
    assert_eq!(planned(&repository).workflows.len(), 1);
}

#[test]
fn a_push_is_compared_with_the_tip_of_its_upstream() {
    let repository = repository(&on("  push:\n    paths: ['src/**']"));
    repository.git(&["clone", "--quiet", "--bare", ".", "remote.git"]);
    repository.git(&["remote", "add", "origin", "./remote.git"]);
    repository.write(".gitignore", "remote.git\n");
    repository.commit("chore: ignore");
    repository.git(&["push", "--quiet", "--set-upstream", "origin", "main"]);
    let pushed = repository.head();
    repository.write("src/a.rs", "");
    repository.commit("feat: a");
    repository.write("other", "");
    repository.commit("chore: other");
    let plan = planned(&repository);
    assert_eq!(github(&plan, "event.before"), pushed);
    assert_eq!(plan.source.upstream.as_deref(), Some("origin/main"));
    let payload = &only(&plan).occasion.payload;
    assert_eq!(payload["commits"].as_array().unwrap().len(), 2);
    // When the upstream has it all, the last commit is what was pushed.
    repository.git(&["push", "--quiet"]);
    assert_eq!(reasons(&planned(&repository)).len(), 1);
}

#[test]
fn paths_are_not_looked_at_for_tags() {
    let repository = repository(&on("  push:\n    tags: ['v*']\n    paths: ['src/**']"));
    let payload = serde_json::json!({"ref": "refs/tags/v1"});
    let plan = plan(&repository, Request { payload: Some(payload), ..Request::default() });
    assert_eq!(plan.workflows.len(), 1);
}

#[test]
fn the_order_of_patterns_decides() {
    let triggers = "  push:\n    branches: ['**', '!wip/**', 'wip/keep']";
    let repository = repository(&on(triggers));
    for (branch, wanted) in [("wip/x", 0), ("wip/keep", 1), ("other", 1)] {
        repository.git(&["switch", "--quiet", "--create", branch]);
        assert_eq!(planned(&repository).workflows.len(), wanted, "{branch}");
    }
}
