//! Permissions to write of which nothing says what for.

use plim_diag::{Code, Severity};
use plim_workflow::{Access, Permissions, Workflow};

use crate::{Audit, Hook, JobAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("undocumented-permission"),
    summary: "nothing says what a permission to write is for",
    why: "Nobody dares to take away a permission of which nobody knows why it is there.",
    criterion: "A scope with `write` without a comment on its line or on the line above.",
    remedy: "Say behind it what writes.",
    example: "on: push\npermissions:\n  contents: write\njobs:\n  release:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make release",
    better: "on: push\npermissions:\n  contents: write # make release creates the release\njobs:\n  release:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make release",
    severity: Severity::Note,
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
    let Some(Permissions::Scopes(scopes, _)) = permissions else { return };
    for (name, _) in scopes.iter().filter(|(_, access)| *access == Access::Write) {
        if !is_documented(audit.source(), name.span.start) {
            let message = format!("nothing says what `{}: write` is for", name.value);
            audit.report(name.span, message).help("say behind it what writes");
        }
    }
}

fn is_documented(source: &str, at: u32) -> bool {
    let at = usize::try_from(at).unwrap_or(0).min(source.len());
    let (before, behind) = source.split_at(at);
    let above = before.lines().rev().nth(1).unwrap_or("").trim_start();
    above.starts_with('#') || behind.lines().next().unwrap_or("").contains('#')
}
