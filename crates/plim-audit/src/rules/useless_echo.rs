//! Outputs that are printed twice over.

use plim_diag::{Code, Severity};

use plim_workflow::script::{Part, PartKind};

use crate::{Audit, Hook, Rule, ShellAt, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("useless-echo"),
    summary: "`echo` prints what a command would print itself",
    why: "The output is split at blanks and put together again, and it does not count when the command fails.",
    criterion: "`echo` whose only argument is `$(…)` or backticks.",
    remedy: "Run the command without `echo`.",
    example: "steps:\n  - run: |\n      echo $(git describe)",
    better: "steps:\n  - run: |\n      git describe",
    severity: Severity::Note,
    tier: Tier::Pedantic,
    hooks: &[Hook::Shell(shell)],
};

fn shell<'a>(audit: &mut Audit<'a>, script: &ShellAt<'a>) {
    let text = &*script.script.text;
    for command in script.commands().filter(|command| command.name(text) == Some("echo")) {
        let [argument] = command.arguments() else { continue };
        let runs = |part: &&Part| matches!(part.kind, PartKind::Substitution | PartKind::Backticks);
        if let Some(part) = argument.only_part().filter(runs) {
            audit
                .report(script.place(part.span), "the command prints this itself")
                .help("run the command without `echo`");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn of_one_substitution() {
        check(
            &RULE,
            r#"
            steps:
              - run: echo $(a) && echo "$(b)" && echo "x $(c)" && echo $(d) e
                #         ^^^^ the command prints this itself
                #                       ^^^^
            "#,
        );
    }
}
