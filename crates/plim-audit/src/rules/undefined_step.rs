//! A step is read that the job does not have.

use plim_diag::{Code, Severity};

use crate::{Audit, Hook, MistakeAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("undefined-step"),
    summary: "a step is read that is not there",
    why: "What is read of a step that does not exist is nothing at all, and no error: a condition on it never holds, an argument made of it is empty. It happens when a step is renamed or moved to another job.",
    criterion: "`steps.ID` where no step of the same job or composite action has this `id`.",
    remedy: "Name the `id` of a step of the same job. What another job gives is read through `needs`.",
    example: "steps:\n  - id: build\n    run: make\n  - run: echo ${{ steps.biuld.outputs.file }}",
    better: "steps:\n  - id: build\n    run: make\n  - run: echo ${{ steps.build.outputs.file }}",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Mistake(mistake)],
};

fn mistake<'a>(audit: &mut Audit<'a>, at: &MistakeAt<'a>) {
    let Some(missing) = at.missing().filter(|missing| missing.path == ["steps"]) else { return };
    let message = format!("no step here has the id `{}`", missing.name);
    missing.report(audit, at.span(), message, "give the step that is meant this `id`");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn a_step_of_another_job_or_name_is_not_there() {
        check(
            &RULE,
            "
            jobs:
              one:
                runs-on: ubuntu-latest
                outputs:
                  file: ${{ steps.make.outputs.file }}
                steps:
                  - id: make
                    run: make
                  - run: |
                      echo first
                      echo ${{ steps.mkae.outputs.file }} ${{ steps.Make.outcome }}
                      #              ^^^^ no step here has the id `mkae`
              two:
                runs-on: ubuntu-latest
                steps:
                  - run: make
                    if: steps['make'].outcome == 'success'
                    #         ^^^^^^ no step here has the id `make`
            ",
        );
    }

    #[test]
    fn a_composite_action_has_its_own_steps() {
        check(
            &RULE,
            "
            name: a
            description: b
            outputs:
              good: { value: '${{ steps.make.outputs.a }}' }
              bad: { value: '${{ steps.other.outputs.a }}' }
              #                        ^^^^^ no step here has the id `other`
            runs:
              using: composite
              steps:
                - id: make
                  run: make
                  shell: bash
            ",
        );
    }
}
