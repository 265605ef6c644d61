//! Repositories to plan, and what is looked at of their plans.

use plim_host::Environment;
use plim_run::event::Cause;
use plim_run::plan::{PlannedJob, PlannedLeg, PlannedWorkflow};
use plim_run::{Plan, PlanError, Planner, Request};
use plim_test::sandbox::{Repository, Sandbox};

pub(crate) const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

pub(crate) fn environment() -> Environment {
    [("PATH", PATH), ("HOME", "/nonexistent")].into_iter().collect()
}

/// A repository whose only workflow is `ci.yml`.
pub(crate) fn repository(workflow: &str) -> Repository {
    let repository = Repository::new();
    repository.write(".github/workflows/ci.yml", workflow);
    repository.commit("feat: first");
    repository
}

/// A workflow on push with these jobs.
pub(crate) fn jobs(jobs: &str) -> Repository {
    repository(&format!("on: push\njobs:\n{jobs}"))
}

pub(crate) fn try_plan(sandbox: &Sandbox, request: Request) -> Result<Plan, PlanError> {
    Planner::open(sandbox.path(), request, &environment()).and_then(|planner| planner.plan())
}

pub(crate) fn plan(sandbox: &Sandbox, request: Request) -> Plan {
    try_plan(sandbox, request).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn planned(sandbox: &Sandbox) -> Plan {
    plan(sandbox, Request::default())
}

pub(crate) fn only(plan: &Plan) -> &PlannedWorkflow {
    assert_eq!(plan.workflows.len(), 1, "{:?} {:?}", plan.untriggered, plan.diagnostics);
    &plan.workflows[0]
}

pub(crate) fn job<'p>(workflow: &'p PlannedWorkflow, id: &str) -> &'p PlannedJob {
    workflow.jobs.iter().find(|job| &*job.id == id).unwrap()
}

pub(crate) fn leg<'p>(plan: &'p Plan, id: &str) -> &'p PlannedLeg {
    &job(only(plan), id).known_legs()[0]
}

/// Why the one job of a plan is blocked.
pub(crate) fn cause(repository: &Sandbox, request: Request) -> Option<Cause> {
    let plan = plan(repository, request);
    let workflow = only(&plan);
    workflow.jobs[0].known_legs()[0].blocked.clone()
}

/// The cause that a step gives its job.
pub(crate) fn cause_of_step(step: &str) -> Option<Cause> {
    let step = step.replace('\n', "\n        ");
    cause(
        &jobs(&format!("  a:\n    runs-on: ubuntu-latest\n    steps:\n      - {step}\n")),
        Request::default(),
    )
}

pub(crate) fn reasons(plan: &Plan) -> Vec<&str> {
    plan.untriggered.iter().map(|one| one.reason.as_str()).collect()
}

pub(crate) fn on(triggers: &str) -> String {
    format!(
        "on:\n{triggers}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [{{ run: echo }}]\n"
    )
}

pub(crate) fn github(plan: &Plan, path: &str) -> String {
    let mut value = &only(plan).occasion.github;
    for key in path.split('.') {
        value = value.get(key).unwrap_or_else(|| panic!("no `{key}` of `{path}`"));
    }
    value.to_text().to_string()
}

/// A workflow that calls another one.
pub(crate) fn calling(caller: &str, called: &str) -> Repository {
    let repository = repository(&format!("on: push\njobs:\n{caller}"));
    repository.write(".github/workflows/inner.yml", called);
    repository.commit("feat: inner");
    repository
}

/// A job with legs.
pub(crate) const MATRIX: &str = "  test:
    strategy: { matrix: { os: [ubuntu-latest, windows-latest], rust: [stable, 1.90] } }
    runs-on: ${{ matrix.os }}
    steps: [{ run: echo }]
";
