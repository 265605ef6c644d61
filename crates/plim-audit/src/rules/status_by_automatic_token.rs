//! A commit status on Gitea that the automatic token cannot set.

use plim_diag::{Code, Severity};
use plim_workflow::{Forge, Workflow};

use super::token_starts_nothing::has_only_own_token;
use crate::deeds::Act;
use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("status-by-automatic-token"),
    summary: "a commit status is set with the automatic token of Gitea or Forgejo, which answer 403",
    why: "The automatic token of a run is not one that may set commit statuses there. Where the refusal is swallowed, nothing is promoted and the run is green; the old image stays deployed.",
    criterion: "In a workflow for Gitea or Forgejo, a command that sets a commit status, in a job that is handed no secret but the automatic token.",
    remedy: "Use the token of an account made for it, from a secret, and let a refusal fail the step.",
    example: "",
    better: "",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    if workflow.forge == Forge::GitHub {
        return;
    }
    let (deeds, source) = (audit.deeds(), audit.source());
    for job in deeds.jobs.iter().filter(|job| has_only_own_token(source, job)) {
        for deed in job.deeds.iter().filter(|deed| deed.act == Act::SetStatus) {
            audit
                .report(deed.span, "the automatic token may not set a commit status here")
                .help("use the token of an account made for it, from a secret");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_for};

    const OWN: &str = "
        steps:
          - run: curl --fail -d '{}' \"$GITHUB_API_URL/repos/a/b/statuses/$GITHUB_SHA\"
            #    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the automatic token may not set a commit status here
        ";

    #[test]
    fn on_gitea_the_automatic_token_is_refused() {
        check_for(&RULE, Forge::Gitea, OWN);
        let silent: String = OWN
            .lines()
            .filter(|line| !line.contains('^'))
            .map(|line| format!("{line}\n"))
            .collect();
        check(&RULE, &silent);
        let other =
            silent.replace("run:", "env: { TOKEN: '${{ secrets.BOT }}' }\n            run:");
        check_for(&RULE, Forge::Forgejo, &other);
    }
}
