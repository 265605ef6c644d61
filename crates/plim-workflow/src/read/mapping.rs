//! Reads mappings whose keys are known.

use std::borrow::Cow;

use plim_diag::{Span, closest};

use super::{Reader, codes, has_expression, head};
use crate::yaml::{Entry, NodeRef};

/// The entries of a mapping with the text of each key.
pub(super) type Entries<'t> = Vec<(Cow<'t, str>, Entry<'t>)>;

impl Reader {
    /// The entries of `node`, which must be a mapping with written keys; `None` where it is something else.
    pub(super) fn mapping<'t>(&mut self, node: NodeRef<'t>, key: &str) -> Option<Entries<'t>> {
        if !node.is_mapping() {
            self.mistyped(node, key, "a mapping");
            return None;
        }
        let mut entries = Vec::with_capacity(node.entries().len());
        for entry in node.entries() {
            let Some(name) = entry.key.scalar_text() else { continue };
            if has_expression(&name) {
                let message = format!("a key of `{key}` cannot be an expression");
                let help = "write the key out";
                self.error(entry.key.span(), codes::EXPRESSION_NOT_ALLOWED, message, help);
                continue;
            }
            entries.push((name, entry));
        }
        Some(entries)
    }

    /// The entries of a mapping whose keys are names that the file chooses: none of them empty.
    pub(super) fn named<'t>(&mut self, node: NodeRef<'t>, key: &str) -> Option<Entries<'t>> {
        let mut entries = self.mapping(node, key)?;
        entries.retain(|(name, entry)| {
            if name.is_empty() {
                self.empty(entry.key.span(), &format!("a key of `{key}`"));
            }
            !name.is_empty()
        });
        Some(entries)
    }

    pub(super) fn empty(&mut self, span: Span, what: &str) {
        self.error(
            span,
            codes::EMPTY_VALUE,
            format!("{what} is empty"),
            "write a value, or remove it",
        );
    }

    /// `entry` has a key that `owner` (such as `a job`) does not have.
    pub(super) fn unknown_key(&mut self, entry: &Entry<'_>, owner: &str, known: &[&str]) {
        let key = entry.key.scalar_text().unwrap_or_default();
        let message = match &*key {
            "" => format!("a key of {owner} is empty"),
            key => format!("`{key}` is not a key of {owner}"),
        };
        let help = match closest(&key, known.iter().copied()) {
            Some(near) => format!("write `{near}`"),
            None => format!("use one of {}", quoted(known)),
        };
        self.dialect(entry.key.span(), codes::UNKNOWN_KEY, message, Some(help));
    }

    /// `owner`, which is `node`, lacks `key`.
    pub(super) fn missing_key(&mut self, node: NodeRef<'_>, owner: &str, key: &str) {
        let message = format!("{owner} has no `{key}`");
        self.absent(head(node), codes::MISSING_KEY, message, format!("add `{key}`"));
    }
}

/// Names as messages list them.
pub(super) fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
