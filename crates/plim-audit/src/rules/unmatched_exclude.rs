//! Entries of `exclude` that take nothing out of a matrix.

use plim_diag::{Code, Severity, closest};
use plim_expression::Value;
use plim_workflow::{Key, Token, TokenKind};

use crate::{Audit, Hook, JobAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("unmatched-exclude"),
    summary: "an entry of `exclude` takes nothing out of a matrix",
    why: "The leg that was meant to be left out runs. GitHub says nothing about it.",
    criterion: "An entry with a key that is no axis of the matrix, or with a value that its axis does not have. `exclude` is applied before `include`, so what only `include` has cannot be taken out. Axes with expressions are not judged.",
    remedy: "Write an axis and a value that the matrix has.",
    example: "jobs:\n  test:\n    strategy:\n      matrix:\n        os: [ubuntu-latest, macos-latest]\n        exclude:\n          - os: windows-latest\n    runs-on: ${{ matrix.os }}\n    steps: [run: make]",
    better: "jobs:\n  test:\n    strategy:\n      matrix:\n        os: [ubuntu-latest, macos-latest]\n        exclude:\n          - os: macos-latest\n    runs-on: ${{ matrix.os }}\n    steps: [run: make]",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Job(job)],
};

fn job<'a>(audit: &mut Audit<'a>, job: JobAt<'a>) {
    let matrix = job.job.strategy.as_ref().and_then(|strategy| strategy.matrix.as_ref());
    let Some(TokenKind::Mapping(entries)) = matrix.map(|matrix| &matrix.kind) else { return };
    let excluded = entries.iter().find(|(key, _)| literal(key) == Some("exclude"));
    let Some(TokenKind::Sequence(excluded)) = excluded.map(|(_, value)| &value.kind) else {
        return;
    };
    // An axis whose name is computed could be any.
    if entries.iter().any(|(key, _)| literal(key).is_none()) {
        return;
    }
    let axes: Vec<(&str, &Token)> = entries
        .iter()
        .filter_map(|(key, value)| Some((literal(key)?, value)))
        .filter(|(name, _)| !["include", "exclude"].contains(name))
        .collect();
    for entry in excluded {
        if let TokenKind::Mapping(pairs) = &entry.kind {
            pairs.iter().for_each(|(key, value)| pair(audit, &axes, key, value));
        }
    }
}

fn pair(audit: &mut Audit<'_>, axes: &[(&str, &Token)], key: &Key, value: &Token) {
    let (Key::Text(text), Some(name)) = (key, literal(key)) else { return };
    let Some((_, axis)) = axes.iter().find(|(axis, _)| axis.eq_ignore_ascii_case(name)) else {
        let finding = audit.report(text.span, format!("the matrix has no axis `{name}`"));
        if let Some(near) = closest(name, axes.iter().map(|(name, _)| *name)) {
            finding.help(format!("write `{near}`"));
        } else {
            finding.help("write an axis of the matrix; what only `include` has cannot be excluded");
        }
        return;
    };
    let (TokenKind::Sequence(items), Some(wanted)) = (&axis.kind, value.constant()) else { return };
    let known: Option<Vec<Value>> = items.iter().map(Token::constant).collect();
    // A partly written object takes out every object that has what it says.
    if matches!(value.kind, TokenKind::Mapping(_) | TokenKind::Sequence(_)) {
        return;
    }
    if known.is_some_and(|known| known.iter().all(|value| value.to_text() != wanted.to_text())) {
        audit
            .report(value.span, format!("the axis `{name}` has no such value"))
            .help("write a value that the axis has, or remove the entry")
            .related(axis.span, "the values of the axis");
    }
}

fn literal(key: &Key) -> Option<&str> {
    match key {
        Key::Text(text) => text.template.is_literal(),
        Key::Insert(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn axes_and_values_that_are_not_there() {
        check(
            &RULE,
            "
            jobs:
              test:
                strategy:
                  matrix:
                    os: [linux, macos]
                    version: [1, 2]
                    dynamic: ['${{ github.ref }}']
                    exclude:
                      - { os: macos, version: 2 }
                      - { os: windows, version: 2 }
                      #       ^^^^^^^ the axis `os` has no such value
                      - { oss: linux }
                      #   ^^^ the matrix has no axis `oss`
                      - { dynamic: x }
                runs-on: ubuntu-latest
                steps: [run: make]
            ",
        );
    }
}
