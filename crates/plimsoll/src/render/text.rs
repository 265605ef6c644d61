//! Text that others wrote, made safe for a terminal and cut to its width.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const ESCAPE: char = '\u{1b}';
const RESET: &str = "\u{1b}[0m";

/// The text of a log line as a terminal may show it: colours stay if `colors`, everything else that moves
/// the cursor, changes the title or rings the bell goes. Of a line that was overwritten with `\r` the last
/// state stays, as a terminal would show it.
pub(crate) fn printable(line: &str, colors: bool) -> Cow<'_, str> {
    let line = last_state(line);
    if !line.chars().any(is_unsafe) {
        return Cow::Borrowed(line);
    }
    let mut text = String::with_capacity(line.len());
    let mut colored = false;
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        if c == ESCAPE {
            let (sequence, after) = rest.split_at(escape_length(rest));
            if colors && is_color(sequence) {
                text.push_str(sequence);
                colored = true;
            }
            rest = after;
            continue;
        }
        if !is_unsafe(c) {
            text.push(c);
        }
        rest = &rest[c.len_utf8()..];
    }
    if colored {
        text.push_str(RESET);
    }
    Cow::Owned(text)
}

/// A name on one line, without anything that a terminal would take for more than text.
pub(crate) fn name(text: &str) -> String {
    let first: String = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    printable(first.trim(), false).into_owned()
}

/// Cuts `text`, which holds no escape sequences, to `columns`, ending with `…` where something is missing.
pub(crate) fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if text.width() <= columns {
        return Cow::Borrowed(text);
    }
    let Some(room) = columns.checked_sub(1) else { return Cow::Borrowed("") };
    let mut used = 0;
    let fitting = text.chars().take_while(|c| {
        used += c.width().unwrap_or(0);
        used <= room
    });
    let mut cut: String = fitting.collect();
    cut.push('…');
    Cow::Owned(cut)
}

/// Columns that `text` takes on a terminal.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// Fills `text` up to `columns` with blanks.
pub(crate) fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(text.width())))
}

/// What a terminal shows of a line with `\r` in it, roughly: the last part that is not empty.
fn last_state(line: &str) -> &str {
    let line = line.trim_end_matches('\r');
    line.rsplit('\r').next().unwrap_or(line)
}

/// Control characters but the tab, and those that turn the direction of text around.
fn is_unsafe(c: char) -> bool {
    (c.is_control() && c != '\t') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn is_color(sequence: &str) -> bool {
    let parameters = sequence.strip_prefix("\u{1b}[").and_then(|rest| rest.strip_suffix('m'));
    parameters
        .is_some_and(|text| text.chars().all(|c| c.is_ascii_digit() || matches!(c, ';' | ':')))
}

/// The bytes of the escape sequence (ECMA-48) at the start of `text`.
fn escape_length(text: &str) -> usize {
    let mut characters = text.char_indices().skip(1);
    match characters.next() {
        None => text.len(),
        // A control sequence ends with its first letter or sign from `@` to `~`.
        Some((_, '[')) => end(characters.find(|(_, c)| !matches!(c, '\u{20}'..='\u{3f}')), text),
        // Texts for the terminal end with a bell or with `ESC \`.
        Some((_, ']' | 'P' | 'X' | '^' | '_')) => {
            let mut before = '\0';
            let last = characters.find(|(_, c)| {
                let is_end = *c == '\u{7}' || (before == ESCAPE && *c == '\\');
                before = *c;
                is_end
            });
            end(last, text)
        }
        Some(found) => end(Some(found), text),
    }
}

fn end(last: Option<(usize, char)>, text: &str) -> usize {
    last.map_or(text.len(), |(at, c)| at + c.len_utf8())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_text_is_not_copied() {
        assert!(matches!(printable("naïve ✓\t漢", true), Cow::Borrowed(_)));
    }

    #[test]
    fn colours_stay_and_are_ended() {
        let line = "\u{1b}[1;31merror\u{1b}[m: no";
        assert_eq!(printable(line, true), "\u{1b}[1;31merror\u{1b}[m: no\u{1b}[0m");
        assert_eq!(printable(line, false), "error: no");
    }

    #[test]
    fn what_is_more_than_text_goes() {
        let cases = [
            ("\u{1b}[2J\u{1b}[1;1Hgone", "gone"),
            ("\u{1b}]0;title\u{7}a", "a"),
            ("\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
            ("a\u{7}b\u{8}c\u{0}", "abc"),
            ("\u{1b}", ""),
            ("\u{1b}[31", ""),
            ("\u{1b}(Bx", "Bx"),
            ("safe\u{202e}evil", "safeevil"),
        ];
        for (line, text) in cases {
            assert_eq!(printable(line, true), text, "{line:?}");
        }
    }

    #[test]
    fn of_an_overwritten_line_the_last_state_stays() {
        assert_eq!(printable("10%\r50%\r100%\r", true), "100%");
        assert_eq!(printable("windows\r", true), "windows");
    }

    #[test]
    fn a_cut_fits_even_with_wide_characters() {
        assert_eq!(cut("漢字漢字", 5), "漢字…");
        assert_eq!(cut("漢字漢字", 4), "漢…");
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abc", 0), "");
        assert_eq!(pad("漢", 4), "漢  ");
    }

    #[test]
    fn a_name_is_one_line() {
        assert_eq!(name(" Run a\n b\u{1b}[31m "), "Run a  b");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn nothing_unsafe_is_left(line in "([\u{1b}\u{9b}\\[\\]m;0-9a-z\r\u{7}\u{202e}é漢]|.){0,60}") {
            let text = printable(&line, false);
            prop_assert!(!text.chars().any(is_unsafe), "{text:?}");
            prop_assert_eq!(printable(&text, false), text.clone());
            let colored = printable(&line, true);
            let pieces = colored.split(ESCAPE).skip(1);
            prop_assert!(pieces.clone().all(|piece| piece.starts_with('[') && piece.contains('m')));
        }

        #[test]
        fn a_cut_never_exceeds_its_columns(text in "[a-z漢é ]{0,30}", columns in 0..40_usize) {
            prop_assert!(cut(&text, columns).width() <= columns);
        }
    }
}
