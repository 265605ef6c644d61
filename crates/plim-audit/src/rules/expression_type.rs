//! An expression gives another type than its key takes.

use plim_diag::{Code, Severity};
use plim_expression::types::{Type, Wrong};

use crate::{Audit, Hook, MistakeAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("expression-type"),
    summary: "a key takes a boolean, a number, a list or an object, and gets something else",
    why: "GitHub makes texts of other values, but nothing of texts: where a key takes a number, the text `30` makes the job fail with \"unexpected value\", and an output that holds JSON is no matrix.",
    criterion: "An expression that stands alone in `continue-on-error`, `fail-fast`, `cancel-in-progress`, `deployment`, `timeout-minutes`, `cancel-timeout-minutes`, `max-parallel`, `strategy`, `matrix` or an axis of it, or for all of an `env`, and whose type is known to be another.",
    remedy: "Put `fromJSON` around a text, or compare it: `env.FLAG == 'true'`.",
    example: "jobs:\n  list:\n    runs-on: ubuntu-latest\n    outputs:\n      systems: ${{ steps.list.outputs.systems }}\n    steps:\n      - id: list\n        run: make list\n  test:\n    needs: list\n    strategy:\n      matrix:\n        system: ${{ needs.list.outputs.systems }}\n    runs-on: ${{ matrix.system }}\n    steps: [run: make]",
    better: "jobs:\n  list:\n    runs-on: ubuntu-latest\n    outputs:\n      systems: ${{ steps.list.outputs.systems }}\n    steps:\n      - id: list\n        run: make list\n  test:\n    needs: list\n    strategy:\n      matrix:\n        system: ${{ fromJSON(needs.list.outputs.systems) }}\n    runs-on: ${{ matrix.system }}\n    steps: [run: make]",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Mistake(mistake)],
};

fn mistake<'a>(audit: &mut Audit<'a>, at: &MistakeAt<'a>) {
    let Wrong::Value { wanted, kind } = &at.mistake.wrong else { return };
    let key = at.expression.text.key;
    let message = format!("{wanted} is expected here, and this is {}", kind.describe());
    let help = match kind {
        Type::Text(_) if *wanted == "a boolean" => {
            format!("compare it with `'true'`, as `{key}` takes no text")
        }
        Type::Text(_) => format!("put `fromJSON` around it, as `{key}` takes no text"),
        _ => format!("give {wanted}"),
    };
    audit.report(at.span(), message).help(help);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn keys_take_their_type() {
        check(
            &RULE,
            "
            on: { workflow_call: { inputs: { time: { type: string }, minutes: { type: number }, flag: { type: boolean } } } }
            jobs:
              test:
                strategy:
                  fail-fast: ${{ inputs.time }}
                  #              ^^^^^^^^^^^ a boolean is expected here, and this is a text
                  max-parallel: ${{ inputs.minutes }}
                  matrix:
                    a: ${{ inputs.time }}
                    #      ^^^^^^^^^^^ a list is expected here, and this is a text
                    b: ['${{ inputs.time }}']
                    c: ${{ fromJSON(inputs.time) }}
                runs-on: ubuntu-latest
                timeout-minutes: ${{ inputs.flag && 10 || 20 }}
                continue-on-error: ${{ inputs.flag }}
                steps:
                  - env: ${{ inputs.time }}
                    #        ^^^^^^^^^^^ an object is expected here, and this is a text
                    run: make
                  - run: make
                    timeout-minutes: ${{ env.TIME }}
                    #                    ^^^^^^^^ a number is expected here, and this is a text
                    continue-on-error: ${{ inputs.time == 'x' }}
              other:
                strategy: { matrix: '${{ inputs.time }}' }
                #                        ^^^^^^^^^^^ an object is expected here, and this is a text
                runs-on: ubuntu-latest
                steps: [run: make]
            ",
        );
    }
}
