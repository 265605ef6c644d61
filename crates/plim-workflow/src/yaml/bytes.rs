//! Bytes become text: UTF-8, or UTF-16 with a byte order mark, as .NET's stream reader takes them.

use std::borrow::Cow;

use plim_diag::{Code, Diagnostic, Span};

use super::arena::offset;

/// The text of a file, and what was wrong with its encoding.
pub(super) struct Decoded<'b> {
    pub(super) text: Cow<'b, str>,
    /// Without the path, which the tree adds.
    pub(super) problem: Option<Diagnostic>,
}

pub(super) fn decode(bytes: &[u8]) -> Decoded<'_> {
    match bytes {
        [0xFF, 0xFE, units @ ..] => decode_utf16(units, u16::from_le_bytes),
        [0xFE, 0xFF, units @ ..] => decode_utf16(units, u16::from_be_bytes),
        _ => decode_utf8(bytes),
    }
}

const ENCODING: Code = Code("yaml-encoding");

/// A character that means nothing to YAML wherever it stands, as `?` does not.
const STAND_IN: char = '_';

/// Every byte that is not UTF-8 becomes one [`STAND_IN`], so that all other bytes keep their place.
fn decode_utf8(bytes: &[u8]) -> Decoded<'_> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Decoded { text: Cow::Borrowed(text), problem: None };
    }
    let mut text = String::with_capacity(bytes.len());
    let mut first = None;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if let (None, [byte, ..]) = (&first, chunk.invalid()) {
            first = Some((text.len(), *byte));
        }
        text.extend(chunk.invalid().iter().map(|_| STAND_IN));
    }
    let problem = first.map(|(at, byte)| invalid_utf8(at, byte));
    Decoded { text: Cow::Owned(text), problem }
}

fn invalid_utf8(at: usize, byte: u8) -> Diagnostic {
    Diagnostic::error(ENCODING, format!("the byte 0x{byte:02X} at offset {at} is not UTF-8"))
        .at("", Span::new(offset(at), offset(at + 1)))
        .help("save the file as UTF-8")
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Decoded<'_> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len());
    let mut first = None;
    for read in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        if read.is_err() && first.is_none() {
            first = Some(text.len());
        }
        text.push(read.unwrap_or(STAND_IN));
    }
    if !rest.is_empty() {
        first = first.or(Some(text.len()));
    }
    let problem = first.map(invalid_utf16);
    Decoded { text: Cow::Owned(text), problem }
}

fn invalid_utf16(at: usize) -> Diagnostic {
    Diagnostic::error(ENCODING, "half of a UTF-16 character is missing")
        .at("", Span::empty_at(offset(at)))
        .help("save the file as UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_bytes_keep_the_places_of_the_others() {
        let decoded = decode(b"a: \xC3\xA9\xFF\xE2\x82 b");
        assert_eq!(decoded.text, "a: é___ b");
        let problem = decoded.problem.unwrap();
        assert_eq!(problem.message, "the byte 0xFF at offset 5 is not UTF-8");
        assert_eq!(problem.span(), Some(Span::new(5, 6)));
    }

    #[test]
    fn both_orders_of_utf16_are_read() {
        let little: Vec<u8> = [0xFEFF, 0x61, 0x3A].into_iter().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = [0xFEFF, 0x61, 0x3A].into_iter().flat_map(u16::to_be_bytes).collect();
        assert_eq!((decode(&little).text, decode(&big).text), ("a:".into(), "a:".into()));
        assert!(decode(&little).problem.is_none());
    }

    #[test]
    fn half_a_utf16_character_is_reported() {
        assert_eq!(decode(&[0xFF, 0xFE, 0x61]).problem.unwrap().span(), Some(Span::empty_at(0)));
        assert_eq!(decode(&[0xFF, 0xFE, 0x00, 0xD8]).text, "_");
    }
}
