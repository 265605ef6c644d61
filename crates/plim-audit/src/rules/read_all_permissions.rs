//! Permissions to read everything.

use plim_diag::{Code, Severity, Span};
use plim_workflow::{Permissions, Workflow};

use crate::{Audit, Hook, JobAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("read-all-permissions"),
    summary: "the token of a job may read everything",
    why: "In a private repository, that includes issues, security alerts and packages, which hardly any job needs.",
    criterion: "`read-all`.",
    remedy: "Name the scopes that the steps need.",
    example: "on: push\npermissions: read-all\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo test",
    better: "on: push\npermissions: {}\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo test",
    severity: Severity::Warning,
    tier: Tier::Pedantic,
    hooks: &[Hook::Workflow(workflow), Hook::Job(job)],
};

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    report(audit, workflow.permissions.as_ref());
}

fn job<'a>(audit: &mut Audit<'a>, job: JobAt<'a>) {
    report(audit, job.job.permissions.as_ref());
}

fn report(audit: &mut Audit<'_>, permissions: Option<&Permissions>) {
    if let Some(Permissions::ReadAll(span)) = permissions {
        let span: Span = *span;
        audit
            .report(span, "the token may read everything")
            .help("name the scopes that the steps need");
    }
}
