//! Types: what is known of the value of an expression before anything is evaluated.
//!
//! A type says what a value is *when it is there*; whatever is read of a context may also be `null`. Where nothing
//! certain can be said, the type is [`Type::Any`], and nothing is concluded from it.

mod call;
mod compare;
mod infer;
mod mistake;
mod shape;
mod truth;
mod words;

use std::sync::Arc;

pub use infer::{Contexts, infer, infer_condition};
pub use mistake::{Mistake, Never, Wrong};
pub use shape::Shape;
pub use truth::truth;
pub use words::Words;

use crate::Value;

/// What is known of a value.
#[derive(Clone, Debug, Default)]
pub enum Type {
    /// Nothing is known.
    #[default]
    Any,
    /// It is `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// A text, and what is known of how it reads.
    Text(Words),
    /// A list whose items are of one type.
    Array(Arc<Type>),
    /// Named values.
    Object(Arc<Shape>),
}

impl Type {
    /// Any text.
    pub const TEXT: Type = Type::Text(Words::Any);

    /// A text that is one of `words`.
    pub fn one_of<T: AsRef<str>>(words: impl IntoIterator<Item = T>) -> Type {
        Type::Text(Words::OneOf(words.into_iter().map(|word| Arc::from(word.as_ref())).collect()))
    }

    /// A list of items of type `item`.
    pub fn array(item: Type) -> Type {
        Type::Array(Arc::new(item))
    }

    /// An object that has these properties and no others.
    pub fn object<N: Into<Arc<str>>>(properties: impl IntoIterator<Item = (N, Type)>) -> Type {
        Type::Object(Arc::new(Shape::closed(properties)))
    }

    /// An object with any properties, all of type `property`.
    pub fn map(property: Type) -> Type {
        Type::Object(Arc::new(Shape::open::<&str>([], property)))
    }

    /// The type of `value`, as exactly as types can say.
    pub fn of(value: &Value) -> Type {
        match value {
            Value::Null => Type::Null,
            Value::Boolean(_) => Type::Boolean,
            Value::Number(_) => Type::Number,
            Value::String(text) => Type::Text(Words::OneOf([Arc::clone(text)].into())),
            Value::Array(items) => Type::array(Type::joined(items.iter().map(Type::of))),
            Value::Object(object) => {
                Type::object(object.iter().map(|(name, value)| (Arc::clone(name), Type::of(value))))
            }
        }
    }

    /// What is known of a value that is of this type or of `other`.
    #[must_use]
    pub fn join(&self, other: &Type) -> Type {
        match (self, other) {
            (Type::Null, known) | (known, Type::Null) => known.clone(),
            (Type::Boolean, Type::Boolean) => Type::Boolean,
            (Type::Number, Type::Number) => Type::Number,
            (Type::Text(left), Type::Text(right)) => Type::Text(left.join(right)),
            (Type::Array(left), Type::Array(right)) => Type::array(left.join(right)),
            (Type::Object(left), Type::Object(right)) if Arc::ptr_eq(left, right) => self.clone(),
            (Type::Object(left), Type::Object(right)) => Type::Object(Arc::new(left.join(right))),
            _ => Type::Any,
        }
    }

    /// What is known of a value that is of one of `types`; [`Type::Any`] when there are none.
    pub fn joined(types: impl IntoIterator<Item = Type>) -> Type {
        let joined = types.into_iter().reduce(|all, next| all.join(&next));
        joined.unwrap_or_default()
    }

    /// What a person calls it, with its article.
    pub fn describe(&self) -> &'static str {
        match self {
            Type::Any => "a value",
            Type::Null => "`null`",
            Type::Boolean => "a boolean",
            Type::Number => "a number",
            Type::Text(_) => "a text",
            Type::Array(_) => "a list",
            Type::Object(_) => "an object",
        }
    }

    /// Whether it is a list or an object, which no text can hold.
    pub fn is_compound(&self) -> bool {
        matches!(self, Type::Array(_) | Type::Object(_))
    }
}

#[cfg(test)]
mod tests;
