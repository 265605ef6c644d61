//! A key of the matrix is read that no leg has.

use plim_diag::{Code, Severity};

use crate::{Audit, Hook, MistakeAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("undefined-matrix-key"),
    summary: "a key of the matrix is read that no leg has",
    why: "What no leg has is empty in all of them, and no error: a version that is empty installs the latest, a condition never holds.",
    criterion: "`matrix.KEY` where the matrix of the job is written out, and neither an axis nor an `include` has `KEY`; also in a job without a matrix. An `include` or an axis that an expression gives is taken to have any.",
    remedy: "Read a key that the matrix has, or add it.",
    example: "jobs:\n  test:\n    strategy:\n      matrix:\n        version: [1, 2]\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ matrix.verison }}",
    better: "jobs:\n  test:\n    strategy:\n      matrix:\n        version: [1, 2]\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ matrix.version }}",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Mistake(mistake)],
};

fn mistake<'a>(audit: &mut Audit<'a>, at: &MistakeAt<'a>) {
    let Some(missing) = at.missing().filter(|missing| missing.path[0] == "matrix") else { return };
    let name = missing.name;
    let has_matrix = at.expression.text.job.is_some_and(|job| job.job.strategy.is_some());
    let message = match &*missing.path {
        [_] if !has_matrix => format!("the job has no matrix, and so no `{name}`"),
        [_] => format!("the matrix has no `{name}`"),
        path => format!("no `{}` has a `{name}`", path.join(".")),
    };
    missing.report(audit, at.span(), message, "add it to the matrix");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn axes_and_includes_give_keys() {
        check(
            &RULE,
            "
            jobs:
              test:
                strategy:
                  matrix:
                    os: [a, b]
                    target: [{ name: a, extra: b }, { name: c }]
                    include:
                      - os: a
                        flag: true
                runs-on: ubuntu-latest
                name: ${{ matrix.so }} ${{ matrix.flag }} ${{ matrix.target.extra }}
                #                ^^ the matrix has no `so`
                steps:
                  - run: echo ${{ matrix.target.nam }}
                    #                           ^^^ no `matrix.target` has a `nam`
              plain:
                runs-on: ubuntu-latest
                steps:
                  - run: echo ${{ matrix.os }}
                    #                    ^^ the job has no matrix, and so no `os`
            ",
        );
    }

    #[test]
    fn what_an_expression_gives_may_have_any_key() {
        check(
            &RULE,
            "
            jobs:
              one:
                strategy: { matrix: '${{ fromJSON(vars.A) }}' }
                runs-on: ${{ matrix.any }}
                steps: [run: a]
              two:
                strategy:
                  matrix:
                    a: [1]
                    include: ${{ fromJSON(vars.A) }}
                runs-on: ${{ matrix.any }}
                steps: [run: a]
              three:
                strategy:
                  matrix:
                    a: '${{ fromJSON(vars.A) }}'
                runs-on: ${{ matrix.a.any }}
                steps: [run: a]
            ",
        );
    }
}
