//! Dialects: .NET regular expressions in the words of `fancy-regex`, and Newtonsoft's JSON in strict JSON.

use std::{iter::Peekable, str::Chars};

/// Rewrites a .NET expression (`RegexOptions.ECMAScript`) for `fancy-regex`, where the same text means something else:
/// `\d`, `\w`, `\s` are ASCII; `[` within a class and `{` that begins no count are plain; `\<` is no word boundary.
///
/// What is not an expression stays none; the compiler then says so.
pub(super) fn fancy(expression: &str) -> String {
    let mut rest = expression.chars().peekable();
    let mut out = String::with_capacity(expression.len() + 16);
    while let Some(character) = rest.next() {
        match character {
            '\\' => escape(&mut rest, &mut out),
            '[' => class(&mut rest, &mut out),
            '{' if !begins_count(rest.clone()) => out.push_str("\\{"),
            '{' => {
                out.push('{');
                out.extend(std::iter::from_fn(|| rest.next_if(|next| *next != '}')));
                out.extend(rest.next());
            }
            '}' => out.push_str("\\}"),
            other => out.push(other),
        }
    }
    out
}

fn escape(rest: &mut Peekable<Chars<'_>>, out: &mut String) {
    let Some(character) = rest.next() else { return out.push('\\') };
    match shorthand(character) {
        Some((true, set)) => out.extend(["[", set, "]"]),
        Some((false, set)) => out.extend(["[^", set, "]"]),
        None => plain_escape(character, rest, out),
    }
}

/// The members of a shorthand class, and whether they are in it.
fn shorthand(character: char) -> Option<(bool, &'static str)> {
    let members = match character.to_ascii_lowercase() {
        'd' => "0-9",
        'w' => "a-zA-Z0-9_",
        's' => " \\t\\n\\x0B\\f\\r",
        _ => return None,
    };
    Some((character.is_ascii_lowercase(), members))
}

fn plain_escape(character: char, rest: &mut Peekable<Chars<'_>>, out: &mut String) {
    match character {
        'e' => out.push_str("\\x1B"),
        '0' => {
            let digit =
                |rest: &mut Peekable<Chars<'_>>| rest.next_if(|next| ('0'..='7').contains(next));
            let octal: String = std::iter::from_fn(|| digit(rest)).take(2).collect();
            let code = u32::from_str_radix(&octal, 8).unwrap_or(0);
            out.push_str(&format!("\\x{code:02X}"));
        }
        letter if letter.is_alphanumeric() => out.extend(['\\', letter]),
        '<' | '>' | '_' => out.push(character),
        mark if mark.is_ascii_punctuation() => out.extend(['\\', mark]),
        other => out.push(other),
    }
}

fn class(rest: &mut Peekable<Chars<'_>>, out: &mut String) {
    out.push('[');
    if rest.next_if_eq(&'^').is_some() {
        out.push('^');
    }
    if rest.next_if_eq(&']').is_some() {
        out.push_str("\\]");
    }
    while let Some(character) = rest.next() {
        match character {
            ']' => return out.push(']'),
            '\\' if rest.next_if_eq(&'b').is_some() => out.push_str("\\x08"),
            '\\' => escape(rest, out),
            '-' if rest.next_if_eq(&'-').is_some() => out.push_str("-\\-"),
            '[' | '&' | '~' => out.extend(['\\', character]),
            other => out.push(other),
        }
    }
}

/// True when what follows `{` makes it a count: `3}`, `3,}`, `3,5}`.
fn begins_count(rest: Peekable<Chars<'_>>) -> bool {
    let inside: String = rest.take_while(|character| *character != '}').take(16).collect();
    let (least, most) = inside.split_once(',').unwrap_or((&inside, ""));
    let digits = |text: &str| text.chars().all(|character| character.is_ascii_digit());
    !least.is_empty() && digits(least) && digits(most)
}

/// `json` without comments, without commas before a closing bracket, and without a byte order mark.
pub(super) fn plain_json(json: &str) -> String {
    let mut rest = json.trim_start_matches('\u{FEFF}').chars().peekable();
    let mut out = String::with_capacity(json.len());
    while let Some(character) = rest.next() {
        match (character, rest.peek()) {
            ('"', _) => string(&mut rest, &mut out),
            ('/', Some('/')) => while rest.next_if(|next| *next != '\n').is_some() {},
            ('/', Some('*')) => block_comment(&mut rest),
            (']' | '}', _) => {
                let kept = out.trim_end().strip_suffix(',').map(str::len);
                out.truncate(kept.unwrap_or(out.len()));
                out.push(character);
            }
            _ => out.push(character),
        }
    }
    out
}

fn string(rest: &mut Peekable<Chars<'_>>, out: &mut String) {
    out.push('"');
    while let Some(character) = rest.next() {
        out.push(character);
        match character {
            '"' => return,
            '\\' => out.extend(rest.next()),
            _ => {}
        }
    }
}

fn block_comment(rest: &mut Peekable<Chars<'_>>) {
    rest.next();
    while let Some(character) = rest.next() {
        if character == '*' && rest.next_if_eq(&'/').is_some() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fancy_regex::Regex;
    use proptest::prelude::*;

    fn matches(expression: &str, text: &str) -> bool {
        Regex::new(&fancy(expression))
            .unwrap_or_else(|error| panic!("{expression}: {error}"))
            .is_match(text)
            .unwrap()
    }

    #[test]
    fn expressions_keep_their_meaning() {
        for (expression, yes, no) in [
            (r"^\d+$", "12", "\u{663}"),
            (r"^\w$", "_", "\u{e9}"),
            (r"^\W$", "\u{e9}", "a"),
            (r"^[\w-.]+$", "a-.", "a b"),
            (r"^[^\s\]]+$", "ab", "a]"),
            (r"^[\S]$", "x", " "),
            (r"^[[(]x$", "[x", "ax"),
            (r"^[]a]$", "]", "b"),
            (r"^[a&&b]$", "&", "c"),
            (r"^[+--]$", ",", "."),
            (r"^{a}$", "{a}", "a"),
            (r"^a{2}b{1,}c{1,2}$", "aabc", "abc"),
            (r"^a{,2}$", "a{,2}", "aa"),
            (r"^\<\/\>\_\ \:$", "</>_ :", "x"),
            (r"^\x1B\[\u001b\033\e[0-9]m$", "\x1b[\x1b\x1b\x1b1m", "1m"),
            (r"^(?<a>.)\k<a>(.)\2$", "xxyy", "xyyx"),
            (r"^(?!warning)(.+?):(?=\s)", "error: ", "warning: "),
            (r"^[\b]$", "\u{8}", "b"),
            (r"^[\u00A0-\uD7FF]$", "\u{100}", "a"),
        ] {
            assert!(matches(expression, yes), "{expression} on {yes:?}: {}", fancy(expression));
            assert!(!matches(expression, no), "{expression} on {no:?}: {}", fancy(expression));
        }
    }

    #[test]
    fn comments_and_commas_go_but_not_from_strings() {
        assert_eq!(
            plain_json("{\"a\": \"//,]\\\"/*\", /* , */ } // x"),
            "{\"a\": \"//,]\\\"/*\"} "
        );
        assert_eq!(plain_json("\u{FEFF}[1,\n]"), "[1]");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn nothing_makes_it_panic(text in "[\\\\\\[\\]{}()^a-c0-3,*+?.:<>/\"&~ -]{0,24}") {
            let _ = Regex::new(&fancy(&text));
            plain_json(&text);
        }
    }
}
