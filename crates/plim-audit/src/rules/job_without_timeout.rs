//! Any job that may hang for six hours.

use plim_diag::{Code, Severity};
use plim_workflow::Workflow;

use super::timeout_missing::{has_no_limit, report};
use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("job-without-timeout"),
    summary: "a job has no time limit",
    why: "A test that waits for what never comes holds a machine for six hours, and whoever waits for the run as well.",
    criterion: "Every job without `timeout-minutes`, of which not every step has one either. Jobs that call workflows cannot have one. `timeout-missing` and `timeout-missing-in-build` name those where it matters most.",
    remedy: "Give the job a `timeout-minutes` a little above what it needs.",
    example: "jobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo test",
    better: "jobs:\n  test:\n    runs-on: ubuntu-latest\n    timeout-minutes: 30\n    steps:\n      - run: cargo test",
    severity: Severity::Note,
    tier: Tier::OptIn,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, _: &'a Workflow) {
    let deeds = audit.deeds();
    for job in deeds.jobs.iter().filter(|job| has_no_limit(job)) {
        report(audit, job, "may hang for six hours");
    }
}
