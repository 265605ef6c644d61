//! A comparison asks for a value that no leg of the matrix has.

use plim_diag::{Code, Severity};
use plim_expression::types::{Never, Wrong};

use crate::{Audit, Hook, MistakeAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("matrix-value-missing"),
    summary: "a comparison asks for a value that no leg of the matrix has",
    why: "A step for a system that was taken out of the matrix is never run any more, and whoever reads it believes that it is.",
    criterion: "A comparison of `matrix.KEY` with a text, where all values of `KEY` are written out and the text is none of them. Near misses are reported as `comparison-never-changes`.",
    remedy: "Remove what is left of the value, or add it to the matrix.",
    example: "jobs:\n  test:\n    strategy:\n      matrix:\n        os: [ubuntu-latest, macos-latest]\n    runs-on: ${{ matrix.os }}\n    steps:\n      - run: choco install make\n        if: matrix.os == 'windows-2022'",
    better: "jobs:\n  test:\n    strategy:\n      matrix:\n        os: [ubuntu-latest, windows-2022]\n    runs-on: ${{ matrix.os }}\n    steps:\n      - run: choco install make\n        if: matrix.os == 'windows-2022'",
    severity: Severity::Warning,
    tier: Tier::Pedantic,
    hooks: &[Hook::Mistake(mistake)],
};

fn mistake<'a>(audit: &mut Audit<'a>, at: &MistakeAt<'a>) {
    let Wrong::Comparison { holds, never } = &at.mistake.wrong else { return };
    let asked = match never {
        Never::Word { literal, .. } => &**literal,
        Never::Part { part, .. } => part,
        _ => return,
    };
    if super::comparison_never_changes::is_of_no_leg(never) {
        let always = if *holds { "always holds" } else { "never holds" };
        let message = format!("no leg of the matrix has `{asked}`, so this comparison {always}");
        audit.report(at.span(), message).help("remove what is left of it, or add it to the matrix");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn what_was_taken_out_is_found() {
        check(
            &RULE,
            "
            jobs:
              test:
                strategy: { matrix: { os: [ubuntu-latest, macos-latest] } }
                runs-on: ${{ matrix.os }}
                steps:
                  - run: make
                    if: matrix.os != 'windows-2022' && matrix.os != 'ubuntu'
                    #                ^^^^^^^^^^^^^^ no leg of the matrix has `windows-2022`, so this comparison always holds
                  - run: make
                    if: startsWith(matrix.os, 'windows')
                    #                         ^^^^^^^^^ no leg of the matrix has `windows`, so this comparison never holds
            ",
        );
    }
}
