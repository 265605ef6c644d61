//! Expands braces: `{a,b}`, `{1..3}`, nested and padded, as npm's `brace-expansion` does.

/// More alternatives than this are refused: nobody means them, and they take memory.
pub(super) const MOST: usize = 1_000;

/// Stand for escaped characters while braces are looked for; Unicode never assigns them.
const ESCAPED: [(char, char); 5] = [
    ('\\', '\u{fdd0}'),
    ('{', '\u{fdd1}'),
    ('}', '\u{fdd2}'),
    (',', '\u{fdd3}'),
    ('.', '\u{fdd4}'),
];

/// How deep braces may stand within braces.
const DEEPEST: usize = 32;

/// Every text that `pattern` stands for, or nothing when they are too many.
pub(super) fn expand(pattern: &str) -> Option<Vec<String>> {
    if !has_braces(pattern) {
        return Some(vec![pattern.to_owned()]);
    }
    let protected = protect(pattern);
    let expanded = expand_once(&protected, true, 0)?;
    let mut texts: Vec<String> = Vec::new();
    for text in expanded.iter().map(|text| restore(text)) {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    Some(texts)
}

/// A closing brace somewhere after an opening one.
fn has_braces(pattern: &str) -> bool {
    pattern.find('{').is_some_and(|open| pattern[open..].contains('}'))
}

fn protect(pattern: &str) -> String {
    // Bash leaves a leading `{}` alone.
    let (start, rest) = match pattern.strip_prefix("{}") {
        Some(rest) => (format!("{}{}", ESCAPED[1].1, ESCAPED[2].1), rest),
        None => (String::new(), pattern),
    };
    let mut text = start;
    let mut chars = rest.chars().peekable();
    while let Some(c) = chars.next() {
        let escaped = (c == '\\').then(|| chars.peek().and_then(|next| mark(*next))).flatten();
        match escaped {
            Some(mark) => {
                chars.next();
                text.push(mark);
            }
            None => text.push(c),
        }
    }
    text
}

fn mark(c: char) -> Option<char> {
    ESCAPED.iter().find(|(plain, _)| *plain == c).map(|(_, mark)| *mark)
}

fn restore(text: &str) -> String {
    let plain =
        |c: char| ESCAPED.iter().find(|(_, mark)| *mark == c).map_or(c, |(plain, _)| *plain);
    text.chars().map(plain).collect()
}

/// The first pair of braces that belong together: what is before, between and after them.
fn balanced(text: &str) -> Option<(&str, &str, &str)> {
    let mut open = Vec::new();
    let mut best: Option<(usize, usize)> = None;
    for (i, c) in text.char_indices() {
        match c {
            '{' => open.push(i),
            '}' => {
                let Some(start) = open.pop() else { continue };
                if open.is_empty() {
                    best = Some((start, i));
                    break;
                }
                if best.is_none_or(|(left, _)| start < left) {
                    best = Some((start, i));
                }
            }
            _ => {}
        }
    }
    best.map(|(start, end)| (&text[..start], &text[start + 1..end], &text[end + 1..]))
}

fn expand_once(text: &str, top: bool, depth: usize) -> Option<Vec<String>> {
    if depth > DEEPEST {
        return None;
    }
    let Some((before, body, after)) = balanced(text) else { return Some(vec![text.to_owned()]) };
    let sequence = sequence(body)?;
    if sequence.is_none() && !body.contains(',') && !before.ends_with('$') {
        return unpaired(text, before, body, after, top, depth);
    }
    let ends =
        if after.is_empty() { vec![String::new()] } else { expand_once(after, false, depth + 1)? };
    if before.ends_with('$') {
        return combine(&[format!("{before}{{{body}}}")], &ends, false);
    }
    let is_sequence = sequence.is_some();
    let alternatives = match sequence {
        Some(items) => items,
        None => options(body, depth)?,
    };
    let starts: Vec<String> = alternatives.iter().map(|item| format!("{before}{item}")).collect();
    combine(&starts, &ends, top && !is_sequence)
}

/// `{a},b}` reads its first closing brace as text when another one follows a comma.
fn unpaired(
    text: &str,
    before: &str,
    body: &str,
    after: &str,
    top: bool,
    depth: usize,
) -> Option<Vec<String>> {
    let comma = after.char_indices().find(|(i, c)| *c == ',' && !after[i + 1..].starts_with(','));
    match comma {
        Some((i, _)) if after[i..].contains('}') => {
            let close = ESCAPED[2].1;
            expand_once(&format!("{before}{{{body}{close}{after}"), top, depth + 1)
        }
        _ => Some(vec![text.to_owned()]),
    }
}

fn options(body: &str, depth: usize) -> Option<Vec<String>> {
    let parts = comma_parts(body);
    let mut items = Vec::new();
    for part in &parts {
        items.extend(expand_once(part, false, depth + 1)?);
        if items.len() > MOST {
            return None;
        }
    }
    Some(if parts.len() == 1 {
        items.iter().map(|item| format!("{{{item}}}")).collect()
    } else {
        items
    })
}

/// Splits at the commas that are not within inner braces.
fn comma_parts(body: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (i, c) in body.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&body[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    parts.push(&body[start..]);
    parts
}

fn combine(starts: &[String], ends: &[String], drop_empty: bool) -> Option<Vec<String>> {
    if starts.len().saturating_mul(ends.len()) > MOST {
        return None;
    }
    let pairs = starts.iter().flat_map(|start| ends.iter().map(move |end| format!("{start}{end}")));
    Some(pairs.filter(|text| !drop_empty || !text.is_empty()).collect())
}

/// `1..3`, `a..e`, `01..10..2`: the items, or nothing inside when it is no sequence; nothing at all when
/// it has too many.
#[expect(clippy::option_option, reason = "the outer one says that there are too many")]
fn sequence(body: &str) -> Option<Option<Vec<String>>> {
    let parts: Vec<&str> = body.split("..").collect();
    let (from, to, step) = match parts.as_slice() {
        [from, to] => (*from, *to, "1"),
        [from, to, step] => (*from, *to, *step),
        _ => return Some(None),
    };
    let Some(step) = number(step) else { return Some(None) };
    let step = step.unsigned_abs().max(1);
    if let (Some(first), Some(last)) = (number(from), number(to)) {
        let padded = is_padded(from) || is_padded(to);
        let width = if padded { from.len().max(to.len()) } else { 0 };
        return Some(Some(walk(first, last, step)?.into_iter().map(|n| pad(n, width)).collect()));
    }
    let letter = |text: &str| match text.as_bytes() {
        [c] if c.is_ascii_alphabetic() => Some(i64::from(*c)),
        _ => None,
    };
    let (Some(first), Some(last)) = (letter(from), letter(to)) else { return Some(None) };
    let text = |n: i64| {
        u8::try_from(n)
            .map(char::from)
            .ok()
            .filter(|c| *c != '\\')
            .map_or(String::new(), String::from)
    };
    Some(Some(walk(first, last, step)?.into_iter().map(text).collect()))
}

fn number(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

fn is_padded(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.len() > 1 && digits.starts_with('0')
}

fn pad(n: i64, width: usize) -> String {
    let sign = if n < 0 { "-" } else { "" };
    format!("{sign}{:0>1$}", n.unsigned_abs(), width.saturating_sub(sign.len()))
}

fn walk(first: i64, last: i64, step: u64) -> Option<Vec<i64>> {
    let count = first.abs_diff(last) / step;
    let count = usize::try_from(count).ok().filter(|count| *count < MOST)?;
    let mut items = Vec::with_capacity(count + 1);
    let mut item = Some(first);
    for _ in 0..=count {
        items.extend(item);
        item = item.and_then(|item| {
            if first <= last {
                item.checked_add_unsigned(step)
            } else {
                item.checked_sub_unsigned(step)
            }
        });
    }
    Some(items)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn expanded(pattern: &str) -> String {
        expand(pattern).unwrap().join(" ")
    }

    #[test]
    fn braces_expand_as_in_bash() {
        assert_eq!(expanded("a{b,c}d"), "abd acd");
        assert_eq!(expanded("a{b,c{d,e}f}g"), "abg acdfg acefg");
        assert_eq!(expanded("x{01..03}"), "x01 x02 x03");
        assert_eq!(expanded("{3..1}"), "3 2 1");
        assert_eq!(expanded("{1..10..4}"), "1 5 9");
        assert_eq!(expanded("{c..a}"), "c b a");
        assert_eq!(expanded("a{b}c"), "a{b}c");
        assert_eq!(expanded("${a,b}"), "${a,b}");
        assert_eq!(expanded("{a},b}"), "a} b");
        assert_eq!(expanded(r"\{a,b\}"), "{a,b}");
        assert_eq!(expanded("{a,b}{1,2}"), "a1 a2 b1 b2");
        assert_eq!(expanded("{{a,b}}"), "{a} {b}");
    }

    #[test]
    fn too_many_alternatives_are_refused() {
        assert_eq!(expand("{1..1000000000}"), None);
        assert_eq!(expand(&"{a,b}".repeat(40)), None);
        assert_eq!(expand(&"{a,".repeat(5_000)), Some(vec!["{a,".repeat(5_000)]));
        assert_eq!(expand(&format!("{}{}", "{a,".repeat(5_000), "}".repeat(5_000))), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn expansion_always_ends(pattern in r"[ab{},.\\$0-9-]{0,24}") {
            if let Some(texts) = expand(&pattern) {
                prop_assert!(texts.len() <= MOST);
            }
        }
    }
}
