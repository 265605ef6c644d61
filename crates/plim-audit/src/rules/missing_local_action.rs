//! Uses of actions that this repository does not have.

use plim_diag::{Code, Severity};

use crate::{Audit, Hook, Rule, Tier, UseAt, Used};

pub(super) const RULE: Rule = Rule {
    code: Code("missing-local-action"),
    summary: "a step uses an action of this repository that is not there",
    why: "The job fails when it comes to the step, often long after it began.",
    criterion: "`./path` or `$/path` where the folder has neither `action.yml` nor `action.yaml` nor a `Dockerfile`. Folders of a checkout are followed by its `path`; nothing is said where an earlier step checks out another repository or reference there, fetches or makes files, in actions, and in workflows that others may call.",
    remedy: "Write the path of the folder that holds the action, relative to the root of the repository.",
    example: "",
    better: "",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Use(check)],
};

fn check<'a>(audit: &mut Audit<'a>, used: &UseAt<'a>) {
    let Used::Missing(folder) = &used.action else { return };
    let message = match folder.as_str() {
        "" => "there is no `action.yml` at the root of this repository".to_owned(),
        folder => format!("there is no `action.yml` in `{folder}`"),
    };
    let help = "write the path of a folder with an `action.yml`, relative to the repository's root";
    audit.report(used.uses.action.span, message).help(help);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_in;

    const ACTION: &str =
        "name: a\ndescription: b\nruns:\n  using: composite\n  steps: [{ run: make, shell: bash }]";

    #[test]
    fn a_folder_without_an_action() {
        check_in(
            &RULE,
            &[("build/action.yml", ACTION), ("image/Dockerfile", "FROM x")],
            "
            steps:
              - uses: actions/checkout@v6
              - uses: ./build
              - uses: ./image
              - uses: ./biuld
                #     ^^^^^^^ there is no `action.yml` in `biuld`
              - uses: ./
                #     ^^ there is no `action.yml` at the root of this repository
            ",
        );
    }

    #[test]
    fn folders_of_checkouts_are_followed() {
        check_in(
            &RULE,
            &[("build/action.yml", ACTION)],
            "
            steps:
              - uses: actions/checkout@v6
                with: { path: here }
              - uses: actions/checkout@v6
                with: { path: there, repository: other/one }
              - uses: ./here/build
              - uses: ./here/bulid
                #     ^^^^^^^^^^^^ there is no `action.yml` in `bulid`
              - uses: ./there/build
            ",
        );
    }

    #[test]
    fn what_an_earlier_step_may_have_brought_is_not_judged() {
        check_in(
            &RULE,
            &[],
            "
            steps:
              - run: git clone https://example.org/x tools
              - uses: ./tools
            ",
        );
        check_in(
            &RULE,
            &[],
            "
            on: [push, workflow_call]
            jobs:
              test:
                runs-on: ubuntu-latest
                steps:
                  - uses: ./tools
            ",
        );
    }
}
