//! Plans repositories as a user would ask for it, and looks at what comes out.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a plan that is not there fails the test")]

use plim_host::Environment;
use plim_run::event::Cause;
use plim_run::plan::{Forecast, Legs, Outlook, PlannedJob, PlannedLeg, PlannedWorkflow, Prospect};
use plim_run::request::{ActionFolder, RunnerRule};
use plim_run::{Plan, PlanError, Planner, Request};
use plim_test::sandbox::{Repository, Sandbox};

const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

fn environment() -> Environment {
    [("PATH", PATH), ("HOME", "/nonexistent")].into_iter().collect()
}

/// A repository whose only workflow is `ci.yml`.
fn repository(workflow: &str) -> Repository {
    let repository = Repository::new();
    repository.write(".github/workflows/ci.yml", workflow);
    repository.commit("feat: first");
    repository
}

/// A workflow on push with these jobs.
fn jobs(jobs: &str) -> Repository {
    repository(&format!("on: push\njobs:\n{jobs}"))
}

fn try_plan(sandbox: &Sandbox, request: Request) -> Result<Plan, PlanError> {
    Planner::open(sandbox.path(), request, &environment()).and_then(|planner| planner.plan())
}

fn plan(sandbox: &Sandbox, request: Request) -> Plan {
    try_plan(sandbox, request).unwrap_or_else(|error| panic!("{error}"))
}

fn planned(sandbox: &Sandbox) -> Plan {
    plan(sandbox, Request::default())
}

fn only(plan: &Plan) -> &PlannedWorkflow {
    assert_eq!(plan.workflows.len(), 1, "{:?} {:?}", plan.untriggered, plan.diagnostics);
    &plan.workflows[0]
}

fn job<'p>(workflow: &'p PlannedWorkflow, id: &str) -> &'p PlannedJob {
    workflow.jobs.iter().find(|job| &*job.id == id).unwrap()
}

fn leg<'p>(plan: &'p Plan, id: &str) -> &'p PlannedLeg {
    &job(only(plan), id).known_legs()[0]
}

/// Why the one job of a plan is blocked.
fn cause(repository: &Sandbox, request: Request) -> Option<Cause> {
    let plan = plan(repository, request);
    let workflow = only(&plan);
    workflow.jobs[0].known_legs()[0].blocked.clone()
}

/// The cause that a step gives its job.
fn cause_of_step(step: &str) -> Option<Cause> {
    let step = step.replace('\n', "\n        ");
    cause(
        &jobs(&format!("  a:\n    runs-on: ubuntu-latest\n    steps:\n      - {step}\n")),
        Request::default(),
    )
}

fn reasons(plan: &Plan) -> Vec<&str> {
    plan.untriggered.iter().map(|one| one.reason.as_str()).collect()
}

fn on(triggers: &str) -> String {
    format!(
        "on:\n{triggers}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [{{ run: echo }}]\n"
    )
}

fn github(plan: &Plan, path: &str) -> String {
    let mut value = &only(plan).occasion.github;
    for key in path.split('.') {
        value = value.get(key).unwrap_or_else(|| panic!("no `{key}` of `{path}`"));
    }
    value.to_text().to_string()
}

// ---- where the workflows are ----

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

// ---- which event ----

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

// ---- filters ----

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

// ---- facts from git ----

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

// ---- inputs ----

const DISPATCH: &str = "on:
  workflow_dispatch:
    inputs:
      dry: { type: boolean, default: true }
      count: { type: number, default: 3 }
      level: { type: choice, options: [low, high], default: low }
      note: { type: string }
jobs:
  a:
    runs-on: ubuntu-latest
    name: ${{ inputs.dry == true && 'typed' || 'text' }} ${{ github.event.inputs.dry == 'true' && 'text' || 'typed' }}
    steps: [{ run: echo }]
";

