//! First builds beyond a number, and jobs that take long, are left out unless they are named.

use std::{fs, time::Duration};

use plim_run::event::Cause;
use plim_run::history::Kept;
use plim_run::plan::{Forecast, Prospect};
use plim_run::request::Unasked;
use plim_run::{JobKey, Plan, Request};

use crate::support::{jobs, plan};

const BUILDS: &str = "  quick:
    runs-on: ubuntu-latest
    steps: [{ run: cargo fmt --check }]
  wide:
    strategy: { matrix: { n: [1, 2, 3, 4, 5, 6] } }
    runs-on: ubuntu-latest
    steps: [{ run: make }]
  narrow:
    strategy: { matrix: { n: [1, 2] } }
    runs-on: ubuntu-latest
    steps: [{ run: ./ci/build.sh }]
";

fn cold(most: usize) -> Request {
    let unasked = Unasked { cold: Some(most), heavy: None };
    Request { unasked, ..Request::default() }
}

/// The keys of the legs that would run.
fn ready(plan: &Plan) -> Vec<String> {
    let forecast = Forecast::of(plan);
    let entries = forecast.entries(plan);
    let ready = entries.iter().filter(|entry| entry.prospect == Prospect::Ready);
    ready.map(|entry| entry.key.trim_start_matches("ci.yml:").to_owned()).collect()
}

fn repository() -> plim_test::sandbox::Repository {
    let repository = jobs(&BUILDS.replace("cargo fmt --check", "echo"));
    repository.write("ci/build.sh", "make all\n");
    repository.commit("feat: script");
    repository
}

#[test]
fn the_first_leg_of_every_job_comes_before_the_second_of_any() {
    let repository = repository();
    let planned = plan(&repository, cold(3));
    assert_eq!(ready(&planned), ["quick", "wide[1]", "wide[2]", "narrow[1]"]);
    let left_out = &planned.workflows[0].jobs[1].known_legs()[2].blocked;
    let what = "a first build, of which a run makes 3 unasked".to_owned();
    assert_eq!(*left_out, Some(Cause::Heavy { what }));
}

#[test]
fn a_small_matrix_is_not_bothered_and_none_can_be_asked_for() {
    let repository = repository();
    assert_eq!(ready(&plan(&repository, cold(8))).len(), 9);
    assert_eq!(ready(&plan(&repository, cold(0))), ["quick"]);
    assert_eq!(ready(&plan(&repository, Request::default())).len(), 9);
}

#[test]
fn what_is_named_runs() {
    let repository = repository();
    let named = Request { job: Some("wide".into()), ..cold(1) };
    assert_eq!(ready(&plan(&repository, named)).len(), 6);
    let leg = Request { matrix: vec![("n".into(), "2".into())], ..cold(0) };
    assert_eq!(ready(&plan(&repository, leg)), ["quick", "wide[2]", "narrow[2]"]);
}

#[test]
fn what_was_built_before_is_no_first_build() {
    let (repository, cache) = (repository(), tempfile::tempdir().unwrap());
    let request = Request { cache: Some(cache.path().to_owned()), ..cold(1) };
    let root = plan(&repository, request.clone()).source.root.clone();
    let kept = Kept::of(&root, cache.path());
    for number in [1, 2, 3] {
        fs::create_dir_all(kept.leg(&JobKey(format!("ci.yml:wide[{number}]").into()))).unwrap();
    }
    let planned = plan(&repository, request);
    assert_eq!(ready(&planned), ["quick", "wide[1]", "wide[2]", "wide[3]", "narrow[1]"]);
}

#[test]
fn what_took_long_runs_only_by_name() {
    let repository = repository();
    let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
    let request = Request {
        unasked: Unasked { cold: None, heavy: Some(minutes(20)) },
        took: [("ci.yml:quick", 21), ("ci.yml:wide[1]", 20)]
            .map(|(key, took)| (JobKey(key.into()), minutes(took)))
            .into(),
        ..Request::default()
    };
    let planned = plan(&repository, request.clone());
    assert_eq!(ready(&planned).len(), 8);
    let what = "took 21 min when it last passed, more than 20 min".to_owned();
    assert_eq!(planned.workflows[0].jobs[0].cause(), Some(&Cause::Heavy { what }));
    let named = Request { job: Some("quick".into()), ..request };
    assert_eq!(ready(&plan(&repository, named)), ["quick"]);
}
