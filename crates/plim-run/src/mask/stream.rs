//! Cuts what a process writes into lines, and masks the lines that are too long to keep whole.

use super::{Finder, MASK, Masker};

/// The longest line, in bytes, that is handed on whole.
const LONGEST_LINE: usize = 4 * 1024 * 1024;

/// Of UTF-8, in bytes: as much is kept back at least, so that no cut splits a character.
const LONGEST_CHARACTER: usize = 4;

/// A line, without its end.
#[derive(Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// A whole line as it was written. **Not masked**, because commands and problem matchers read it so; mask it
    /// before any reader sees it.
    Whole(&'a str),
    /// A part of a line that never seems to end, masked already. It is no command.
    Part(String),
}

/// Reads one stream of a process, in whatever pieces it comes.
///
/// Lines end at `\n`, `\r\n` and `\r`, as in .NET's readers. Bytes that are not UTF-8 become U+FFFD. No secret
/// escapes at the border of two pieces, nor where a long line is cut.
pub struct StreamMasker {
    masker: Masker,
    longest_line: usize,
    pending: Vec<u8>,
    /// How many bytes of `pending` belong to a secret whose mask ended the part before; none when none did.
    covered: Option<usize>,
    /// Parts of this line were handed on before.
    cut: bool,
    after_return: bool,
}

impl StreamMasker {
    /// For a stream that begins.
    pub fn new(masker: Masker) -> Self {
        let (longest_line, pending) = (LONGEST_LINE, Vec::new());
        Self { masker, longest_line, pending, covered: None, cut: false, after_return: false }
    }

    /// Takes `bytes` and hands on every line that they complete.
    pub fn push(&mut self, mut bytes: &[u8], each: &mut dyn FnMut(Line<'_>)) {
        if bytes.is_empty() {
            return;
        }
        if self.after_return {
            bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
            self.after_return = false;
        }
        while let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            self.extend(&bytes[..end], each);
            self.end_line(each);
            let both = bytes[end..].starts_with(b"\r\n");
            self.after_return = &bytes[end..] == b"\r";
            bytes = &bytes[end + 1 + usize::from(both)..];
        }
        self.extend(bytes, each);
    }

