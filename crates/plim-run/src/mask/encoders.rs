//! The ways in which tools write a secret: each encoder gives texts that are masked as well.
//!
//! The first eleven are the runner's (`ValueEncoders`); the others close what those leave open.

use std::fmt::Write as _;

/// Gives encoded forms of a value; empty ones are ignored.
pub(super) type Encoder = fn(&str) -> Vec<String>;

/// Every encoder.
pub(super) const ENCODERS: &[Encoder] = &[
    |value| base64_at(value, 0),
    |value| base64_at(value, 1),
    |value| base64_at(value, 2),
    |value| vec![value.replace('"', "\\\"")],
    |value| vec![value.replace('\'', "''")],
    |value| vec![json(value)],
    |value| vec![uri(value)],
    |value| vec![xml(value)],
    |value| trimmed_quotes(value).into_iter().collect(),
    |value| before_ampersand(value).into_iter().collect(),
    |value| after_ampersand(value).into_iter().collect(),
    base64_in_lines,
];

/// Parts of a secret that are shorter than this are not masked alone: they are too common.
const SHORTEST_PART: usize = 6;

/// As [`SHORTEST_PART`], in base64.
const SHORTEST_BASE64: usize = 8;

/// Base64 with padding, in the standard alphabet.
pub(super) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let at = |i: usize| u32::from(group.get(i).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for i in 0..4 {
            let digit = ALPHABET[(bits >> (18 - 6 * i) & 63) as usize];
            text.push(if i <= group.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

/// Base64 of a value that `shift` of its bytes share a group with what stands before it.
///
/// The runner's form alone ends in padding and so misses a secret that more text follows. The groups that are
/// complete read the same whatever follows.
fn base64_at(value: &str, shift: usize) -> Vec<String> {
    let bytes = value.as_bytes();
    let bytes = if bytes.len() > shift { &bytes[shift..] } else { bytes };
    let whole = base64(bytes);
    let mut forms = vec![whole.clone()];
    let unpadded = whole.trim_end_matches('=');
    let complete = &whole[..bytes.len() / 3 * 4];
    forms.extend(
        [unpadded, complete]
            .into_iter()
            .filter(|text| text.len() >= SHORTEST_BASE64)
            .map(str::to_owned),
    );
    let url_safe: Vec<_> = forms
        .iter()
        .filter(|text| text.contains(['+', '/']))
        .map(|text| text.replace('+', "-").replace('/', "_"))
        .collect();
    forms.extend(url_safe);
    forms
}

/// The lines into which `base64` (76) and PEM writers (64) break a long value.
fn base64_in_lines(value: &str) -> Vec<String> {
    let complete = base64(&value.as_bytes()[..value.len() / 3 * 3]);
    let lines = |width: usize| -> Vec<String> {
        let lines = complete.as_bytes().chunks(width).filter(|line| line.len() >= SHORTEST_BASE64);
        lines.map(|line| line.iter().copied().map(char::from).collect()).collect()
    };
    [76, 64].into_iter().filter(|width| complete.len() > *width).flat_map(lines).collect()
}

/// The inside of a JSON string, as Newtonsoft writes it.
fn json(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for character in value.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\0'..='\u{1f}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                // Writing to a string cannot fail.
                let _ = write!(text, "\\u{:04x}", u32::from(character));
            }
            _ => text.push(character),
        }
    }
    text
}

fn uri(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

fn xml(value: &str) -> String {
    value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&apos;")
}

fn trimmed_quotes(value: &str) -> Option<String> {
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    (length(value) > 8).then(|| inner.to_owned())
}

// PowerShell colours the place of an error within a command line, which cuts a secret with `&` in two:
// after the last `&`, or after the letter that follows `&+`.
fn before_ampersand(value: &str) -> Option<String> {
    let end = match value.find("&+") {
        Some(at) => at + 2,
        None => value.rfind('&')? + 1,
    };
    long_enough(&value[..end])
}

fn after_ampersand(value: &str) -> Option<String> {
    match value.find("&+") {
        Some(at) => {
            let mut rest = value[at + 2..].chars();
            rest.next()?;
            long_enough(rest.as_str())
        }
        None => long_enough(&value[value.rfind('&')? + 1..]),
    }
}

fn long_enough(part: &str) -> Option<String> {
    (length(part) >= SHORTEST_PART).then(|| part.to_owned())
}

/// In UTF-16 units, as .NET counts.
fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_padded() {
        for (plain, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
            ("\u{ff}?>", "w78/Pg=="),
        ] {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }

    #[test]
    fn json_escapes_as_newtonsoft_does() {
        assert_eq!(
            json("a\"b\\c/\n\t\r\u{8}\u{c}\u{1}\u{85}\u{2028}\u{e9}'"),
            "a\\\"b\\\\c/\\n\\t\\r\\b\\f\\u0001\\u0085\\u2028\u{e9}'"
        );
    }

    #[test]
    fn uri_and_xml_escape_what_has_a_meaning_there() {
        assert_eq!(uri("aZ9-_.~ /\u{e9}!"), "aZ9-_.~%20%2F%C3%A9%21");
        assert_eq!(xml("<a b=\"c\" d='e'>&"), "&lt;a b=&quot;c&quot; d=&apos;e&apos;&gt;&amp;");
    }

    #[test]
    fn short_parts_are_not_masked_alone() {
        assert_eq!(before_ampersand("ab&cdefgh"), None);
        assert_eq!(after_ampersand("ab&cdefgh").as_deref(), Some("cdefgh"));
        assert_eq!(after_ampersand("ab&+\u{e9}cdefgh").as_deref(), Some("cdefgh"));
        assert_eq!(after_ampersand("no"), None);
        assert_eq!(trimmed_quotes("\"short\""), None);
        assert_eq!(trimmed_quotes("\"longer!\"").as_deref(), Some("longer!"));
        assert_eq!(trimmed_quotes("\""), None);
    }
}
