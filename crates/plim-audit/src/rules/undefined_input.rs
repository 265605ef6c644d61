//! An input is read that is not declared.

use plim_diag::{Code, Severity};

use crate::{Audit, Hook, MistakeAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("undefined-input"),
    summary: "an input is read that is not declared",
    why: "An input that nobody can give is empty, and no error.",
    criterion: "`inputs.NAME`, and `github.event.inputs.NAME` in a workflow that is not called by others, where neither `workflow_dispatch` nor `workflow_call` declares `NAME`; in an action, where its `inputs` do not.",
    remedy: "Read a declared input, or declare it.",
    example: "on:\n  workflow_dispatch:\n    inputs:\n      version: {}\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make ${{ inputs.verison }}",
    better: "on:\n  workflow_dispatch:\n    inputs:\n      version: {}\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make ${{ inputs.version }}",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Mistake(mistake)],
};

fn mistake<'a>(audit: &mut Audit<'a>, at: &MistakeAt<'a>) {
    let Some(missing) = at.missing() else { return };
    let event = ["github", "event", "inputs"];
    let last = missing.path.len() == 3
        && missing.path.iter().zip(event).all(|(name, wanted)| name.eq_ignore_ascii_case(wanted));
    if missing.path == ["inputs"] || last {
        let message = format!("there is no input `{}`", missing.name);
        missing.report(audit, at.span(), message, "declare the input");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn inputs_of_either_trigger_can_be_read() {
        check(
            &RULE,
            "
            on:
              workflow_dispatch: { inputs: { one: {} } }
              workflow_call: { inputs: { two: { type: string } } }
            jobs:
              test:
                runs-on: ubuntu-latest
                steps:
                  - run: echo ${{ inputs.one }} ${{ inputs.two }} ${{ inputs.three }}
                    #                                                        ^^^^^ there is no input `three`
                  - run: echo ${{ github.event.inputs.four }}
            ",
        );
    }

    #[test]
    fn what_a_person_typed_is_in_the_event_too() {
        check(
            &RULE,
            "
            on:
              push:
              workflow_dispatch: { inputs: { one: {} } }
            jobs:
              test:
                runs-on: ubuntu-latest
                steps:
                  - run: echo ${{ github.event.inputs.one }} ${{ github.event.inputs.on }}
                    #                                                                ^^ there is no input `on`
            ",
        );
    }

    #[test]
    fn an_action_has_its_own() {
        check(
            &RULE,
            "
            name: a
            description: b
            inputs: { path: { description: c } }
            runs:
              using: composite
              steps:
                - run: echo ${{ inputs.path }} ${{ inputs.paths }}
                  #                                       ^^^^^ there is no input `paths`
                  shell: bash
            ",
        );
    }
}
