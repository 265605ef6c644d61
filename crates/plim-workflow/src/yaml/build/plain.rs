//! Reads files that are written plainly, as nearly all workflows are, without the parser.
//!
//! Plain is: block mappings and lists by indentation, scalars on one line, block scalars, brackets with scalars in them,
//! comments. Whatever else stands in a file (anchors, tags, scalars over several lines, escapes, tabs, any mistake)
//! leaves it to the parser, whose reading counts: this one must give the same tree, or none. It is here for speed: it
//! reads a file in a tenth of the time.

use std::borrow::Cow;

use granit_parser::{ScalarStyle, StructureStyle};
use plim_diag::Span;

use super::{Builder, Input, Pass, Written};
use crate::yaml::arena::offset;

/// Deeper files are left to the parser.
const DEEPEST: usize = 40;

/// Longer keys are left to the parser, which has a limit for them.
const LONGEST_KEY: usize = 1000;

/// What the parser would find in the file, or nothing where the file is not plain.
pub(super) fn build(input: &Input<'_>) -> Option<Pass> {
    let untouched = std::ptr::eq(input.parsed, input.source) && input.refolded.is_empty();
    if !untouched || !has_plain_characters(input.source) {
        return None;
    }
    let mut reader = Reader { source: input.source, at: 0, column: None, pieces: Vec::new() };
    reader.pieces.reserve(input.source.len() / 12);
    reader.document()?;
    let mut builder = Builder::new(input);
    if builder.document(Span::default()) {
        reader.pieces.into_iter().all(|piece| builder.place(piece));
    }
    Some(builder.finish())
}

/// Whether no character means anything special to one of both.
fn has_plain_characters(source: &str) -> bool {
    let plain = |byte: u8| matches!(byte, b'\n' | b'\t' | 0x20..=0x7E | 0x80..);
    let odd = |c: char| {
        matches!(
            c,
            '\u{80}'..='\u{9F}' | '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}'
        )
    };
    source.bytes().all(plain) && (source.is_ascii() || !source.contains(odd))
}

enum Piece<'s> {
    Mapping(StructureStyle, Span),
    Sequence(StructureStyle, Span),
    Scalar(Cow<'s, str>, ScalarStyle, Span),
    /// The value is missing behind the `:` at this place.
    Absent(Span),
    End(Span),
    Comment(Span),
}

impl Builder<'_, '_> {
    /// Takes a piece as the event it stands for; whether there is more to read.
    fn place(&mut self, piece: Piece<'_>) -> bool {
        let written = |span: Span| Written { span, anchor: 0, tag: None };
        match piece {
            Piece::Mapping(style, span) => return self.start_mapping(style, written(span)),
            Piece::Sequence(style, span) => return self.start_sequence(style, written(span)),
            Piece::Scalar(text, style, span) => self.scalar(text, style, written(span)),
            Piece::Absent(span) => self.scalar("~".into(), ScalarStyle::Plain, written(span)),
            Piece::End(span) => self.end(span),
            Piece::Comment(span) => self.comment(span),
        }
        true
    }
}

struct Reader<'s> {
    source: &'s str,
    at: usize,
    /// How far the line is indented that comes next, of which the first character is next; none at the end.
    column: Option<usize>,
    pieces: Vec<Piece<'s>>,
}

/// Every step gives nothing where the file is not plain.
type Plain = Option<()>;

fn plain_if(is_plain: bool) -> Plain {
    is_plain.then_some(())
}

impl<'s> Reader<'s> {
    fn peek(&self) -> Option<u8> {
        self.source.as_bytes().get(self.at).copied()
    }

    fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.source.as_bytes().get(self.at + ahead).copied()
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(offset(start), offset(end))
    }

    fn document(&mut self) -> Plain {
        if self.source.starts_with("---\n") {
            self.at = 4;
        }
        self.next_line()?;
        let column = self.column?;
        self.block(column, DEEPEST)?;
        plain_if(self.column.is_none())
    }

    /// Goes to the next line that has more than blanks and a comment.
    fn next_line(&mut self) -> Plain {
        loop {
            let start = self.at;
            self.blanks();
            match self.peek() {
                None => {
                    self.column = None;
                    return Some(());
                }
                Some(b'\n') => self.at += 1,
                Some(b'#') => self.comment(),
                Some(b'\t') => return None,
                Some(_) => {
                    let column = self.at - start;
                    let rest = &self.source.as_bytes()[self.at..];
                    self.column = Some(column);
                    let marks = rest.starts_with(b"---") || rest.starts_with(b"...");
                    return plain_if(!(column == 0 && (marks || rest[0] == b'%')));
                }
            }
        }
    }

    fn blanks(&mut self) {
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
    }

    /// Takes the comment that begins here, with the end of its line.
    fn comment(&mut self) {
        let end = self.end_of_line();
        self.pieces.push(Piece::Comment(self.span(self.at, end)));
        self.at = (end + 1).min(self.source.len());
    }

    fn end_of_line(&self) -> usize {
        let rest = &self.source.as_bytes()[self.at..];
        self.at + rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len())
    }

    /// Takes what may stand behind a value, and goes to the next line.
    fn end_value(&mut self) -> Plain {
        let start = self.at;
        self.blanks();
        match self.peek() {
            None => {}
            Some(b'\n') => self.at += 1,
            Some(b'#') if self.at > start => self.comment(),
            Some(_) => return None,
        }
        self.next_line()
    }

    fn is_dash(&self) -> bool {
        self.peek() == Some(b'-') && matches!(self.peek_at(1), Some(b' ' | b'\n') | None)
    }

    fn block(&mut self, column: usize, left: usize) -> Plain {
        plain_if(left > 0)?;
        if self.is_dash() { self.sequence(column, left) } else { self.mapping(column, left) }
    }

    /// The lines that are indented by `column`, each with a key.
    fn mapping(&mut self, column: usize, left: usize) -> Plain {
        plain_if(left > 0)?;
        let start = self.span(self.at, self.at);
        self.pieces.push(Piece::Mapping(StructureStyle::Block, start));
        loop {
            self.key()?;
            let colon = self.at;
            self.at += 1;
            self.value(column, colon, left)?;
            match self.column {
                Some(next) if next > column => return None,
                Some(next) if next == column => plain_if(!self.is_dash())?,
                _ => break,
            }
        }
        self.pieces.push(Piece::End(Span::default()));
        Some(())
    }

    /// The value of a key, behind the `:` at `colon`.
    fn value(&mut self, column: usize, colon: usize, left: usize) -> Plain {
        self.blanks();
        let is_below = match self.peek() {
            None | Some(b'\n') => true,
            Some(next) => next == b'#' && self.at > colon + 1,
        };
        if !is_below {
            return self.scalar(column, left);
        }
        self.at = colon + 1;
        self.end_value()?;
        match self.column {
            Some(next) if next > column => self.block(next, left - 1),
            Some(next) if next == column && self.is_dash() => self.sequence(column, left - 1),
            _ => {
                self.pieces.push(Piece::Absent(self.span(colon, colon)));
                Some(())
            }
        }
    }

    /// The items whose dashes are indented by `column`.
    fn sequence(&mut self, column: usize, left: usize) -> Plain {
        plain_if(left > 0)?;
        let start = self.span(self.at, self.at + 1);
        self.pieces.push(Piece::Sequence(StructureStyle::Block, start));
        while self.column == Some(column) && self.is_dash() {
            let dash = self.at;
            self.at += 1;
            self.blanks();
            plain_if(!self.is_dash() && !matches!(self.peek(), None | Some(b'\n' | b'#')))?;
            if self.is_key() {
                self.mapping(column + (self.at - dash), left - 1)?;
            } else {
                self.scalar(column, left)?;
            }
            plain_if(self.column.is_none_or(|next| next <= column))?;
        }
        self.pieces.push(Piece::End(Span::default()));
        Some(())
    }

    /// Whether a key begins here; what is not plain about it is found when it is read.
    fn is_key(&self) -> bool {
        match self.peek() {
            Some(b'"' | b'\'') => {
                let quoted = self.closing_quote().map(|close| close + 1);
                quoted.is_some_and(|end| self.source.as_bytes().get(end) == Some(&b':'))
            }
            Some(b'[' | b'{' | b'|' | b'>') => false,
            _ => self.colon().is_some(),
        }
    }

    /// Where the `:` stands that ends the key that begins here.
    fn colon(&self) -> Option<usize> {
        let bytes = self.source.as_bytes();
        let mut at = self.at;
        loop {
            match bytes.get(at)? {
                b'\n' => return None,
                b'#' if bytes[at - 1] == b' ' => return None,
                b':' if matches!(bytes.get(at + 1), None | Some(b' ' | b'\n')) => return Some(at),
                _ => at += 1,
            }
        }
    }

    /// A key, up to its `:`.
    fn key(&mut self) -> Plain {
        let start = self.at;
        if matches!(self.peek(), Some(b'"' | b'\'')) {
            self.quoted()?;
            let next = self.peek_at(1);
            return plain_if(
                self.peek() == Some(b':') && matches!(next, None | Some(b' ' | b'\n')),
            );
        }
        plain_if(self.begins_plainly())?;
        let colon = self.colon()?;
        let text = self.source[start..colon].trim_end_matches(' ');
        plain_if(!text.is_empty() && text.len() < LONGEST_KEY && !text.contains('\t'))?;
        self.pieces.push(Piece::Scalar(
            Cow::Borrowed(text),
            ScalarStyle::Plain,
            self.span(start, start + text.len()),
        ));
        self.at = colon;
        Some(())
    }

    /// Whether a plain scalar may begin with what stands here.
    fn begins_plainly(&self) -> bool {
        match self.peek() {
            Some(b'-') => {
                self.peek_at(1).is_some_and(|next| next.is_ascii_alphanumeric() || next == b'-')
            }
            Some(next) => !b",[]{}#&*!|>'\"%@`?: \n\t".contains(&next),
            None => false,
        }
    }

    /// A value that begins on the line of its key or dash, in a collection that is indented by `column`.
    fn scalar(&mut self, column: usize, left: usize) -> Plain {
        match self.peek()? {
            b'|' => return self.block_scalar(column, ScalarStyle::Literal),
            b'>' => return self.block_scalar(column, ScalarStyle::Folded),
            b'"' | b'\'' => self.quoted()?,
            b'[' | b'{' => self.brackets(column, left)?,
            _ => self.plain()?,
        }
        self.end_value()
    }

    fn plain(&mut self) -> Plain {
        plain_if(self.begins_plainly() && self.colon().is_none())?;
        let start = self.at;
        let line = &self.source[start..self.end_of_line()];
        let text = line.find(" #").map_or(line, |comment| &line[..comment]).trim_end_matches(' ');
        plain_if(!text.contains('\t'))?;
        self.at = start + text.len();
        let span = self.span(start, self.at);
        self.pieces.push(Piece::Scalar(Cow::Borrowed(text), ScalarStyle::Plain, span));
        Some(())
    }

    /// Where the quote stands that closes the one here, on the same line.
    fn closing_quote(&self) -> Option<usize> {
        let bytes = self.source.as_bytes();
        let quote = *bytes.get(self.at)?;
        let mut at = self.at + 1;
        loop {
            match *bytes.get(at)? {
                b'\n' | b'\t' => return None,
                b'\\' if quote == b'"' => return None,
                b'\'' if quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') => at += 2,
                byte if byte == quote => return Some(at),
                _ => at += 1,
            }
        }
    }

    fn quoted(&mut self) -> Plain {
        let (start, close) = (self.at, self.closing_quote()?);
        let inner = &self.source[start + 1..close];
        plain_if(inner.len() < LONGEST_KEY)?;
        let (style, text) = match self.peek() {
            Some(b'"') => (ScalarStyle::DoubleQuoted, Cow::Borrowed(inner)),
            _ if inner.contains('\'') => {
                (ScalarStyle::SingleQuoted, inner.replace("''", "'").into())
            }
            _ => (ScalarStyle::SingleQuoted, Cow::Borrowed(inner)),
        };
        self.at = close + 1;
        self.pieces.push(Piece::Scalar(text, style, self.span(start, self.at)));
        Some(())
    }

    /// `[ … ]` or `{ … }`, in a collection that is indented by `column`.
    fn brackets(&mut self, column: usize, left: usize) -> Plain {
        plain_if(left > 0)?;
        let open = self.span(self.at, self.at + 1);
        let is_mapping = self.peek() == Some(b'{');
        let close = if is_mapping { b'}' } else { b']' };
        self.pieces.push(match is_mapping {
            true => Piece::Mapping(StructureStyle::Flow, open),
            false => Piece::Sequence(StructureStyle::Flow, open),
        });
        self.at += 1;
        loop {
            self.between(column)?;
            if self.peek() == Some(close) {
                break;
            }
            if is_mapping {
                self.item(column, left, true)?;
                plain_if(self.peek() == Some(b':') && self.peek_at(1) == Some(b' '))?;
                self.at += 1;
                self.between(column)?;
            }
            self.item(column, left, false)?;
            self.between(column)?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(byte) if byte == close => break,
                _ => return None,
            }
        }
        self.pieces.push(Piece::End(self.span(self.at, self.at + 1)));
        self.at += 1;
        Some(())
    }

    /// Blanks and ends of lines between the items in brackets.
    fn between(&mut self, column: usize) -> Plain {
        loop {
            self.blanks();
            if self.peek() != Some(b'\n') {
                return plain_if(self.peek() != Some(b'#'));
            }
            self.at += 1;
            let start = self.at;
            self.blanks();
            plain_if(self.at - start > column || self.peek() == Some(b'\n'))?;
        }
    }

    /// A key or a value in brackets.
    fn item(&mut self, column: usize, left: usize, is_key: bool) -> Plain {
        match self.peek()? {
            b'[' | b'{' if is_key => None,
            b'[' | b'{' => self.brackets(column, left - 1),
            b'"' | b'\'' => {
                self.quoted()?;
                plain_if(is_key || self.peek() != Some(b':'))
            }
            _ => {
                let start = self.at;
                plain_if(self.begins_plainly())?;
                let rest = &self.source.as_bytes()[start..];
                let ends = |byte: &u8| b",[]{}:#\n\t".contains(byte);
                let mut length = rest.iter().position(ends)?;
                // Addresses and versions hold colons.
                while rest[length] == b':'
                    && rest.get(length + 1).is_some_and(|next| !b" ,[]{}\n".contains(next))
                {
                    length += 1 + rest[length + 1..].iter().position(ends)?;
                }
                plain_if(
                    matches!(rest[length], b',' | b']' | b'}' | b'\n')
                        || (is_key && rest[length] == b':'),
                )?;
                let text = self.source[start..start + length].trim_end_matches(' ');
                plain_if(!is_key || text.len() == length)?;
                self.at = start + length;
                let span = self.span(start, start + text.len());
                self.pieces.push(Piece::Scalar(Cow::Borrowed(text), ScalarStyle::Plain, span));
                Some(())
            }
        }
    }

    /// What stands behind `|` or `>`, in a collection that is indented by `column`.
    fn block_scalar(&mut self, column: usize, style: ScalarStyle) -> Plain {
        let header = self.at;
        self.at += 1;
        let chomping = self.peek().filter(|next| matches!(next, b'-' | b'+'));
        self.at += usize::from(chomping.is_some());
        plain_if(self.peek() == Some(b'\n'))?;
        self.at += 1;
        let (lines, end) = self.lines_below(column)?;
        let mut text = match style {
            ScalarStyle::Folded => folded(&lines)?,
            _ => lines.join("\n"),
        };
        let content = text.trim_end_matches('\n').len();
        match chomping {
            Some(b'-') => text.truncate(content),
            Some(_) => return None,
            None => {
                text.truncate(content);
                text.push('\n');
            }
        }
        self.at = end;
        self.pieces.push(Piece::Scalar(text.into(), style, self.span(header, end)));
        self.next_line()
    }

    /// The lines below that are indented deeper than `column`, without their indentation, and where the next one begins.
    fn lines_below(&self, column: usize) -> Option<(Vec<&'s str>, usize)> {
        let mut lines: Vec<&str> = Vec::new();
        let mut own = None;
        let (mut at, mut end) = (self.at, self.at);
        let mut filled = 0;
        for line in self.source[self.at..].split_inclusive('\n') {
            at += line.len();
            let text = line.strip_suffix('\n')?;
            let depth = text.bytes().take_while(|byte| *byte == b' ').count();
            if depth == text.len() {
                // Blanks beyond the indentation would count.
                plain_if(own.is_some_and(|own| depth <= own) || depth <= column)?;
                lines.push("");
                continue;
            }
            let own = *own.get_or_insert(depth);
            plain_if(own > column && !text[depth..].starts_with('\t'))?;
            if depth < own {
                plain_if(depth <= column)?;
                break;
            }
            lines.push(&text[own..]);
            (filled, end) = (lines.len(), at);
        }
        lines.truncate(filled);
        (filled > 0).then_some((lines, end))
    }
}

