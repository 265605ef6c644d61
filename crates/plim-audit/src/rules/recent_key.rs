//! Keys that only recent versions of Gitea heed.

use plim_diag::{Code, Severity, Span};
use plim_workflow::{Forge, Setting, Workflow};

use crate::{Audit, Hook, JobAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("recent-key"),
    summary: "older versions of the forge pass over a key",
    why: "A server that is not up to date passes over the key without a word: a job that hangs is not ended, a second deployment starts beside the first.",
    criterion: "In workflows of Gitea: `concurrency` and `permissions`, which it heeds since 1.26, and `timeout-minutes` and `continue-on-error` of a job, which it heeds since 1.27.",
    remedy: "See that your server is recent enough, and then ignore this rule.",
    example: "",
    better: "",
    severity: Severity::Note,
    tier: Tier::Pedantic,
    hooks: &[Hook::Workflow(workflow), Hook::Job(job)],
};

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    if workflow.forge == Forge::Gitea {
        let group = workflow.concurrency.as_ref().map(|found| found.group.span);
        recent(audit, group, "concurrency", "1.26");
        recent(
            audit,
            workflow.permissions.as_ref().map(|found| found.span()),
            "permissions",
            "1.26",
        );
    }
}

fn job<'a>(audit: &mut Audit<'a>, job: JobAt<'a>) {
    if audit.subject().forge != Forge::Gitea {
        return;
    }
    let job = job.job;
    recent(audit, job.concurrency.as_ref().map(|found| found.group.span), "concurrency", "1.26");
    recent(audit, job.permissions.as_ref().map(|found| found.span()), "permissions", "1.26");
    recent(audit, job.timeout_minutes.as_ref().map(span), "timeout-minutes", "1.27");
    recent(audit, job.continue_on_error.as_ref().map(span), "continue-on-error", "1.27");
}

fn span<T>(setting: &Setting<T>) -> Span {
    match setting {
        Setting::Literal(value) => value.span,
        Setting::Expression(text) => text.span,
    }
}

fn recent(audit: &mut Audit<'_>, span: Option<Span>, key: &str, since: &str) {
    if let Some(span) = span {
        audit.report(span, format!("Gitea before {since} passes over `{key}`"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_for;

    #[test]
    fn of_gitea() {
        check_for(
            &RULE,
            Forge::Gitea,
            "
            jobs:
              test:
                runs-on: ubuntu-latest
                timeout-minutes: 5
                #                ^ Gitea before 1.27 passes over `timeout-minutes`
                concurrency: one
                #            ^^^
                steps: [run: make]
            ",
        );
    }
}
