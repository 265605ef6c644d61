//! Pins of one action that contradict one another: one of their comments is wrong.

use plim_diag::{Code, Severity};
use plim_workflow::{JobBody, Workflow};

use crate::pins::agree;
use crate::remote::Remote;
use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("contradicting-pins"),
    summary: "two pins of one action contradict one another about a version",
    why: "The comment is all that a reader and a bot know of a commit. Where one commit is called two versions, or one full version is two commits, at least one comment is wrong, and what runs is not what was reviewed.",
    criterion: "Within one file, two pins of the same repository whose commits are equal and whose comments name versions that do not agree (`v4` and `v4.2.2` agree), or whose comments name the same full version and whose commits differ.",
    remedy: "Look up which commit the version is, and write the same everywhere.",
    example: "steps:\n  - uses: octo/deploy@0123456789abcdef0123456789abcdef01234567 # v1.2.0\n  - uses: octo/deploy@0123456789abcdef0123456789abcdef01234567 # v1.3.0",
    better: "steps:\n  - uses: octo/deploy@0123456789abcdef0123456789abcdef01234567 # v1.2.0\n  - uses: octo/deploy@0123456789abcdef0123456789abcdef01234567 # v1.2.0",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    let source = audit.source();
    let of_steps = audit.steps();
    let steps = of_steps.iter().filter_map(|step| Remote::of_step(step.step, source));
    let calls = workflow.jobs.iter().filter_map(|job| match &job.body {
        JobBody::Call(call) => Remote::of_call(call, source),
        _ => None,
    });
    let mut seen: Vec<(Remote<'a>, &str)> = Vec::new();
    for remote in steps.chain(calls).filter(Remote::is_commit) {
        let Some(version) = remote.version_comment() else { continue };
        let other = seen.iter().find(|(other, its)| contradict(&remote, version, other, its));
        match other.copied() {
            Some((other, its)) => report(audit, (remote, version), (other, its)),
            None => seen.push((remote, version)),
        }
    }
}

fn contradict(one: &Remote<'_>, version: &str, other: &Remote<'_>, its: &str) -> bool {
    let same = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
    if !same(one.repository, other.repository) || !same(one.owner, other.owner) {
        return false;
    }
    let (version, its) = (bare(version), bare(its));
    if one.reference.eq_ignore_ascii_case(other.reference) {
        !agree(version, its)
    } else {
        version == its && version.matches('.').count() >= 2
    }
}

fn bare(version: &str) -> &str {
    version.trim_start_matches(['v', 'V'])
}

fn report<'a>(audit: &mut Audit<'a>, one: (Remote<'a>, &str), other: (Remote<'a>, &str)) {
    let message = if one.0.reference.eq_ignore_ascii_case(other.0.reference) {
        format!("this commit is called `{}` here and `{}` elsewhere", one.1, other.1)
    } else {
        format!("`{}` is this commit here and another elsewhere", one.1)
    };
    audit
        .report(one.0.reference_span, message)
        .related(other.0.reference_span, "the other one")
        .help("look up which commit the version is, and write the same in both places");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn one_commit_is_one_version_and_one_version_one_commit() {
        check(
            &RULE,
            "
            steps:
              - uses: a/b@0123456789abcdef0123456789abcdef01234567 # v1.2.0
              - uses: a/b@0123456789abcdef0123456789abcdef01234567 # v1
              - uses: a/b@0123456789abcdef0123456789abcdef01234567 # v1.3.0
                #         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this commit is called `v1.3.0` here and `v1.2.0` elsewhere
              - uses: a/b@1123456789abcdef0123456789abcdef01234567 # v1.2.0
                #         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `v1.2.0` is this commit here and another elsewhere
              - uses: a/c@1123456789abcdef0123456789abcdef01234567 # v1.2.0
              - uses: a/b@2123456789abcdef0123456789abcdef01234567 # v1
            ",
        );
    }
}
