//! Checkouts that keep the token for all later steps.

use plim_diag::{Code, Severity};
use plim_workflow::{Entries, Step, StepBody};

use crate::remote::{Remote, input};
use crate::{Audit, Edit, Hook, Rule, Tier, UseAt};

pub(super) const RULE: Rule = Rule {
    code: Code("persisted-credentials"),
    summary: "a checkout keeps the token where every later step can read it",
    why: "Any program that a later step runs, such as the script of a dependency that is installed, can read the token that the checkout leaves behind.",
    criterion: "`actions/checkout` without `persist-credentials: false`, where no later step of the job pushes or fetches with git, or uses an action that does.",
    remedy: "Set `persist-credentials: false`.",
    example: "steps:\n  - uses: actions/checkout@v4\n  - run: make",
    better: "steps:\n  - uses: actions/checkout@v4\n    with:\n      persist-credentials: false\n  - run: make",
    severity: Severity::Warning,
    tier: Tier::Pedantic,
    hooks: &[Hook::Use(check)],
};

fn check<'a>(audit: &mut Audit<'a>, used: &UseAt<'a>) {
    if !keeps_credentials(audit, used) || used.step.later().iter().any(needs_git) {
        return;
    }
    let edits = fix(audit, used);
    let finding = audit.report(used.uses.action.span, "every later step can read the token");
    finding.help("set `persist-credentials: false`");
    if let Some(edits) = edits {
        finding.unsafe_fix("do not keep the token", edits);
    }
}

/// Whether it is a checkout that leaves its token behind.
pub(super) fn keeps_credentials<'a>(audit: &Audit<'a>, used: &UseAt<'a>) -> bool {
    let remote = Remote::of_uses(used.uses, audit.source());
    remote.is_some_and(|remote| remote.is("actions/checkout"))
        && used.given().is_some()
        && input(used.uses, "persist-credentials")
            .is_none_or(|text| text.template.is_literal() == Some("true"))
}

/// The edits that make it leave nothing behind.
pub(super) fn fix<'a>(audit: &Audit<'a>, used: &UseAt<'a>) -> Option<Vec<Edit>> {
    let source = audit.source();
    if let Some(given) = input(used.uses, "persist-credentials") {
        return Some(vec![Edit::replace(given.span, "false")]);
    }
    let Entries::Written(given) = &used.uses.with else { return None };
    if let Some((first, _)) = given.first() {
        let indent = blanks_before(first.span.start, source)?;
        let text = format!("persist-credentials: false\n{}", " ".repeat(indent));
        return Some(vec![Edit::insert(first.span.start, text)]);
    }
    // Behind the line of `uses`, with the comment on it.
    let start = usize::try_from(used.uses.action.span.start).ok()?;
    let line = source.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
    let column = source.get(line..start)?.find("uses")?;
    let rest = source.get(start..)?;
    let end = start + rest.find('\n').unwrap_or(rest.len());
    let in_one_line = source.get(line..end)?.contains(['{', '}']);
    let indent = " ".repeat(column);
    let text = format!("\n{indent}with:\n{indent}  persist-credentials: false");
    let has_with =
        source.get(end..usize::try_from(used.step.step.span.end).ok()?.max(end))?.contains("with:");
    (!in_one_line && !has_with).then(|| vec![Edit::insert(u32::try_from(end).unwrap_or(0), text)])
}

fn blanks_before(at: u32, source: &str) -> Option<usize> {
    let before = source.get(..usize::try_from(at).ok()?)?;
    let line = &before[before.rfind('\n').map_or(0, |end| end + 1)..];
    line.bytes().all(|byte| byte == b' ').then_some(line.len())
}

/// Commands that reach the repository with what the checkout left behind.
const GIT: [&str; 19] = [
    "git push",
    "git fetch",
    "git pull",
    "git submodule",
    "git ls-remote",
    "git lfs",
    "git remote update",
    "git -c",
    "git -C",
    "gh pr create",
    "gh pr checkout",
    "npm version",
    "lerna ",
    "semantic-release",
    "changeset",
    "cargo release",
    "release-plz",
    "goreleaser",
    "gh-pages",
];

fn needs_git(step: &Step) -> bool {
    match &step.body {
        StepBody::Run(run) => {
            let script = run.script.template.source();
            GIT.iter().any(|word| script.contains(word))
        }
        StepBody::Uses(uses) => match &uses.action.value {
            plim_workflow::ActionReference::Remote { repository, .. } => [
                "git",
                "commit",
                "push",
                "pull-request",
                "pages",
                "release",
                "changeset",
                "tag",
                "submodule",
            ]
            .iter()
            .any(|word| repository.to_ascii_lowercase().contains(word)),
            // What an action of this repository runs is not looked at.
            plim_workflow::ActionReference::Local { .. } => true,
            _ => false,
        },
        StepBody::Parallel(steps) => steps.iter().any(needs_git),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_fix};

    #[test]
    fn a_job_that_pushes_needs_the_token() {
        check(
            &RULE,
            "
            steps:
              - uses: actions/checkout@v4
              - run: git push
              - uses: actions/checkout@v4
                #     ^^^^^^^^^^^^^^^^^^^ every later step can read the token
              - uses: actions/checkout@v4
                with: { persist-credentials: false }
            ",
        );
    }

    #[test]
    fn it_is_switched_off() {
        check_fix(
            &RULE,
            "steps:\n  - uses: actions/checkout@v4 # why\n  - uses: actions/checkout@v4\n    with:\n      path: a\n",
            "steps:\n  - uses: actions/checkout@v4 # why\n    with:\n      persist-credentials: false\n  - uses: actions/checkout@v4\n    with:\n      persist-credentials: false\n      path: a\n",
        );
    }
}
