//! Outputs that the shell splits and globs.

use plim_diag::{Code, Severity};

use plim_workflow::script::PartKind;

use crate::{Audit, Hook, Rule, ShellAt, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("unquoted-substitution"),
    summary: "a command substitution stands without quotes",
    why: "The shell splits the output at blanks, and takes `*` in it for names of files: one argument becomes several, or none.",
    criterion: "`$(…)` or backticks without double quotes in a word of a command or a file of a redirection. Assignments and `for … in` are not reported.",
    remedy: "Put it in double quotes. Where splitting is meant, read the lines into an array.",
    example: "steps:\n  - run: |\n      git tag $(cat VERSION)",
    better: "steps:\n  - run: |\n      git tag \"$(cat VERSION)\"",
    severity: Severity::Note,
    tier: Tier::Pedantic,
    hooks: &[Hook::Shell(shell)],
};

fn shell<'a>(audit: &mut Audit<'a>, script: &ShellAt<'a>) {
    for command in script.commands() {
        for part in command.split().flat_map(|word| &word.parts) {
            let splits = matches!(part.kind, PartKind::Substitution | PartKind::Backticks);
            if splits && !part.is_quoted {
                let message = "this output is split at blanks, and `*` in it are names of files";
                audit.report(script.place(part.span), message).help("put it in double quotes");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn without_quotes_only() {
        check(
            &RULE,
            r#"
            steps:
              - run: tag $(cat V) "$(cat W)" x`y`
                #        ^^^^^^^^
                #                             ^^^
              - run: A=$(b) && export C=$(d)
            "#,
        );
    }
}
