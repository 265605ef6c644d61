//! Actions without the texts that the marketplace asks for.

use plim_diag::{Code, Severity, Span};
use plim_workflow::Action;

use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("missing-action-metadata"),
    summary: "an action has no `name` or no `description`",
    why: "GitHub asks for both. Runners do without, but the marketplace does not list the action, and who reads a log cannot tell what it is.",
    criterion: "An `action.yml` without `name` or without `description`. Not reported in files that could be read only in part.",
    remedy: "Add them.",
    example: "name: build\nruns:\n  using: node24\n  main: index.js",
    better: "name: build\ndescription: builds everything\nruns:\n  using: node24\n  main: index.js",
    severity: Severity::Warning,
    tier: Tier::Pedantic,
    hooks: &[Hook::Action(action)],
};

fn action<'a>(audit: &mut Audit<'a>, action: &'a Action) {
    if audit.subject().partly_read() {
        return;
    }
    let first = audit.subject().tree().root().and_then(|root| root.entries().next());
    let span = first.map_or(Span::default(), |entry| entry.key.span());
    for (key, found) in
        [("name", action.name.is_some()), ("description", action.description.is_some())]
    {
        if !found {
            audit.report(span, format!("the action has no `{key}`")).help(format!("add `{key}`"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::findings_of;

    #[test]
    fn both_are_asked_for() {
        let text = "name: a\nruns: { using: node24, main: index.js }\n";
        let found = findings_of(&RULE, text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].diagnostic.message, "the action has no `description`");
        assert_eq!(found[0].span().text(text), Some("name"));
    }
}
