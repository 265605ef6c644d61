//! A line index turns byte offsets into lines and columns, and back.

use std::fmt;

use serde::Serialize;

use crate::Span;

/// A line and column as people count them, both from 1; columns count characters.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The character in the line, from 1.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A line and column as editors count them, both from 0; columns count UTF-16 code units.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub struct EditorPosition {
    /// The line, from 0.
    pub line: u32,
    /// The UTF-16 code unit in the line, from 0.
    pub character: u32,
}

/// Where the lines of one text begin and end.
///
/// A line ends at `\n`, `\r\n` or a lone `\r`, as in YAML (1.2.2, section 5.4). The index does not keep the text;
/// hand the same text to every question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LineIndex {
    lines: Vec<Span>,
}

impl LineIndex {
    /// Reads the line ends of `text`. An empty text has one empty line.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut lines = Vec::with_capacity(bytes.len() / 32 + 1);
        let (mut start, mut at) = (0, 0);
        while at < bytes.len() {
            if !matches!(bytes[at], b'\n' | b'\r') {
                at += 1;
                continue;
            }
            lines.push(span(start, at));
            at += if bytes[at..].starts_with(b"\r\n") { 2 } else { 1 };
            start = at;
        }
        lines.push(span(start, at));
        Self { lines }
    }

    /// Number of lines; what follows the last line end counts as one, even when it is empty.
    #[must_use]
    pub fn line_count(&self) -> u32 {
        u32::try_from(self.lines.len()).unwrap_or(u32::MAX)
    }

    /// The line, from 1, that holds the byte at `offset`; a line end belongs to the line it ends.
    #[must_use]
    pub fn line_of(&self, offset: u32) -> u32 {
        let after = self.lines.partition_point(|line| line.start <= offset);
        u32::try_from(after.max(1)).unwrap_or(u32::MAX)
    }

    /// The bytes of a line, counted from 1, without its line end; `None` when there is no such line.
    #[must_use]
    pub fn line_span(&self, line: u32) -> Option<Span> {
        self.lines.get((line as usize).checked_sub(1)?).copied()
    }

    /// Line and column of the byte at `offset`, for people; beyond the line it is the column after its last character.
    #[must_use]
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let line = self.line_of(offset);
        let before = self.line_before(text, line, offset);
        Position { line, column: count(before.chars().count()).saturating_add(1) }
    }

    /// Line and column of the byte at `offset`, for editors.
    #[must_use]
    pub fn editor_position(&self, text: &str, offset: u32) -> EditorPosition {
        let line = self.line_of(offset);
        EditorPosition { line: line - 1, character: self.utf16_column(text, offset) }
    }

    /// Number of UTF-16 code units between the start of the line and the byte at `offset`.
    #[must_use]
    pub fn utf16_column(&self, text: &str, offset: u32) -> u32 {
        let before = self.line_before(text, self.line_of(offset), offset);
        count(before.chars().map(char::len_utf16).sum())
    }

    /// The byte a person means by `position`; a column after the line's end is the line's end, a missing line `None`.
    #[must_use]
    pub fn offset(&self, text: &str, position: Position) -> Option<u32> {
        let line = self.line_span(position.line)?;
        let wanted = (position.column as usize).saturating_sub(1);
        let column = line.text(text)?.char_indices().nth(wanted).map(|(at, _)| count(at));
        Some(line.start + column.unwrap_or(line.len()))
    }

    /// The byte an editor means by `position`; a column after the line's end is the line's end, a missing line `None`.
    #[must_use]
    pub fn editor_offset(&self, text: &str, position: EditorPosition) -> Option<u32> {
        let line = self.line_span(position.line.checked_add(1)?)?;
        let mut units = 0;
        for (at, character) in line.text(text)?.char_indices() {
            units += character.len_utf16();
            if units > position.character as usize {
                return Some(line.start + count(at));
            }
        }
        Some(line.end)
    }

    fn line_before<'t>(&self, text: &'t str, line: u32, offset: u32) -> &'t str {
        let Some(span) = self.line_span(line) else { return "" };
        let mut end = offset.clamp(span.start, span.end) as usize;
        while !text.is_char_boundary(end) && end > span.start as usize {
            end -= 1;
        }
        text.get(span.start as usize..end).unwrap_or("")
    }
}

fn span(start: usize, end: usize) -> Span {
    Span::new(count(start), count(end))
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(line: u32, column: u32) -> Position {
        Position { line, column }
    }

    #[test]
    fn all_three_line_ends_end_lines() {
        let text = "a\nb\r\nc\rd";
        let index = LineIndex::new(text);
        let lines: Vec<_> = (1..=index.line_count())
            .map(|line| index.line_span(line).unwrap().text(text))
            .collect();
        assert_eq!(lines, [Some("a"), Some("b"), Some("c"), Some("d")]);
        assert_eq!(index.line_span(0), None);
        assert_eq!(index.line_span(5), None);
    }

    #[test]
    fn a_final_line_end_leaves_an_empty_line() {
        let index = LineIndex::new("a\n");
        assert_eq!((index.line_count(), index.line_span(2)), (2, Some(Span::empty_at(2))));
        assert_eq!(LineIndex::new("").line_count(), 1);
    }

    #[test]
    fn columns_count_characters_and_editors_count_utf16() {
        let text = "x\né𝄞z";
        let index = LineIndex::new(text);
        let z = u32::try_from(text.find('z').unwrap()).unwrap();
        assert_eq!(index.position(text, z), position(2, 3));
        assert_eq!(index.editor_position(text, z), EditorPosition { line: 1, character: 3 });
        assert_eq!(index.offset(text, position(2, 3)), Some(z));
        assert_eq!(index.editor_offset(text, EditorPosition { line: 1, character: 3 }), Some(z));
    }

    #[test]
    fn an_offset_inside_a_character_or_beyond_the_text_is_forgiven() {
        let text = "é\r\nb";
        let index = LineIndex::new(text);
        assert_eq!(index.position(text, 1), position(1, 1));
        assert_eq!(index.position(text, 3), position(1, 2), "between `\\r` and `\\n`");
        assert_eq!(index.position(text, 99), position(2, 2));
        assert_eq!(index.offset(text, position(1, 99)), Some(2));
        assert_eq!(index.offset(text, position(9, 1)), None);
    }
}
