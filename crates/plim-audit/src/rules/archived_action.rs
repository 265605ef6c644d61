//! Actions whose repository is archived, so that nobody mends them.

use std::collections::HashMap;
use std::sync::LazyLock;

use plim_diag::{Code, Severity};

use crate::remote::Remote;
use crate::{Audit, Hook, Rule, Tier, UseAt};

pub(super) const RULE: Rule = Rule {
    code: Code("archived-action"),
    summary: "the repository of an action is archived",
    why: "Nobody mends an archived action: neither a defect through which it can be attacked, nor what breaks when the runner drops the version of Node that it needs.",
    criterion: "A `uses` of a repository that is listed in `crates/plim-audit/data/archived.txt`, which says how to refresh it.",
    remedy: "Use what replaces it, or a script.",
    example: "steps:\n  - uses: actions/create-release@v1",
    better: "steps:\n  - run: gh release create \"$GITHUB_REF_NAME\"",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Use(check)],
};

const ARCHIVED: &str = include_str!("../../data/archived.txt");

/// The repositories of the table, with what replaces them.
static TABLE: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let rows = ARCHIVED.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    rows.map(|line| line.split_once(' ').unwrap_or((line, ""))).collect()
});

fn check<'a>(audit: &mut Audit<'a>, used: &UseAt<'a>) {
    let Some(remote) = Remote::of_uses(used.uses, audit.source()) else { return };
    let Some(instead) = TABLE.get(&*remote.name()).copied() else { return };
    let finding = audit.report(remote.span, "nobody mends this action any more");
    match instead {
        "" => finding.help("use another action, or a script"),
        instead if instead.contains('`') => finding.help(format!("use {instead}")),
        instead => finding.help(format!("use `{instead}`")),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn case_does_not_count() {
        check(
            &RULE,
            "
            steps:
              - uses: Actions-RS/cargo@v1
                #     ^^^^^^^^^^^^^^^^^^^ nobody mends this action any more
              - uses: actions/checkout@v4
            ",
        );
    }

    #[test]
    fn the_table_is_in_order() {
        let rows: Vec<&str> =
            ARCHIVED.lines().filter(|line| line.contains('/') && !line.starts_with('#')).collect();
        assert!(rows.len() > 50 && rows.is_sorted(), "{}", rows.len());
    }
}
