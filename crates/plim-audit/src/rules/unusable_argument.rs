//! A function is given what it cannot use.

use plim_diag::{Code, Severity};
use plim_expression::types::Wrong;

use crate::{Audit, Hook, MistakeAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("unusable-argument"),
    summary: "a function is given what it cannot use",
    why: "Functions of the language do not complain about the types of their arguments: they are false, or give nothing; `fromJSON` and `hashFiles` make the job fail.",
    criterion: "A list or an object given to `startsWith`, `endsWith`, `fromJSON` or `hashFiles`, or as what `contains` looks for; an object given to `contains` or `join`; `contains` on a list of objects; a literal text given to `fromJSON` that is no JSON.",
    remedy: "Give the function what the help names.",
    example: "on: pull_request\njobs:\n  test:\n    runs-on: ubuntu-latest\n    if: contains(github.event.pull_request.labels, 'run')\n    steps: [run: make]",
    better: "on: pull_request\njobs:\n  test:\n    runs-on: ubuntu-latest\n    if: contains(github.event.pull_request.labels.*.name, 'run')\n    steps: [run: make]",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Mistake(mistake)],
};

fn mistake<'a>(audit: &mut Audit<'a>, at: &MistakeAt<'a>) {
    let Wrong::Unusable { function, effect, help } = &at.mistake.wrong else { return };
    audit.report(at.span(), format!("`{function}` {effect}")).help(*help);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn functions_want_what_they_can_use() {
        check(
            &RULE,
            "
            steps:
              - run: make
                if: startsWith(github, 'a') || contains(runner, 'b')
                #              ^^^^^^ `startsWith` is always `false` then
                #                                       ^^^^^^ `contains` is always `false` for an object
              - run: echo ${{ fromJSON('{a') }} ${{ fromJSON('{\"a\":1}').a }}
                #                      ^^^^ `fromJSON` fails for what is no JSON
            ",
        );
    }
}
