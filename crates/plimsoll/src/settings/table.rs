//! Reads values of TOML with their places, and says what else was expected there.

use std::ops::Range;

use plim_diag::{Code, Diagnostic, Span, Spanned};
use toml::de::{DeTable, DeValue};

/// A table whose entries come in the order of the file.
pub(super) struct Table<'a> {
    entries: Vec<(Spanned<&'a str>, Value<'a>)>,
}

/// A value with its place.
pub(super) type Value<'a> = Spanned<&'a DeValue<'a>>;

/// A key with a text, both with their places.
pub(super) struct Pair {
    pub(super) key: Spanned<String>,
    pub(super) value: Spanned<String>,
}

/// Collects what is wrong with a file.
pub(super) struct Reader {
    path: &'static str,
    code: Code,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl<'a> Table<'a> {
    pub(super) fn new(table: &'a DeTable<'a>) -> Self {
        let entry = |(key, value): (&'a toml::Spanned<_>, &'a toml::Spanned<DeValue<'a>>)| {
            let key: &toml::Spanned<std::borrow::Cow<'a, str>> = key;
            let value = Spanned::new(value.get_ref(), span(value.span()));
            (Spanned::new(key.get_ref().as_ref(), span(key.span())), value)
        };
        let mut entries: Vec<_> = table.iter().map(entry).collect();
        entries.sort_by_key(|(key, _)| key.span.start);
        Self { entries }
    }

    pub(super) fn get(&self, key: &str) -> Option<Value<'a>> {
        self.entries.iter().find(|(name, _)| name.value == key).map(|(_, value)| *value)
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = (Spanned<&'a str>, Value<'a>)> {
        self.entries.iter().copied()
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = (&'a str, Span)> {
        self.entries.iter().map(|(key, _)| (key.value, key.span))
    }
}

impl Reader {
    pub(super) fn new(path: &'static str, code: Code) -> Self {
        Self { path, code, diagnostics: vec![] }
    }

    pub(super) fn fault(&mut self, span: Span, message: &str, help: Option<String>) {
        let diagnostic = Diagnostic::error(self.code, message).at(self.path, span);
        self.diagnostics.push(diagnostic.maybe_help(help));
    }

    pub(super) fn table<'a>(&mut self, value: Value<'a>) -> Option<Table<'a>> {
        let table = value.value.as_table();
        self.expect("a table", value, table).map(Table::new)
    }

    pub(super) fn integer(&mut self, value: Value<'_>) -> Option<(i64, Span)> {
        let number = value.value.as_integer();
        let number = number.and_then(|n| i64::from_str_radix(n.as_str(), n.radix()).ok());
        self.expect("a whole number", value, number).map(|number| (number, value.span))
    }

    pub(super) fn text(&mut self, value: Value<'_>) -> Option<String> {
        self.expect("a text in quotes", value, value.value.as_str()).map(str::to_owned)
    }

    pub(super) fn texts(&mut self, value: Value<'_>) -> Vec<Spanned<String>> {
        let array = value.value.as_array();
        let Some(array) = self.expect("a list of texts, such as `[\"a\", \"b\"]`", value, array)
        else {
            return vec![];
        };
        let items = array.iter().map(|item| Spanned::new(item.get_ref(), span(item.span())));
        items.filter_map(|item| Some(Spanned::new(self.text(item)?, item.span))).collect()
    }

    pub(super) fn pairs(&mut self, value: Value<'_>) -> Vec<Pair> {
        let Some(table) = self.table(value) else { return vec![] };
        let pairs = table.entries.into_iter().filter_map(|(key, value)| {
            let text = self.text(value)?;
            Some(Pair { key: key.map(str::to_owned), value: Spanned::new(text, value.span) })
        });
        pairs.collect()
    }

    fn expect<T>(&mut self, wanted: &str, value: Value<'_>, found: Option<T>) -> Option<T> {
        if found.is_none() {
            let message = format!("expected {wanted}, found {}", noun(value.value));
            self.fault(value.span, &message, None);
        }
        found
    }
}

/// The bytes of a place as `toml` counts them.
pub(super) fn span(range: Range<usize>) -> Span {
    let place = |at| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(place(range.start), place(range.end))
}

fn noun(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "a yes or no",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
