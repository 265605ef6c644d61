//! Finds commands in programs of other languages: their quoted texts, and lists of those.

/// The quoted texts of `program`, one command a line; texts that only commas and blanks separate are one command.
///
/// `subprocess.run(["cargo", "publish"])` and `exec("cargo publish")` both give `cargo publish`. Lines that are comments
/// in the usual languages are left out. It is a guess: a text that only speaks of a command is taken for it.
pub fn quoted_commands(program: &str) -> String {
    let mut commands = String::new();
    let mut joined = false;
    for line in program.lines().filter(|line| !is_comment(line)) {
        joined = collect(line, joined, &mut commands);
    }
    commands
}

fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    ["#", "//", "*", "/*", "--"].iter().any(|start| line.starts_with(start))
}

/// Takes the texts of one line; returns whether its last text may be joined with the next line's first.
fn collect(line: &str, joined: bool, commands: &mut String) -> bool {
    let (mut rest, mut joined) = (line, joined);
    while let Some(open) = rest.find(['"', '\'', '`']) {
        let between = &rest[..open];
        joined &= between.chars().all(|c| c == ',' || c.is_whitespace());
        let quote = rest.as_bytes()[open] as char;
        let (text, after) = until(&rest[open + 1..], quote);
        commands.push_str(if joined { " " } else { "\n" });
        commands.push_str(&text.replace('\n', " "));
        (rest, joined) = (after, true);
    }
    // A list that goes on in the next line stays one command.
    joined && rest.chars().all(|c| c == ',' || c.is_whitespace())
}

/// The text up to `quote`, and what follows it.
fn until(text: &str, quote: char) -> (&str, &str) {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return (&text[..at], &text[at + 1..]),
            _ => {}
        }
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::Script;

    fn publishes(program: &str) -> bool {
        let programs = Script::read(&quoted_commands(program)).programs();
        programs.iter().any(|program| {
            let says = |wanted: &str| program.arguments().iter().any(|word| word.text == wanted);
            let known = ["cargo", "git", "npm"].contains(&program.name());
            known && (says("publish") || says("push")) && !says("--dry-run")
        })
    }

    #[test]
    fn commands_are_found_in_texts_and_lists_of_texts() {
        assert!(publishes("subprocess.run(['cargo', \"publish\", '-p', name])"));
        assert!(publishes("run(\n    'git',\n    'push',\n)"));
        assert!(publishes("await exec(`npm publish --access public`)"));
    }

    #[test]
    fn comments_and_dry_runs_are_not() {
        assert!(!publishes("# 'cargo publish'\n// \"git push\"\n * `npm publish`"));
        assert!(!publishes("run(['cargo', 'publish', '--dry-run'])"));
        assert!(!publishes("print('how to publish'); x = ['git', 'status']"));
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(150))]

        #[test]
        fn any_program_is_read(program in "[a-z'\"`\\\\,é\\n ]{0,60}") {
            quoted_commands(&program);
        }
    }
}
