//! Globs that may become options.

use plim_diag::{Code, Severity};

use crate::{Audit, Hook, Rule, ShellAt, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("glob-as-option"),
    summary: "a glob begins with `*`, so that a name may become an option",
    why: "A file called `-rf` is an option to a command that is given it by `*`.",
    criterion: "An argument that begins with `*` of `rm`, `mv`, `cp`, `chmod`, `chown`, `tar`, `zip`, `ls` or `cat`, without `--` before it.",
    remedy: "Write `./*`.",
    example: "steps:\n  - run: |\n      rm *.tmp",
    better: "steps:\n  - run: |\n      rm ./*.tmp",
    severity: Severity::Note,
    tier: Tier::Pedantic,
    hooks: &[Hook::Shell(shell)],
};

const COMMANDS: [&str; 9] = ["rm", "mv", "cp", "chmod", "chown", "tar", "zip", "ls", "cat"];

fn shell<'a>(audit: &mut Audit<'a>, script: &ShellAt<'a>) {
    let text = &*script.script.text;
    for command in script.commands() {
        if !command.name(text).is_some_and(|name| COMMANDS.contains(&name)) {
            continue;
        }
        let options =
            command.arguments().iter().take_while(|word| word.as_written(text) != Some("--"));
        for word in
            options.filter(|word| word.span.text(text).is_some_and(|text| text.starts_with('*')))
        {
            let message = "a name that begins with `-` becomes an option";
            audit.report(script.place(word.span), message).help("write `./` before it");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn of_commands_that_take_files() {
        check(
            &RULE,
            r#"
            steps:
              - run: rm *.tmp ./*.x && rm -- * && echo *
                #       ^^^^^ a name that begins with `-` becomes an option
            "#,
        );
    }
}
