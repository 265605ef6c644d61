//! Updates that come the hour they are published.

use plim_diag::{Code, Severity};
use plim_workflow::yaml::Tree;

use super::dependabot_runs_code::updates;
use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("dependabot-without-cooldown"),
    summary: "updates by Dependabot come the moment a version is published",
    why: "Most packages that were taken over are found out within days. Who waits that long never gets them.",
    criterion: "An entry of `updates` without `cooldown`, or whose `default-days` is 0.",
    remedy: "Add a `cooldown` of a few days.",
    example: "version: 2\nupdates:\n  - package-ecosystem: cargo\n    directory: /\n    schedule:\n      interval: weekly",
    better: "version: 2\nupdates:\n  - package-ecosystem: cargo\n    directory: /\n    schedule:\n      interval: weekly\n    cooldown:\n      default-days: 7",
    severity: Severity::Warning,
    tier: Tier::Pedantic,
    hooks: &[Hook::Dependabot(check)],
};

fn check<'a>(audit: &mut Audit<'a>, tree: &'a Tree) {
    for update in updates(tree) {
        let cooldown = update.get("cooldown");
        let none = match cooldown {
            None => true,
            Some(cooldown) => cooldown.get("default-days").is_some_and(|days| days.raw() == "0"),
        };
        if let (true, Some(entry)) = (none, update.entry("package-ecosystem")) {
            audit
                .report(entry.value.span(), "these updates come the moment they are published")
                .help("add `cooldown` with `default-days: 7`");
        }
    }
}
