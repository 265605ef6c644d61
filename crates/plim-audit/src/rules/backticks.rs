//! Substitutions in the old form.

use plim_diag::{Code, Severity};

use plim_workflow::script::PartKind;

use crate::{Audit, Hook, Rule, ShellAt, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("backticks"),
    summary: "a command substitution is written with backticks",
    why: "Backticks do not nest, and change what backslashes in them mean. `$(…)` does neither.",
    criterion: "Backticks in a word of a command, a file of a redirection or an assignment.",
    remedy: "Write `$(…)`.",
    example: "steps:\n  - run: |\n      VERSION=`cat VERSION`",
    better: "steps:\n  - run: |\n      VERSION=$(cat VERSION)",
    severity: Severity::Note,
    tier: Tier::Pedantic,
    hooks: &[Hook::Shell(shell)],
};

fn shell<'a>(audit: &mut Audit<'a>, script: &ShellAt<'a>) {
    for command in script.commands() {
        let targets = command.redirections.iter().map(|redirection| &redirection.target);
        let parts = command.words.iter().chain(targets).flat_map(|word| &word.parts);
        for part in parts.filter(|part| part.kind == PartKind::Backticks) {
            audit.report(script.place(part.span), "backticks do not nest").help("write `$(…)`");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn in_words_and_assignments() {
        check(
            &RULE,
            r#"
            steps:
              - run: echo `a` $(b) '`c`'
                #         ^^^ backticks do not nest
              - run: A=`b`
                #      ^^^
            "#,
        );
    }
}
