//! Commits of which nobody can tell the version.

use plim_diag::{Code, Severity};
use plim_workflow::JobBody;

use super::unpinned_action::locked;
use crate::pins::PinAt;
use crate::remote::Remote;
use crate::{Audit, Hook, JobAt, Rule, Tier, UseAt};

pub(super) const RULE: Rule = Rule {
    code: Code("pin-without-version"),
    summary: "a commit of an action is used, and no comment says which version it is",
    why: "Nobody who reads forty digits sees whether they are old, and Dependabot and Renovate keep a version up to date only where they find it.",
    criterion: "A `uses` of another repository at a full commit without a version in a comment on its line.",
    remedy: "Name the version behind it.",
    example: "steps:\n  - uses: octo/deploy@0123456789abcdef0123456789abcdef01234567",
    better: "steps:\n  - uses: octo/deploy@0123456789abcdef0123456789abcdef01234567 # v1.2.0",
    severity: Severity::Warning,
    tier: Tier::Pedantic,
    hooks: &[Hook::Use(used), Hook::Job(job)],
};

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
    let Some(remote) = remote else { return };
    if !remote.is_commit() || remote.version_comment().is_some() {
        return;
    }
    let said = pin.as_ref().and_then(|pin| is_locked_as_said(audit, pin));
    if said == Some(true) {
        return;
    }
    let edits = pin.and_then(|pin| locked(audit, &pin));
    let finding =
        audit.report(remote.reference_span, "no comment says which version this commit is");
    finding.help("write the version behind it, as in `# v1.2.0`");
    if let Some(edits) = edits {
        finding.fix("write the version that the lock knows", edits);
    }
}

/// Whether the comment is what the lock found the commit by: a branch, or a tag that is no version.
fn is_locked_as_said(audit: &Audit<'_>, pin: &PinAt<'_>) -> Option<bool> {
    let (reference, pinned) = audit.surroundings().settings().lock.as_ref()?.origin(pin)?;
    Some(pinned.is_called(pin.said()?, reference))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, check, check_fix_with, check_with};

    #[test]
    fn the_version_of_the_lock_is_written_behind_it() {
        const COMMIT: &str = "11bd71901bbe5b1630ceea73d27597364c9af683";
        let lock = testing::locked(&[("actions/checkout", "v4", COMMIT, Some("v4.2.2"))], &[]);
        check_fix_with(
            &RULE,
            lock,
            &format!("steps:\n  - uses: actions/checkout@{COMMIT}\n"),
            &format!("steps:\n  - uses: actions/checkout@{COMMIT} # v4.2.2\n"),
        );
        let branch = testing::locked(&[("actions/checkout", "main", COMMIT, None)], &[]);
        check_with(&RULE, branch, &format!("steps:\n  - uses: actions/checkout@{COMMIT} # main\n"));
    }

    #[test]
    fn a_comment_with_a_version_will_do() {
        check(
            &RULE,
            "
            steps:
              - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683
                #                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2
              - uses: actions/checkout@v4
            ",
        );
    }
}
