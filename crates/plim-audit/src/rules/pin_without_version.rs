//! Commits of which nobody can tell the version.

use plim_diag::{Code, Severity};
use plim_workflow::JobBody;

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
    report(audit, Remote::of_uses(used.uses, audit.source()));
}

fn job<'a>(audit: &mut Audit<'a>, job: JobAt<'a>) {
    if let JobBody::Call(call) = &job.job.body {
        report(audit, Remote::of_call(call, audit.source()));
    }
}

fn report<'a>(audit: &mut Audit<'a>, remote: Option<Remote<'a>>) {
    let Some(remote) = remote else { return };
    if remote.is_commit() && remote.version_comment().is_none() {
        audit
            .report(remote.reference_span, "no comment says which version this commit is")
            .help("write the version behind it, as in `# v1.2.0`");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

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