    /// Hands on the last line, if the stream did not end it.
    pub fn finish(mut self, each: &mut dyn FnMut(Line<'_>)) {
        if !self.pending.is_empty() {
            self.end_line(each);
        }
    }

    fn extend(&mut self, mut bytes: &[u8], each: &mut dyn FnMut(Line<'_>)) {
        loop {
            let finder = self.masker.finder();
            let longest =
                finder.as_deref().map_or(0, |finder| finder.longest).max(LONGEST_CHARACTER);
            let room = (self.longest_line + longest).saturating_sub(self.pending.len());
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.pending.extend_from_slice(now);
            if later.is_empty() {
                return;
            }
            bytes = later;
            self.cut_line(finder.as_deref(), longest, each);
        }
    }

    /// Hands on all of `pending` but what may begin a secret that goes on in what comes next.
    fn cut_line(
        &mut self,
        finder: Option<&Finder>,
        longest: usize,
        each: &mut dyn FnMut(Line<'_>),
    ) {
        let mut end = self.pending.len().saturating_sub(longest - 1);
        // A character has three bytes more than its first at most; what has more is no text.
        let inside = |end: usize| self.pending.get(end).is_some_and(|byte| byte & 0xC0 == 0x80);
        let back = (0..4).find(|back| !inside(end.saturating_sub(*back))).unwrap_or(0);
        end = end.saturating_sub(back).max(1);
        let (text, covered) = self.masked(finder, end);
        self.pending.drain(..end);
        (self.covered, self.cut) = (covered, true);
        each(Line::Part(text));
    }

    fn end_line(&mut self, each: &mut dyn FnMut(Line<'_>)) {
        if self.cut {
            let finder = self.masker.finder();
            let (text, _) = self.masked(finder.as_deref(), self.pending.len());
            each(Line::Part(text));
        } else {
            each(Line::Whole(&String::from_utf8_lossy(&self.pending)));
        }
        self.pending.clear();
        (self.covered, self.cut) = (None, false);
    }

    /// The first `end` bytes masked, and what is then `covered`.
    fn masked(&self, finder: Option<&Finder>, end: usize) -> (String, Option<usize>) {
        let ranges =
            finder.map_or_else(Vec::new, |finder| finder.ranges(&self.pending, self.covered));
        let mut masked = Vec::with_capacity(end);
        let (mut done, mut covered) = (0, None);
        for range in ranges.into_iter().filter(|range| range.start < end) {
            masked.extend_from_slice(&self.pending[done..range.start]);
            if range.start > 0 || self.covered.is_none() {
                masked.extend_from_slice(MASK.as_bytes());
            }
            done = range.end.min(end);
            covered = range.end.checked_sub(end);
        }
        masked.extend_from_slice(&self.pending[done..end]);
        (String::from_utf8_lossy(&masked).into_owned(), covered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a reader sees: whole lines masked by it, parts as they are.
    fn seen(masker: &Masker, longest_line: usize, pieces: &[&[u8]]) -> Vec<String> {
        let mut lines = Vec::new();
        let mut each = |line: Line<'_>| {
            lines.push(match line {
                Line::Whole(text) => masker.mask(text).into_owned(),
                Line::Part(text) => text,
            });
        };
        let mut stream = StreamMasker { longest_line, ..StreamMasker::new(masker.clone()) };
        for piece in pieces {
            stream.push(piece, &mut each);
        }
        stream.finish(&mut each);
        lines
    }

    fn masker(values: &[&str]) -> Masker {
        let masker = Masker::default();
        values.iter().for_each(|value| masker.add_value(value));
        masker
    }

    #[test]
    fn lines_end_as_on_any_system() {
        let none = Masker::default();
        assert_eq!(seen(&none, 99, &[b"a\nb\r\nc\rd"]), ["a", "b", "c", "d"]);
        assert_eq!(seen(&none, 99, &[b"a\r", b"\nb\r", b"c"]), ["a", "b", "c"]);
        assert_eq!(seen(&none, 99, &[b"a\r", b"", b"\n\n"]), ["a", ""]);
        assert_eq!(seen(&none, 99, &[b"a\r", b"\n", b"\n", b"b"]), ["a", "", "b"]);
        assert_eq!(seen(&none, 99, &[b"\n\n"]), ["", ""]);
        assert_eq!(seen(&none, 99, &[]), Vec::<String>::new());
        assert_eq!(seen(&none, 99, &[b"\xFFa\n"]), ["\u{FFFD}a"]);
    }

    #[test]
    fn semantic_24_a_secret_in_two_writes_is_masked() {
        let masker = masker(&["hunter2-hunter2"]);
        assert_eq!(seen(&masker, 99, &[b"x hunter2", b"-hun", b"ter2 y\n"]), ["x *** y"]);
    }

    #[test]
    fn a_secret_at_the_cut_of_a_long_line_is_masked() {
        let masker = masker(&["secret"]);
        for before in 0..40 {
            let text = format!("{}secret{}", "x".repeat(before), "y".repeat(40 - before));
            let seen = seen(&masker, 10, &[text.as_bytes()]).concat();
            assert_eq!(seen, text.replace("secret", MASK), "{before}");
        }
    }

    #[test]
    fn a_chain_of_secrets_longer_than_any_line_is_one_mask() {
        let masker = masker(&["aa"]);
        let text = format!("b{}b", "a".repeat(100));
        assert_eq!(seen(&masker, 10, &[text.as_bytes()]).concat(), "b***b");
    }

    #[test]
    fn a_long_line_is_not_cut_within_a_character() {
        let text = "\u{20ac}".repeat(50);
        assert_eq!(seen(&Masker::default(), 10, &[text.as_bytes()]).concat(), text);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn pieces_and_cuts_change_nothing(
            values in prop::collection::vec("[abc]{1,5}", 0..3),
            text in "[abc\u{20ac}]{0,60}",
            piece in 1..9usize,
        ) {
            let values: Vec<_> = values.iter().map(String::as_str).collect();
            let masker = masker(&values);
            let pieces: Vec<_> = text.as_bytes().chunks(piece).collect();
            let whole = masker.mask(&text).into_owned();
            prop_assert_eq!(seen(&masker, 7, &pieces).concat(), whole.clone());
            prop_assert_eq!(seen(&masker, 7, &[text.as_bytes()]).concat(), whole);
        }

        #[test]
        fn no_bytes_make_it_panic(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 0..10)) {
            let pieces: Vec<_> = pieces.iter().map(Vec::as_slice).collect();
            seen(&masker(&["ab", "\u{e9}"]), 5, &pieces);
        }
    }
}
