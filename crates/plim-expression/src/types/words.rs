//! Words: how a text is known to read.

use std::sync::Arc;

use crate::case;

/// How a text is known to read. Case never counts, as in comparisons.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Words {
    /// In any way.
    #[default]
    Any,
    /// As one of these, or it is empty.
    OneOf(Arc<[Arc<str>]>),
    /// It begins so, or it is empty.
    Begins(&'static str),
    /// It does not begin so.
    BeginsNot(&'static str),
}

/// Longer lists are not kept: nobody reads them, and joining them again and again would cost too much.
const MOST: usize = 64;

impl Words {
    /// Whether the text may be `text`; an empty one always may, since nothing reads as empty.
    pub fn allow(&self, text: &str) -> bool {
        let begins = |start: &str| {
            text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
        };
        text.is_empty()
            || match self {
                Words::Any => true,
                Words::OneOf(words) => words.iter().any(|word| case::equal(word, text)),
                Words::Begins(start) => begins(start),
                Words::BeginsNot(start) => !begins(start),
            }
    }

    /// Whether the text may begin with `part`.
    pub(crate) fn may_begin(&self, part: &str) -> bool {
        match self {
            Words::Begins(start) => {
                case::starts_with(start, part) || case::starts_with(part, start)
            }
            Words::BeginsNot(start) => !case::starts_with(part, start),
            _ => self.may(|word| case::starts_with(word, part)),
        }
    }

    /// Whether one of the words, where they are known, is as `wanted`.
    pub(crate) fn may(&self, wanted: impl Fn(&str) -> bool) -> bool {
        match self {
            Words::OneOf(words) => words.iter().any(|word| wanted(word)),
            _ => true,
        }
    }

    /// How a text reads that reads in one of two ways.
    #[must_use]
    pub fn join(&self, other: &Words) -> Words {
        match (self, other) {
            (Words::OneOf(left), Words::OneOf(right)) => union(left, right),
            (left, right) if left == right => left.clone(),
            _ => Words::Any,
        }
    }

    /// The words, where they are known.
    pub fn known(&self) -> &[Arc<str>] {
        match self {
            Words::OneOf(words) => words,
            _ => &[],
        }
    }
}

fn union(left: &Arc<[Arc<str>]>, right: &Arc<[Arc<str>]>) -> Words {
    let new: Vec<&Arc<str>> = right.iter().filter(|word| !left.contains(word)).collect();
    if new.is_empty() {
        return Words::OneOf(Arc::clone(left));
    }
    if left.len() + new.len() > MOST {
        return Words::Any;
    }
    Words::OneOf(left.iter().chain(new).map(Arc::clone).collect())
}
