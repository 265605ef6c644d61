//! Compares texts without regard to case, as .NET's `OrdinalIgnoreCase` does.
//!
//! Every character is replaced by its simple invariant upper case; no character becomes two, and no
//! language's rules apply. `ß` is thus not `SS`, and the Turkish dotless `ı` is not `I`.

use std::borrow::Cow;
use std::cmp::Ordering;

/// Whether both texts are equal but for case.
pub(crate) fn equal(left: &str, right: &str) -> bool {
    if left.is_ascii() && right.is_ascii() {
        return left.eq_ignore_ascii_case(right);
    }
    left.chars().map(upper).eq(right.chars().map(upper))
}

/// Orders both texts but for case, by the UTF-16 units of their upper case.
pub(crate) fn compare(left: &str, right: &str) -> Ordering {
    units(left).cmp(units(right))
}

/// Whether `text` begins with `prefix` but for case.
pub(crate) fn starts_with(text: &str, prefix: &str) -> bool {
    let mut text = text.chars().map(upper);
    prefix.chars().map(upper).all(|expected| text.next() == Some(expected))
}

/// Whether `text` ends with `suffix` but for case.
pub(crate) fn ends_with(text: &str, suffix: &str) -> bool {
    let mut text = text.chars().rev().map(upper);
    suffix.chars().rev().map(upper).all(|expected| text.next() == Some(expected))
}

/// Whether `part` occurs in `text` but for case.
pub(crate) fn contains(text: &str, part: &str) -> bool {
    folded(text).contains(&*folded(part))
}

/// A form of `text` that is the same for all texts equal but for case.
///
/// ASCII letters become lower case, because that is how keys are mostly written: nothing is copied.
pub(crate) fn folded(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| fold(c) == c) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().map(fold).collect())
    }
}

fn fold(c: char) -> char {
    if c.is_ascii() { c.to_ascii_lowercase() } else { upper(c) }
}

fn units(text: &str) -> impl Iterator<Item = u16> {
    text.chars().flat_map(|c| {
        let mut buffer = [0; 2];
        let length = upper(c).encode_utf16(&mut buffer).len();
        buffer.into_iter().take(length)
    })
}

fn upper(c: char) -> char {
    // The invariant culture leaves these two alone, though Unicode maps them to `I` and `S`.
    if c.is_ascii() || matches!(c, 'ı' | 'ſ') {
        return c.to_ascii_uppercase();
    }
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(single), None) => single,
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_map_one_to_one() {
        assert!(equal("äÖ", "ÄÖ"));
        assert!(!equal("ß", "SS"));
        assert!(!equal("ı", "I"));
        assert!(!equal("K", "\u{212a}"));
    }

    #[test]
    fn order_is_that_of_utf16_units_of_the_upper_case() {
        // `_` lies between the upper and the lower case letters.
        assert_eq!(compare("a", "_"), Ordering::Less);
        assert_eq!(compare("\u{1f600}", "\u{ff5e}"), Ordering::Less);
    }

    #[test]
    fn ends_and_parts_ignore_case_too() {
        assert!(starts_with("Refs/Heads", "refs/"));
        assert!(!starts_with("re", "refs"));
        assert!(ends_with("v1.0-RC", "-rc"));
        assert!(contains("Straße", "AßE"));
    }
}
