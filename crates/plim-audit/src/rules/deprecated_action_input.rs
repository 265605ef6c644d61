//! Inputs that an action says will go away.

use plim_diag::{Code, Severity};

use crate::{Audit, Hook, Rule, Tier, UseAt};

pub(super) const RULE: Rule = Rule {
    code: Code("deprecated-action-input"),
    summary: "an action is given an input that is deprecated",
    why: "The action warns on each run, and one of its next versions passes over the input.",
    criterion: "A name under `with` whose input has a `deprecationMessage` in the `action.yml` of an action of this repository, or in the version of a well-known action that is used.",
    remedy: "Do what the action's documentation says takes its place.",
    example: "steps:\n  - uses: actions/create-github-app-token@v2\n    with:\n      app-id: ${{ vars.APP }}\n      private-key: ${{ secrets.KEY }}\n  - uses: actions/cache@v4\n    with:\n      path: target\n      key: a\n      save-always: true",
    better: "steps:\n  - uses: actions/cache@v4\n    with:\n      path: target\n      key: a",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Use(check)],
};

fn check<'a>(audit: &mut Audit<'a>, used: &UseAt<'a>) {
    let (Some(declared), Some(given)) = (used.declared(), used.given()) else { return };
    for (name, _) in given {
        let input = declared.iter().find(|input| input.name.eq_ignore_ascii_case(&name.value));
        let Some(said) = input.and_then(|input| input.deprecated) else { continue };
        let message = format!("the input `{}` is deprecated", name.value);
        let finding = audit.report(name.span, message);
        finding.help("see the documentation of the action for what takes its place");
        if !said.is_empty() {
            finding.note(format!("the action says: {}", said.trim()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_in};

    #[test]
    fn of_known_actions() {
        check(
            &RULE,
            "
            steps:
              - uses: actions/cache@v4
                with: { path: target, key: a, save-always: true }
                #                             ^^^^^^^^^^^ the input `save-always` is deprecated
            ",
        );
    }

    #[test]
    fn of_actions_of_this_repository() {
        let action = "
            name: a
            description: b
            inputs:
              old: { deprecationMessage: use new }
              new: {}
            runs:
              using: composite
              steps: [{ run: make, shell: bash }]
        ";
        check_in(
            &RULE,
            &[("build/action.yml", action)],
            "
            steps:
              - uses: ./build
                with: { old: 1, new: 2 }
                #       ^^^
            ",
        );
    }
}
