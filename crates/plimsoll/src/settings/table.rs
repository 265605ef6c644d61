//! Reads values of TOML with their places, and says what else was expected there.

use std::{ops::Range, sync::Arc};

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
    path: Arc<str>,
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
    pub(super) fn new(path: &str, code: Code) -> Self {
        Self { path: path.into(), code, diagnostics: vec![] }
    }

    pub(super) fn fault(&mut self, span: Span, message: &str, help: Option<String>) {
        let diagnostic = Diagnostic::error(self.code, message).at(Arc::clone(&self.path), span);
        self.diagnostics.push(diagnostic.maybe_help(help));
    }

    pub(super) fn table<'a>(&mut self, value: Value<'a>) -> Option<Table<'a>> {
        let table = value.value.as_table();
        self.expect("a table", value, table).map(Table::new)
    }

    /// The tables of a list, or the one that stands there without a list; `wanted` says what is expected.
    pub(super) fn tables<'a>(&mut self, wanted: &str, value: Value<'a>) -> Vec<Spanned<Table<'a>>> {
        let items: Vec<Value<'a>> = match value.value {
            DeValue::Array(array) => {
                array.iter().map(|item| Spanned::new(item.get_ref(), span(item.span()))).collect()
            }
            _ => vec![value],
        };
        let tables = items.into_iter().filter_map(|item| {
            let table = self.expect(wanted, item, item.value.as_table())?;
            Some(Spanned::new(Table::new(table), item.span))
        });
        tables.collect()
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

/// What `read` understands of the file `path` with this `text`, and what is wrong with it in the order of its lines.
pub(super) fn document<T: Default>(
    path: &str,
    code: Code,
    text: &str,
    read: impl FnOnce(&mut Reader, &Table<'_>) -> T,
) -> (T, Vec<Diagnostic>) {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader::new(path, code);
    for error in &errors {
        let span = error.span().map_or_else(Span::default, span);
        reader.fault(span, error.message(), None);
    }
    let mut value = T::default();
    if errors.is_empty() {
        value = read(&mut reader, &Table::new(document.get_ref()));
    }
    reader.diagnostics.sort_by_key(|diagnostic| diagnostic.span().map(|span| span.start));
    (value, reader.diagnostics)
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
