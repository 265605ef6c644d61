//! Machines of one's own.

use plim_diag::{Code, Severity};

use super::self_hosted_runs_strangers::self_hosted;
use crate::{Audit, Hook, JobAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("self-hosted-runner"),
    summary: "a job runs on a machine of one's own",
    why: "Unless it is made anew for each job, such a machine keeps what one job leaves behind for the next.",
    criterion: "A job on `self-hosted`.",
    remedy: "Use a machine of the forge, or make sure that each job gets a new one.",
    example: "jobs:\n  test:\n    runs-on: self-hosted\n    steps:\n      - run: make test",
    better: "jobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make test",
    severity: Severity::Note,
    tier: Tier::OptIn,
    hooks: &[Hook::Job(check)],
};

fn check<'a>(audit: &mut Audit<'a>, job: JobAt<'a>) {
    let labels = job.machine().and_then(|machine| machine.runs_on.labels.as_ref());
    if let Some(label) = labels.and_then(self_hosted) {
        audit
            .report(label.span, "what a job leaves on this machine is there for the next")
            .help("use a machine of the forge, or make one anew for each job");
    }
}
