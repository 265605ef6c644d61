//! A mistake is a part of an expression that cannot do what it says.

use std::ops::Range;
use std::sync::Arc;

use super::{Shape, Type, Words};
use crate::{Function, Node};

/// A part of an expression that cannot do what it says.
#[derive(Clone, Debug)]
pub struct Mistake<'n> {
    /// Its bytes in the source of the expression.
    pub span: Range<usize>,
    /// Whether it is part of an operand of `||`, so that something else may be given instead.
    pub optional: bool,
    /// What is wrong.
    pub wrong: Wrong<'n>,
}

/// What is wrong with a part of an expression.
#[derive(Clone, Debug)]
pub enum Wrong<'n> {
    /// `object.name`, and the object has no such property.
    Property {
        /// What is read of.
        object: &'n Node,
        /// The property.
        name: &'n str,
        /// What it has.
        shape: Arc<Shape>,
    },
    /// `value.name`, and the value is no object.
    NoObject {
        /// What is read of.
        object: &'n Node,
        /// The property.
        name: &'n str,
        /// What it is.
        kind: Type,
    },
    /// A comparison that always has the same result.
    Comparison {
        /// Whether it always holds; else it never does.
        holds: bool,
        /// Why.
        never: Never<'n>,
    },
    /// A list or an object of which a text is made.
    Compound {
        /// The function that does; `None` for the text that the expression stands in.
        function: Option<&'n Function>,
        /// What is given.
        kind: Type,
    },
    /// A value that the function cannot use: it fails, or gives the same whatever the value is.
    Unusable {
        /// The function.
        function: &'n Function,
        /// What it does with the value.
        effect: &'static str,
        /// What would do, as an instruction.
        help: &'static str,
    },
    /// `contains('a b', value)`, which finds parts of words.
    PartOfText {
        /// The text that is searched.
        text: &'n str,
    },
    /// `condition && value || fallback`, where the value is false, or may be, and so never comes out.
    LostValue {
        /// The value.
        value: &'n Node,
        /// What comes instead.
        fallback: &'n Node,
        /// Whether the value is false whatever happens.
        always: bool,
    },
    /// A text whose being empty is asked for, where `false` may be written in it, which is true.
    TextAsCondition {
        /// The text.
        text: &'n Node,
        /// How it reads.
        words: Words,
    },
    /// The key that the expression stands at takes something else.
    Value {
        /// What it takes, with its article.
        wanted: &'static str,
        /// What it is given.
        kind: Type,
    },
    /// A format text that cannot be filled; says why.
    Format(String),
    /// An argument of `format` that its text does not mention.
    NotMentioned {
        /// Its number, from 0.
        number: usize,
    },
}

/// Why two values are never equal.
#[derive(Clone, Debug)]
pub enum Never<'n> {
    /// No value of the one type equals one of the other.
    Kinds {
        /// The left type.
        left: Type,
        /// The right type.
        right: Type,
    },
    /// A text other than `1` is never equal to `true`.
    TextAndBoolean {
        /// The text.
        text: &'n Node,
    },
    /// The value is none that the other side can have.
    Word {
        /// The side of which all values are known.
        side: &'n Node,
        /// Its type.
        kind: Type,
        /// What it is compared with.
        literal: Arc<str>,
    },
    /// A text of which all values are known, or how they begin, never begins so, ends so or has it in it.
    Part {
        /// The text.
        side: &'n Node,
        /// What is asked: `begins with`, `ends with`, `contains`.
        verb: &'static str,
        /// The part.
        part: &'n str,
    },
}
