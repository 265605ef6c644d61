//! Inputs that an action must be given and is not.

use plim_diag::{Code, Severity};

use crate::{Audit, Hook, Rule, Tier, UseAt};

pub(super) const RULE: Rule = Rule {
    code: Code("missing-action-input"),
    summary: "an action is not given an input that it needs",
    why: "GitHub does not hold `required` inputs against what is given: the action starts, finds nothing, and fails or does something else.",
    criterion: "An input with `required: true` and no default, of an action of this repository or of a well-known one in every release of the version that is used, that `with` does not name.",
    remedy: "Give the input under `with`.",
    example: "steps:\n  - uses: actions/cache@v4\n    with:\n      path: target",
    better: "steps:\n  - uses: actions/cache@v4\n    with:\n      path: target\n      key: build-${{ hashFiles('Cargo.lock') }}",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Use(check)],
};

fn check<'a>(audit: &mut Audit<'a>, used: &UseAt<'a>) {
    let (Some(declared), Some(given)) = (used.declared(), used.given()) else { return };
    for input in declared.iter().filter(|input| input.required) {
        if !given.iter().any(|(name, _)| name.value.eq_ignore_ascii_case(input.name)) {
            let message = format!("the action needs the input `{}`", input.name);
            let help = format!("give it under `with`: `{}: …`", input.name);
            audit.report(used.uses.action.span, message).help(help);
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
                #     ^^^^^^^^^^^^^^^^ the action needs the input `key`
                with: { path: target }
              - uses: actions/cache@v4
                with: { path: target, Key: k }
              - uses: actions/checkout@v4
            ",
        );
    }

    #[test]
    fn of_actions_of_this_repository_without_a_default() {
        let action = "
            name: a
            description: b
            inputs:
              must: { required: true }
              may: { required: true, default: x }
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
                #     ^^^^^^^ the action needs the input `must`
            ",
        );
    }
}
