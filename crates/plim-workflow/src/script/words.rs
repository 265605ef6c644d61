//! Reads words: their text without quotes, and what is expanded or quoted in them.

use plim_diag::Span;

use super::reader::{MOST_BLOCKS, Reader};
use super::{Origin, Part, PartKind, Word};

/// Whether a byte ends a word.
pub(super) fn is_end(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')')
}

/// Whether a byte stands for itself in every word.
fn is_plain(byte: u8) -> bool {
    !is_end(byte) && !matches!(byte, b'\'' | b'"' | b'\\' | b'$' | b'`' | b'*' | b'?' | b'~')
}

/// Whether a byte in double quotes stands for itself.
fn is_plain_in_quotes(byte: u8) -> bool {
    !matches!(byte, b'"' | b'\\' | b'$' | b'`')
}

impl Reader<'_> {
    /// One word up to a byte that `end` tells; always takes at least one character when there is one.
    pub(super) fn word(&mut self, end: fn(u8) -> bool) -> Word {
        let start = self.at;
        let mut word = Word { literal: true, ..Word::default() };
        self.take_while(is_plain, &mut word.text);
        while let Some(next) = self.peek() {
            match next {
                b'\'' => self.single_quoted(&mut word),
                b'"' => self.double_quoted(&mut word),
                b'\\' => self.escaped(&mut word.text),
                b'$' | b'`' => self.expansion(&mut word, false),
                b'(' if self.opens_glob(start) => self.glob(&mut word),
                b'<' | b'>' if self.at == start && self.is_process() => {
                    self.at += 1;
                    self.substitution(&mut word, self.at - 1, "<(", false);
                }
                next if end(next) => break,
                _ => {
                    word.literal &= !matches!(next, b'*' | b'?' | b'~');
                    let from = self.at;
                    self.skip(1);
                    word.text.push_str(&self.text[from..self.at]);
                    self.take_while(is_plain, &mut word.text);
                }
            }
        }
        if self.at == start {
            self.skip(1);
            word.text.push_str(&self.text[start..self.at]);
        }
        word.span = self.span_from(start);
        word.assigns = assigns(&self.text[start..self.at]);
        word
    }

    /// Takes the bytes that `is_taken` tells.
    fn take_while(&mut self, is_taken: fn(u8) -> bool, text: &mut String) {
        let bytes = &self.text.as_bytes()[self.at..];
        let length = bytes.iter().take_while(|byte| is_taken(**byte)).count();
        text.push_str(&self.text[self.at..self.at + length]);
        self.at += length;
    }

    /// `'…'`.
    fn single_quoted(&mut self, word: &mut Word) {
        let start = self.at;
        let inner = &self.text[start + 1..];
        match inner.find('\'') {
            Some(length) => {
                word.text.push_str(&inner[..length]);
                self.at += length + 2;
                self.part(word, start, PartKind::SingleQuoted, false);
            }
            None => {
                self.never_closed(start, "'");
                word.text.push_str(inner);
                self.at = self.text.len();
            }
        }
    }

    fn double_quoted(&mut self, word: &mut Word) {
        let start = self.at;
        self.at += 1;
        loop {
            self.take_while(is_plain_in_quotes, &mut word.text);
            match self.peek() {
                None => return self.never_closed(start, "\""),
                Some(b'"') => {
                    self.at += 1;
                    return;
                }
                Some(b'\\') => {
                    self.at += 1;
                    let from = self.at;
                    self.skip(1);
                    match &self.text[from..self.at] {
                        "\n" => {}
                        special @ ("\"" | "\\" | "$" | "`") => word.text.push_str(special),
                        other => word.text.extend(["\\", other]),
                    }
                }
                Some(_) => self.expansion(word, true),
            }
        }
    }

    fn escaped(&mut self, text: &mut String) {
        self.at += 1;
        if self.starts_with("\r\n") {
            self.at += 2;
            return;
        }
        let from = self.at;
        self.skip(1);
        text.push_str(self.text[from..self.at].trim_matches('\n'));
    }

    /// `$NAME`, `${…}`, `$(…)`, `$((…))`, `$'…'` and backticks.
    fn expansion(&mut self, word: &mut Word, is_quoted: bool) {
        let start = self.at;
        if self.peek() == Some(b'`') {
            return self.backticks(word, is_quoted);
        }
        match self.peek_at(1) {
            Some(b'\'') if !is_quoted => return self.ansi_quoted(word),
            Some(b'(') if self.peek_at(2) == Some(b'(') && self.arithmetic(2) => {
                self.part(word, start, PartKind::Arithmetic, is_quoted);
            }
            Some(b'(') => {
                self.at += 1;
                return self.substitution(word, start, "$(", is_quoted);
            }
            Some(b'{') => self.braces(word, is_quoted),
            Some(next) => self.variable(word, next, is_quoted),
            None => self.at += 1,
        }
        word.literal = false;
        word.text.push_str(&self.text[start..self.at]);
    }

    /// `$NAME`, `$1` and `$?`, or a dollar alone.
    fn variable(&mut self, word: &mut Word, next: u8, is_quoted: bool) {
        let start = self.at;
        self.at += 1;
        if next.is_ascii_alphabetic() || next == b'_' {
            self.skip_name();
        } else if next.is_ascii_digit() || b"@*#?-$!".contains(&next) {
            self.at += 1;
        } else {
            return;
        }
        let name = self.span_from(start + 1);
        let operator = Span::empty_at(name.end);
        self.part(word, start, PartKind::Variable { name, operator }, is_quoted);
    }

    /// `$'…'`, in which a backslash escapes.
    fn ansi_quoted(&mut self, word: &mut Word) {
        let start = self.at;
        self.at += 2;
        loop {
            match self.peek() {
                None => {
                    word.text.push_str(&self.text[start + 2..]);
                    return self.never_closed(start, "$'");
                }
                Some(b'\'') => break,
                Some(b'\\') => self.skip(2),
                Some(_) => self.skip(1),
            }
        }
        word.text.push_str(&self.text[start + 2..self.at]);
        self.at += 1;
    }

    /// `( … )` after the sign at `start`, of which the parenthesis is next: its commands run too.
    fn substitution(&mut self, word: &mut Word, start: usize, sign: &str, is_quoted: bool) {
        let open = self.at;
        self.at += 1;
        let is_closed = self.nested(self.text.len(), Some(b')'), Origin::Plain);
        match (is_closed, sign) {
            (true, "$(") => self.part(word, start, PartKind::Substitution, is_quoted),
            (true, _) => {}
            (false, "$(") => self.never_closed(start, sign),
            (false, _) => self.give_up(),
        }
        word.literal = false;
        word.text.push('$');
        word.text.push_str(&self.text[open..self.at]);
    }

    fn backticks(&mut self, word: &mut Word, is_quoted: bool) {
        let start = self.at;
        self.at += 1;
        let mut end = self.at;
        let bytes = self.text.as_bytes();
        while bytes.get(end).is_some_and(|byte| *byte != b'`') {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        let is_closed = end < bytes.len();
        end = end.min(bytes.len());
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        self.nested(end, None, Origin::Backticks);
        self.at = end;
        if is_closed {
            self.at += 1;
            self.part(word, start, PartKind::Backticks, is_quoted);
        } else {
            self.never_closed(start, "`");
        }
        word.literal = false;
        word.text.push_str(&self.text[start..self.at]);
    }

    /// `${…}`, with quotes and substitutions inside.
    fn braces(&mut self, word: &mut Word, is_quoted: bool) {
        let start = self.at;
        if self.braces >= MOST_BLOCKS {
            self.give_up();
            self.at += 1;
            return self.skip_balanced(b'{', b'}');
        }
        self.braces += 1;
        self.at += 2;
        let has_sign = matches!(self.peek(), Some(b'#' | b'!')) && self.peek_at(1) != Some(b'}');
        let sign = self.here(usize::from(has_sign));
        self.at += usize::from(has_sign);
        let from = self.at;
        self.skip_name();
        let mut name = self.span_from(from);
        if name.is_empty() && self.peek().is_some() {
            name = self.here(1);
        }
        let behind = self.at;
        let mut inner = Word::default();
        loop {
            match self.peek() {
                None => {
                    self.never_closed(start, "${");
                    break;
                }
                Some(b'}') => break,
                Some(b'\\') => self.skip(2),
                // In double quotes, a single one is a sign like others.
                Some(b'\'') if !is_quoted => self.single_quoted(&mut inner),
                Some(b'"') => self.double_quoted(&mut inner),
                Some(b'$' | b'`') => self.expansion(&mut inner, is_quoted),
                Some(_) => self.skip(1),
            }
        }
        let operator = if has_sign { sign } else { self.span_from(behind) };
        self.skip(1);
        self.braces -= 1;
        self.part(word, start, PartKind::Variable { name, operator }, is_quoted);
    }

    pub(super) fn skip_name(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            self.at += 1;
        }
    }

    /// Skips `((…))`, whose first parenthesis is `ahead` of here less one; false where it is no arithmetic.
    pub(super) fn arithmetic(&mut self, ahead: usize) -> bool {
        let bytes = self.text.as_bytes();
        let mut at = self.at + ahead + 1;
        let mut depth = 2_usize;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'(' => depth += 1,
                b')' if depth == 2 => {
                    let is_closed = bytes.get(at + 1) == Some(&b')');
                    if is_closed {
                        self.at = at + 2;
                    }
                    return is_closed;
                }
                b')' => depth -= 1,
                _ => {}
            }
            at += 1;
        }
        false
    }

    /// Skips from the first `open` to the `close` that belongs to it, or to the end of the text.
    pub(super) fn skip_balanced(&mut self, open: u8, close: u8) {
        let mut depth = 0_usize;
        while let Some(next) = self.peek() {
            self.skip(1);
            if next == open {
                depth += 1;
            } else if next == close {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return;
                }
            }
        }
    }

    /// Whether the parenthesis here belongs to `@(…)` and its kin.
    fn opens_glob(&self, start: usize) -> bool {
        let before = self.text.as_bytes()[..self.at].last();
        let sign = before.is_some_and(|byte| matches!(byte, b'?' | b'*' | b'+' | b'@' | b'!'));
        self.follows && self.at > start && sign
    }

    /// `( … )` of a glob, as it is.
    fn glob(&mut self, word: &mut Word) {
        let start = self.at;
        let mut inner = Word::default();
        let mut depth = 0_usize;
        loop {
            match self.peek() {
                None => {
                    self.give_up();
                    break;
                }
                Some(b'\\') => self.skip(2),
                Some(b'\'') => self.single_quoted(&mut inner),
                Some(b'"') => self.double_quoted(&mut inner),
                Some(b'$') => self.expansion(&mut inner, false),
                Some(next) => {
                    self.skip(1);
                    depth += usize::from(next == b'(');
                    depth -= usize::from(next == b')');
                    if depth == 0 {
                        break;
                    }
                }
            }
        }
        word.literal = false;
        word.text.push_str(&self.text[start..self.at]);
    }

    fn part(&self, word: &mut Word, start: usize, kind: PartKind, is_quoted: bool) {
        word.parts.push(Part { span: self.span_from(start), kind, is_quoted });
    }

    /// Whether the `)` that stands here closes a subshell.
    pub(super) fn closes_subshell(&self) -> bool {
        self.blocks.last().is_some_and(|block| block.kind == super::blocks::Kind::Subshell)
    }
}

/// Whether a word begins with `NAME=`, `NAME+=` or `NAME[…]=`.
fn assigns(written: &str) -> bool {
    let bytes = written.as_bytes();
    let legal = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
    let length = bytes.iter().take_while(legal).count();
    if length == 0 || bytes[0].is_ascii_digit() {
        return false;
    }
    let mut rest = &written[length..];
    if rest.starts_with('[') {
        let Some(close) = rest.find(']') else { return false };
        rest = &rest[close + 1..];
    }
    rest.strip_prefix('+').unwrap_or(rest).starts_with('=')
}
