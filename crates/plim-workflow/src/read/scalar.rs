//! Reads single values: names, booleans, numbers, texts and conditions.

use std::sync::Arc;

use plim_diag::{Span, Spanned};
use plim_expression::Template;

use super::mapping::quoted;
use super::{Reader, codes, has_expression};
use crate::yaml::{NodeKind, NodeRef};
use crate::{Condition, Name, Setting, Site, Text};

impl Reader {
    /// A text, or any other scalar as text; nothing is the empty text.
    pub(super) fn text(&mut self, node: NodeRef<'_>, key: &str, site: Site) -> Option<Text> {
        let Some(text) = node.scalar_text() else {
            self.mistyped(node, key, "a string");
            return None;
        };
        Some(self.template(node, &text, site))
    }

    /// A text that is not empty.
    pub(super) fn filled_text(&mut self, node: NodeRef<'_>, key: &str, site: Site) -> Option<Text> {
        if node.scalar_text().is_some_and(|text| text.is_empty()) && !node.is_unread() {
            self.empty(node.written_span(), &format!("`{key}`"));
            return None;
        }
        self.text(node, key, site)
    }

    /// A text without expressions.
    pub(super) fn literal(&mut self, node: NodeRef<'_>, key: &str) -> Option<Name> {
        let Some(text) = node.scalar_text() else {
            self.mistyped(node, key, "a string");
            return None;
        };
        if has_expression(&text) {
            self.expression_not_allowed(node, key);
            return None;
        }
        Some(Name::new(text.into(), node.span()))
    }

    /// A text without expressions that is not empty.
    pub(super) fn name(&mut self, node: NodeRef<'_>, key: &str) -> Option<Name> {
        let name = self.literal(node, key)?;
        if !name.value.is_empty() {
            return Some(name);
        }
        if !node.is_unread() {
            self.empty(node.written_span(), &format!("`{key}`"));
        }
        None
    }

    /// Text that only people read.
    pub(super) fn prose(&mut self, node: NodeRef<'_>, key: &str) -> Option<Arc<str>> {
        let text = node.scalar_text().map(|text| Arc::from(&*text));
        if text.is_none() {
            self.mistyped(node, key, "a string");
        }
        text
    }

    /// One name, or a list of names.
    pub(super) fn names(&mut self, node: NodeRef<'_>, key: &str) -> Vec<Name> {
        if node.is_mapping() {
            self.mistyped(node, key, "a string or a list of strings");
            return Vec::new();
        }
        if !node.is_sequence() {
            return self.name(node, key).into_iter().collect();
        }
        node.items().filter_map(|item| self.name(item, key)).collect()
    }

    /// A boolean without expressions.
    pub(super) fn boolean(&mut self, node: NodeRef<'_>, key: &str) -> Option<bool> {
        if let NodeKind::Boolean(value) = node.kind() {
            return Some(value);
        }
        match node.as_str() {
            Some(text) if has_expression(text) => self.expression_not_allowed(node, key),
            _ => self.mistyped(node, key, "`true` or `false`"),
        }
        None
    }

    /// A boolean, or an expression that gives one.
    pub(super) fn boolean_setting(
        &mut self,
        node: NodeRef<'_>,
        key: &str,
        site: Site,
    ) -> Option<Setting<bool>> {
        match node.kind() {
            NodeKind::Boolean(value) => Some(Setting::Literal(Spanned::new(value, node.span()))),
            _ => self.computed(node, key, site, "`true`, `false` or an expression"),
        }
    }

    /// A number, or an expression that gives one.
    pub(super) fn number_setting(
        &mut self,
        node: NodeRef<'_>,
        key: &str,
        site: Site,
    ) -> Option<Setting<f64>> {
        match node.kind() {
            NodeKind::Number(value) => Some(Setting::Literal(Spanned::new(value, node.span()))),
            _ => self.computed(node, key, site, "a number or an expression"),
        }
    }

