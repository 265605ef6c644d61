//! The labels that a job asks a runner for, and what is known of them.
//!
//! The table of hosted runners is `data/labels.txt`.

use std::sync::OnceLock;

use plim_diag::Span;
use plim_expression::NodeKind;
use plim_workflow::{Key, Machine, Text, Token, TokenKind};

use crate::{JobAt, Settings};

/// A label of runners that GitHub hosts, or did.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct HostedLabel {
    /// The label, in lower case.
    pub name: &'static str,
    /// `linux`, `macos` or `windows`.
    pub system: &'static str,
    /// `x64` or `arm64`.
    pub architecture: &'static str,
    /// Since when there are no such runners, as year and month.
    pub gone: Option<&'static str>,
}

/// A label that is written out, or one of those that a matrix gives.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(crate) struct LabelAt<'a> {
    /// The label.
    pub name: &'a str,
    /// Where it stands.
    pub span: Span,
}

/// Every label of the table.
pub fn hosted_labels() -> impl Iterator<Item = HostedLabel> {
    static TABLE: OnceLock<Vec<HostedLabel>> = OnceLock::new();
    TABLE.get_or_init(|| read(include_str!("../data/labels.txt"))).iter().copied()
}

fn read(table: &'static str) -> Vec<HostedLabel> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    let label = |line: &'static str| {
        let mut words = line.split(' ');
        let (name, system, architecture) = (words.next()?, words.next()?, words.next()?);
        Some(HostedLabel { name, system, architecture, gone: words.nth(1) })
    };
    lines.filter_map(label).collect()
}

/// The hosted label called `name`, without regard to case.
#[must_use]
pub fn hosted_label(name: &str) -> Option<HostedLabel> {
    hosted_labels().find(|label| label.name.eq_ignore_ascii_case(name))
}

/// The sets of labels that `job` asks for: one, or one for each value that its matrix gives. Values that expressions
/// compute are left out.
pub(crate) fn label_sets<'a>(job: JobAt<'a>) -> Vec<Vec<LabelAt<'a>>> {
    let Some(machine) = job.machine() else { return Vec::new() };
    let Some(labels) = &machine.runs_on.labels else { return Vec::new() };
    match &labels.kind {
        TokenKind::Text(text) => match text.template.is_literal() {
            Some(name) => vec![vec![LabelAt { name, span: text.span }]],
            None => axis(text).map_or_else(Vec::new, |axis| of_matrix(job, axis)),
        },
        _ => vec![written(labels)],
    }
}

/// The texts that `text` can be: itself, or each value that the matrix gives where it is `${{ matrix.NAME }}`.
pub(crate) fn values<'a>(job: JobAt<'a>, text: &'a Text) -> Vec<LabelAt<'a>> {
    match text.template.is_literal() {
        Some(name) => vec![LabelAt { name, span: text.span }],
        None => {
            let axis = axis(text);
            axis.map_or_else(Vec::new, |axis| of_matrix(job, axis).into_iter().flatten().collect())
        }
    }
}

/// The system that `machine` surely runs: of its only hosted label.
pub(crate) fn system(machine: &Machine) -> Option<&'static str> {
    let TokenKind::Text(text) = &machine.runs_on.labels.as_ref()?.kind else { return None };
    hosted_label(text.template.is_literal()?).map(|label| label.system)
}

fn written(token: &Token) -> Vec<LabelAt<'_>> {
    match &token.kind {
        TokenKind::Text(text) => {
            let label = |name| LabelAt { name, span: text.span };
            text.template.is_literal().map(label).into_iter().collect()
        }
        TokenKind::Sequence(items) => items.iter().flat_map(written).collect(),
        _ => Vec::new(),
    }
}

/// The name of the axis, where the text is `${{ matrix.NAME }}`.
fn axis(text: &Text) -> Option<&str> {
    let mut expressions = text.template.expressions();
    let (expression, _) = expressions.next()?;
    if text.template.segments.len() != 1 {
        return None;
    }
    match &expression.root().kind {
        NodeKind::Dereference { object, name, .. } => match &object.kind {
            NodeKind::NamedValue(context) if &**context == "matrix" => Some(name),
            _ => None,
        },
        _ => None,
    }
}

fn of_matrix<'a>(job: JobAt<'a>, axis: &str) -> Vec<Vec<LabelAt<'a>>> {
    let matrix = job.job.strategy.as_ref().and_then(|strategy| strategy.matrix.as_ref());
    let Some(TokenKind::Mapping(axes)) = matrix.map(|matrix| &matrix.kind) else {
        return Vec::new();
    };
    let mut sets = Vec::new();
    for (key, value) in axes {
        let TokenKind::Sequence(items) = &value.kind else { continue };
        if is(key, axis) {
            sets.extend(items.iter().map(written));
        } else if is(key, "include") {
            let entries = items.iter().filter_map(|item| match &item.kind {
                TokenKind::Mapping(entries) => Some(entries),
                _ => None,
            });
            let values = entries.flatten().filter(|(key, _)| is(key, axis));
            sets.extend(values.map(|(_, value)| written(value)));
        }
    }
    sets
}

fn is(key: &Key, name: &str) -> bool {
    match key {
        Key::Text(text) => {
            text.template.is_literal().is_some_and(|key| key.eq_ignore_ascii_case(name))
        }
        Key::Insert(_) => false,
    }
}

/// Whether the owner of the repository has runners with the label.
pub(crate) fn is_own(settings: &Settings, label: &str) -> bool {
    settings.runner_labels.iter().any(|glob| fits(glob.as_bytes(), label.as_bytes()))
}

/// Whether `text` fits a glob of `*` and `?`, without regard to case.
pub(crate) fn fits(glob: &[u8], text: &[u8]) -> bool {
    // Where the last `*` was, and how much it has taken: going back further is never needed.
    let (mut at, mut from, mut star) = (0, 0, None);
    while from < text.len() {
        match glob.get(at) {
            Some(b'*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(sign) if *sign == b'?' || sign.eq_ignore_ascii_case(&text[from]) => {
                at += 1;
                from += 1;
            }
            _ => match &mut star {
                Some((place, taken)) => {
                    *taken += 1;
                    (at, from) = (*place + 1, *taken);
                }
                None => return false,
            },
        }
    }
    glob[at..].iter().all(|sign| *sign == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_take_any_text() {
        for (glob, label, wanted) in [
            ("big-*", "Big-8", true),
            ("big-*", "small", false),
            ("*", "x", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c", false),
            ("gpu-?", "gpu-1", true),
            ("gpu-?", "gpu-", false),
        ] {
            assert_eq!(fits(glob.as_bytes(), label.as_bytes()), wanted, "{glob} {label}");
        }
    }

    #[test]
    fn the_table_is_whole() {
        assert!(hosted_labels().count() > 40);
        assert!(hosted_labels().all(|l| ["linux", "macos", "windows"].contains(&l.system)));
        assert_eq!(hosted_label("Ubuntu-Latest").unwrap().gone, None);
        assert_eq!(hosted_label("ubuntu-18.04").unwrap().gone, Some("2023-04"));
    }
}
