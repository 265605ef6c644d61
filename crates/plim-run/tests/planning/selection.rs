//! Jobs that the user asks for.

use plim_run::Request;
use plim_test::sandbox::Sandbox;

use crate::support::{job, jobs, on, only, plan, repository, try_plan};

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
