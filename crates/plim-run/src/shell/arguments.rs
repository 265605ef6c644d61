//! A command line in one text, cut into arguments and filled in as .NET does it.

use std::{iter::Peekable, str::Chars};

/// Splits at blanks and tabs outside of double quotes.
///
/// Backslashes are plain unless a quote follows: then each pair is one, and an odd one makes the quote plain. Within
/// quotes a doubled quote is plain. A quote that never closes closes at the end.
pub(super) fn split(line: &str) -> Vec<String> {
    let mut rest = line.chars().peekable();
    let mut arguments = Vec::new();
    loop {
        while rest.next_if(|next| is_blank(*next)).is_some() {}
        if rest.peek().is_none() {
            return arguments;
        }
        arguments.push(argument(&mut rest));
    }
}

fn argument(rest: &mut Peekable<Chars<'_>>) -> String {
    let mut argument = String::new();
    let mut quoted = false;
    while let Some(character) = rest.next_if(|next| quoted || !is_blank(*next)) {
        match character {
            '\\' => backslashes(rest, &mut argument),
            '"' if quoted && rest.next_if_eq(&'"').is_some() => argument.push('"'),
            '"' => quoted = !quoted,
            other => argument.push(other),
        }
    }
    argument
}

/// The first backslash is taken already.
fn backslashes(rest: &mut Peekable<Chars<'_>>, argument: &mut String) {
    let mut count = 1;
    while rest.next_if_eq(&'\\').is_some() {
        count += 1;
    }
    if rest.peek() != Some(&'"') {
        return argument.extend(std::iter::repeat_n('\\', count));
    }
    argument.extend(std::iter::repeat_n('\\', count / 2));
    if count % 2 == 1 {
        argument.extend(rest.next());
    }
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

/// Replaces `{0}` by `path`, `{{` and `}}` by one brace; none when any other brace is there.
pub(super) fn format(template: &str, path: &str) -> Option<String> {
    let mut rest = template.chars().peekable();
    let mut filled = String::with_capacity(template.len() + path.len());
    while let Some(character) = rest.next() {
        match character {
            '{' if rest.next_if_eq(&'{').is_some() => filled.push('{'),
            '}' if rest.next_if_eq(&'}').is_some() => filled.push('}'),
            '{' => {
                rest.next_if_eq(&'0').and_then(|_| rest.next_if_eq(&'}'))?;
                filled.push_str(path);
            }
            '}' => return None,
            other => filled.push(other),
        }
    }
    Some(filled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_are_split_as_dotnet_does() {
        for (line, arguments) in [
            ("", &[] as &[&str]),
            (" a\tb  c ", &["a", "b", "c"]),
            ("\"a b\"c d", &["a bc", "d"]),
            ("\"\" x", &["", "x"]),
            ("a\"b c", &["ab c"]),
            ("\"a\"\"b\"", &["a\"b"]),
            (r"a\b\\c", &[r"a\b\\c"]),
            (r#"a\"b"#, &["a\"b"]),
            (r#"a\\"b c""#, &[r"a\b c"]),
            (r#"a\\\"b c"#, &[r#"a\"b"#, "c"]),
            ("'a b'", &["'a", "b'"]),
        ] {
            assert_eq!(split(line), arguments, "{line}");
        }
    }

    #[test]
    fn braces_are_filled_in() {
        assert_eq!(format("a {0} {{0}} {0}", "x").as_deref(), Some("a x {0} x"));
        for bad in ["{", "}", "{1}", "{0", "{0,3}", "{}", "{0}}"] {
            assert_eq!(format(bad, "x"), None, "{bad}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn nothing_makes_it_panic(line in "[a \t\"\\\\{}0]{0,20}") {
            split(&line);
            format(&line, "x");
        }

        #[test]
        fn what_is_quoted_is_read_back(arguments in prop::collection::vec("[a \t\"'\\\\]{0,6}", 0..4)) {
            let quote = |text: &String| {
                let mut quoted = String::from("\"");
                let mut backslashes = 0;
                for character in text.chars() {
                    let count = if character == '"' { backslashes + 1 } else { 0 };
                    quoted.extend(std::iter::repeat_n('\\', count));
                    quoted.push(character);
                    backslashes = if character == '\\' { backslashes + 1 } else { 0 };
                }
                quoted.extend(std::iter::repeat_n('\\', backslashes));
                quoted + "\""
            };
            let line = arguments.iter().map(quote).collect::<Vec<_>>().join(" ");
            prop_assert_eq!(split(&line), arguments);
        }
    }
}
