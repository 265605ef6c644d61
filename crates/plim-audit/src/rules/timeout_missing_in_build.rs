//! A scheduled job or one leg of a matrix of builds that may hang for six hours.

use plim_diag::{Code, Severity};
use plim_workflow::Workflow;

use super::timeout_missing::{has_no_limit, report};
use crate::deeds::{Act, JobDeeds};
use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("timeout-missing-in-build"),
    summary: "a scheduled job, or a build for several platforms, has no time limit",
    why: "Nobody waits for a scheduled job, so nobody sees that it hangs; and what builds for other platforms hangs most, in emulators, linkers and downloads, once for each leg.",
    criterion: "A job without `timeout-minutes`, of which not every step has one either, in a workflow that a schedule starts, or that builds or tests in a `matrix`. Those of `timeout-missing` are not reported again.",
    remedy: "Give the job a `timeout-minutes` a little above what it needs.",
    example: "on: { schedule: [cron: '0 4 * * *'] }\njobs:\n  audit:\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo audit",
    better: "on: { schedule: [cron: '0 4 * * *'] }\njobs:\n  audit:\n    runs-on: ubuntu-latest\n    timeout-minutes: 10\n    steps:\n      - run: cargo audit",
    severity: Severity::Warning,
    tier: Tier::Pedantic,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    let scheduled = workflow.trigger("schedule").is_some();
    let deeds = audit.deeds();
    for job in deeds.jobs.iter().filter(|job| has_no_limit(job) && !job.does(Act::ships)) {
        if scheduled {
            report(audit, job, "a schedule starts it");
        } else if builds_in_matrix(job) {
            report(audit, job, "it builds or tests for each leg of a matrix");
        }
    }
}

fn builds_in_matrix(job: &JobDeeds<'_>) -> bool {
    let strategy = job.job.job.strategy.as_ref();
    strategy.is_some_and(|strategy| strategy.matrix.is_some())
        && job.does(|act| matches!(act, Act::Build | Act::Test))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn builds_of_a_matrix_have_a_limit() {
        check(
            &RULE,
            "
            jobs:
              build:
            # ^^^^^ the job `build` has no time limit, and it builds or tests for each leg of a matrix
                runs-on: ${{ matrix.os }}
                strategy: { matrix: { os: [ubuntu-latest, macos-latest] } }
                steps: [run: cargo build]
              lint:
                runs-on: ubuntu-latest
                steps: [run: cargo build]
            ",
        );
    }
}
