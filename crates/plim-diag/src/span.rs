//! A span says which bytes of a source text something was read from.

use std::ops::Range;

use serde::Serialize;

/// A half-open range of bytes in a source text.
///
/// Texts are below 4 GiB; everything that makes spans refuses larger ones long before.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
}

impl Span {
    /// The bytes from `start` up to, not including, `end`; an `end` before `start` makes an empty span at `start`.
    #[must_use]
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end: if end < start { start } else { end } }
    }

    /// No bytes, at `offset`: the place where something is missing.
    #[must_use]
    pub const fn empty_at(offset: u32) -> Self {
        Self { start: offset, end: offset }
    }

    /// All of `text`.
    #[must_use]
    pub fn whole(text: &str) -> Self {
        Self { start: 0, end: u32::try_from(text.len()).unwrap_or(u32::MAX) }
    }

    /// Number of bytes.
    #[must_use]
    pub const fn len(self) -> u32 {
        self.end - self.start
    }

    /// Whether it has no bytes.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether the byte at `offset` is inside; an empty span contains nothing.
    #[must_use]
    pub const fn contains(self, offset: u32) -> bool {
        self.start <= offset && offset < self.end
    }

    /// Whether all of `other` lies inside.
    #[must_use]
    pub const fn encloses(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The smallest span around both.
    #[must_use]
    pub fn cover(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The span moved `by` bytes towards the end: a span inside a scalar becomes one inside its file.
    #[must_use]
    pub const fn shift(self, by: u32) -> Self {
        Self { start: self.start.saturating_add(by), end: self.end.saturating_add(by) }
    }

    /// The range to index a text with.
    #[must_use]
    pub const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The bytes of `text` it names, or `None` where the text is another one.
    #[must_use]
    pub fn text(self, text: &str) -> Option<&str> {
        text.get(self.range())
    }
}

impl From<Range<u32>> for Span {
    fn from(range: Range<u32>) -> Self {
        Self::new(range.start, range.end)
    }
}

/// A value with the place it was read from.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Default, Serialize)]
pub struct Spanned<T> {
    /// What was read.
    pub value: T,
    /// Where it was read.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// `value`, read at `span`.
    #[must_use]
    pub const fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// The same place with another value.
    #[must_use]
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: change(self.value), span: self.span }
    }

    /// The value by reference.
    #[must_use]
    pub const fn as_ref(&self) -> Spanned<&T> {
        Spanned { value: &self.value, span: self.span }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_half_open() {
        let span = Span::new(2, 4);
        assert_eq!((span.len(), span.is_empty()), (2, false));
        assert!(!span.contains(1) && span.contains(2) && span.contains(3) && !span.contains(4));
        assert!(span.encloses(Span::empty_at(4)) && !span.encloses(Span::new(3, 5)));
        assert_eq!(span.text("abcdef"), Some("cd"));
        assert_eq!(span.text("abc"), None);
    }

    #[test]
    fn an_end_before_the_start_is_an_empty_span() {
        assert_eq!(Span::new(5, 3), Span::empty_at(5));
    }

    #[test]
    fn spans_cover_and_shift() {
        assert_eq!(Span::new(1, 2).cover(Span::new(4, 9)), Span::new(1, 9));
        assert_eq!(Span::new(1, 2).shift(10), Span::new(11, 12));
    }

    #[test]
    fn a_spanned_value_keeps_its_place() {
        let spanned = Spanned::new("7", Span::new(3, 4));
        assert_eq!(spanned.as_ref().map(|text| text.len()), Spanned::new(1, Span::new(3, 4)));
    }
}
