//! A cache that the code of strangers fills for everyone.

use plim_diag::{Code, Severity};

use super::untrusted_checkout::{head, is_guarded, risky_event};
use crate::remote::{Remote, literal};
use crate::{Audit, Hook, Rule, Tier, UseAt};

pub(super) const RULE: Rule = Rule {
    code: Code("cache-of-strangers"),
    summary: "a run for a pull request of a stranger writes a cache that the default branch reads",
    why: "`pull_request_target`, `workflow_run` and comments run in the name of the default branch, and so do their caches. What a stranger's build leaves in one is restored by the next build of the branch, and by the release. The caches of `pull_request` are kept apart.",
    criterion: "In a workflow that one of these events starts: `actions/cache`, `Swatinem/rust-cache` or a `setup-…` action with `cache`, behind a checkout of the head of the pull request in the same job, unless it only restores, or a condition lets trusted authors alone through, as `untrusted-checkout` has it.",
    remedy: "Build in a `pull_request` workflow, or use `actions/cache/restore`.",
    example: "on: pull_request_target\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n        with:\n          ref: ${{ github.event.pull_request.head.sha }}\n      - uses: actions/cache@v4\n        with: { path: target, key: a }",
    better: "on: pull_request\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - uses: actions/cache@v4\n        with: { path: target, key: a }",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Use(check)],
};

fn check<'a>(audit: &mut Audit<'a>, used: &UseAt<'a>) {
    let Some(job) = used.step.job else { return };
    let Some(event) = risky_event(job.workflow) else { return };
    if !writes(used, audit.source()) || is_guarded(audit, used.step) {
        return;
    }
    let uses = audit.uses();
    let checkout = uses.iter().find_map(|other| {
        let same = other.step.job.is_some_and(|other| other.job.id.span == job.job.id.span);
        let named = Remote::of_uses(other.uses, audit.source())?.is("actions/checkout");
        (same && named && !is_guarded(audit, other.step)).then(|| head(other.uses)).flatten()
    });
    if let Some(head) = checkout {
        audit
            .report(
                used.uses.action.span,
                format!("`{event}` keeps what a stranger built for everyone"),
            )
            .related(head, "the code of a stranger is checked out here")
            .help("build in a `pull_request` workflow, or only restore");
    }
}

fn writes(used: &UseAt<'_>, source: &str) -> bool {
    let Some(remote) = Remote::of_uses(used.uses, source) else { return false };
    let is = |name: &str, value: &str| literal(used.uses, name) == Some(value);
    let restores = matches!(&used.uses.action.value, plim_workflow::ActionReference::Remote { path, .. } if &**path == "restore");
    match () {
        () if remote.is("actions/cache") => !restores && !is("lookup-only", "true"),
        () if remote.is("Swatinem/rust-cache") => !is("save-if", "false"),
        () => {
            remote.repository.starts_with("setup-")
                && literal(used.uses, "cache").is_some_and(|value| !["", "false"].contains(&value))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn restoring_and_the_base_are_harmless() {
        check(
            &RULE,
            "
            on: pull_request_target
            jobs:
              base:
                runs-on: ubuntu-latest
                steps: [{ uses: actions/checkout@v4 }, { uses: actions/cache@v4, with: { path: a, key: b } }]
              restore:
                runs-on: ubuntu-latest
                steps:
                  - uses: actions/checkout@v4
                    with: { ref: '${{ github.head_ref }}' }
                  - uses: actions/cache/restore@v4
                    with: { path: a, key: b }
                  - uses: actions/setup-node@v4
                    #     ^^^^^^^^^^^^^^^^^^^^^ `pull_request_target` keeps what a stranger built for everyone
                    with: { cache: npm }
            ",
        );
    }
}
