//! Reads values of any shape with expressions anywhere in them.

use super::{Reader, has_expression};
use crate::yaml::{NodeKind, NodeRef};
use crate::{Entries, Key, Name, Site, Text, Token, TokenKind};

impl Reader {
    /// Anything.
    pub(super) fn token(&mut self, node: NodeRef<'_>, site: Site) -> Token {
        let kind = match node.kind() {
            NodeKind::Null => TokenKind::Null,
            NodeKind::Boolean(value) => TokenKind::Boolean(value),
            NodeKind::Number(value) => TokenKind::Number(value),
            NodeKind::String(source) => TokenKind::Text(self.template(node, source, site)),
            NodeKind::Sequence => {
                TokenKind::Sequence(node.items().map(|item| self.token(item, site)).collect())
            }
            NodeKind::Mapping => TokenKind::Mapping(self.token_entries(node, site)),
        };
        Token { span: node.span(), kind }
    }

    fn token_entries(&mut self, node: NodeRef<'_>, site: Site) -> Vec<(Key, Token)> {
        let mut entries = Vec::with_capacity(node.entries().len());
        for entry in node.entries() {
            let key = self.key(entry.key, site);
            entries.push((key, self.token(entry.value, site)));
        }
        entries
    }

    /// A key, which may be an expression or `${{ insert }}`.
    pub(super) fn key(&mut self, node: NodeRef<'_>, site: Site) -> Key {
        let source = node.scalar_text().unwrap_or_default();
        if is_insert(&source) && site != Site::Nowhere {
            return Key::Insert(node.span());
        }
        Key::Text(self.template(node, &source, site))
    }

    /// A mapping of texts, as `env` and `with` are.
    pub(super) fn texts(
        &mut self,
        node: NodeRef<'_>,
        key: &str,
        site: Site,
    ) -> Option<Entries<Text>> {
        self.entries(node, key, site, |reader, name, value| reader.text(value, name, site))
    }

    /// A mapping whose values `read` reads, or an expression for all of it.
    pub(super) fn entries<T>(
        &mut self,
        node: NodeRef<'_>,
        key: &str,
        site: Site,
        mut read: impl FnMut(&mut Self, &str, NodeRef<'_>) -> Option<T>,
    ) -> Option<Entries<T>> {
        if let Some(whole) = self.whole(node, site) {
            return Some(Entries::Expression(whole));
        }
        if !node.is_mapping() {
            self.mistyped(node, key, "a mapping");
            return None;
        }
        if has_computed_keys(node) && site != Site::Nowhere {
            return Some(Entries::Mixed(self.token(node, site)));
        }
        let mut entries = Vec::with_capacity(node.entries().len());
        for (name, entry) in self.named(node, key)? {
            if let Some(value) = read(self, &name, entry.value) {
                entries.push((Name::new((&*name).into(), entry.key.span()), value));
            }
        }
        Some(Entries::Written(entries))
    }

    /// A mapping of texts whose keys are written out.
    pub(super) fn written_texts(
        &mut self,
        node: NodeRef<'_>,
        key: &str,
        site: Site,
    ) -> Vec<(Name, Text)> {
        let mut entries = Vec::new();
        for (name, entry) in self.named(node, key).unwrap_or_default() {
            if let Some(value) = self.text(entry.value, &name, site) {
                entries.push((Name::new((&*name).into(), entry.key.span()), value));
            }
        }
        entries
    }

    /// `node` as one expression, if it is a text with an expression where expressions may stand.
    pub(super) fn whole(&mut self, node: NodeRef<'_>, site: Site) -> Option<Text> {
        let source = node.as_str().filter(|text| has_expression(text))?;
        site.names(self.forge)?;
        let text = self.template(node, source, site);
        let known = text.template.is_literal().is_some();
        // What did not read has been reported; a literal is no mapping, which the caller reports.
        if known && text.expressions.is_empty() { Some(text) } else { (!known).then_some(text) }
    }
}

fn has_computed_keys(node: NodeRef<'_>) -> bool {
    node.entries().any(|entry| entry.key.as_str().is_some_and(has_expression))
}

/// Whether a key is the directive `${{ insert }}`.
pub(super) fn is_insert(source: &str) -> bool {
    let inner = source.trim().strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}"));
    inner.is_some_and(|inner| inner.trim() == "insert")
}
