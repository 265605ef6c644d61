//! Reads JSON as leniently as `fromJSON()` does on GitHub.
//!
//! The runner reads with Newtonsoft.Json (`JToken.ReadFrom`), and workflows rely on what that lets pass:
//! single quotes, names without quotes, comments, commas too many, other number forms, and anything
//! at all after the first value.

use std::iter::Peekable;
use std::str::CharIndices;

use crate::{Object, Value};

/// How deep arrays and objects may nest: the default `MaxDepth` of Newtonsoft.Json 13.
const MAX_DEPTH: usize = 64;

/// The first value that `text` says.
///
/// Errors: what is wrong, and at which character (from 1).
pub(crate) fn read(text: &str) -> Result<Value, String> {
    let mut reader = Reader { text, characters: text.char_indices().peekable(), depth: 0 };
    reader.value().map_err(|message| {
        let at = text[..reader.offset()].chars().count() + 1;
        format!("{message} at character {at}")
    })
}

struct Reader<'t> {
    text: &'t str,
    characters: Peekable<CharIndices<'t>>,
    depth: usize,
}

impl<'t> Reader<'t> {
    fn value(&mut self) -> Result<Value, String> {
        self.skip_blanks()?;
        match self.peek() {
            None => Err("a value is missing".to_owned()),
            Some(quote @ ('"' | '\'')) => self.string(quote).map(Value::from),
            Some('[') => self.nested(Reader::array),
            Some('{') => self.nested(Reader::object),
            Some('-' | '.' | '0'..='9') => self.number(),
            Some(_) => self.word(),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, String>) -> Result<Value, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("arrays and objects nest deeper than {MAX_DEPTH} levels"));
        }
        self.characters.next();
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn array(&mut self) -> Result<Value, String> {
        let mut items = Vec::new();
        loop {
            self.skip_blanks()?;
            match self.peek() {
                Some(']') => {
                    self.characters.next();
                    return Ok(Value::from(items));
                }
                // What two commas leave out is undefined, which prints as nothing.
                Some(',') => {
                    self.characters.next();
                    items.push(Value::empty());
                }
                _ => {
                    items.push(self.value()?);
                    self.separator(']')?;
                }
            }
        }
    }

    fn object(&mut self) -> Result<Value, String> {
        let mut object = Object::new();
        loop {
            self.skip_blanks()?;
            if self.take('}') {
                return Ok(Value::from(object));
            }
            let name = self.name()?;
            self.skip_blanks()?;
            if !self.take(':') {
                return Err(format!("`:` is missing after the name `{name}`"));
            }
            let value = self.value()?;
            object.insert(name, value);
            self.separator('}')?;
        }
    }

    fn name(&mut self) -> Result<String, String> {
        if let Some(quote @ ('"' | '\'')) = self.peek() {
            return self.string(quote);
        }
        let name = self.take_while(|c| c.is_alphanumeric() || c == '_' || c == '$');
        if name.is_empty() { Err(self.unexpected()) } else { Ok(name.to_owned()) }
    }

    /// Takes the comma after an item; the bracket that closes may stand there too.
    fn separator(&mut self, close: char) -> Result<(), String> {
        self.skip_blanks()?;
        if self.take(',') || self.peek() == Some(close) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn string(&mut self, quote: char) -> Result<String, String> {
        self.characters.next();
        let mut text = String::new();
        loop {
            match self.characters.next() {
                None => return Err(format!("a text is not closed by `{quote}`")),
                Some((_, c)) if c == quote => return Ok(text),
                Some((_, '\\')) => text.push(self.escaped()?),
                Some((_, c)) => text.push(c),
            }
        }
    }

    fn escaped(&mut self) -> Result<char, String> {
        let Some((_, c)) = self.characters.next() else {
            return Err("a text ends within an escape".to_owned());
        };
        Ok(match c {
            'b' => '\u{8}',
            't' => '\t',
            'n' => '\n',
            'f' => '\u{c}',
            'r' => '\r',
            '\\' | '"' | '\'' | '/' => c,
            'u' => self.unicode()?,
            _ => return Err(format!("`\\{c}` is no escape")),
        })
    }

    /// A UTF-16 unit in hexadecimal, with the second of a pair; half a pair becomes U+FFFD.
    fn unicode(&mut self) -> Result<char, String> {
        let first = self.unit()?;
        let rest = &self.text[self.offset()..];
        let second = match first {
            0xd800..0xdc00 if rest.starts_with("\\u") => {
                let saved = self.characters.clone();
                self.characters.nth(1);
                match self.unit()? {
                    second @ 0xdc00..0xe000 => Some(second),
                    _ => {
                        self.characters = saved;
                        None
                    }
                }
            }
            _ => None,
        };
        let decoded = char::decode_utf16([first].into_iter().chain(second)).next();
        Ok(decoded.and_then(Result::ok).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn unit(&mut self) -> Result<u16, String> {
        let offset = self.offset();
        let digits = self.text.get(offset..offset + 4).unwrap_or_default();
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) || digits.is_empty() {
            return Err("`\\u` needs four hexadecimal digits".to_owned());
        }
        self.characters.nth(3);
        u16::from_str_radix(digits, 16).map_err(|error| error.to_string())
    }

    fn number(&mut self) -> Result<Value, String> {
        let rest = &self.text[self.offset()..];
        if rest.starts_with("-I") {
            self.characters.next();
            return match self.word()? {
                Value::Number(number) if number.is_infinite() => Ok(Value::Number(-number)),
                _ => Err(self.unexpected()),
            };
        }
        let word = self.take_while(
            |c| matches!(c, '0'..='9' | 'a'..='f' | 'A'..='F' | 'x' | 'X' | '+' | '-' | '.'),
        );
        self.check_end()?;
        parse_number(word).map(Value::Number).ok_or_else(|| format!("`{word}` is not a number"))
    }

    fn word(&mut self) -> Result<Value, String> {
        let word = self.take_while(|c| c.is_ascii_alphabetic());
        if word.is_empty() {
            return Err(self.unexpected());
        }
        self.check_end()?;
        Ok(match word {
            "null" => Value::Null,
            "true" => Value::Boolean(true),
            "false" => Value::Boolean(false),
            "NaN" => Value::Number(f64::NAN),
            "Infinity" => Value::Number(f64::INFINITY),
            "undefined" => Value::empty(),
            _ => return Err(format!("unexpected `{word}`")),
        })
    }

    /// After a word or a number only something that separates values may stand.
    fn check_end(&mut self) -> Result<(), String> {
        match self.peek() {
            None | Some(',' | ']' | '}' | ')' | '/') => Ok(()),
            Some(c) if c.is_whitespace() => Ok(()),
            Some(_) => Err(self.unexpected()),
        }
    }

    fn skip_blanks(&mut self) -> Result<(), String> {
        loop {
            self.take_while(char::is_whitespace);
            let rest = &self.text[self.offset()..];
            let comment = if rest.starts_with("//") {
                rest.find(['\n', '\r']).unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                rest.find("*/").ok_or("a comment is not closed by `*/`")? + 2
            } else {
                return Ok(());
            };
            let end = self.offset() + comment;
            while self.characters.next_if(|(offset, _)| *offset < end).is_some() {}
        }
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'t str {
        let start = self.offset();
        while self.characters.next_if(|(_, c)| belongs(*c)).is_some() {}
        let end = self.offset();
        &self.text[start..end]
    }

    fn take(&mut self, expected: char) -> bool {
        self.characters.next_if(|(_, c)| *c == expected).is_some()
    }

    fn peek(&mut self) -> Option<char> {
        self.characters.peek().map(|(_, c)| *c)
    }

    fn offset(&mut self) -> usize {
        self.characters.peek().map_or(self.text.len(), |(offset, _)| *offset)
    }

    fn unexpected(&mut self) -> String {
        match self.peek() {
            Some(c) => format!("unexpected `{c}`"),
            None => "the text ends too early".to_owned(),
        }
    }
}

/// A number with Newtonsoft's forms: `0x1F` and, with a leading zero, octal.
fn parse_number(word: &str) -> Option<f64> {
    let integer = |digits: &str, radix| u64::from_str_radix(digits, radix).ok();
    let bytes = word.as_bytes();
    if bytes.first() == Some(&b'0') && bytes.len() > 1 && !matches!(bytes[1], b'.' | b'e' | b'E') {
        let bits = match word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
            Some(digits) => integer(digits, 16),
            None => integer(word, 8),
        };
        return bits.map(|bits| bits.cast_signed() as f64);
    }
    let decimal =
        word.bytes().all(|byte| !byte.is_ascii_alphabetic() || matches!(byte, b'e' | b'E'));
    if decimal && !word.starts_with('+') { word.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_back(text: &str) -> Result<String, String> {
        read(text).map(|value| value.to_json().to_string())
    }

    #[test]
    fn what_newtonsoft_lets_pass_is_read() {
        for (text, json) in [
            ("['a', \"b\",]", r#"["a","b"]"#),
            ("{os: 'linux', $n_1: .5, // why\n}", r#"{"os":"linux","$n_1":0.5}"#),
            ("/* first */ [1,,2]", r#"[1,"",2]"#),
            ("[0x1F, 017, -1.5e3, 5.]", "[31,15,-1500,5]"),
            ("{} and more", "{}"),
            ("1 2", "1"),
            (r#""\u00e9\ud83d\ude00\ud83d\u0041""#, "\"é😀\u{fffd}A\""),
            ("{\"A\": 1, \"a\": 2}", r#"{"A":2}"#),
            ("\"line\nbreak\"", r#""line\nbreak""#),
        ] {
            assert_eq!(read_back(text).as_deref(), Ok(json), "{text}");
        }
        assert!(matches!(read("-Infinity"), Ok(Value::Number(n)) if n == f64::NEG_INFINITY));
    }

    #[test]
    fn what_it_refuses_is_refused_with_the_place() {
        for (text, error) in [
            ("", "a value is missing at character 1"),
            ("[1 2]", "unexpected `2` at character 4"),
            ("{\"é\" 1}", "`:` is missing after the name `é` at character 6"),
            ("{'a': }", "unexpected `}` at character 7"),
            ("nul", "unexpected `nul` at character 4"),
            ("truex", "unexpected `truex` at character 6"),
            ("true1", "unexpected `1` at character 5"),
            ("12y", "unexpected `y` at character 3"),
            ("+1", "unexpected `+` at character 1"),
            ("'a", "a text is not closed by `'` at character 3"),
            (r"'\x'", r"`\x` is no escape at character 4"),
            ("[", "a value is missing at character 2"),
            ("1.2.3", "`1.2.3` is not a number at character 6"),
            ("/*", "a comment is not closed by `*/` at character 1"),
        ] {
            assert_eq!(read(text).map(|_| ()), Err(error.to_owned()), "{text}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(read(&nested(64)).is_ok());
        assert!(read(&nested(65)).unwrap_err().contains("deeper than 64"));
        assert!(read(&"[".repeat(1_000_000)).is_err());
    }
}
