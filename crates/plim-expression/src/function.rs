//! The functions that every expression may call, and how a call names its function.

use std::fmt;
use std::sync::Arc;

/// A function of the language itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BuiltIn {
    /// `case(condition, value, …, otherwise)`: the value of the first condition that is true.
    Case,
    /// `contains(search, item)`: whether a text has a part, or an array an item.
    Contains,
    /// `endsWith(text, suffix)`.
    EndsWith,
    /// `format(text, …)`: the text with `{0}` and so on replaced.
    Format,
    /// `fromJSON(text)`.
    FromJson,
    /// `join(array, separator)`; the separator is `,` when left out.
    Join,
    /// `startsWith(text, prefix)`.
    StartsWith,
    /// `toJSON(value)`.
    ToJson,
}

impl BuiltIn {
    /// Every function of the language.
    pub const ALL: [BuiltIn; 8] = [
        BuiltIn::Case,
        BuiltIn::Contains,
        BuiltIn::EndsWith,
        BuiltIn::Format,
        BuiltIn::FromJson,
        BuiltIn::Join,
        BuiltIn::StartsWith,
        BuiltIn::ToJson,
    ];

    /// The name as GitHub's documentation spells it; a call may use any case.
    pub fn name(self) -> &'static str {
        match self {
            BuiltIn::Case => "case",
            BuiltIn::Contains => "contains",
            BuiltIn::EndsWith => "endsWith",
            BuiltIn::Format => "format",
            BuiltIn::FromJson => "fromJSON",
            BuiltIn::Join => "join",
            BuiltIn::StartsWith => "startsWith",
            BuiltIn::ToJson => "toJSON",
        }
    }

    /// The least and the greatest number of arguments; `case` also needs an odd number.
    pub fn arity(self) -> (usize, usize) {
        match self {
            BuiltIn::Case => (3, 255),
            BuiltIn::Contains | BuiltIn::EndsWith | BuiltIn::StartsWith => (2, 2),
            BuiltIn::Format => (1, 255),
            BuiltIn::FromJson | BuiltIn::ToJson => (1, 1),
            BuiltIn::Join => (1, 2),
        }
    }

    /// The function of that name, in any case.
    pub fn named(name: &str) -> Option<BuiltIn> {
        BuiltIn::ALL.into_iter().find(|function| function.name().eq_ignore_ascii_case(name))
    }
}

/// What a call calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Function {
    /// A function of the language.
    BuiltIn(BuiltIn),
    /// A function that the surroundings offer, as [`crate::Names`] spells it: `hashFiles`, `success`.
    Extension(Arc<str>),
}

impl Function {
    /// The function's name in its usual spelling.
    pub fn name(&self) -> &str {
        match self {
            Function::BuiltIn(function) => function.name(),
            Function::Extension(name) => name,
        }
    }
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
