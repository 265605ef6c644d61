//! Actions at a tag, which its owner can move to other code.

use plim_diag::{Code, Severity};
use plim_workflow::JobBody;

use super::branch_pinned_action::is_branch;
use crate::pins::PinAt;
use crate::remote::{Remote, is_version};
use crate::{Audit, Edit, Hook, JobAt, Pins, Rule, Tier, UseAt};

pub(super) const RULE: Rule = Rule {
    code: Code("unpinned-action"),
    summary: "an action or workflow of another repository is used at a tag, which can be moved",
    why: "Whoever takes over the account of the author can move every tag to other code, as happened to tj-actions/changed-files in March 2025: it printed the secrets of thousands of repositories. A commit stays what it is.",
    criterion: "A `uses` of another repository that is neither a full commit nor a branch. With `pins = \"tag\"` under `[check]` in `plimsoll.toml`, tags that name a version are let through.",
    remedy: "Use the commit, and name the version in a comment, which Dependabot and Renovate keep up to date.",
    example: "steps:\n  - uses: octo/deploy@v1",
    better: "steps:\n  - uses: octo/deploy@0123456789abcdef0123456789abcdef01234567 # v1.2.0",
    severity: Severity::Warning,
    tier: Tier::Default,
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
    let reference = remote.reference;
    let tags_will_do = audit.surroundings().settings().pins == Pins::Tag;
    if remote.is_commit() || is_branch(reference) || (tags_will_do && is_version(reference)) {
        return;
    }
    let message = format!("`{reference}` can be moved to other code");
    let edits = pin.and_then(|pin| locked(audit, &pin));
    let finding = audit.report(remote.reference_span, message);
    finding.help(format!("use its commit, and write `# {reference}` behind it; `plim pin` does"));
    if let Some(edits) = edits {
        finding.fix("use the commit of the lock", edits);
    }
}

/// The edits that write at `pin` what the lock of the repository knows.
pub(super) fn locked(audit: &Audit<'_>, pin: &PinAt<'_>) -> Option<Vec<Edit>> {
    audit.surroundings().settings().lock.as_ref()?.edits(pin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_fix_with, locked};

    #[test]
    fn the_commit_of_the_lock_is_used() {
        const COMMIT: &str = "11bd71901bbe5b1630ceea73d27597364c9af683";
        check_fix_with(
            &RULE,
            locked(&[("actions/checkout", "v4", COMMIT, Some("v4.2.2"))], &[]),
            "steps:\n  - uses: actions/checkout@v4 # first\n  - uses: actions/cache@v4\n",
            &format!(
                "steps:\n  - uses: actions/checkout@{COMMIT} # v4.2.2 first\n  - uses: actions/cache@v4\n"
            ),
        );
    }

    #[test]
    fn only_a_commit_cannot_be_moved() {
        check(
            &RULE,
            "
            steps:
              - uses: actions/checkout@v4
                #                      ^^ `v4` can be moved to other code
              - uses: actions/checkout@11bd719
                #                      ^^^^^^^
              - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683
              - uses: actions/checkout@main
              - uses: ./v1
            ",
        );
    }
}
