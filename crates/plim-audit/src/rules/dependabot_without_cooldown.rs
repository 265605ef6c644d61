//! Updates that come the hour they are published.

use plim_diag::{Code, Severity, Span};
use plim_workflow::yaml::Tree;

use super::dependabot_runs_code::updates;
use crate::{Audit, Edit, Hook, Rule, Tier};

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
            let days = cooldown.and_then(|cooldown| cooldown.get("default-days"));
            let edit = match days {
                Some(days) => Some(Edit::replace(days.span(), "7")),
                None => below(entry.key.span(), entry.value.span(), audit.source()),
            };
            let finding = audit
                .report(entry.value.span(), "these updates come the moment they are published");
            finding.help("add `cooldown` with `default-days: 7`");
            if let Some(edit) = edit {
                finding.fix("wait for seven days", vec![edit]);
            }
        }
    }
}

/// The `cooldown`, below the line of the ecosystem, unless more stands on that.
fn below(key: Span, value: Span, source: &str) -> Option<Edit> {
    let (start, end) = (key.range().start, value.range().end);
    let line = source.get(..start)?.rfind('\n')? + 1;
    let indent = source.get(line..start)?.replace('-', " ");
    let rest = source.get(end..)?.split('\n').next()?;
    let block =
        indent.trim().is_empty() && (rest.trim().is_empty() || rest.trim().starts_with('#'));
    let text = format!("\n{indent}cooldown:\n{indent}  default-days: 7");
    let at = u32::try_from(end + rest.trim_end_matches('\r').len()).ok()?;
    block.then_some(Edit::insert(at, text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_fix;

    #[test]
    fn a_week_is_waited_for() {
        check_fix(
            &RULE,
            "version: 2\nupdates:\n  - package-ecosystem: cargo # why\n    directory: /\n  - directory: /\n    package-ecosystem: npm\n    cooldown: { default-days: 0 }\n",
            "version: 2\nupdates:\n  - package-ecosystem: cargo # why\n    cooldown:\n      default-days: 7\n    directory: /\n  - directory: /\n    package-ecosystem: npm\n    cooldown: { default-days: 7 }\n",
        );
    }
}
