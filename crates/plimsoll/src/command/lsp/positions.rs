//! Positions of the protocol, in the units that the editor counts in.

use lsp_types::{Position, PositionEncodingKind, Range};
use plim_diag::{EditorPosition, LineIndex, Span};

/// What the characters of a line are counted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    /// UTF-16 code units, which every editor can count.
    #[default]
    Utf16,
    /// Bytes, where the editor offers it.
    Utf8,
}

impl Encoding {
    /// The one to use of those that an editor offers.
    pub(super) fn negotiated(offered: Option<&[PositionEncodingKind]>) -> Self {
        match offered {
            Some(kinds) if kinds.contains(&PositionEncodingKind::UTF8) => Self::Utf8,
            _ => Self::Utf16,
        }
    }

    /// Its name in the protocol.
    pub(super) fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf16 => PositionEncodingKind::UTF16,
            Self::Utf8 => PositionEncodingKind::UTF8,
        }
    }
}

/// A text whose bytes have positions.
#[derive(Clone, Debug)]
pub(super) struct Lined<'t> {
    text: &'t str,
    lines: LineIndex,
    encoding: Encoding,
}

impl<'t> Lined<'t> {
    /// `text`, whose lines end at `\n`, `\r\n` and `\r`, as the protocol has it.
    pub(super) fn new(text: &'t str, encoding: Encoding) -> Self {
        Self { text, lines: LineIndex::new(text), encoding }
    }

    /// Where its lines are.
    pub(super) fn lines(&self) -> &LineIndex {
        &self.lines
    }

    /// The position of the byte at `offset`.
    pub(super) fn position(&self, offset: u32) -> Position {
        let EditorPosition { line, character } = self.lines.editor_position(self.text, offset);
        let character = match self.encoding {
            Encoding::Utf16 => character,
            Encoding::Utf8 => {
                let span = self.lines.line_span(line + 1).unwrap_or_default();
                offset.clamp(span.start, span.end) - span.start
            }
        };
        Position { line, character }
    }

    /// The range of the bytes `span`.
    pub(super) fn range(&self, span: Span) -> Range {
        Range { start: self.position(span.start), end: self.position(span.end) }
    }

    /// The byte at `position`; beyond the end of a line, that end, and beyond the last line, the end of the text.
    pub(super) fn offset(&self, position: Position) -> u32 {
        let Position { line, character } = position;
        let end = Span::whole(self.text).end;
        match self.encoding {
            Encoding::Utf16 => {
                let position = EditorPosition { line, character };
                self.lines.editor_offset(self.text, position).unwrap_or(end)
            }
            Encoding::Utf8 => match self.lines.line_span(line.saturating_add(1)) {
                Some(span) => self.boundary(span.start.saturating_add(character).min(span.end)),
                None => end,
            },
        }
    }

    /// The bytes of `range`; a range that ends before it begins is empty.
    pub(super) fn span(&self, range: Range) -> Span {
        Span::new(self.offset(range.start), self.offset(range.end))
    }

    /// The start of the character that the byte at `offset` is of.
    fn boundary(&self, offset: u32) -> u32 {
        let is_boundary = |at: &u32| self.text.is_char_boundary(*at as usize);
        (0..=offset).rev().find(is_boundary).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn position(line: u32, character: u32) -> Position {
        Position { line, character }
    }

    #[test]
    fn characters_are_counted_in_what_was_negotiated() {
        let text = "a: 🚢é\r\nb: x\n";
        let x = u32::try_from(text.find('x').unwrap()).unwrap();
        let e = u32::try_from(text.find('é').unwrap()).unwrap();
        for (encoding, character) in [(Encoding::Utf16, 5), (Encoding::Utf8, 7)] {
            let lined = Lined::new(text, encoding);
            assert_eq!(lined.position(e), position(0, character));
            assert_eq!(lined.offset(position(0, character)), e);
            assert_eq!(lined.position(x), position(1, 3));
        }
    }

    #[test]
    fn a_position_that_is_nowhere_is_the_nearest_one() {
        let text = "🚢\r\nb";
        for (encoding, inside) in [(Encoding::Utf16, 1), (Encoding::Utf8, 2)] {
            let lined = Lined::new(text, encoding);
            assert_eq!(lined.offset(position(0, inside)), 0, "inside of a character");
            assert_eq!(lined.offset(position(0, 99)), 4, "before the line end");
            assert_eq!(lined.offset(position(u32::MAX, u32::MAX)), 7);
            assert_eq!(lined.position(99), position(1, 1));
        }
    }

    #[test]
    fn bytes_are_counted_only_where_they_are_offered() {
        let (utf8, utf16) = (PositionEncodingKind::UTF8, PositionEncodingKind::UTF16);
        assert_eq!(Encoding::negotiated(None), Encoding::Utf16);
        assert_eq!(Encoding::negotiated(Some(std::slice::from_ref(&utf16))), Encoding::Utf16);
        assert_eq!(Encoding::negotiated(Some(&[utf16, utf8])), Encoding::Utf8);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        #[test]
        fn every_character_is_found_again_by_its_position(text in "[a-z🚢é\r\n]{0,40}") {
            for encoding in [Encoding::Utf16, Encoding::Utf8] {
                let lined = Lined::new(&text, encoding);
                for (offset, character) in text.char_indices() {
                    let offset = u32::try_from(offset).unwrap();
                    // Between `\r` and `\n` there is no position.
                    if character != '\n' {
                        prop_assert_eq!(lined.offset(lined.position(offset)), offset);
                    }
                }
            }
        }

        #[test]
        fn any_position_is_a_place_of_the_text(text in ".{0,20}\n.{0,20}", line in 0..4_u32, character in 0..50_u32) {
            for encoding in [Encoding::Utf16, Encoding::Utf8] {
                let lined = Lined::new(&text, encoding);
                let offset = lined.offset(position(line, character));
                prop_assert!(text.is_char_boundary(offset as usize));
            }
        }
    }
}
