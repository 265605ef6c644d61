//! Workflows whose older runs go on when a newer one makes them pointless.

use plim_diag::{Code, Severity};
use plim_workflow::Workflow;

use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("missing-concurrency"),
    summary: "runs for older pushes of a pull request go on",
    why: "Each push to a pull request starts a run, and those before it go on for nothing. Anyone can keep all machines busy that way.",
    criterion: "A workflow that `pull_request` starts, without `concurrency`, in which a job with steps has none either.",
    remedy: "Add a `concurrency` group for each branch, with `cancel-in-progress` for pull requests.",
    example: "on: pull_request\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make test",
    better: "on: pull_request\nconcurrency:\n  group: ${{ github.workflow }}-${{ github.ref }}\n  cancel-in-progress: true\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make test",
    severity: Severity::Note,
    tier: Tier::Pedantic,
    hooks: &[Hook::Workflow(check)],
};

fn check<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    let Some(trigger) = workflow.trigger("pull_request") else { return };
    let open = workflow.jobs.iter().any(|job| {
        job.concurrency.is_none() && matches!(job.body, plim_workflow::JobBody::Steps(_))
    });
    if workflow.concurrency.is_none() && open && !audit.subject().partly_read() {
        audit
            .report(trigger.event.span, "runs for older pushes go on when a newer one comes")
            .help("add `concurrency` with a group for each branch and `cancel-in-progress`");
    }
}
