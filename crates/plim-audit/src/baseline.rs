//! A baseline holds what was found in an earlier version of a file, so that only what is new has to be shown.

use std::collections::HashMap;

use plim_diag::Span;
use plim_workflow::yaml::Tree;

use crate::{Finding, Subject};

/// What was found in an earlier version of a file.
///
/// Findings are the same when their code, the text they speak of and the keys around it are: lines and items of lists
/// that come or go before them change nothing.
#[derive(Clone, Debug, Default)]
pub struct Baseline(HashMap<Mark, usize>);

/// By what a finding is known again.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Mark {
    code: &'static str,
    keys: String,
    text: String,
}

impl Baseline {
    /// Of the `findings` in `subject`, the earlier version.
    #[must_use]
    pub fn new(subject: &Subject, findings: &[Finding]) -> Self {
        let mut known = HashMap::new();
        for finding in findings {
            *known.entry(mark(subject, finding)).or_insert(0) += 1;
        }
        Self(known)
    }

    /// Those of the `findings` in `subject` that are new. Where one is there more often than before, the last are.
    #[must_use]
    pub fn brought(&self, subject: &Subject, findings: Vec<Finding>) -> Vec<Finding> {
        let mut left = self.0.clone();
        let is_new = |finding: &Finding| match left.get_mut(&mark(subject, finding)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        };
        findings.into_iter().filter(is_new).collect()
    }
}

fn mark(subject: &Subject, finding: &Finding) -> Mark {
    let span = finding.span();
    let (keys, in_scalar) = around(subject.tree(), span);
    let text = span.text(subject.text()).unwrap_or("");
    // What a finding about a whole job or list says is not another because something inside changed.
    let text = if in_scalar { text } else { text.lines().next().unwrap_or("") };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Mark { code: finding.diagnostic.code.0, keys, text }
}

/// The keys that lead to `span`, and whether it is inside one scalar.
fn around(tree: &Tree, span: Span) -> (String, bool) {
    let mut keys = String::new();
    let Some(mut node) = tree.root() else { return (keys, true) };
    loop {
        if node.is_scalar() {
            return (keys, true);
        }
        if let Some(entry) = node.entries().find(|entry| entry.span().encloses(span)) {
            keys.push('.');
            keys.push_str(&entry.key.scalar_text().unwrap_or_default());
            if entry.key.written_span().encloses(span) {
                return (keys, true);
            }
            node = entry.value;
        } else if let Some(item) = node.items().find(|item| item.written_span().encloses(span)) {
            keys.push_str("[]");
            node = item;
        } else {
            return (keys, false);
        }
        // Behind an alias is another place.
        if !node.written_span().encloses(span) || node.alias_span().is_some() {
            return (keys, node.is_scalar());
        }
    }
}

#[cfg(test)]
mod tests {
    use plim_workflow::Forge;

    use super::*;
    use crate::{Kind, Nowhere, Selection, check};

    const BEFORE: &str = "on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: echo ::set-output name=a::b
      - run: echo ::set-output name=c::d
";

    fn brought(after: &str) -> Vec<(u32, &'static str)> {
        let read = |text: &str| {
            let subject = Subject::read("ci.yml", text.as_bytes(), Kind::Workflow, Forge::GitHub);
            let selection =
                Selection { select: vec!["deprecated-command".to_owned()], ..Selection::default() };
            let found = check(&subject, &Nowhere::default(), &selection);
            (subject, found)
        };
        let (before, known) = read(BEFORE);
        assert_eq!(known.len(), 2);
        let (subject, found) = read(after);
        let new = Baseline::new(&before, &known).brought(&subject, found);
        let line = |finding: &Finding| subject.tree().lines().line_of(finding.span().start);
        new.iter().map(|finding| (line(finding), finding.diagnostic.code.0)).collect()
    }

    #[test]
    fn what_moved_or_was_indented_otherwise_is_not_new() {
        assert_eq!(brought(BEFORE), []);
        assert_eq!(brought(&format!("# a\n# b\nname: x\n{BEFORE}")), []);
        assert_eq!(brought(&BEFORE.replace("    steps:\n", "    steps:\n      - run: make\n")), []);
        assert_eq!(
            brought(&BEFORE.replace(
                "run: echo ::set-output name=a::b",
                "run: |\n          echo ::set-output name=a::b"
            )),
            []
        );
    }

    #[test]
    fn the_same_once_more_is_new_and_so_is_it_elsewhere() {
        let again = format!("{BEFORE}      - run: echo ::set-output name=c::d\n");
        assert_eq!(brought(&again), [(8, "deprecated-command")]);
        let elsewhere = BEFORE.replace("  a:\n", "  b:\n");
        assert_eq!(brought(&elsewhere).len(), 2);
    }
}
