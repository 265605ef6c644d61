//! Hooks that are fetched over a line on which anyone can change them.

use plim_diag::{Code, Severity, Span};
use plim_workflow::yaml::{NodeRef, Tree};

use crate::{Audit, Edit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("insecure-url"),
    summary: "hooks are fetched over an address that is not protected",
    why: "Whoever sits on the line decides what comes, and the hooks run on the machine of everyone who commits.",
    criterion: "A `repo` in `.pre-commit-config.yaml` that begins with `http://` or `git://`.",
    remedy: "Use `https://`.",
    example: "repos:\n  - repo: http://github.com/octo/hooks\n    rev: v1.0.0\n    hooks: [{ id: lint }]",
    better: "repos:\n  - repo: https://github.com/octo/hooks\n    rev: v1.0.0\n    hooks: [{ id: lint }]",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::PreCommit(check)],
};

fn check<'a>(audit: &mut Audit<'a>, tree: &'a Tree) {
    let repositories = tree.root().and_then(|root| root.get("repos"));
    for repository in repositories.into_iter().flat_map(NodeRef::items) {
        let Some(address) = repository.get("repo") else { continue };
        let written = address.raw();
        let quote = written.len() - written.trim_start_matches(['"', '\'']).len();
        let bare = written.get(quote..).unwrap_or("");
        let Some(scheme) = ["http://", "git://"].into_iter().find(|it| bare.starts_with(it)) else {
            continue;
        };
        let start = address.span().start + u32::try_from(quote).unwrap_or(0);
        let place = Span::new(start, start + u32::try_from(scheme.len()).unwrap_or(0));
        audit
            .report(address.span(), "whoever sits on the line decides what comes from here")
            .help("use `https://`")
            .unsafe_fix("use `https://`", vec![Edit::replace(place, "https://")]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_fix;

    #[test]
    fn it_becomes_https() {
        check_fix(
            &RULE,
            "repos:\n  - repo: 'git://github.com/a/b'\n  - repo: local\n  - repo: https://github.com/a/b\n",
            "repos:\n  - repo: 'https://github.com/a/b'\n  - repo: local\n  - repo: https://github.com/a/b\n",
        );
    }
}
