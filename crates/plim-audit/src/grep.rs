//! The patterns that a script gives to `grep`, those of the functions that it defines included.

use plim_workflow::script::{Command, Redirection, Script, Word};

/// A pattern that `grep` is given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Pattern {
    /// The pattern as `grep` gets it.
    pub text: String,
    /// How `grep` reads it.
    pub form: Form,
    /// The command of the script that names it: a call of `grep`, or of a function that hands it on.
    pub command: usize,
}

/// How `grep` reads a pattern.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    /// Without an option, or `-G`.
    Basic,
    /// `-E`, or `egrep`.
    Extended,
    /// `-P`, or `-F`: nothing is said of those.
    Other,
}

/// Every pattern of `script` that is written out.
pub(crate) fn patterns(script: &Script, text: &str) -> Vec<Pattern> {
    let mut found = Vec::new();
    for (at, command) in script.commands.iter().enumerate() {
        let Some((form, pattern)) = call(command) else { continue };
        if pattern.literal {
            found.push(Pattern { text: pattern.text.clone(), form, command: at });
        } else if let Some(name) = pattern.variable() {
            found.extend(handed_on(script, text, (at, name), form));
        }
    }
    found
}

/// Whether the command is a search whose own complaints nobody sees.
pub(crate) fn is_mute(command: &Command) -> bool {
    let options = command.call().iter().skip(1).map(|word| word.text.as_str());
    let silent = |option: &str| {
        option == "--no-messages"
            || option.starts_with('-') && !option.starts_with("--") && option.contains('s')
    };
    let null = |to: &Redirection| {
        let errors = to.descriptor == Some(2) || to.operator.starts_with('&');
        errors && to.target.text == "/dev/null"
    };
    is_grep(command) && (command.redirections.iter().any(null) || options.take(2).any(silent))
}

/// Whether the command is `grep`, by one of its names.
pub(crate) fn is_grep(command: &Command) -> bool {
    command.call().first().is_some_and(|name| matches!(name.text.as_str(), "grep" | "egrep"))
}

/// The form and the pattern of a call of `grep`.
fn call(command: &Command) -> Option<(Form, &Word)> {
    let words = command.call();
    let mut form = match words.first()?.text.as_str() {
        "grep" => Form::Basic,
        "egrep" => Form::Extended,
        _ => return None,
    };
    let (mut pattern, mut value) = (None, false);
    for word in &words[1..] {
        let text = word.text.as_str();
        if value {
            value = false;
        } else if let Some(long) = text.strip_prefix("--").filter(|_| word.literal) {
            match long {
                "extended-regexp" => form = Form::Extended,
                "perl-regexp" | "fixed-strings" => form = Form::Other,
                _ if long.starts_with("regexp") || long.starts_with("file") => return None,
                _ => {}
            }
        } else if let Some(short) = text.strip_prefix('-').filter(|_| word.literal) {
            match () {
                () if short.contains(['e', 'f']) => return None,
                () if short.contains(['P', 'F']) => form = Form::Other,
                () if short.contains('E') => form = Form::Extended,
                () => {}
            }
            // Their numbers and actions may be words of their own.
            value = short.ends_with(['A', 'B', 'C', 'm', 'd', 'D']);
        } else {
            pattern = pattern.or(Some(word));
        }
    }
    Some((form, pattern?))
}

/// What the function is called with that hands its parameter to the command `at` as `name`.
fn handed_on(script: &Script, text: &str, (at, name): (usize, &str), form: Form) -> Vec<Pattern> {
    let Some(command) = script.commands.get(at) else { return Vec::new() };
    let Some((number, place)) = parameter(name, text, command.span.start) else {
        return Vec::new();
    };
    let before = text.get(..place).unwrap_or("");
    let heads = before.lines().rev().filter_map(|line| {
        let line = line.trim_start().trim_start_matches("function ");
        line.split_once("()").map(|(name, _)| name.trim())
    });
    let known = |name: &&str| script.functions.iter().any(|function| function == name);
    let Some(function) = heads.into_iter().find(known) else { return Vec::new() };
    let calls = script.commands.iter().enumerate().filter_map(|(at, command)| {
        let words = command.call();
        let called = words.first()?.text == function;
        let argument = words.get(number).filter(|word| called && word.literal)?;
        Some(Pattern { text: argument.text.clone(), form, command: at })
    });
    calls.collect()
}

/// Which parameter of its function `name` was given, as in `local pattern="$1"`, and where that stands.
fn parameter(name: &str, text: &str, used: usize) -> Option<(usize, usize)> {
    if let Ok(number) = name.parse() {
        return Some((number, used));
    }
    let given = format!("{name}=");
    let mut lines = text.lines().filter_map(|line| {
        let bare = line.trim().trim_start_matches("local ").trim_start_matches("declare ");
        Some((bare.strip_prefix(&given)?, line.as_ptr().addr() - text.as_ptr().addr()))
    });
    let (value, place) = lines.next()?;
    // With another value it would be uncertain which one is searched for.
    if lines.next().is_some() {
        return None;
    }
    let number = value.trim_matches('"').strip_prefix('$')?.trim_matches(['{', '}']);
    Some((number.parse().ok()?, place))
}