    fn computed<T>(
        &mut self,
        node: NodeRef<'_>,
        key: &str,
        site: Site,
        wanted: &str,
    ) -> Option<Setting<T>> {
        let Some(source) = node.as_str().filter(|text| has_expression(text)) else {
            self.mistyped(node, key, wanted);
            return None;
        };
        let before = self.diagnostics.len();
        let text = self.template(node, source, site);
        if self.diagnostics.len() > before {
            return None;
        }
        if !text.template.has_expressions() {
            self.mistyped(node, key, wanted);
            return None;
        }
        Some(Setting::Expression(text))
    }

    /// One of `words`.
    pub(super) fn word<T: Copy>(
        &mut self,
        node: NodeRef<'_>,
        key: &str,
        words: &[(&str, T)],
    ) -> Option<T> {
        let text = self.name(node, key)?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == &*text.value) {
            return Some(*value);
        }
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let message = format!("`{}` is no `{key}`", text.value);
        let help = match plim_diag::closest(&text.value, known.iter().copied()) {
            Some(near) => format!("write `{near}`"),
            None => format!("use one of {}", quoted(&known)),
        };
        self.error(text.span, codes::INVALID_VALUE, message, help);
        None
    }

    /// The condition of an `if`.
    pub(super) fn condition(
        &mut self,
        node: NodeRef<'_>,
        key: &str,
        site: Site,
    ) -> Option<Condition> {
        let Some(source) = node.scalar_text() else {
            self.mistyped(node, key, "a condition");
            return None;
        };
        let names = site.names(self.forge)?;
        let condition = match plim_expression::Condition::parse_with(&source, names) {
            Ok(condition) => condition,
            Err(error) => {
                let any = plim_expression::Condition::parse(&source).ok();
                let written = any.as_ref().map(plim_expression::Condition::written);
                self.expression_error(node, &source, &error, written, site);
                any?
            }
        };
        let expressions = spans(node, condition.written());
        Some(Condition { condition, span: node.span(), expressions })
    }

    /// `source`, the text of `node`, split at its expressions.
    pub(super) fn template(&mut self, node: NodeRef<'_>, source: &str, site: Site) -> Text {
        let template = if has_expression(source) {
            self.parsed(node, source, site)
        } else {
            Template::literal(source)
        };
        let expressions = spans(node, &template);
        Text { template, span: node.span(), expressions }
    }

    /// A text that does not read is kept as it is, one that names what it may not is kept parsed.
    fn parsed(&mut self, node: NodeRef<'_>, source: &str, site: Site) -> Template {
        let Some(names) = site.names(self.forge) else {
            self.expression_not_allowed(node, "this key");
            return Template::literal(source);
        };
        match Template::parse_with(source, names) {
            Ok(template) => template,
            Err(error) => {
                let any = Template::parse(source).ok();
                self.expression_error(node, source, &error, any.as_ref(), site);
                any.unwrap_or_else(|| Template::literal(source))
            }
        }
    }

    pub(super) fn expression_not_allowed(&mut self, node: NodeRef<'_>, key: &str) {
        let key = if key == "this key" { key.to_owned() } else { format!("`{key}`") };
        let message = format!("{key} cannot hold an expression");
        let help = "write the value out";
        self.error(node.written_span(), codes::EXPRESSION_NOT_ALLOWED, message, help);
    }
}

/// Where the expressions of `template`, the text of `node`, stand in the file.
fn spans(node: NodeRef<'_>, template: &Template) -> Vec<Span> {
    let mut parts =
        template.expressions().map(|(_, range)| span(range.start, range.end)).peekable();
    // Most texts have none, and following a text through its bytes is not free.
    if parts.peek().is_none() { Vec::new() } else { node.source_spans(parts).collect() }
}

/// The bytes of the file that gave the bytes `start..end` of the text of `node`.
pub(super) fn part(node: NodeRef<'_>, start: usize, end: usize) -> Span {
    node.source_span(span(start, end))
}

fn span(start: usize, end: usize) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(offset(start), offset(end))
}
