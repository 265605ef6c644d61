//! Folding turns the lines of a scalar into its value; followed here so that a place in the value has one in the source.

use std::ops::Range;

use plim_diag::Span;

use super::arena::{Style, offset};
use super::spans::{is_break, line_end_len, until};

/// The value of a scalar, and where its pieces come from.
#[derive(Debug, Default)]
pub(super) struct Folded {
    pub(super) text: String,
    pieces: Vec<Piece>,
}

/// `len` bytes of the value that stand in the source as they are; none for a character that the source writes otherwise.
#[derive(Debug)]
struct Piece {
    value: usize,
    source: usize,
    len: usize,
}

impl Folded {
    /// Reads a plain or quoted scalar from its bytes `span` of `source`, however its lines are indented.
    pub(super) fn flow(source: &str, span: Span, style: Style) -> Self {
        let quotes = usize::from(style != Style::Plain);
        let range = span.range();
        let end = range.end.saturating_sub(quotes).max(range.start + quotes);
        let mut lines =
            FlowLines { source, at: range.start + quotes, end, folded: Self::default() };
        lines.read(style);
        lines.folded.finish(end)
    }

    /// Follows a block scalar whose value is `text` through its bytes `span` of `source`, header first.
    pub(super) fn block(source: &str, span: Span, text: &str) -> Self {
        let mut folded = Self { text: text.into(), pieces: vec![] };
        let range = span.range();
        if let Some(indent) = block_indent(&source[range.clone()], text) {
            folded.follow_lines(source, range.clone(), indent);
        }
        folded.finish(range.end)
    }

    /// The offset in the source of the byte at `offset` of the value; its end for what lies beyond.
    pub(super) fn source_offset(&self, value: usize) -> usize {
        let after = self.pieces.partition_point(|piece| piece.value <= value);
        let Some(piece) = after.checked_sub(1).and_then(|at| self.pieces.get(at)) else {
            return self.pieces.first().map_or(0, |piece| piece.source);
        };
        piece.source + (value - piece.value).min(piece.len)
    }

    fn verbatim(&mut self, source: usize, text: &str) {
        if !text.is_empty() {
            self.pieces.push(Piece { value: self.text.len(), source, len: text.len() });
            self.text.push_str(text);
        }
    }

    fn other(&mut self, source: usize, character: char) {
        self.pieces.push(Piece { value: self.text.len(), source, len: 0 });
        self.text.push(character);
    }

    fn finish(mut self, end: usize) -> Self {
        self.pieces.push(Piece { value: self.text.len(), source: end, len: 0 });
        self
    }

    /// Finds the text of every source line in the value; between two lines the value has breaks or one blank.
    fn follow_lines(&mut self, source: &str, range: Range<usize>, indent: usize) {
        let mut at = range.start + until(&source.as_bytes()[range.clone()], is_break);
        let (mut value, mut header) = (0, true);
        while at < range.end {
            if !std::mem::take(&mut header) {
                value += self.follow_break(value, at);
            }
            at = (at + line_end_len(&source[at..])).min(range.end);
            let line = &source[at..at + until(&source.as_bytes()[at..range.end], is_break)];
            let spaces = until(line.as_bytes(), |byte| byte != b' ').min(indent);
            value += self.follow_text(value, at + spaces, &line[spaces..]);
            at += line.len();
        }
    }

    /// Number of bytes of the value that the text of the line at `source` gave.
    fn follow_text(&mut self, value: usize, source: usize, content: &str) -> usize {
        if content.is_empty() || !self.text[value..].starts_with(content) {
            return 0;
        }
        self.pieces.push(Piece { value, source, len: content.len() });
        content.len()
    }

    /// Number of bytes of the value that the line end at `source` gave.
    fn follow_break(&mut self, value: usize, source: usize) -> usize {
        if !self.text[value..].starts_with(['\n', ' ']) {
            return 0;
        }
        self.pieces.push(Piece { value, source, len: 0 });
        1
    }
}

/// How deep the lines of a block scalar are indented: what the first line with text has in the source and not in the value.
fn block_indent(raw: &str, text: &str) -> Option<usize> {
    let body = &raw[until(raw.as_bytes(), is_break)..];
    Some(first_indentation(body)?.saturating_sub(first_indentation(text)?))
}

