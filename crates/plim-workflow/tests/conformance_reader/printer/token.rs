//! Texts and values with expressions in them.

use plim_diag::Span;
use plim_workflow::{Entries, Key, Name, Setting, Text, Token, TokenKind};
use serde_json::{Value, json};

use super::File;

impl File<'_, '_> {
    /// A text: itself, its one expression, or GitHub's `format(…)` of several.
    pub(super) fn text(self, text: &Text) -> Value {
        if let Some(literal) = text.template.is_literal() {
            return self.literal(literal, text.span);
        }
        let mut expressions = text.template.expressions();
        let source = match (text.template.segments.len(), expressions.next()) {
            (1, Some((expression, _))) => expression.source().to_owned(),
            _ => text.template.as_format_call(),
        };
        self.placed(3, text.span, "expr", json!(source))
    }

    pub(super) fn name(self, name: &Name) -> Value {
        self.literal(&name.value, name.span)
    }

    pub(super) fn texts(self, entries: &Entries<Text>) -> Value {
        self.entries(entries, Self::text)
    }

    pub(super) fn entries<T>(
        self,
        entries: &Entries<T>,
        print: impl Fn(Self, &T) -> Value,
    ) -> Value {
        match entries {
            Entries::Expression(whole) => self.text(whole),
            Entries::Mixed(token) => self.token(token),
            Entries::Written(entries) => {
                let print = |(name, value): &(Name, T)| (self.name(name), print(self, value));
                let first = entries.first().map_or(Span::default(), |(name, _)| name.span);
                self.map(entries.iter().map(print).collect(), first)
            }
        }
    }

    pub(super) fn token(self, token: &Token) -> Value {
        match &token.kind {
            TokenKind::Null if self.with_places() => {
                let mut null = self.placed(7, token.span, "null", Value::Null);
                null.as_object_mut().unwrap().remove("null");
                null
            }
            TokenKind::Null => Value::Null,
            TokenKind::Boolean(value) => self.boolean(*value, token.span),
            TokenKind::Number(value) => self.number(*value, token.span),
            TokenKind::Text(text) => self.text(text),
            TokenKind::Sequence(items) => {
                let items = items.iter().map(|item| self.token(item)).collect();
                self.placed(1, token.span, "seq", items)
            }
            TokenKind::Mapping(entries) => {
                let print = |(key, value): &(Key, Token)| (self.key(key), self.token(value));
                self.map(entries.iter().map(print).collect(), token.span)
            }
        }
    }

    fn key(self, key: &Key) -> Value {
        match key {
            Key::Text(text) => self.text(text),
            Key::Insert(span) => self.placed(4, *span, "directive", json!("insert")),
        }
    }

    /// The same where the schema makes every scalar a text, as in containers.
    pub(super) fn textual(self, token: &Token) -> Value {
        match &token.kind {
            TokenKind::Null | TokenKind::Boolean(_) | TokenKind::Number(_) => {
                let text = token.constant().map(|value| value.to_text()).unwrap_or_default();
                self.literal(&text, token.span)
            }
            TokenKind::Sequence(items) => {
                let items = items.iter().map(|item| self.textual(item)).collect();
                self.placed(1, token.span, "seq", items)
            }
            TokenKind::Mapping(entries) => {
                let print = |(key, value): &(Key, Token)| (self.key(key), self.textual(value));
                self.map(entries.iter().map(print).collect(), token.span)
            }
            TokenKind::Text(text) => self.text(text),
        }
    }

    pub(super) fn flag(self, setting: &Setting<bool>) -> Value {
        match setting {
            Setting::Literal(value) => self.boolean(value.value, value.span),
            Setting::Expression(text) => self.text(text),
        }
    }

    pub(super) fn amount(self, setting: &Setting<f64>) -> Value {
        match setting {
            Setting::Literal(value) => self.number(value.value, value.span),
            Setting::Expression(text) => self.text(text),
        }
    }
}

/// Where a setting stands.
pub(super) fn span_of<T>(setting: &Setting<T>) -> Span {
    match setting {
        Setting::Literal(value) => value.span,
        Setting::Expression(text) => text.span,
    }
}
