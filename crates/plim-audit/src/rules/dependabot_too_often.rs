//! Updates that come every day.

use plim_diag::{Code, Severity};
use plim_workflow::yaml::Tree;

use super::dependabot_runs_code::updates;
use crate::{Audit, Edit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("dependabot-too-often"),
    summary: "updates of dependencies are proposed every day, one by one",
    why: "Each update is a run of every workflow and a person's attention. Who is asked every day stops looking, and merges what comes.",
    criterion: "An entry of `updates` whose `interval` is `daily` and that has no `groups` and no `cooldown`.",
    remedy: "Write `weekly`; updates that close a hole come at once all the same.",
    example: "version: 2\nupdates:\n  - package-ecosystem: cargo\n    directory: /\n    schedule:\n      interval: daily",
    better: "version: 2\nupdates:\n  - package-ecosystem: cargo\n    directory: /\n    schedule:\n      interval: weekly",
    severity: Severity::Note,
    tier: Tier::Pedantic,
    hooks: &[Hook::Dependabot(check)],
};

fn check<'a>(audit: &mut Audit<'a>, tree: &'a Tree) {
    for update in updates(tree) {
        let interval = update.get("schedule").and_then(|schedule| schedule.get("interval"));
        let daily = interval.filter(|interval| interval.as_str() == Some("daily"));
        let calm = update.get("groups").is_some() || update.get("cooldown").is_some();
        if let Some(interval) = daily.filter(|_| !calm) {
            audit
                .report(interval.span(), "updates come every day, one by one")
                .help("write `weekly`")
                .unsafe_fix("write `weekly`", vec![Edit::replace(interval.span(), "weekly")]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_fix};

    #[test]
    fn a_group_is_one_proposal() {
        check_fix(&RULE, RULE.example, RULE.better);
        check(
            &RULE,
            "
            version: 2
            updates:
              - package-ecosystem: npm
                schedule: { interval: daily }
                groups: { all: { patterns: ['*'] } }
            ",
        );
    }
}
