//! Reads words: quotes, variables, substitutions.

use plim_diag::Span;

use super::reader::{Reader, Stop};
use super::{Part, PartKind, ShellWord};

impl Reader<'_> {
    /// Reads one word; nothing where none begins here.
    pub(super) fn word(&mut self) -> Result<ShellWord, Stop> {
        self.word_until(is_end)
    }

    pub(super) fn word_until(&mut self, end: fn(u8) -> bool) -> Result<ShellWord, Stop> {
        let start = self.at;
        let mut parts = Vec::new();
        while let Some(byte) = self.peek() {
            match byte {
                b'\\' => self.skip(2),
                b'\'' => self.single_quotes(&mut parts)?,
                b'"' => self.double_quotes(&mut parts)?,
                b'`' => self.backticks(&mut parts, false)?,
                b'$' => self.dollar(&mut parts, false)?,
                b'(' if self.at > start && is_glob_sign(self.text.as_bytes()[self.at - 1]) => {
                    self.balanced()?;
                }
                // `<(…)` and `>(…)`.
                b'<' | b'>' if self.peek_at(1) == Some(b'(') && end(byte) && self.at == start => {
                    self.skip(2);
                    self.nested_list()?;
                }
                _ if end(byte) => break,
                _ => self.skip(1),
            }
        }
        self.at = self.at.min(self.text.len());
        Ok(ShellWord { span: self.span_from(start), parts, is_assignment: false })
    }

    fn single_quotes(&mut self, parts: &mut Vec<Part>) -> Result<(), Stop> {
        let start = self.at;
        match self.text[self.at + 1..].find('\'') {
            Some(length) => self.at += length + 2,
            None => return Err(self.never_closed(start, "'")),
        }
        parts.push(self.part(start, PartKind::SingleQuoted, false));
        Ok(())
    }

    fn double_quotes(&mut self, parts: &mut Vec<Part>) -> Result<(), Stop> {
        let start = self.at;
        self.skip(1);
        loop {
            match self.peek() {
                None => return Err(self.never_closed(start, "\"")),
                Some(b'"') => break self.skip(1),
                Some(b'\\') => self.skip(2),
                Some(b'`') => self.backticks(parts, true)?,
                Some(b'$') => self.dollar(parts, true)?,
                Some(_) => self.skip(1),
            }
        }
        Ok(())
    }

    fn backticks(&mut self, parts: &mut Vec<Part>, quoted: bool) -> Result<(), Stop> {
        let start = self.at;
        self.skip(1);
        loop {
            match self.peek() {
                None => return Err(self.never_closed(start, "`")),
                Some(b'`') => break self.skip(1),
                Some(b'\\') => self.skip(2),
                Some(_) => self.skip(1),
            }
        }
        parts.push(self.part(start, PartKind::Backticks, quoted));
        Ok(())
    }

    fn dollar(&mut self, parts: &mut Vec<Part>, quoted: bool) -> Result<(), Stop> {
        let start = self.at;
        match self.peek_at(1) {
            Some(b'(') if self.peek_at(2) == Some(b'(') && self.arithmetic(2) => {
                parts.push(self.part(start, PartKind::Arithmetic, quoted));
            }
            Some(b'(') => {
                self.skip(2);
                self.nested_list().map_err(|stop| self.closed_or(stop, start, "$("))?;
                parts.push(self.part(start, PartKind::Substitution, quoted));
            }
            Some(b'{') => {
                self.deeper()?;
                self.braces(parts, quoted)?;
                self.depth -= 1;
            }
            Some(b'\'') if !quoted => {
                self.skip(2);
                loop {
                    match self.peek() {
                        None => return Err(self.never_closed(start, "$'")),
                        Some(b'\'') => break self.skip(1),
                        Some(b'\\') => self.skip(2),
                        Some(_) => self.skip(1),
                    }
                }
            }
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => {
                self.skip(1);
                let name = self.name();
                parts.push(self.part(start, PartKind::Variable(name, String::new()), quoted));
            }
            Some(byte) if byte.is_ascii_digit() || b"@*#?-$!".contains(&byte) => {
                self.skip(2);
                let name = char::from(byte).to_string();
                parts.push(self.part(start, PartKind::Variable(name, String::new()), quoted));
            }
            _ => self.skip(1),
        }
        Ok(())
    }

    /// `${…}`, with quotes and substitutions inside.
    fn braces(&mut self, parts: &mut Vec<Part>, quoted: bool) -> Result<(), Stop> {
        let start = self.at;
        self.skip(2);
        let sign = self.peek().filter(|byte| b"#!".contains(byte) && self.peek_at(1) != Some(b'}'));
        self.skip(usize::from(sign.is_some()));
        let mut name = self.name();
        if name.is_empty() {
            name = self.peek().map(|byte| char::from(byte).to_string()).unwrap_or_default();
        }
        let behind = self.at;
        let mut inner = Vec::new();
        loop {
            match self.peek() {
                None => return Err(self.never_closed(start, "${")),
                Some(b'}') => break,
                Some(b'\\') => self.skip(2),
                // In double quotes, a single one is a sign like others.
                Some(b'\'') if !quoted => self.single_quotes(&mut inner)?,
                Some(b'"') => self.double_quotes(&mut inner)?,
                Some(b'`') => self.backticks(&mut inner, quoted)?,
                Some(b'$') => self.dollar(&mut inner, quoted)?,
                Some(_) => self.skip(1),
            }
        }
        let mut rest = self.text[behind.min(self.at)..self.at].to_owned();
        self.skip(1);
        if let Some(sign) = sign {
            rest.insert(0, char::from(sign));
        }
        parts.push(self.part(start, PartKind::Variable(name, rest), quoted));
        Ok(())
    }

    pub(super) fn name(&mut self) -> String {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            self.skip(1);
        }
        self.text[start..self.at].to_owned()
    }

    /// Skips `((…))`, whose first parenthesis is `ahead` of here less one; false where it is no arithmetic.
    pub(super) fn arithmetic(&mut self, ahead: usize) -> bool {
        let before = self.at;
        self.skip(ahead + 1);
        let mut depth = 2_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'(' => depth += 1,
                b')' if depth == 2 && self.peek_at(1) == Some(b')') => {
                    self.skip(2);
                    return true;
                }
                b')' if depth == 2 => break,
                b')' => depth -= 1,
                b'\n' if ahead == 0 => break,
                _ => {}
            }
            self.skip(1);
        }
        self.at = before;
        false
    }

    /// Skips `( … )` as it is.
    pub(super) fn balanced(&mut self) -> Result<(), Stop> {
        let mut depth = 0_usize;
        let mut parts = Vec::new();
        while let Some(byte) = self.peek() {
            match byte {
                b'\\' => self.skip(2),
                b'\'' => self.single_quotes(&mut parts)?,
                b'"' => self.double_quotes(&mut parts)?,
                b'$' => self.dollar(&mut parts, false)?,
                b'(' => {
                    depth += 1;
                    self.skip(1);
                }
                b')' => {
                    depth = depth.saturating_sub(1);
                    self.skip(1);
                    if depth == 0 {
                        return Ok(());
                    }
                }
                _ => self.skip(1),
            }
        }
        Err(Stop::GivenUp)
    }

    fn part(&self, start: usize, kind: PartKind, is_quoted: bool) -> Part {
        Part { span: self.span_from(start), kind, is_quoted }
    }

    pub(super) fn span_from(&self, start: usize) -> Span {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span::new(offset(start), offset(self.at.min(self.text.len()).max(start)))
    }

    fn never_closed(&self, start: usize, sign: &str) -> Stop {
        let at = Span::new(
            u32::try_from(start).unwrap_or(0),
            u32::try_from(start + sign.len()).unwrap_or(0),
        );
        Stop::error(at, format!("what `{sign}` opens here is never closed"))
    }

    /// A list that ends with the text is one that was never closed.
    fn closed_or(&self, stop: Stop, start: usize, sign: &str) -> Stop {
        match stop {
            Stop::End => self.never_closed(start, sign),
            other => other,
        }
    }
}

/// Whether a byte ends a word.
pub(super) fn is_end(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')')
}

/// `@(…)` and its kin.
fn is_glob_sign(byte: u8) -> bool {
    matches!(byte, b'?' | b'*' | b'+' | b'@' | b'!')
}
