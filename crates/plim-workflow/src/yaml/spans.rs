//! Spans are mended here: the parser's events mark some nodes at their content instead of at their first character.

/// Where the header of a block scalar (`|` or `>`) is, looking on from the end of the token before it.
pub(super) fn header(source: &str, from: usize) -> Option<usize> {
    between_tokens(source, from, |byte| matches!(byte, b'|' | b'>'))
}

/// Where the first dash of a block sequence is, looking on from the end of the token before it.
pub(super) fn dash(source: &str, from: usize) -> Option<usize> {
    between_tokens(source, from, |byte| byte == b'-')
}

/// Where the quote is that the next scalar opens with, if it opens with one.
pub(super) fn opening_quote(source: &str, from: usize) -> Option<usize> {
    between_tokens(source, from, |byte| matches!(byte, b'"' | b'\''))
}

/// Where the next scalar is, or the next bracket.
pub(super) fn next_value(source: &str, from: usize) -> Option<usize> {
    between_tokens(source, from, |byte| !matches!(byte, b':' | b'-' | b'?' | b','))
}

/// Skips what can stand between two tokens with events of their own, until a byte is `wanted`.
fn between_tokens(source: &str, from: usize, wanted: fn(u8) -> bool) -> Option<usize> {
    let bytes = source.as_bytes();
    let mut at = from;
    loop {
        match *bytes.get(at)? {
            b' ' | b'\t' | b'\r' | b'\n' => at += 1,
            b'#' => at += until(&bytes[at..], is_break),
            b'&' | b'!' => {
                at += until(&bytes[at..], |byte| matches!(byte, b' ' | b'\t') || is_break(byte))
            }
            b'%' if line_starts(bytes, at) => at += until(&bytes[at..], is_break),
            b'.' if line_starts(bytes, at) && bytes[at..].starts_with(b"...") => at += 3,
            0xEF if bytes[at..].starts_with(BYTE_ORDER_MARK) => at += BYTE_ORDER_MARK.len(),
            byte if wanted(byte) => return Some(at),
            b':' | b'-' | b'?' | b',' => at += 1,
            _ => return None,
        }
    }
}

const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();

fn line_starts(bytes: &[u8], at: usize) -> bool {
    at.checked_sub(1)
        .is_none_or(|before| is_break(bytes[before]) || bytes[..at] == *BYTE_ORDER_MARK)
}

/// Where a block scalar ends: after its last line that has more than blanks, or after its header.
///
/// The parser's end is the next token, with the empty lines and the indentation before it.
pub(super) fn block_scalar_end(source: &str, header: usize, raw_end: usize, text: &str) -> usize {
    if text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\n')) {
        let indicators = |byte: &u8| matches!(byte, b'+' | b'-' | b'0'..=b'9');
        return header
            + 1
            + source.as_bytes()[header + 1..].iter().take_while(|&byte| indicators(byte)).count();
    }
    let trimmed = header + source[header..raw_end].trim_end_matches([' ', '\t', '\r', '\n']).len();
    trimmed + until(&source.as_bytes()[trimmed..raw_end], is_break)
}

/// The closing quote of the scalar that opens at `open`, or `None` when it never closes.
pub(super) fn closing_quote(source: &str, open: usize) -> Option<usize> {
    let bytes = source.as_bytes();
    let quote = *bytes.get(open)?;
    let mut at = open + 1;
    loop {
        match *bytes.get(at)? {
            b'\\' if quote == b'"' => at += 2,
            byte if byte != quote => at += 1,
            _ if quote == b'\'' && bytes.get(at + 1) == Some(&quote) => at += 2,
            _ => return Some(at),
        }
    }
}

/// The line that holds `at`, without its line end.
pub(super) fn line_around(source: &str, at: usize) -> (usize, usize) {
    let bytes = source.as_bytes();
    let at = at.min(bytes.len());
    let start = bytes[..at].iter().rposition(|&byte| is_break(byte)).map_or(0, |before| before + 1);
    (start, at + until(&bytes[at..], is_break))
}

/// The end of the lines that belong to the line of `at`: those below it that are indented deeper, and blank ones
/// between them. A line that only closes a bracket belongs to them as well.
pub(super) fn block_end(source: &str, at: usize) -> usize {
    let (start, mut end) = line_around(source, at);
    let own = indentation(&source[start..end]).unwrap_or(0);
    let mut next = end;
    while next < source.len() {
        next += line_end_len(&source[next..]);
        let (_, line_end) = line_around(source, next);
        let line = &source[next..line_end];
        let closes = line.trim_start().starts_with([']', '}']);
        match indentation(line) {
            Some(deep) if deep > own || (closes && deep == own) => end = line_end,
            Some(_) => break,
            None => {}
        }
        next = line_end;
    }
    end
}

fn indentation(line: &str) -> Option<usize> {
    line.bytes().position(|byte| !matches!(byte, b' ' | b'\t'))
}

pub(super) fn line_end_len(rest: &str) -> usize {
    match rest.as_bytes() {
        [b'\r', b'\n', ..] => 2,
        _ => 1,
    }
}

pub(super) fn until(bytes: &[u8], stop: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|&byte| stop(byte)).unwrap_or(bytes.len())
}

pub(super) fn is_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_found_behind_comments_anchors_and_tags() {
        let source = "run: # a | b\n  !<x|y> &a|b >-\n  text";
        assert_eq!(header(source, 3), source.find(">-"));
        assert_eq!(header("a: text |", 1), None);
    }

    #[test]
    fn a_dash_is_found_below_its_key() {
        let source = "steps: &x-y # - no\n\n- - 1";
        assert_eq!(dash(source, 5), source.find("- - 1"));
    }

    #[test]
    fn a_closing_quote_is_not_an_escaped_one() {
        assert_eq!(closing_quote(r#""a\"b" c"#, 0), Some(5));
        assert_eq!(closing_quote("'it''s' c", 0), Some(6));
        assert_eq!(closing_quote("\"a\\", 0), None);
    }

    #[test]
    fn a_block_takes_the_deeper_lines_and_its_closing_bracket() {
        let source = "a: [\n  b,\n\n  c\n]\nd: 1\n";
        assert_eq!(&source[..block_end(source, 3)], "a: [\n  b,\n\n  c\n]");
        let source = "  - name: x\r\n    run: y\r\n  - name: z";
        assert_eq!(&source[..block_end(source, 4)], "  - name: x\r\n    run: y");
    }
}
