//! Hooks at a revision that can be moved.

use plim_diag::{Code, Severity};
use plim_workflow::yaml::{NodeRef, Tree};

use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("hook-revision-moves"),
    summary: "hooks of pre-commit are taken from a branch",
    why: "The hooks run on the machine of everyone who commits, and in the check of every change. pre-commit keeps what a branch was when it was first fetched, so that everyone has other hooks, and a new machine gets whatever was pushed last.",
    criterion: "A `repo` in `.pre-commit-config.yaml` whose `rev` is `main`, `master`, `HEAD`, `develop`, `dev`, `trunk`, `stable` or `latest`, and that is neither `local` nor `meta`.",
    remedy: "Write the tag or commit; `pre-commit autoupdate` does.",
    example: "repos:\n  - repo: https://github.com/octo/hooks\n    rev: main\n    hooks: [{ id: lint }]",
    better: "repos:\n  - repo: https://github.com/octo/hooks\n    rev: v1.0.0\n    hooks: [{ id: lint }]",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::PreCommit(check)],
};

const BRANCHES: [&str; 8] =
    ["main", "master", "HEAD", "develop", "dev", "trunk", "stable", "latest"];

fn check<'a>(audit: &mut Audit<'a>, tree: &'a Tree) {
    let repositories = tree.root().and_then(|root| root.get("repos"));
    for repository in repositories.into_iter().flat_map(NodeRef::items) {
        let Some(revision) = repository.get("rev") else { continue };
        let name = revision.as_str().unwrap_or("").trim();
        if BRANCHES.contains(&name) {
            audit
                .report(revision.span(), format!("`{name}` can be moved to other code"))
                .help("run `pre-commit autoupdate`, which writes the newest tag");
        }
    }
}