#[test]
fn semantic_37_an_input_is_typed_where_the_event_has_a_text() {
    let repository = repository(DISPATCH);
    let request = Request { workflows: vec!["ci".into()], ..Request::default() };
    let plan = plan(&repository, request);
    assert_eq!(
        only(&plan).inputs.to_json().to_string(),
        r#"{"dry":true,"count":3,"level":"low","note":""}"#
    );
    let event = &only(&plan).occasion.payload["inputs"];
    assert_eq!(event.to_string(), r#"{"dry":"true","count":"3","level":"low","note":""}"#);
    assert_eq!(&*leg(&plan, "a").name, "typed text");
}

#[test]
fn inputs_are_given_as_texts_and_checked() {
    let repository = repository(DISPATCH);
    let with = |inputs: &[(&str, &str)]| Request {
        workflows: vec!["ci".into()],
        inputs: inputs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect(),
        ..Request::default()
    };
    let plan = plan(&repository, with(&[("DRY", "false"), ("level", "high")]));
    assert_eq!(only(&plan).inputs.get("dry").unwrap().to_json(), false);
    assert_eq!(only(&plan).occasion.payload["inputs"]["dry"], "false");
    let wrong = self::plan(&repository, with(&[("level", "higher")]));
    assert!(wrong.is_empty());
    assert!(wrong.diagnostics[0].message.contains("does not have the option `higher`"));
    let unknown = try_plan(&repository, with(&[("levle", "low")])).unwrap_err();
    assert_eq!(unknown.help().as_deref(), Some("write `level`"));
}

// ---- jobs and legs ----

#[test]
fn jobs_come_after_what_they_need() {
    let plan = planned(&jobs(
        "  c: { needs: [a, b], runs-on: ubuntu-latest, steps: [{ run: echo }] }
  b: { needs: a, runs-on: ubuntu-latest, steps: [{ run: echo }] }
  a: { runs-on: ubuntu-latest, steps: [{ run: echo }] }
",
    ));
    let ids: Vec<&str> = only(&plan).jobs.iter().map(|job| &*job.id).collect();
    assert_eq!(ids, ["a", "b", "c"]);
    assert_eq!(only(&plan).jobs[2].needs, [0, 1]);
    assert_eq!(only(&plan).jobs[2].key, "ci.yml:c");
}

const MATRIX: &str = "  test:
    strategy: { matrix: { os: [ubuntu-latest, windows-latest], rust: [stable, 1.90] } }
    runs-on: ${{ matrix.os }}
    steps: [{ run: echo }]
";

#[test]
fn legs_have_names_keys_and_labels() {
    let plan = planned(&jobs(MATRIX));
    let legs = job(only(&plan), "test").known_legs();
    let shown: Vec<String> =
        legs.iter().map(|l| format!("{} {} {}", l.key, l.name, l.labels[0])).collect();
    assert_eq!(
        shown,
        [
            "ci.yml:test[1] test (ubuntu-latest, stable) ubuntu-latest",
            "ci.yml:test[2] test (ubuntu-latest, 1.9) ubuntu-latest",
            "ci.yml:test[3] test (windows-latest, stable) windows-latest",
            "ci.yml:test[4] test (windows-latest, 1.9) windows-latest",
        ]
    );
    assert_eq!(legs[0].blocked, None);
    let elsewhere = Cause::Runner { labels: vec!["windows-latest".into()], expected: false };
    assert_eq!(legs[2].blocked, Some(elsewhere));
}

#[test]
fn legs_are_chosen_by_values_and_keep_their_keys() {
    let repository = jobs(MATRIX);
    let with = |matrix: &[(&str, &str)]| Request {
        matrix: matrix.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect(),
        ..Request::default()
    };
    let keys = |request: Request| -> Vec<String> {
        let plan = plan(&repository, request);
        job(only(&plan), "test").known_legs().iter().map(|leg| leg.key.to_string()).collect()
    };
    assert_eq!(keys(with(&[("os", "windows-latest")])), ["ci.yml:test[3]", "ci.yml:test[4]"]);
    assert_eq!(keys(with(&[("os", "ubuntu-latest"), ("rust", "1.9")])), ["ci.yml:test[2]"]);
    assert_eq!(keys(with(&[("rust", "1.9"), ("rust", "stable")])).len(), 4);
    let error = try_plan(&repository, with(&[("os", "beos")])).unwrap_err();
    assert_eq!(error.to_string(), "no leg of a matrix has `os=beos`");
}

#[test]
fn a_matrix_from_another_job_is_deferred() {
    let plan = planned(&jobs(
        "  plan: { runs-on: ubuntu-latest, outputs: { m: x }, steps: [{ run: echo }] }
  test:
    needs: plan
    strategy: { matrix: { x: '${{ fromJSON(needs.plan.outputs.m) }}' } }
    runs-on: ubuntu-latest
    steps: [{ run: echo }]
",
    ));
    match &job(only(&plan), "test").legs {
        Legs::Deferred { reason } => assert_eq!(reason, "its matrix comes from `plan`"),
        Legs::Known(_) => panic!("known"),
    }
}

#[test]
fn a_deferred_leg_is_planned_while_the_run_goes_on() {
    use plim_expression::{Object, Value};
    let plan = planned(&jobs(
        "  plan: { runs-on: ubuntu-latest, outputs: { m: x }, steps: [{ run: echo }] }
  test:
    needs: plan
    strategy: { matrix: { os: '${{ fromJSON(needs.plan.outputs.m) }}' } }
    runs-on: ${{ matrix.os }}
    steps: [{ run: echo }]
",
    ));
    let (workflow, job) = (only(&plan), job(only(&plan), "test"));
    let matrix = Value::parse_json(r#"{"os": "macos-14"}"#).unwrap();
    let scope: Object =
        [("matrix", matrix.clone()), ("needs", Value::from(Object::new()))].into_iter().collect();
    let leg = plim_workflow::Leg { matrix, suffix: "macos-14".into() };
    let planned = plan.planner.leg(workflow, job, &leg, 1, 2, &scope).unwrap();
    assert_eq!((&*planned.key.0, &*planned.name), ("ci.yml:test[2]", "test (macos-14)"));
    assert!(matches!(planned.blocked, Some(Cause::Runner { .. })));
}

#[test]
fn a_leg_that_depends_on_other_jobs_is_planned_again_once_they_ran() {
    use plim_expression::{Object, Value};
    let plan = planned(&jobs(
        "  setup: { runs-on: ubuntu-latest, outputs: { os: x }, steps: [{ run: echo }] }
  test:
    needs: setup
    runs-on: ${{ needs.setup.outputs.os }}
    steps: [{ run: git push, if: needs.setup.outputs.os == 'ubuntu-latest' }]
",
    ));
    let (workflow, job) = (only(&plan), job(only(&plan), "test"));
    let planned = leg(&plan, "test");
    assert!(planned.open && planned.labels.is_empty());
    assert!(matches!(planned.blocked, Some(Cause::Publishes { .. })));
    let again = |os: &str| {
        let needs = format!(r#"{{"setup": {{"outputs": {{"os": "{os}"}}}}}}"#);
        let needs = Value::parse_json(&needs).unwrap();
        let github = workflow.occasion.github.clone();
        let scope: Object = [("needs", needs), ("github", github)].into_iter().collect();
        plan.planner.leg(workflow, job, &planned.leg, 0, 1, &scope).unwrap()
    };
    assert!(matches!(again("macos-14").blocked, Some(Cause::Runner { .. })));
    assert!(matches!(again("ubuntu-latest").blocked, Some(Cause::Publishes { .. })));
    assert_eq!(again("debian").blocked, None);
}

#[test]
fn too_many_legs_are_refused_with_a_place() {
    let axis: Vec<String> = (0..20).map(|i| i.to_string()).collect();
    let axis = axis.join(", ");
    let plan = planned(&jobs(&format!(
        "  a:\n    strategy: {{ matrix: {{ x: [{axis}], y: [{axis}] }} }}\n    runs-on: ubuntu-latest\n    steps: [{{ run: echo }}]\n"
    )));
    assert!(
        plan.diagnostics.iter().any(|d| d.message.contains("400 legs") && d.place.is_some()),
        "{:?}",
        plan.diagnostics
    );
    let blocked = plan.workflows.iter().flat_map(|w| &w.jobs).all(|job| job.cause().is_some());
    assert!(blocked);
}

#[test]
fn a_workflow_with_errors_is_not_run_and_not_passed_over() {
    let repository = jobs("  a: { runs-on: ubuntu-latest, steps: [{ ruin: echo }] }\n");
    let plan = planned(&repository);
    assert!(plan.is_empty() && plan.untriggered[0].unreadable);
    assert!(plan.diagnostics.iter().any(plim_diag::Diagnostic::is_error));
    assert!(plan.sources.get(".github/workflows/ci.yml").is_some());
}

// ---- selection ----

const CHAIN: &str = "  a: { runs-on: ubuntu-latest, steps: [{ run: echo }] }
  b: { needs: a, runs-on: ubuntu-latest, steps: [{ run: echo }] }
  c: { needs: b, runs-on: ubuntu-latest, steps: [{ run: echo }] }
  d: { runs-on: ubuntu-latest, steps: [{ run: echo }] }
";

fn selected(repository: &Sandbox, request: Request) -> String {
    let plan = plan(repository, request);
    let jobs = only(&plan).jobs.iter().filter(|job| job.selected);
    jobs.map(|job| &*job.id).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_job_is_asked_for_with_or_without_what_it_needs() {
    let repository = jobs(CHAIN);
    let job = |id: &str| Request { job: Some(id.into()), ..Request::default() };
    assert_eq!(selected(&repository, job("b")), "a b");
    assert_eq!(selected(&repository, job("ci.yml:c")), "a b c");
    let alone = Request { only: Some("c".into()), ..Request::default() };
    assert_eq!(selected(&repository, alone.clone()), "c");
    assert!(self::job(only(&plan(&repository, alone)), "c").needs.is_empty());
    let skip = Request { skip: vec!["b".into()], ..Request::default() };
    assert_eq!(selected(&repository, skip), "a d");
    let error = try_plan(&repository, job("bb")).unwrap_err();
    assert!(error.to_string().contains("no workflow that is triggered has a job `bb`"), "{error}");
}

#[test]
fn a_job_of_a_workflow_that_is_not_triggered_says_so() {
    let repository = repository(&on("  push:\n    branches: [release]"));
    let error =
        try_plan(&repository, Request { job: Some("a".into()), ..Request::default() }).unwrap_err();
    assert!(error.to_string().contains("which is not triggered"), "{error}");
    assert!(error.help().unwrap().contains("--ignore-filters"));
}

// ---- what cannot run here ----

#[test]
fn containers_and_services_cannot_run_here() {
    let with = |line: &str| {
        cause(
            &jobs(&format!(
                "  a:\n    runs-on: ubuntu-latest\n    {line}\n    steps: [{{ run: echo }}]\n"
            )),
            Request::default(),
        )
    };
    let contained = |what: &str| Some(Cause::Container { what: what.into() });
    assert_eq!(with("container: rust:1"), contained("container `rust:1`"));
    assert_eq!(with("container: { image: rust:1 }"), contained("container `rust:1`"));
    assert_eq!(with("services: { db: { image: postgres } }"), contained("service `db`"));
    assert_eq!(with("container: ''"), None);
}

#[test]
fn semantic_41_a_service_with_an_empty_image_is_not_started() {
    let workflow = "  a:
    runs-on: ubuntu-latest
    strategy: { matrix: { db: ['', postgres] } }
    services: { db: { image: '${{ matrix.db }}' } }
    steps: [{ run: echo }]
";
    let plan = planned(&jobs(workflow));
    let legs = job(only(&plan), "a").known_legs();
    assert_eq!(legs[0].blocked, None);
    assert!(matches!(legs[1].blocked, Some(Cause::Container { .. })));
}

#[test]
fn an_input_that_a_built_in_refuses_is_found_while_planning() {
    let refused = |step: &str| match cause_of_step(step) {
        Some(Cause::Input { action, input, reason }) => format!("{action} {input}: {reason}"),
        other => panic!("{other:?}"),
    };
    let elsewhere = refused("uses: actions/checkout@v4\nwith: { repository: octo/other }");
    assert!(
        elsewhere.starts_with("actions/checkout repository: remote repositories are not available"),
        "{elsewhere}"
    );
    let run = refused("uses: actions/download-artifact@v4\nwith: { name: a, run-id: 12 }");
    assert!(run.starts_with("actions/download-artifact run-id: artifacts of other runs"), "{run}");
    let own = "uses: actions/checkout@v4\nwith: { repository: '${{ github.repository }}' }";
    assert_eq!(cause_of_step(own), None);
}

#[test]
fn steps_name_what_is_missing() {
    let tool = |name: &str, by: &str| Some(Cause::Tool { name: name.into(), needed_by: by.into() });
    let action = |uses: &str| Some(Cause::Action { uses: uses.into() });
    assert_eq!(cause_of_step("uses: some/action@v1"), action("some/action@v1"));
    assert_eq!(
        cause_of_step("uses: docker://alpine"),
        Some(Cause::Container { what: "`docker://alpine`".into() })
    );
    assert_eq!(cause_of_step("{ run: ls, shell: pwsh }"), tool("pwsh", "step `ls`, as its shell"));
    assert_eq!(
        cause_of_step("{ name: Cross, run: xcodebuild -version }"),
        tool("xcodebuild", "step `Cross`")
    );
    assert_eq!(cause_of_step("{ run: echo, if: false }"), None);
}

#[test]
fn semantic_19_a_step_that_surely_does_not_run_blocks_nothing() {
    for condition in [
        "false",
        "github.event_name == 'schedule'",
        "runner.os == 'Windows'",
        "${{ failure() }}",
        "cancelled()",
    ] {
        let step = format!("{{ uses: './missing', if: \"{condition}\" }}");
        assert_eq!(cause_of_step(&step), None, "{condition}");
        let step = format!("{{ uses: 'some/action@v1', if: \"{condition}\" }}");
        assert_eq!(cause_of_step(&step), None, "{condition}");
    }
    for condition in ["always()", "steps.x.outcome == 'success'", "env.X", "success() || failure()"]
    {
        let step = format!("{{ uses: 'some/action@v1', if: \"{condition}\" }}");
        assert!(cause_of_step(&step).is_some(), "{condition}");
    }
}

#[test]
fn elevation_is_refused_unless_it_is_allowed() {
    let repository = jobs(
        "  a:\n    runs-on: ubuntu-latest\n    steps: [{ name: Install, run: sudo apt-get update }]\n",
    );
    let what = "step `Install` runs `sudo apt-get update`".to_owned();
    assert_eq!(cause(&repository, Request::default()), Some(Cause::Privilege { what }));
    let allowed = cause(&repository, Request { allow_sudo: true, ..Request::default() });
    assert!(!matches!(allowed, Some(Cause::Privilege { .. })), "{allowed:?}");
}

#[test]
fn local_actions_are_looked_into() {
    let repository = jobs(
        "  a:\n    runs-on: ubuntu-latest\n    steps: [{ uses: ./.github/actions/outer, with: { what: x } }]\n",
    );
    repository.write(
        ".github/actions/outer/action.yml",
        "name: o\ninputs: { what: { default: y } }\nruns:\n  using: composite\n  steps:\n    - uses: some/action@v1\n      if: inputs.what == 'y'\n    - uses: ./.github/actions/inner\n",
    );
    repository.write(
        ".github/actions/inner/action.yml",
        "name: i\nruns:\n  using: composite\n  steps:\n    - run: cargo publish\n      shell: bash\n",
    );
    let what = "`./.github/actions/outer`: `./.github/actions/inner`: step `cargo publish` runs `cargo publish`".to_owned();
    assert_eq!(cause(&repository, Request::default()), Some(Cause::Publishes { what }));
    repository.write(
        ".github/actions/inner/action.yml",
        "name: i\nruns: { using: docker, image: docker://alpine }\n",
    );
    let what = "`./.github/actions/inner`".to_owned();
    assert_eq!(cause(&repository, Request::default()), Some(Cause::Container { what }));
}

#[test]
fn a_folder_can_stand_for_an_action() {
    let repository =
        jobs("  a:\n    runs-on: ubuntu-latest\n    steps: [{ uses: Some/Action/sub@v1 }]\n");
    let sandbox = Sandbox::new();
    sandbox.write(
        "sub/action.yml",
        "name: x\nruns: { using: composite, steps: [{ run: echo, shell: bash }] }\n",
    );
    let with = |reference: &str| {
        let folder = sandbox.path().to_owned();
        let actions = vec![ActionFolder { reference: reference.into(), folder }];
        cause(&repository, Request { actions, ..Request::default() })
    };
    assert_eq!(with("some/action"), None);
    assert_eq!(with("some/action@v1"), None);
    assert!(matches!(with("some/action@v2"), Some(Cause::Action { .. })));
}

#[test]
fn runners_are_here_or_elsewhere_as_the_user_says() {
    let repository = jobs("  a:\n    runs-on: [self-hosted, big]\n    steps: [{ run: echo }]\n");
    let labels = vec!["big".to_owned(), "self-hosted".to_owned()];
    let refused = |expected| Some(Cause::Runner { labels: labels.clone(), expected });
    assert_eq!(cause(&repository, Request::default()), refused(false));
    let expected = Request { expect_elsewhere: vec!["b*".into()], ..Request::default() };
    assert_eq!(cause(&repository, expected), refused(true));
    let here = Request {
        runners: vec![RunnerRule { glob: "big".into(), here: true }],
        ..Request::default()
    };
    assert_eq!(cause(&repository, here), None);
}

#[test]
fn an_environment_needs_an_approval() {
    let repository = jobs(
        "  a:\n    runs-on: ubuntu-latest\n    environment: production\n    steps: [{ run: echo }]\n",
    );
    let missing = Some(Cause::Approval { environment: "production".into() });
    assert_eq!(cause(&repository, Request::default()), missing);
    let approved = Request { approve: vec!["Production".into()], ..Request::default() };
    assert_eq!(cause(&repository, approved), None);
    assert_eq!(cause(&repository, Request { can_ask: true, ..Request::default() }), None);
}

// ---- what is withheld ----

#[test]
fn what_publishes_is_withheld_unless_it_is_allowed() {
    let repository = jobs(
        "  release:\n    runs-on: ubuntu-latest\n    steps: [{ name: Ship, run: cargo publish }]\n",
    );
    let what = "step `Ship` runs `cargo publish`".to_owned();
    assert_eq!(cause(&repository, Request::default()), Some(Cause::Publishes { what }));
    for name in ["release", "ci.yml:release"] {
        let allowed =
            cause(&repository, Request { allow_publish: vec![name.into()], ..Request::default() });
        assert!(!matches!(allowed, Some(Cause::Publishes { .. })), "{allowed:?}");
    }
    let other = Request { allow_publish: vec!["rel".into()], ..Request::default() };
    assert!(matches!(cause(&repository, other), Some(Cause::Publishes { .. })));
}

#[test]
fn publishing_counts_before_what_is_missing_and_also_after_a_failure() {
    for step in [
        "uses: softprops/action-gh-release@v2",
        "{ run: git push, if: failure() }",
        "{ run: 'npm publish', shell: pwsh }",
        "{ run: \"import os; os.system('cargo publish')\", shell: python }",
        "{ uses: docker/build-push-action@v6, with: { push: \"${{ github.event_name == 'push' }}\" } }",
    ] {
        assert!(matches!(cause_of_step(step), Some(Cause::Publishes { .. })), "{step}");
    }
    for step in [
        "{ run: git push, if: github.ref == 'refs/heads/release' }",
        "{ run: \"cargo publish ${{ github.ref == 'refs/heads/main' && '--dry-run' || '' }}\" }",
        "run: echo git push",
    ] {
        assert!(!matches!(cause_of_step(step), Some(Cause::Publishes { .. })), "{step}");
    }
}

#[test]
fn scripts_of_the_repository_are_looked_into() {
    let repository = jobs(
        "  a:\n    runs-on: ubuntu-latest\n    defaults: { run: { working-directory: tools } }\n    steps: [{ run: ./ship.sh }]\n",
    );
    repository.executable("tools/ship.sh", "#!/bin/sh\nmake -C .. release\n");
    repository.write("Makefile", "release:\n\tgh release create v1\n");
    let what = "step `./ship.sh` runs `tools/ship.sh`, which runs `make release`, which runs `gh release create v1`".to_owned();
    assert_eq!(cause(&repository, Request::default()), Some(Cause::Publishes { what }));
}

// ---- calls ----

fn calling(caller: &str, called: &str) -> Repository {
    let repository = repository(&format!("on: push\njobs:\n{caller}"));
    repository.write(".github/workflows/inner.yml", called);
    repository.commit("feat: inner");
    repository
}

const INNER: &str = "name: Inner
on:
  workflow_call:
    inputs:
      debug: { type: boolean, default: false }
      level: { type: string, required: true }
    secrets: { token: { required: true } }
jobs:
  build:
    runs-on: ubuntu-latest
    name: ${{ inputs.debug == true && 'debug' || 'plain' }} ${{ inputs.level }} ${{ github.event_name }}
    steps: [{ run: echo }]
";

#[test]
fn semantic_36_a_called_workflow_has_typed_inputs_and_the_callers_event() {
    let caller = "  release:
    uses: ./.github/workflows/inner.yml
    with: { debug: true, level: 7 }
    secrets: inherit
";
    let plan = planned(&calling(caller, INNER));
    let outer = leg(&plan, "release");
    let inner = outer.call.as_ref().unwrap();
    assert_eq!(inner.inputs.to_json().to_string(), r#"{"debug":true,"level":"7"}"#);
    assert_eq!(&*inner.jobs[0].known_legs()[0].name, "release / debug 7 push");
    assert_eq!(&*inner.jobs[0].known_legs()[0].key.0, "ci.yml:release/build");
    assert_eq!(inner.callers, [".github/workflows/ci.yml".into()]);
}

#[test]
fn semantic_36_a_called_workflow_cannot_ask_for_more_than_its_caller_may() {
    let caller = "  release:
    permissions: { contents: read }
    uses: ./.github/workflows/inner.yml
";
    let called = "on: workflow_call\njobs:\n  a:\n    permissions: { contents: write }\n    runs-on: ubuntu-latest\n    steps: [{ run: echo }]\n";
    let plan = planned(&calling(caller, called));
    assert!(plan.is_empty() && plan.untriggered[0].unreadable);
    let error = plan.diagnostics.iter().find(|one| one.is_error()).unwrap();
    assert!(
        error
            .message
            .contains("asks for `contents: write`, and its caller allows only `contents: read`"),
        "{error}"
    );
    let caller = caller.replace("read", "write");
    assert_eq!(planned(&calling(&caller, called)).workflows.len(), 1);
}

#[test]
fn a_call_that_cannot_be_made_is_refused_with_a_place() {
    for (caller, wanted) in [
        ("uses: ./.github/workflows/missing.yml", "unknown-workflow"),
        ("uses: ./.github/workflows/ci.yml", "calls-in-a-circle"),
        ("uses: ./.github/workflows/inner.yml\n    secrets: { token: x }", "missing-input"),
        ("uses: ./.github/workflows/inner.yml\n    with: { level: a }", "missing-secret"),
        (
            "uses: ./.github/workflows/inner.yml\n    with: { level: a, x: 1 }\n    secrets: inherit",
            "undeclared-input",
        ),
        (
            "uses: ./.github/workflows/inner.yml\n    with: { level: a, debug: 'true' }\n    secrets: inherit",
            "invalid-input",
        ),
    ] {
        let plan = planned(&calling(&format!("  r:\n    {caller}\n"), INNER));
        assert!(plan.is_empty() && plan.untriggered[0].unreadable, "{caller}");
        let found = |one: &plim_diag::Diagnostic| {
            one.code.0 == wanted && one.is_error() && one.place.is_some()
        };
        assert!(plan.diagnostics.iter().any(found), "{caller}: {:?}", plan.diagnostics);
    }
}

#[test]
fn an_input_that_is_evaluated_to_another_type_blocks_the_call() {
    let caller = "  r:
    uses: ./.github/workflows/inner.yml
    with: { level: a, debug: \"${{ github.ref }}\" }
    secrets: inherit
";
    let plan = planned(&calling(caller, INNER));
    match &leg(&plan, "r").blocked {
        Some(Cause::Unreadable { reason }) => {
            assert_eq!(reason, "the input `debug` takes a boolean, not `refs/heads/main`");
        }
        other => panic!("{other:?}"),
    }
    assert!(plan.diagnostics.iter().any(|one| one.is_error() && one.place.is_some()));
}

#[test]
fn an_input_from_another_job_is_open_until_that_ran() {
    let caller = "  first: { runs-on: ubuntu-latest, outputs: { l: x }, steps: [{ run: echo }] }
  release:
    needs: first
    uses: ./.github/workflows/inner.yml
    with: { level: '${{ needs.first.outputs.l }}' }
    secrets: inherit
";
    let plan = planned(&calling(caller, INNER));
    let workflow = only(&plan);
    let call = leg(&plan, "release").call.clone().unwrap();
    assert_eq!(call.open_inputs, ["level".into()]);
    assert_eq!(&*call.jobs[0].known_legs()[0].name, "release / plain ${{ inputs.level }} push");
    let given = [("level", "high")].into_iter().collect();
    let call = plan.planner.call(workflow, job(workflow, "release"), call, &given).unwrap();
    assert_eq!(&*call.jobs[0].known_legs()[0].name, "release / plain high push");
    assert_eq!(&*call.jobs[0].known_legs()[0].key.0, "ci.yml:release/build");
}

#[test]
fn each_leg_of_a_caller_calls_with_its_own_inputs() {
    let caller = "  release:
    strategy: { matrix: { level: [low, high] } }
    uses: ./.github/workflows/inner.yml
    with: { level: '${{ matrix.level }}' }
    secrets: inherit
";
    let plan = planned(&calling(caller, INNER));
    let legs = job(only(&plan), "release").known_legs();
    let inner: Vec<&str> =
        legs.iter().map(|leg| &*leg.call.as_ref().unwrap().jobs[0].known_legs()[0].name).collect();
    assert_eq!(inner, ["release (low) / plain low push", "release (high) / plain high push"]);
    assert_eq!(&*legs[1].call.as_ref().unwrap().jobs[0].key, "ci.yml:release[2]/build");
}

#[test]
fn workflows_of_other_repositories_are_not_here() {
    let plan = planned(&jobs(
        "  a: { uses: o/r/.github/workflows/x.yml@v1 }\n  b: { uses: slsa-framework/slsa-github-generator/.github/workflows/x.yml@v2 }\n",
    ));
    assert!(matches!(leg(&plan, "a").blocked, Some(Cause::Action { .. })));
    assert!(matches!(leg(&plan, "b").blocked, Some(Cause::Publishes { .. })));
}

#[test]
fn jobs_within_a_call_are_selected_by_path() {
    let inner = "on: workflow_call\njobs:\n  x: { runs-on: ubuntu-latest, steps: [{ run: echo }] }\n  y: { needs: x, runs-on: ubuntu-latest, steps: [{ run: echo }] }\n  z: { runs-on: ubuntu-latest, steps: [{ run: echo }] }\n";
    let repository = calling("  release: { uses: ./.github/workflows/inner.yml }\n", inner);
    let plan = plan(&repository, Request { job: Some("release/y".into()), ..Request::default() });
    let call = leg(&plan, "release").call.as_ref().unwrap();
    let selected: Vec<&str> =
        call.jobs.iter().filter(|job| job.selected).map(|job| &*job.id).collect();
    assert_eq!(selected, ["x", "y"]);
}

// ---- the forecast ----

#[test]
fn the_forecast_says_of_each_job_what_will_become_of_it() {
    let plan = planned(&jobs(
        "  ok: { runs-on: ubuntu-latest, steps: [{ run: echo }] }
  off: { if: false, runs-on: ubuntu-latest, steps: [{ run: cargo publish }] }
  after-off: { needs: off, runs-on: ubuntu-latest, steps: [{ run: echo }] }
  gate: { needs: [ok, off], if: always(), runs-on: ubuntu-latest, steps: [{ run: echo }] }
  mac: { runs-on: macos-latest, steps: [{ run: echo }] }
  after-mac: { needs: mac, if: always(), runs-on: ubuntu-latest, steps: [{ run: echo }] }
  part:
    strategy: { matrix: { os: [ubuntu-latest, macos-latest] } }
    runs-on: '${{ matrix.os }}'
    steps: [{ run: echo }]
",
    ));
    let forecast = Forecast::of(&plan);
    let outlook = |id: &str| forecast.job(job(only(&plan), id)).clone();
    assert_eq!(outlook("ok"), Outlook::Runs);
    assert_eq!(outlook("off"), Outlook::Skipped("its `if` is false".into()));
    assert_eq!(outlook("after-off"), Outlook::Skipped("it needs `off`, which is skipped".into()));
    assert_eq!(outlook("gate"), Outlook::Runs);
    assert!(matches!(outlook("mac"), Outlook::Blocked(Cause::Runner { .. })));
    let mac = "ci.yml:mac";
    assert!(
        matches!(outlook("after-mac"), Outlook::Undetermined { because, .. } if because == mac)
    );
    assert_eq!(outlook("part"), Outlook::RunsInPart);
    // Each cause once, with everything that it keeps from running.
    assert_eq!(forecast.blocked.len(), 1);
    assert_eq!(forecast.blocked[0].1.len(), 2);
}

#[test]
fn a_call_of_which_nothing_can_run_is_undetermined() {
    let inner =
        "on: workflow_call\njobs:\n  x: { runs-on: macos-latest, steps: [{ run: echo }] }\n";
    let caller = "  release: { uses: ./.github/workflows/inner.yml }\n  after: { needs: release, runs-on: ubuntu-latest, steps: [{ run: echo }] }\n";
    let plan = planned(&calling(caller, inner));
    let forecast = Forecast::of(&plan);
    for id in ["release", "after"] {
        let outlook = forecast.job(job(only(&plan), id));
        let Outlook::Undetermined { because, cause } = outlook else { panic!("{outlook:?}") };
        assert_eq!(because, "ci.yml:release/x");
        assert!(matches!(cause, Cause::Runner { .. }), "{cause:?}");
    }
}

/// How many legs are ready, and how many would be without causes of some kinds.
fn ready(plan: &plim_run::Plan, lifted: &dyn Fn(&Cause) -> bool) -> Vec<String> {
    let forecast = Forecast::if_lifted(plan, lifted);
    let entries = forecast.entries(plan);
    let ready = entries.iter().filter(|entry| entry.prospect == Prospect::Ready);
    ready.map(|entry| entry.key.to_owned()).collect()
}

#[test]
fn a_job_with_two_causes_runs_only_without_both() {
    let plan = planned(&jobs(
        "
  both: { runs-on: ubuntu-latest, steps: [{ uses: octo/unknown@v1 }, { run: sudo make install }] }
  after: { needs: both, runs-on: ubuntu-latest, steps: [{ run: echo }] }
  sudo: { runs-on: ubuntu-latest, steps: [{ run: sudo make install }] }
  mac: { runs-on: macos-latest, steps: [{ uses: octo/unknown@v1 }] }
",
    ));
    let is_action = |cause: &Cause| matches!(cause, Cause::Action { .. });
    let is_sudo = |cause: &Cause| matches!(cause, Cause::Privilege { .. });
    assert!(ready(&plan, &|_| false).is_empty());
    assert!(ready(&plan, &is_action).is_empty());
    assert_eq!(ready(&plan, &is_sudo), ["ci.yml:sudo"]);
    let both = ready(&plan, &|cause| is_action(cause) || is_sudo(cause));
    assert_eq!(both, ["ci.yml:both", "ci.yml:after", "ci.yml:sudo"]);
}

#[test]
fn legs_of_called_workflows_are_counted_in_place_of_the_call() {
    let inner = "on: workflow_call\njobs:\n  x: { strategy: { matrix: { a: [1, 2] } }, runs-on: ubuntu-latest, steps: [{ run: echo }] }\n  y: { runs-on: macos-latest, steps: [{ run: echo }] }\n";
    let caller = "  m: { runs-on: macos-latest, steps: [{ run: echo }] }\n  release: { uses: ./.github/workflows/inner.yml }\n  later: { needs: m, uses: ./.github/workflows/inner.yml }\n";
    let plan = planned(&calling(caller, inner));
    let forecast = Forecast::of(&plan);
    let entries = forecast.entries(&plan);
    let told = entries.iter().map(|entry| match entry.prospect {
        Prospect::Ready => format!("{} ready", entry.key),
        Prospect::Stopped { inherited: true, .. } => format!("{} waits", entry.key),
        other => format!("{} {}", entry.key, matches!(other, Prospect::Stopped { .. })),
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            "ci.yml:m true",
            "ci.yml:release/x[1] ready",
            "ci.yml:release/x[2] ready",
            "ci.yml:release/y true",
            "ci.yml:later/x[1] waits",
            "ci.yml:later/x[2] waits",
            "ci.yml:later/y waits",
        ]
    );
}

#[test]
fn the_document_is_stable_json() {
    let plan = planned(&jobs(MATRIX));
    let past = |key: &plim_run::JobKey| {
        (&*key.0 == "ci.yml:test[1]").then(|| std::time::Duration::from_secs(2))
    };
    let document = plim_run::plan::document(&plan, &past);
    let legs = &document["workflows"][0]["jobs"][0]["legs"];
    assert_eq!(legs[0]["key"], "ci.yml:test[1]");
    assert_eq!(legs[0]["milliseconds"], 2000);
    assert_eq!(legs[1]["milliseconds"], serde_json::Value::Null);
    assert_eq!(legs[2]["blocked"]["cause"], "runner");
    assert_eq!(document["blocked"][0]["count"], 2);
    assert_eq!(document["workflows"][0]["jobs"][0]["outlook"], "runs-in-part");
    let again = plim_run::plan::document(&plan, &past);
    assert_eq!(document.to_string(), again.to_string());
}
