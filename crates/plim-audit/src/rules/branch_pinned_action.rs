//! Actions at a branch, which runs whatever was pushed last.

use plim_diag::{Code, Severity};
use plim_workflow::JobBody;

use super::unpinned_action::locked;
use crate::pins::PinAt;
use crate::remote::Remote;
use crate::{Audit, Hook, JobAt, Rule, Tier, UseAt};

pub(super) const RULE: Rule = Rule {
    code: Code("branch-pinned-action"),
    summary: "an action or workflow of another repository is used at a branch",
    why: "Whatever is pushed to that branch runs in the next job, with its token and secrets: a mistake as well as a theft of the account. Nobody looks at it first, and a run cannot be repeated.",
    criterion: "A `uses` of another repository at `main`, `master`, `develop`, `dev`, `trunk`, `HEAD`, `release/…` or `refs/heads/…`.",
    remedy: "Use a commit of a released version, and name the version in a comment.",
    example: "steps:\n  - uses: octo/deploy@main",
    better: "steps:\n  - uses: octo/deploy@0123456789abcdef0123456789abcdef01234567 # v1.2.0",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Use(used), Hook::Job(job)],
};

const BRANCHES: [&str; 6] = ["main", "master", "develop", "dev", "trunk", "HEAD"];

/// Whether `reference` is the name of a branch by custom.
pub(super) fn is_branch(reference: &str) -> bool {
    BRANCHES.contains(&reference)
        || reference.starts_with("release/")
        || reference.starts_with("refs/heads/")
}

fn used<'a>(audit: &mut Audit<'a>, used: &UseAt<'a>) {
    let source = audit.source();
    report(audit, Remote::of_uses(used.uses, source), PinAt::of_uses(used.uses, source));
}

fn job<'a>(audit: &mut Audit<'a>, job: JobAt<'a>) {
    if let JobBody::Call(call) = &job.job.body {
        let source = audit.source();
        report(audit, Remote::of_call(call, source), PinAt::of_call(call, source));
    }
}

fn report<'a>(audit: &mut Audit<'a>, remote: Option<Remote<'a>>, pin: Option<PinAt<'a>>) {
    if let Some(remote) = remote.filter(|remote| is_branch(remote.reference)) {
        let message = format!("the branch `{}` runs whatever is pushed to it", remote.reference);
        let edits = pin.and_then(|pin| locked(audit, &pin));
        let finding = audit.report(remote.reference_span, message);
        finding.help("use the commit of a released version, and name the version in a comment");
        if let Some(edits) = edits {
            finding.fix("use the commit of the lock", edits);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, check, check_fix_with};

    #[test]
    fn the_commit_of_the_lock_is_used() {
        const COMMIT: &str = "11bd71901bbe5b1630ceea73d27597364c9af683";
        check_fix_with(
            &RULE,
            testing::locked(&[("octo/ci", "main", COMMIT, None)], &[]),
            "jobs:\n  a:\n    uses: octo/ci/.github/workflows/a.yml@main\n",
            &format!("jobs:\n  a:\n    uses: octo/ci/.github/workflows/a.yml@{COMMIT} # main\n"),
        );
    }

    #[test]
    fn branches_of_actions_and_workflows() {
        check(
            &RULE,
            "
            jobs:
              a:
                runs-on: b
                steps:
                  - uses: octo/deploy@main
                    #                 ^^^^ the branch `main` runs whatever is pushed to it
                  - uses: octo/deploy@v1
                  - uses: ./main
              c:
                uses: octo/ci/.github/workflows/a.yml@release/v1
                #                                     ^^^^^^^^^^
            ",
        );
    }
}
