//! Dependabot that is allowed to run code of dependencies.

use plim_diag::{Code, Severity};
use plim_workflow::yaml::{NodeRef, Tree};

use crate::{Audit, Edit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("dependabot-runs-code"),
    summary: "updates by Dependabot may run code of the dependencies",
    why: "With it, a manifest of a dependency that was taken over runs code beside the credentials of private registries.",
    criterion: "`insecure-external-code-execution: allow` in `dependabot.yml`.",
    remedy: "Write `deny`, or remove the line.",
    example: "version: 2\nupdates:\n  - package-ecosystem: bundler\n    directory: /\n    insecure-external-code-execution: allow\n    schedule:\n      interval: weekly",
    better: "version: 2\nupdates:\n  - package-ecosystem: bundler\n    directory: /\n    schedule:\n      interval: weekly",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Dependabot(check)],
};

/// The entries of `updates`.
pub(super) fn updates(tree: &Tree) -> impl Iterator<Item = NodeRef<'_>> {
    let updates = tree.root().and_then(|root| root.get("updates"));
    updates.into_iter().flat_map(NodeRef::items).filter(|update| update.is_mapping())
}

fn check<'a>(audit: &mut Audit<'a>, tree: &'a Tree) {
    for update in updates(tree) {
        let Some(entry) = update.entry("insecure-external-code-execution") else { continue };
        if entry.value.as_str() == Some("allow") {
            audit
                .report(entry.value.span(), "updates may run code of the dependencies")
                .help("write `deny`")
                .unsafe_fix("write `deny`", vec![Edit::replace(entry.value.span(), "deny")]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_fix};

    #[test]
    fn allow_becomes_deny() {
        let head = "version: 2\nupdates:\n  - package-ecosystem: bundler\n    insecure-external-code-execution:";
        check_fix(&RULE, &format!("{head} allow\n"), &format!("{head} deny\n"));
        check(&RULE, &format!("{head} deny\n"));
    }
}
