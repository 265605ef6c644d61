//! Reads values from JSON and writes them as JSON.

use std::fmt::Write as _;

use crate::memory::{Budget, Exhausted};
use crate::{Object, Value};

impl Value {
    /// The value that a JSON document says.
    ///
    /// Errors: what is wrong with the document, and where in it.
    pub fn parse_json(json: &str) -> Result<Value, String> {
        let json: serde_json::Value =
            serde_json::from_str(json).map_err(|error| error.to_string())?;
        Ok(Value::from_json(&json))
    }

    /// The value of a JSON tree; of keys that differ in case only, the last value counts.
    pub fn from_json(json: &serde_json::Value) -> Value {
        match json {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(boolean) => Value::Boolean(*boolean),
            serde_json::Value::Number(number) => Value::Number(number.as_f64().unwrap_or(f64::NAN)),
            serde_json::Value::String(text) => Value::from(text.as_str()),
            serde_json::Value::Array(items) => {
                Value::from(items.iter().map(Value::from_json).collect::<Vec<_>>())
            }
            serde_json::Value::Object(entries) => {
                let mut object = Object::new();
                for (key, value) in entries {
                    object.insert(key.as_str(), Value::from_json(value));
                }
                Value::from(object)
            }
        }
    }

    /// The value as a JSON tree: whole numbers without a fraction, NaN and the infinities as `null`.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Value::Null => serde_json::Value::Null,
            Value::Boolean(boolean) => (*boolean).into(),
            Value::Number(number) if number.trunc() == *number && number.abs() < 9e15 => {
                (*number as i64).into()
            }
            Value::Number(number) => (*number).into(),
            Value::String(text) => (**text).into(),
            Value::Array(items) => items.iter().map(Value::to_json).collect(),
            Value::Object(object) => {
                object.iter().map(|(key, value)| (key.to_string(), value.to_json())).collect()
            }
        }
    }
}

/// Writes `value` as `toJSON()` does: two blanks an indent, numbers with up to 15 digits.
///
/// Errors: the text would be larger than `budget` allows.
pub(crate) fn print(value: &Value, budget: &mut Budget) -> Result<String, Exhausted> {
    let mut printer = Printer { text: String::new(), counted: 0, budget };
    printer.value(value, 0)?;
    printer.count()?;
    Ok(printer.text)
}

struct Printer<'a> {
    text: String,
    /// How much of `text` the budget has paid for.
    counted: usize,
    budget: &'a mut Budget,
}

impl Printer<'_> {
    fn value(&mut self, value: &Value, indent: usize) -> Result<(), Exhausted> {
        match value {
            Value::Null => self.text.push_str("null"),
            Value::String(text) => self.string(text),
            Value::Boolean(_) | Value::Number(_) => self.text.push_str(&value.to_text()),
            Value::Array(items) => {
                let items = items.iter().map(|item| (None, item));
                self.collection(['[', ']'], items, indent)?;
            }
            Value::Object(object) => {
                let entries = object.iter().map(|(key, value)| (Some(&**key), value));
                self.collection(['{', '}'], entries, indent)?;
            }
        }
        self.count()
    }

    fn collection<'v>(
        &mut self,
        [open, close]: [char; 2],
        items: impl ExactSizeIterator<Item = (Option<&'v str>, &'v Value)>,
        indent: usize,
    ) -> Result<(), Exhausted> {
        self.text.push(open);
        let last = items.len().saturating_sub(1);
        let empty = items.len() == 0;
        for (i, (key, value)) in items.enumerate() {
            self.line(indent + 1);
            if let Some(key) = key {
                self.string(key);
                self.text.push_str(": ");
            }
            self.value(value, indent + 1)?;
            if i < last {
                self.text.push(',');
            }
        }
        if !empty {
            self.line(indent);
        }
        self.text.push(close);
        Ok(())
    }

    fn line(&mut self, indent: usize) {
        self.text.push('\n');
        self.text.extend(std::iter::repeat_n("  ", indent));
    }

    /// Escapes what Newtonsoft.Json escapes by default.
    fn string(&mut self, text: &str) {
        self.text.push('"');
        for c in text.chars() {
            match c {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\t' => self.text.push_str("\\t"),
                '\u{8}' => self.text.push_str("\\b"),
                '\u{c}' => self.text.push_str("\\f"),
                '\0'..' ' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                    // Writing to a `String` cannot fail.
                    _ = write!(self.text, "\\u{:04x}", u32::from(c));
                }
                _ => self.text.push(c),
            }
        }
        self.text.push('"');
    }

    fn count(&mut self) -> Result<(), Exhausted> {
        self.budget.take(&self.text[self.counted..])?;
        self.counted = self.text.len();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(json: &str) -> String {
        print(&Value::parse_json(json).unwrap(), &mut Budget::new(crate::MAX_MEMORY)).unwrap()
    }

    #[test]
    fn control_characters_are_escaped_as_newtonsoft_does() {
        assert_eq!(printed(r#""\u0001\b\u007f\u2028""#), "\"\\u0001\\b\u{7f}\\u2028\"");
    }

    #[test]
    fn empty_collections_stay_on_one_line() {
        assert_eq!(printed(r#"{"a":[],"b":{}}"#), "{\n  \"a\": [],\n  \"b\": {}\n}");
    }

    #[test]
    fn numbers_have_up_to_fifteen_digits() {
        assert_eq!(
            printed("[0.1e-5, 12345678901234567890]"),
            "[\n  1E-06,\n  1.23456789012346E+19\n]"
        );
    }

    #[test]
    fn whole_numbers_become_integers_in_a_json_tree() {
        let value = Value::parse_json("[1.0, 1.5]").unwrap();
        assert_eq!(value.to_json().to_string(), "[1,1.5]");
    }
}
