//! Values that an axis of a matrix has twice.

use plim_diag::{Code, Severity};
use plim_workflow::{Key, TokenKind};

use crate::{Audit, Hook, JobAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("duplicate-matrix-value"),
    summary: "an axis of a matrix has a value twice",
    why: "The same job runs twice for nothing, or the second value was meant to be another, which is never tested. `1.20` and `1.2` are the same number to YAML.",
    criterion: "Two values of one axis that are equal as GitHub reads them. Values with expressions are not compared.",
    remedy: "Remove one, or write the value that was meant, in quotes where it must stay a text.",
    example: "jobs:\n  test:\n    strategy:\n      matrix:\n        go: [1.2, 1.20]\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    better: "jobs:\n  test:\n    strategy:\n      matrix:\n        go: ['1.2', '1.20']\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Job(job)],
};

/// Comparing each with each would take a hostile file too long.
const MOST_COMPARED: usize = 300;

fn job<'a>(audit: &mut Audit<'a>, job: JobAt<'a>) {
    let matrix = job.job.strategy.as_ref().and_then(|strategy| strategy.matrix.as_ref());
    let Some(TokenKind::Mapping(axes)) = matrix.map(|matrix| &matrix.kind) else { return };
    for (key, value) in axes {
        let (Key::Text(name), TokenKind::Sequence(items)) = (key, &value.kind) else { continue };
        let Some(name) = name.template.is_literal().filter(|name| *name != "include") else {
            continue;
        };
        let values: Vec<_> =
            items.iter().take(MOST_COMPARED).map(|item| (item, item.constant())).collect();
        for (at, (item, value)) in values.iter().enumerate() {
            let Some(value) = value else { continue };
            let same = |(_, other): &&(_, Option<plim_expression::Value>)| {
                other
                    .as_ref()
                    .is_some_and(|other| other.kind() == value.kind() && other.deep_eq(value))
            };
            if let Some((first, _)) = values[..at].iter().find(same) {
                audit
                    .report(item.span, format!("`{name}` has this value already"))
                    .help("remove it, or write another")
                    .related(first.span, "the same value");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn as_github_reads_them() {
        check(
            &RULE,
            "
            jobs:
              test:
                strategy:
                  matrix:
                    go: [1.2, '1.20', 1.20]
                    #                 ^^^^ `go` has this value already
                    os: [{ a: 1 }, { a: 2 }, { a: 1 }]
                    #                        ^^^^^^^^
                    x: ['${{ github.a }}', '${{ github.a }}']
                runs-on: ubuntu-latest
                steps: [run: make]
            ",
        );
    }
}
