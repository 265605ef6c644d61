//! Failures that a declaration hides.

use plim_diag::{Code, Severity};

use plim_workflow::script::{Part, PartKind};

use crate::{Audit, Hook, Rule, ShellAt, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("masked-status"),
    summary: "a declaration hides that a command in it failed",
    why: "The shell ends at a failing assignment, but `export` and its kin succeed whatever the command inside of them does: the script goes on with an empty value.",
    criterion: "`export`, `local`, `declare`, `readonly` or `typeset` with `$(…)` or backticks in the value of an assignment, where a failure would end the script. Commands such as `pwd` and `date`, and substitutions with `||`, are not reported.",
    remedy: "Assign first, declare then: `NAME=$(command)`, and `export NAME` on the next line.",
    example: "steps:\n  - run: |\n      export VERSION=$(./version)\n      ./release",
    better: "steps:\n  - run: |\n      VERSION=$(./version)\n      export VERSION\n      ./release",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Shell(shell)],
};

fn shell<'a>(audit: &mut Audit<'a>, script: &ShellAt<'a>) {
    if !script.ends_at_failure() {
        return;
    }
    let text = &*script.script.text;
    for command in script.commands().filter(|command| !command.is_checked) {
        let name = command.name(text).unwrap_or("");
        for word in command.declared() {
            if let Some(part) = word.parts.iter().find(|part| may_fail(part, text)) {
                let message = format!("`{name}` hides it when this fails");
                let help = format!(
                    "assign on one line, and write `{name}` with the name alone on the next"
                );
                audit.report(script.place(part.span), message).help(help);
            }
        }
    }
}

/// Commands that fail only where everything does.
const HARMLESS: [&str; 12] = [
    "pwd", "date", "nproc", "echo", "printf", "basename", "dirname", "uname", "tty", "mktemp",
    "whoami", "id",
];

fn may_fail(part: &Part, text: &str) -> bool {
    let written = part.span.text(text).unwrap_or("");
    let command = written.trim_start_matches(['$', '(', '`', ' ']);
    let name = command.split([' ', ')', '`']).next().unwrap_or("");
    let runs = matches!(part.kind, PartKind::Substitution | PartKind::Backticks);
    runs && !HARMLESS.contains(&name) && !command.contains("||")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn what_may_fail() {
        check(
            &RULE,
            r#"
            steps:
              - run: export A=$(./version) B=c
                #             ^^^^^^^^^^^^ `export` hides it when this fails
              - run: export A="x$(pwd)" && readonly B=${C}
              - run: A=$(./version)
              - run: set +e; export A=$(./version)
            "#,
        );
    }
}
