//! Icons and colours that the marketplace does not have.

use plim_diag::{Code, Severity, closest};
use plim_workflow::Action;

use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("unknown-branding"),
    summary: "an action asks for an icon or colour that the marketplace does not have",
    why: "GitHub refuses to list a release of the action in its marketplace.",
    criterion: "An `icon` or `color` under `branding` that is none of those GitHub lists.",
    remedy: "Write one of the names that GitHub lists.",
    example: "name: a\ndescription: b\nbranding:\n  icon: rocket\n  color: red\nruns:\n  using: node24\n  main: index.js",
    better: "name: a\ndescription: b\nbranding:\n  icon: send\n  color: red\nruns:\n  using: node24\n  main: index.js",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Action(action)],
};

const COLORS: [&str; 9] =
    ["white", "black", "yellow", "blue", "green", "orange", "red", "purple", "gray-dark"];

fn action<'a>(audit: &mut Audit<'a>, _: &'a Action) {
    let branding = audit.subject().tree().root().and_then(|root| root.get("branding"));
    let Some(branding) = branding else { return };
    for (key, known) in [("color", COLORS.to_vec()), ("icon", icons())] {
        let Some(node) = branding.get(key) else { continue };
        let Some(value) = node.as_str() else { continue };
        if known.iter().any(|name| name.eq_ignore_ascii_case(value)) {
            continue;
        }
        let message = format!("the marketplace has no {key} `{value}`");
        let finding = audit.report(node.written_span(), message);
        match closest(value, known) {
            Some(near) => finding.help(format!("write `{near}`")),
            None => finding.help("write one that GitHub's page on the metadata of actions lists"),
        };
    }
}

fn icons() -> Vec<&'static str> {
    include_str!("../../data/icons.txt").lines().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn icons_and_colours() {
        check(
            &RULE,
            "
            name: a
            description: b
            branding: { icon: activty, color: pink }
            #                 ^^^^^^^ the marketplace has no icon `activty`
            #                                 ^^^^ the marketplace has no color `pink`
            runs: { using: node24, main: index.js }
            ",
        );
    }
}
