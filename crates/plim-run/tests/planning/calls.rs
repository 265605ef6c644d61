//! Workflows that jobs call.

use plim_run::Request;
use plim_run::event::Cause;

use crate::support::{calling, job, jobs, leg, only, plan, planned};

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
