//! An excerpt keeps a message on one line, however long the text is that it quotes.

use std::borrow::Cow;

/// The first line of `text`, up to 60 characters, with `…` where something is left out.
///
/// Control characters other than line ends are left as they are: whoever prints must deal with them anyway.
#[must_use]
pub fn excerpt(text: &str) -> Cow<'_, str> {
    let line = text.split(['\n', '\r']).next().unwrap_or("");
    let end = line.char_indices().nth(LONGEST).map_or(line.len(), |(at, _)| at);
    if end == text.len() { Cow::Borrowed(text) } else { Cow::Owned(format!("{}…", &text[..end])) }
}

const LONGEST: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_short_stays() {
        assert_eq!(excerpt("é short"), "é short");
        assert_eq!(excerpt(""), "");
    }

    #[test]
    fn what_is_long_or_has_lines_is_cut() {
        assert_eq!(excerpt("one\r\ntwo"), "one…");
        assert_eq!(excerpt("x\n"), "x…");
        assert_eq!(excerpt(&"é".repeat(61)), format!("{}…", "é".repeat(60)));
        assert_eq!(excerpt(&"é".repeat(60)), "é".repeat(60));
    }
}
