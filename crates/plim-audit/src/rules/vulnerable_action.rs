//! Versions of actions with a defect that is published.

use std::collections::HashMap;
use std::sync::LazyLock;

use plim_diag::{Code, Severity};

use crate::remote::{Remote, is_version};
use crate::{Audit, Hook, Rule, Tier, UseAt};

pub(super) const RULE: Rule = Rule {
    code: Code("vulnerable-action"),
    summary: "a version of an action has a defect that is published",
    why: "How to use the defect is written in the advisory, for everyone to read.",
    criterion: "A `uses` whose version, or the version in the comment behind its commit, is among those of an advisory in `crates/plim-audit/data/advisories.txt`, which says how to refresh it. A version such as `v4` is taken for the newest that begins so.",
    remedy: "Use a version in which it is mended.",
    example: "steps:\n  - uses: tj-actions/changed-files@v44",
    better: "steps:\n  - uses: tj-actions/changed-files@v47",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Use(check)],
};

const ADVISORIES: &str = include_str!("../../data/advisories.txt");

struct Advisory {
    first: &'static str,
    mended: &'static str,
    number: &'static str,
    what: &'static str,
}

/// The advisories about each repository, in the order of the table.
static TABLE: LazyLock<HashMap<&str, Vec<Advisory>>> = LazyLock::new(|| {
    let mut table: HashMap<&str, Vec<Advisory>> = HashMap::new();
    for line in ADVISORIES.lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, advisory)) = advisory(line) {
            table.entry(name).or_default().push(advisory);
        }
    }
    table
});

fn advisory(line: &'static str) -> Option<(&'static str, Advisory)> {
    let mut parts = line.splitn(5, ' ');
    let mut next = || parts.next();
    let name = next()?;
    Some((name, Advisory { first: next()?, mended: next()?, number: next()?, what: next()? }))
}

fn advisories(name: &str) -> &'static [Advisory] {
    TABLE.get(name).map_or(&[], Vec::as_slice)
}

/// The numbers of a version; those that are not written are the highest there are.
fn numbers(version: &str) -> [u32; 3] {
    let mut numbers = [u32::MAX; 3];
    let parts = version.trim_start_matches(['v', 'V']).split(['.', '-', '+']);
    for (number, part) in numbers.iter_mut().zip(parts) {
        *number = part.parse().unwrap_or(0);
    }
    numbers
}

/// The same for a bound, where what is not written is nought.
fn bound(version: &str) -> [u32; 3] {
    numbers(version).map(|number| if number == u32::MAX { 0 } else { number })
}

fn check<'a>(audit: &mut Audit<'a>, used: &UseAt<'a>) {
    let Some(remote) = Remote::of_uses(used.uses, audit.source()) else { return };
    let version =
        if remote.is_commit() { remote.version_comment() } else { Some(remote.reference) };
    let Some(version) = version.filter(|version| is_version(version)) else { return };
    let its = numbers(version);
    let name = remote.name();
    let found = advisories(&name).iter().find(|advisory| {
        (advisory.first == "-" || its >= bound(advisory.first)) && its < bound(advisory.mended)
    });
    if let Some(Advisory { mended, number, what, .. }) = found {
        audit
            .report(remote.span, format!("`{version}` has a published defect, {number}: {what}"))
            .help(format!("use {mended} or newer"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn a_version_is_held_against_the_bounds() {
        check(
            &RULE,
            "
            steps:
              - uses: actions/download-artifact@v4.1.2
                #     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `v4.1.2` has a published defect, CVE-2024-42471: an artifact can write outside of its folder
              - uses: actions/download-artifact@v4
              - uses: actions/download-artifact@v3
              - uses: actions/download-artifact@v4.1.3
              - uses: tj-actions/branch-names@0123456789abcdef0123456789abcdef01234567 # v8.2.1
                #     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              - uses: tj-actions/branch-names@0123456789abcdef0123456789abcdef01234567
            ",
        );
    }

    #[test]
    fn every_row_can_be_read() {
        let rows = ADVISORIES.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        for row in rows {
            let name = row.split(' ').next().unwrap();
            let read = advisories(name);
            assert!(!read.is_empty(), "{row}");
            assert!(
                read.iter().all(|one| bound(one.first) < bound(one.mended) || one.first == "-")
            );
        }
    }
}
