//! Actions that ask for a Node.js that runners no longer have.

use plim_diag::{Code, Severity};
use plim_workflow::{Action, ActionBody};

use crate::{Audit, Hook, Rule, Tier, UseAt, Used};

pub(super) const RULE: Rule = Rule {
    code: Code("action-runtime-gone"),
    summary: "an action asks for a Node.js that runners no longer have",
    why: "Runners have neither Node.js 12 nor 16: they run such an action with a newer one, for which it was never tested, and warn on each run. Versions that old get no mends any more.",
    criterion: "An `action.yml` with `using: node12` or `node16`, and a use of a well-known action at a major version whose last release has it. A commit is judged by the version in its comment.",
    remedy: "Use the newest major version; of an action of your own, write `using: node24` and test it.",
    example: "steps:\n  - uses: actions/checkout@v2",
    better: "steps:\n  - uses: actions/checkout@v6",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Use(used), Hook::Action(own)],
};

const GONE: [&str; 2] = ["node12", "node16"];

fn used<'a>(audit: &mut Audit<'a>, used: &UseAt<'a>) {
    let Used::Known(known) = &used.action else { return };
    let Some((major, runtime)) = known.major.and_then(|m| Some((m, known.action.runtime(m)?)))
    else {
        return;
    };
    if !GONE.contains(&runtime) {
        return;
    }
    let message =
        format!("v{major} of the action runs on `{runtime}`, which runners no longer have");
    let finding = audit.report(used.uses.action.span, message);
    let newest = known.action.newest();
    match known.action.runtime(newest) {
        Some(runtime) if !GONE.contains(&runtime) => finding.help(format!("use v{newest}")),
        _ => finding.help("use another action; this one has no newer version"),
    };
}

fn own<'a>(audit: &mut Audit<'a>, action: &'a Action) {
    let ActionBody::JavaScript(body) = &action.body else { return };
    if GONE.contains(&&*body.using.value) {
        let message = format!("runners no longer have `{}`", body.using.value);
        audit.report(body.using.span, message).help("write `node24`, and test the action with it");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn of_used_actions() {
        check(
            &RULE,
            "
            steps:
              - uses: actions/checkout@v3
                #     ^^^^^^^^^^^^^^^^^^^ v3 of the action runs on `node16`, which runners no longer have
              - uses: actions/checkout@v6
              - uses: actions/checkout@main
              - uses: actions-rs/cargo@v1
                #     ^^^^^^^^^^^^^^^^^^^
            ",
        );
    }

    #[test]
    fn of_an_action_itself() {
        check(
            &RULE,
            "
            name: a
            description: b
            runs:
              using: node16
              #      ^^^^^^ runners no longer have `node16`
              main: index.js
            ",
        );
    }
}