/// Lines become one where nothing stands between them; those that are indented are left to the parser.
fn folded(lines: &[&str]) -> Option<String> {
    let mut text = String::new();
    let mut before_blank = true;
    for line in lines {
        match *line {
            "" => text.push('\n'),
            line if line.starts_with([' ', '\t']) => return None,
            line => {
                if !before_blank && !text.ends_with('\n') {
                    text.push(' ');
                }
                text.push_str(line);
            }
        }
        before_blank = false;
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::yaml::Limits;
    use crate::yaml::build::parse;

    /// The tree that is read plainly, if any is, and the one that the parser gives.
    fn both(source: &str) -> (Option<String>, String) {
        let (path, limits) = (Arc::from("a.yml"), Limits::default());
        let input = Input {
            path: &path,
            source,
            parsed: source,
            refolded: &[],
            moved_comments: &[],
            limits: &limits,
        };
        let shown = |pass: Pass| {
            let failed = pass.failure.is_some();
            format!("{failed} {:#?} {:#?}", pass.diagnostics, pass.arena)
        };
        (build(&input).map(shown), shown(parse(&input)))
    }

    #[test]
    fn what_is_plain_is_read_as_the_parser_reads_it() {
        for source in [
            "a: 1\nb: two words\n\"on\": push\n'q': 'it''s'\n",
            "---\n# first\na: # behind\n  b: c # here\n\n  # between\n  d:\ne:\n",
            "a:\n- b\n- c: d\n  e: f\n-   g:\n      h: i\n",
            "a:\n  - b: |\n      x\n\n        y: # z\n    c: >-\n      one\n      two\n\n      three\n  - |\n    t\n\n# end\n",
            "a: [b, \"c\", 'd', 1.0, [e]]\nf: { g: h, \"i\": [j], k: l:m }\nn: []\no: {}\n",
            "a: [\n    b, c,\n\n    d ]\ne: 1",
            "a: b:c #d e#f\nhttp://x: y\nk : v\nu: \u{fc}n\u{ef} \u{1f600}\n",
            "a:\n  b:\n    c: ${{ x == 'y' && z }}\n  d: -1\n  e: --f\n",
            "a:   \nb: \"\"\nc: ''\n",
        ] {
            let (plain, parsed) = both(source);
            assert_eq!(plain.as_deref(), Some(&*parsed), "{source}");
        }
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_parser() {
        for source in [
            "",
            "a",
            "a: &x b",
            "a: *x",
            "a: !!str b",
            "a: b\n  c",
            "a: 'b\n  c'",
            "a: \"b\\n\"",
            "a:\tb",
            "a: b\r\n",
            "a: b: c",
            "- - a",
            "a: [b # c\n  ]",
            "a: |2\n   b\n",
            "a: |+\n  b\n\n",
            "a: b\n---\nc: d",
            "? a\n: b",
            "a: b\n   c: d",
            "- a\nb: c",
            "\u{feff}a: b",
        ] {
            assert_eq!(both(source).0, None, "{source:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(600))]

        #[test]
        fn whatever_is_read_plainly_is_as_the_parser_reads_it(
            lines in proptest::collection::vec((0..4_usize, 0..26_usize, 0..5_usize), 1..9),
            ends in any::<bool>(),
        ) {
            const STARTS: [&str; 26] = [
                "a: b", "c:", "- d", "- e: f", "- g:", "h: |", "i: >-", "- |", "j: [k, l]", "m: {n: o}", "# p", "",
                "q: 'r'", "\"s\": t", "u: [v,", "w ]", "x: y z", "a: b # c", "-", "- [d]", "e: f: g", "h", "-i", "j: >",
                "k: ~", "l : \"m\"",
            ];
            const ENDS: [&str; 5] = ["", "", "", " ", " # n"];
            let line = |(depth, start, end): &(usize, usize, usize)| {
                format!("{}{}{}", "  ".repeat(*depth), STARTS[*start], ENDS[*end])
            };
            let mut source = lines.iter().map(line).collect::<Vec<_>>().join("\n");
            if ends {
                source.push('\n');
            }
            let (plain, parsed) = both(&source);
            prop_assert!(plain.is_none_or(|plain| plain == parsed), "{}", source);
        }
    }
}
