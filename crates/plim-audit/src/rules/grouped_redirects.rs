//! Redirections that could be one.

use plim_diag::{Code, Severity, Span};
use plim_workflow::script::Command;

use crate::{Audit, Hook, Rule, ShellAt, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("grouped-redirects"),
    summary: "commands in a row append to the same file",
    why: "The file is opened again for each of them, and its name is easily mistyped in one. A group says once where all output goes.",
    criterion: "Three or more simple commands in a row in one list, each with `>>` and the same file.",
    remedy: "Write `{ …; …; } >> FILE`.",
    example: "steps:\n  - run: |\n      echo a >> \"$GITHUB_ENV\"\n      echo b >> \"$GITHUB_ENV\"\n      echo c >> \"$GITHUB_ENV\"",
    better: "steps:\n  - run: |\n      {\n        echo a\n        echo b\n        echo c\n      } >> \"$GITHUB_ENV\"",
    severity: Severity::Note,
    tier: Tier::Pedantic,
    hooks: &[Hook::Shell(shell)],
};

/// Commands in a row: their list, their file, where the first of them stands, and how many they are.
type Row<'t> = (usize, &'t str, Span, usize);

fn shell<'a>(audit: &mut Audit<'a>, script: &ShellAt<'a>) {
    let mut rows: Vec<Row<'_>> = Vec::new();
    let mut open = false;
    for command in script.commands() {
        let target = appended(command, &script.script.text);
        match (rows.last_mut().filter(|_| open), target, command.call().first()) {
            (Some(row), Some(file), _) if row.0 == command.list && row.1 == file => row.3 += 1,
            (_, Some(file), Some(word)) => rows.push((command.list, file, word.span, 1)),
            _ => {}
        }
        open = target.is_some();
    }
    for (_, file, span, count) in rows.into_iter().filter(|row| row.3 >= 3) {
        let message = format!("{count} commands in a row append to `{file}`");
        audit
            .report(script.place(span), message)
            .help(format!("write `{{ …; }} >> {file}` around them"));
    }
}

fn appended<'t>(command: &Command, text: &'t str) -> Option<&'t str> {
    let mut redirections = command.redirections.iter();
    redirections.find(|redirection| redirection.operator == ">>")?.target.span.text(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn three_in_a_row() {
        check(
            &RULE,
            r#"
            steps:
              - run: a >> f; b >> f; c >> f; d
                #    ^ 3 commands in a row append to `f`
              - run: a >> f; b >> f; x; c >> f; d >> g
            "#,
        );
    }
}
