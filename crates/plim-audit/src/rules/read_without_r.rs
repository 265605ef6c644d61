//! Reads that take backslashes out.

use plim_diag::{Code, Severity};

use crate::{Audit, Hook, Rule, ShellAt, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("read-without-r"),
    summary: "`read` without `-r` takes backslashes out",
    why: "Without `-r`, `read` takes a backslash for a sign that keeps the next one: paths of Windows and patterns come out changed.",
    criterion: "`read` without an option that has `r` in it.",
    remedy: "Write `read -r`.",
    example: "steps:\n  - run: |\n      while read line; do echo \"$line\"; done < list",
    better: "steps:\n  - run: |\n      while read -r line; do echo \"$line\"; done < list",
    severity: Severity::Note,
    tier: Tier::Pedantic,
    hooks: &[Hook::Shell(shell)],
};

fn shell<'a>(audit: &mut Audit<'a>, script: &ShellAt<'a>) {
    let text = &*script.script.text;
    let raw = |option: &str| option.starts_with('-') && option.contains('r');
    for command in script.commands().filter(|command| command.name(text) == Some("read")) {
        let Some(name) = command.call().first() else { continue };
        if !command.arguments().iter().any(|word| word.as_written(text).is_some_and(raw)) {
            audit
                .report(script.place(name.span), "backslashes are taken out of what is read")
                .help("write `read -r`");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn with_and_without() {
        check(
            &RULE,
            r#"
            steps:
              - run: while read x; do a; done; IFS= read -r y; read -ra z
                #          ^^^^ backslashes are taken out of what is read
            "#,
        );
    }
}
