//! Versions of actions that GitHub fails on sight.

use plim_diag::{Code, Severity};
use plim_workflow::Forge;

use crate::{Audit, Hook, Rule, Tier, UseAt, Used};

pub(super) const RULE: Rule = Rule {
    code: Code("retired-action-version"),
    summary: "a version of an action needs what GitHub has taken away",
    why: "The services behind these versions are gone: artifacts of before v4 since January 2025, the first cache since spring 2025. GitHub fails each job that uses them.",
    criterion: "`actions/upload-artifact` and `actions/download-artifact` before v4, `actions/cache` before v3, `actions/upload-pages-artifact` before v3 and `actions/deploy-pages` before v4, on GitHub. Other forges still serve them. A commit is judged by the version in its comment.",
    remedy: "Use a newer version, and read what it changes: since v4 an artifact cannot be uploaded twice under one name.",
    example: "steps:\n  - uses: actions/upload-artifact@v3\n    with:\n      path: out",
    better: "steps:\n  - uses: actions/upload-artifact@v6\n    with:\n      path: out",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Use(check)],
};

/// Each action with the first major version that still works.
const ALIVE_FROM: [(&str, u16); 5] = [
    ("actions/cache", 3),
    ("actions/deploy-pages", 4),
    ("actions/download-artifact", 4),
    ("actions/upload-artifact", 4),
    ("actions/upload-pages-artifact", 3),
];

fn check<'a>(audit: &mut Audit<'a>, used: &UseAt<'a>) {
    let Used::Known(known) = &used.action else { return };
    let alive = ALIVE_FROM.iter().find(|(name, _)| *name == known.action.name);
    let (Some((_, first)), Some(major)) = (alive, known.major) else { return };
    if major < *first && audit.subject().forge == Forge::GitHub {
        let message = format!("GitHub fails each job that uses v{major} of this action");
        let help = format!("use v{first} or newer");
        audit.report(used.uses.action.span, message).help(help);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn old_artifacts_and_caches() {
        check(
            &RULE,
            "
            steps:
              - uses: actions/upload-artifact@v3
                #     ^^^^^^^^^^^^^^^^^^^^^^^^^^ GitHub fails each job that uses v3 of this action
              - uses: actions/upload-artifact@v4
              - uses: actions/cache@v3
              - uses: actions/cache@v2.1
                #     ^^^^^^^^^^^^^^^^^^
            ",
        );
    }
}
