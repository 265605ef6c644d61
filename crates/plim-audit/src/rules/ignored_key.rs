//! Keys that Gitea or Forgejo pass over.

use plim_diag::{Code, Severity};
use plim_workflow::{Forge, Workflow};

use crate::{Audit, Hook, JobAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("ignored-key"),
    summary: "the forge passes over a key",
    why: "Gitea and Forgejo read workflows of GitHub and pass over some of their keys without a word: what the key should do never happens, such as waiting for an approval.",
    criterion: "In workflows of Gitea: `environment`, and a `runs-on` with `group`. In workflows of Forgejo: `environment` and `permissions`. See `recent-key` for what only older versions pass over.",
    remedy: "Remove the key, and do in another way what it should do.",
    example: "",
    better: "",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow), Hook::Job(job)],
};

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    if let Some(permissions) = &workflow.permissions
        && workflow.forge == Forge::Forgejo
    {
        ignored(audit, permissions.span(), "permissions");
    }
}

fn job<'a>(audit: &mut Audit<'a>, job: JobAt<'a>) {
    let forge = audit.subject().forge;
    if forge == Forge::GitHub {
        return;
    }
    if let Some(environment) = &job.job.environment {
        ignored(audit, environment.name.span, "environment");
    }
    if let Some(permissions) = job.job.permissions.as_ref().filter(|_| forge == Forge::Forgejo) {
        ignored(audit, permissions.span(), "permissions");
    }
    let group = job.machine().and_then(|machine| machine.runs_on.group.as_ref());
    if let Some(group) = group.filter(|_| forge == Forge::Gitea) {
        ignored(audit, group.span, "group");
    }
}

fn ignored(audit: &mut Audit<'_>, span: plim_diag::Span, key: &str) {
    let forge = audit.subject().forge.name();
    audit.report(span, format!("{forge} passes over `{key}`")).help("remove it");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_for;

    const TEXT: &str = "
        jobs:
          test:
            runs-on: docker
            environment: production
            #            ^^^^^^^^^^
            steps: [{ uses: 'https://code.forgejo.org/actions/checkout@v4' }]
    ";

    #[test]
    fn of_gitea_and_forgejo() {
        check_for(&RULE, Forge::Gitea, TEXT);
        check_for(&RULE, Forge::Forgejo, TEXT);
        let here =
            TEXT.replace("#            ^^^^^^^^^^", "").replace("https://code.forgejo.org/", "");
        check_for(&RULE, Forge::GitHub, &here);
    }

    #[test]
    fn permissions_of_forgejo() {
        check_for(
            &RULE,
            Forge::Forgejo,
            "
            on: push
            permissions: read-all
            #            ^^^^^^^^ Forgejo passes over `permissions`
            jobs:
              test:
                runs-on: docker
                steps: [run: make]
            ",
        );
    }
}