/// Why `grep` refuses a pattern, as GNU and BSD say it.
pub(crate) fn refusal(pattern: &Pattern) -> Option<&'static str> {
    let extended = match pattern.form {
        Form::Basic => false,
        Form::Extended => true,
        Form::Other => return None,
    };
    let mut open = 0_i32;
    let mut rest = pattern.text.as_str();
    while let Some(c) = rest.chars().next() {
        let escaped = rest.strip_prefix('\\').map(|behind| behind.chars().next());
        let grouping = match escaped {
            Some(None) => return Some("it ends with a backslash"),
            Some(Some(next)) => {
                rest = &rest[1 + next.len_utf8()..];
                if extended { None } else { Some(next) }
            }
            None if c == '[' => {
                rest = behind_set(rest)?;
                continue;
            }
            None => {
                rest = &rest[c.len_utf8()..];
                if extended { Some(c) } else { None }
            }
        };
        match grouping {
            Some('(') => open += 1,
            Some(')') => open -= 1,
            _ => {}
        }
        if open < 0 {
            return (!extended).then_some("a group is closed that was not opened");
        }
    }
    (open > 0).then_some("a group is opened and not closed")
}

/// What stands behind a set such as `[^]a-z[:digit:]]`; nothing where it never ends.
fn behind_set(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('[')?;
    let inner = inner.strip_prefix('^').unwrap_or(inner);
    let mut rest = inner.strip_prefix(']').unwrap_or(inner);
    loop {
        let at = rest.find(['[', ']'])?;
        if let Some(class) = rest[at..].strip_prefix("[:") {
            rest = &class[class.find(":]")? + 2..];
            continue;
        }
        let behind = &rest[at + 1..];
        if rest[at..].starts_with(']') {
            return Some(behind);
        }
        rest = behind;
    }
}

/// What of a pattern means something else than it looks like: the part, and what `grep` takes it for.
pub(crate) fn misread(pattern: &Pattern) -> Option<(&'static str, &'static str)> {
    let text = pattern.text.as_str();
    if pattern.form == Form::Other {
        return None;
    }
    if is_escaped(text, 'd') {
        return Some(("\\d", "the letter `d`"));
    }
    if pattern.form == Form::Extended {
        return None;
    }
    let between = |at: usize| {
        let before = text[..at].chars().next_back().is_some_and(char::is_alphanumeric);
        let after = text[at + 1..].chars().next().is_some_and(char::is_alphanumeric);
        before && after
    };
    if text.match_indices('|').any(|(at, _)| between(at)) {
        return Some(("|", "a bar"));
    }
    text.contains("]+").then_some(("+", "a plus sign"))
}

/// Whether `letter` stands behind a backslash that is not behind another one.
fn is_escaped(text: &str, letter: char) -> bool {
    let mut escaped = false;
    text.chars().any(|c| {
        let hit = escaped && c == letter;
        escaped = !escaped && c == '\\';
        hit
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<Pattern> {
        patterns(&Script::read(text), text)
    }

    #[test]
    fn what_a_function_searches_for_is_what_it_is_called_with() {
        let text = "scan() {\n  local what=\"$1\"\n  grep -rn \"$what\" src 2>/dev/null || true\n}\nscan \"\\.expect\\(\"\nscan 'a'\n";
        let texts: Vec<_> = found(text).into_iter().map(|pattern| pattern.text).collect();
        assert_eq!(texts, ["\\.expect\\(", "a"]);
    }

    #[test]
    fn options_are_no_patterns_and_tell_the_form() {
        for (line, form) in [
            ("grep -rn 'a' b", Form::Basic),
            ("grep -A 3 -qE 'a' b", Form::Extended),
            ("egrep 'a'", Form::Extended),
            ("grep --include='*.rs' -P 'a'", Form::Other),
        ] {
            let found = found(line);
            assert_eq!(found.len(), 1, "{line}");
            assert_eq!((found[0].text.as_str(), found[0].form), ("a", form), "{line}");
        }
        assert!(found("grep -e a; grep \"$x\"; grep -f list x").is_empty());
    }

    #[test]
    fn only_what_grep_refuses_is_refused() {
        let refused = |text: &str, form| {
            refusal(&Pattern { text: text.to_owned(), form, command: 0 }).is_some()
        };
        for pattern in ["\\.expect\\(", "a\\)", "a\\"] {
            assert!(refused(pattern, Form::Basic), "{pattern}");
        }
        for pattern in ["(", ")", "a(b|c", "[(]", "[]]", "[^]\\(]", "[[:alpha:](]", "\\[a", "\\\\"]
        {
            assert!(!refused(pattern, Form::Basic), "{pattern}");
        }
        assert!(refused("(a", Form::Extended) && refused("a\\", Form::Extended));
        for pattern in ["(a)", "a)", "\\(a", "[(]", "a(b|c)+"] {
            assert!(!refused(pattern, Form::Extended), "{pattern}");
        }
        assert!(!refused("(a", Form::Other));
    }

    #[test]
    fn what_reads_like_another_form_is_misread() {
        let part = |text: &str, form| {
            misread(&Pattern { text: text.to_owned(), form, command: 0 }).map(|(part, _)| part)
        };
        assert_eq!(part("v\\d", Form::Extended), Some("\\d"));
        assert_eq!(part("a|b", Form::Basic), Some("|"));
        assert_eq!(part("[0-9]+", Form::Basic), Some("+"));
        for text in ["a\\|b", "| a |", "\\\\d", "a+"] {
            assert_eq!(part(text, Form::Basic), None, "{text}");
        }
        assert_eq!(part("a|[0-9]+", Form::Extended), None);
    }
}