fn first_indentation(text: &str) -> Option<usize> {
    text.split(['\n', '\r'])
        .find(|line| !line.trim_matches([' ', '\t']).is_empty())
        .map(|line| until(line.as_bytes(), |byte| byte != b' '))
}

struct FlowLines<'s> {
    source: &'s str,
    at: usize,
    end: usize,
    folded: Folded,
}

impl FlowLines<'_> {
    fn read(&mut self, style: Style) {
        while self.at < self.end {
            match self.source.as_bytes()[self.at] {
                b' ' | b'\t' => self.blanks(),
                b'\n' | b'\r' => self.breaks(),
                b'\'' if style == Style::SingleQuoted => self.escape('\'', 2),
                b'\\' if style == Style::DoubleQuoted => self.backslash(),
                _ => self.words(style),
            }
        }
    }

    fn rest(&self) -> &str {
        &self.source[self.at..self.end]
    }

    fn words(&mut self, style: Style) {
        let special = |byte| match byte {
            b'\'' => style == Style::SingleQuoted,
            b'\\' => style == Style::DoubleQuoted,
            _ => matches!(byte, b' ' | b'\t') || is_break(byte),
        };
        let len = until(self.rest().as_bytes(), special);
        self.folded.verbatim(self.at, &self.source[self.at..self.at + len]);
        self.at += len;
    }

    /// Blanks before a line end are dropped, all others stay.
    fn blanks(&mut self) {
        let len = self.blank_len();
        let next = self.source.as_bytes()[..self.end].get(self.at + len);
        if !next.is_some_and(|&byte| is_break(byte)) {
            self.folded.verbatim(self.at, &self.source[self.at..self.at + len]);
        }
        self.at += len;
    }

    /// One line end is a blank; of several, all but the first stay.
    fn breaks(&mut self) {
        let first = self.at;
        self.line_end();
        if !self.empty_lines() {
            self.folded.other(first, ' ');
        }
    }

    fn empty_lines(&mut self) -> bool {
        let mut any = false;
        self.at += self.blank_len();
        while self.rest().starts_with(['\n', '\r']) {
            self.folded.other(self.at, '\n');
            self.line_end();
            self.at += self.blank_len();
            any = true;
        }
        any
    }

    fn line_end(&mut self) {
        self.at += if self.rest().starts_with("\r\n") { 2 } else { 1 };
    }

    fn blank_len(&self) -> usize {
        until(self.rest().as_bytes(), |byte| !matches!(byte, b' ' | b'\t'))
    }

    fn escape(&mut self, character: char, len: usize) {
        self.folded.other(self.at, character);
        self.at = (self.at + len).min(self.end);
    }

    fn backslash(&mut self) {
        let escaped = self.rest()[1..].chars().next();
        match escaped {
            Some('\n' | '\r') => {
                self.at += 1;
                self.line_end();
                self.empty_lines();
            }
            Some('x') => self.hexadecimal(2),
            Some('u') => self.hexadecimal(4),
            Some('U') => self.hexadecimal(8),
            Some(letter) => {
                self.escape(named_escape(letter).unwrap_or(letter), 1 + letter.len_utf8())
            }
            None => self.at = self.end,
        }
    }

    fn hexadecimal(&mut self, digits: usize) {
        let (high, mut len) = (self.hexadecimal_at(0, digits), 2 + digits);
        let mut code = high;
        if let (Some(first @ 0xD800..=0xDBFF), Some(second @ 0xDC00..=0xDFFF)) =
            (high, self.low_surrogate(len))
        {
            code = Some(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
            len += 6;
        }
        let character = code.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER);
        self.escape(character, len);
    }

    fn low_surrogate(&self, from: usize) -> Option<u32> {
        self.rest().get(from..)?.starts_with("\\u").then(|| self.hexadecimal_at(from, 4))?
    }

    fn hexadecimal_at(&self, from: usize, digits: usize) -> Option<u32> {
        u32::from_str_radix(self.rest().get(from + 2..from + 2 + digits)?, 16).ok()
    }
}

