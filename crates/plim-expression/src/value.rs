//! The values of the expression language and their coercions.

use std::fmt;
use std::sync::{Arc, LazyLock};

use crate::{Object, number};

/// A value of the expression language.
///
/// Cloning is cheap: texts, arrays and objects are shared. Arrays and objects are equal in an
/// expression only when they are the same (`Arc::ptr_eq`); [`Value::deep_eq`] compares what they hold.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// `null`, and what is not there.
    #[default]
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A double-precision number, which may be NaN or infinite.
    Number(f64),
    /// A text.
    String(Arc<str>),
    /// A list of values.
    Array(Arc<Vec<Value>>),
    /// Named values.
    Object(Arc<Object>),
}

/// The kind of a [`Value`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// A text.
    String,
    /// A list.
    Array,
    /// A map.
    Object,
}

impl Kind {
    /// The name that GitHub gives the kind: `Null`, `Boolean`, `Number`, `String`, `Array`, `Object`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Null => "Null",
            Kind::Boolean => "Boolean",
            Kind::Number => "Number",
            Kind::String => "String",
            Kind::Array => "Array",
            Kind::Object => "Object",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

static EMPTY: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from(""));
static TRUE: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from("true"));
static FALSE: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from("false"));

impl Value {
    /// The empty text.
    pub fn empty() -> Value {
        Value::String(Arc::clone(&EMPTY))
    }

    /// What kind of value this is.
    pub fn kind(&self) -> Kind {
        match self {
            Value::Null => Kind::Null,
            Value::Boolean(_) => Kind::Boolean,
            Value::Number(_) => Kind::Number,
            Value::String(_) => Kind::String,
            Value::Array(_) => Kind::Array,
            Value::Object(_) => Kind::Object,
        }
    }

    /// Whether this is neither array nor object.
    pub fn is_primitive(&self) -> bool {
        !matches!(self, Value::Array(_) | Value::Object(_))
    }

    /// Whether a condition with this value holds: not `null`, `false`, `0`, NaN or the empty text.
    pub fn is_truthy(&self) -> bool {
        match self {
            Value::Null => false,
            Value::Boolean(boolean) => *boolean,
            Value::Number(number) => *number != 0.0 && !number.is_nan(),
            Value::String(text) => !text.is_empty(),
            Value::Array(_) | Value::Object(_) => true,
        }
    }

    /// The value as a number, by the rules of JavaScript's `Number()`; arrays and objects are NaN.
    pub fn to_number(&self) -> f64 {
        match self {
            Value::Null => 0.0,
            Value::Boolean(boolean) => f64::from(u8::from(*boolean)),
            Value::Number(number) => *number,
            Value::String(text) => number::parse(text),
            Value::Array(_) | Value::Object(_) => f64::NAN,
        }
    }

    /// The value as text; arrays are `Array`, objects `Object`, numbers have up to 15 digits.
    pub fn to_text(&self) -> Arc<str> {
        match self {
            Value::Null => Arc::clone(&EMPTY),
            Value::Boolean(true) => Arc::clone(&TRUE),
            Value::Boolean(false) => Arc::clone(&FALSE),
            Value::Number(number) => number::print(*number).into(),
            Value::String(text) => Arc::clone(text),
            Value::Array(_) | Value::Object(_) => self.kind().name().into(),
        }
    }

    /// The value of `key` when this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Value::Object(object) => object.get(key),
            _ => None,
        }
    }

    /// The text when this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// Whether both values have the same kind and content, as a matrix `exclude` compares them.
    ///
    /// Texts are compared exactly, and the order of an object's keys does not matter.
    pub fn deep_eq(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Boolean(left), Value::Boolean(right)) => left == right,
            (Value::Number(left), Value::Number(right)) => left == right,
            (Value::String(left), Value::String(right)) => left == right,
            (Value::Array(left), Value::Array(right)) => {
                left.len() == right.len() && left.iter().zip(&**right).all(|(l, r)| l.deep_eq(r))
            }
            (Value::Object(left), Value::Object(right)) => {
                let same = |(key, value): (&Arc<str>, &Value)| {
                    right.get(key).is_some_and(|other| value.deep_eq(other))
                };
                left.len() == right.len() && left.iter().all(same)
            }
            _ => false,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::String(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::String(text.into())
    }
}

impl From<Arc<str>> for Value {
    fn from(text: Arc<str>) -> Self {
        Value::String(text)
    }
}

impl From<bool> for Value {
    fn from(boolean: bool) -> Self {
        Value::Boolean(boolean)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Value::Number(number)
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Value::Array(Arc::new(items))
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Value::Object(Arc::new(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_compared_without_regard_to_the_order_of_keys() {
        let left = Value::parse_json(r#"{"os": "linux", "n": [1, {"a": null}]}"#).unwrap();
        let right = Value::parse_json(r#"{"n": [1, {"a": null}], "os": "linux"}"#).unwrap();
        assert!(left.deep_eq(&right));
        assert!(!left.deep_eq(&Value::parse_json(r#"{"os": "linux", "n": [1]}"#).unwrap()));
        assert!(!Value::from("1").deep_eq(&Value::from(1.0)));
    }

    #[test]
    fn semantic_30_arrays_and_objects_print_their_kind() {
        assert_eq!(&*Value::from(vec![Value::Null]).to_text(), "Array");
        assert_eq!(&*Value::from(Object::new()).to_text(), "Object");
    }
}
