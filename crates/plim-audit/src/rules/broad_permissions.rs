//! Permissions that are broader than what the jobs need.

use plim_diag::{Code, Severity};
use plim_workflow::{Access, Permissions, Workflow};

use crate::scopes::Needs;
use crate::{Audit, Hook, JobAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("broad-permissions"),
    summary: "the token of a job may do more than its steps need",
    why: "Every step has the token, those of other people's actions included. What it may not do, nobody can do with it.",
    criterion: "`write-all`; and a scope that the workflow lets every job write, where a job without `permissions` of its own runs only well-known actions and commands, none of which writes to it.",
    remedy: "Let the one job write that needs it, by `permissions` of its own.",
    example: "on: push\npermissions:\n  contents: write\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: cargo test\n  release:\n    runs-on: ubuntu-latest\n    steps:\n      - run: gh release create v1",
    better: "on: push\npermissions:\n  contents: read\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: cargo test\n  release:\n    permissions:\n      contents: write\n    runs-on: ubuntu-latest\n    steps:\n      - run: gh release create v1",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow), Hook::Job(job)],
};

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    match &workflow.permissions {
        Some(Permissions::WriteAll(span)) => everything(audit, *span),
        Some(Permissions::Scopes(scopes, _)) => {
            let is_write = |access: Access| access == Access::Write;
            if !scopes.iter().any(|(_, access)| is_write(*access)) {
                return;
            }
            let source = audit.source();
            let jobs = workflow.jobs.iter().filter(|job| job.permissions.is_none());
            let needs: Vec<_> = jobs
                .map(|job| (job, Needs::of_job(JobAt { job, workflow }, source)))
                .filter(|(_, needs)| needs.certain)
                .collect();
            let writes = scopes.iter().filter(|(_, access)| is_write(*access));
            for (name, _) in writes {
                let idle = needs.iter().find(|(_, needs)| needs.of(&name.value) < Access::Write);
                let Some((job, _)) = idle else { continue };
                let message = format!("the job `{}` does not write `{}`", job.id.value, name.value);
                audit
                    .report(name.span, message)
                    .related(job.id.span, "this one")
                    .help("let the jobs that need it have `permissions` of their own");
            }
        }
        _ => {}
    }
}

fn job<'a>(audit: &mut Audit<'a>, job: JobAt<'a>) {
    if let Some(Permissions::WriteAll(span)) = &job.job.permissions {
        everything(audit, *span);
    }
}

fn everything(audit: &mut Audit<'_>, span: plim_diag::Span) {
    audit
        .report(span, "the token may write everything")
        .help("name the scopes that the steps need");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn what_cannot_be_told_is_not_reported() {
        check(
            &RULE,
            "
            on: push
            permissions: { issues: write, contents: write }
            #              ^^^^^^ the job `a` does not write `issues`
            jobs:
              a:
                runs-on: b
                steps: [run: git push]
              b:
                runs-on: b
                steps: [uses: octo/unheard-of@v1]
              c:
                permissions: write-all
                #            ^^^^^^^^^ the token may write everything
                runs-on: b
                steps: [run: a]
            ",
        );
    }
}