/// The character behind a backslash in double quotes (YAML 1.2.2, section 5.7), other than those given by number.
pub(super) fn named_escape(letter: char) -> Option<char> {
    Some(match letter {
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        't' | '\t' => '\t',
        'n' => '\n',
        'v' => '\u{b}',
        'f' => '\u{c}',
        'r' => '\r',
        'e' => '\u{1b}',
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        ' ' | '"' | '/' | '\\' => letter,
        _ => return None,
    })
}

/// The first backslash of a double-quoted scalar that escapes nothing, as its bytes in `source`.
pub(super) fn bad_escape(source: &str, open: usize) -> Option<Span> {
    let mut at = open + 1;
    loop {
        at += source.get(at..)?.find(['\\', '"'])?;
        let letter = source[at..].strip_prefix('\\')?.chars().next()?;
        let digits = match letter {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            '\n' | '\r' => 0,
            _ if named_escape(letter).is_some() => 0,
            _ => return Some(Span::new(offset(at), offset(at + 1 + letter.len_utf8()))),
        };
        let hexadecimal = source[at + 1 + letter.len_utf8()..].bytes().take(digits);
        let valid = hexadecimal.take_while(u8::is_ascii_hexdigit).count();
        if valid < digits {
            return Some(Span::new(offset(at), offset(at + 2 + valid)));
        }
        at += 1 + letter.len_utf8() + digits;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(source: &str, style: Style) -> Folded {
        Folded::flow(source, Span::whole(source), style)
    }

    #[test]
    fn line_ends_fold_to_blanks_and_empty_lines_stay() {
        assert_eq!(flow("a  b \n  c\n\n \t\n d", Style::Plain).text, "a  b c\n\nd");
        assert_eq!(flow("'it''s\r\nfine '", Style::SingleQuoted).text, "it's fine ");
        assert_eq!(flow("\"a\\\n   b\\n\\\n\n \\ c \"", Style::DoubleQuoted).text, "ab\n\n c ");
    }

    #[test]
    fn escapes_become_characters() {
        let text = flow(r#""\x41\u00e9\U0001D11E\uD834\uDD1E\t\/\0""#, Style::DoubleQuoted).text;
        assert_eq!(text, "Aé𝄞𝄞\t/\0");
    }

    #[test]
    fn a_place_in_a_flow_value_has_one_in_the_source() {
        let source = r#""a\tbc\u0041d""#;
        let folded = flow(source, Style::DoubleQuoted);
        assert_eq!(folded.text, "a\tbcAd");
        let places: Vec<usize> =
            (0..=folded.text.len()).map(|at| folded.source_offset(at)).collect();
        assert_eq!(places, [1, 2, 4, 5, 6, 12, 13]);
    }

    #[test]
    fn a_place_in_a_literal_has_one_in_the_source() {
        let source = "|2-  # c\r\n\r\n    a\r\n   \r\n  bc\r\n";
        let text = "\n  a\n \nbc";
        let folded = Folded::block(source, Span::whole(source), text);
        let at = |needle: &str| folded.source_offset(text.find(needle).unwrap());
        assert_eq!(at("  a"), source.find("  a").unwrap());
        assert_eq!(at("a"), source.find('a').unwrap());
        assert_eq!(at("bc"), source.find("bc").unwrap());
        assert_eq!(folded.source_offset(text.len()), source.len());
    }

    #[test]
    fn a_place_in_a_folded_scalar_has_one_in_the_source() {
        let source = ">\n  one\n  two\n\n  three\n    deep\n  end\n";
        let text = "one two\nthree\n  deep\nend\n";
        let folded = Folded::block(source, Span::whole(source), text);
        for word in ["one", "two", "three", "deep", "end", "nd"] {
            assert_eq!(
                folded.source_offset(text.find(word).unwrap()),
                source.find(word).unwrap(),
                "{word}"
            );
        }
    }

    #[test]
    fn the_first_bad_escape_is_found() {
        assert_eq!(bad_escape(r#""a\n\q" "\z""#, 0), Some(Span::new(4, 6)));
        assert_eq!(bad_escape(r#""\x4g""#, 0), Some(Span::new(1, 4)));
        assert_eq!(bad_escape(r#""\u0041" \q"#, 0), None);
    }
}
