//! Jobs in their order, and the legs of their matrices.

use plim_run::Request;
use plim_run::event::Cause;
use plim_run::plan::Legs;

use crate::support::{MATRIX, job, jobs, leg, only, plan, planned, try_plan};

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
