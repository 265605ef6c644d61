//! Variables that are not expanded.

use plim_diag::{Code, Severity};

use plim_workflow::script::PartKind;

use crate::{Audit, Hook, Rule, ShellAt, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("variable-in-single-quotes"),
    summary: "a variable in single quotes is printed as it is written",
    why: "Nothing is expanded in single quotes: `echo '$NAME'` prints a dollar sign and four letters.",
    criterion: "`$NAME`, `${NAME}` or `$(…)` in single quotes in an argument of `echo`, or of `printf` behind its format.",
    remedy: "Use double quotes, or `\\$` in them where the sign is meant.",
    example: "steps:\n  - run: |\n      echo 'version $VERSION'",
    better: "steps:\n  - run: |\n      echo \"version $VERSION\"",
    severity: Severity::Note,
    tier: Tier::Pedantic,
    hooks: &[Hook::Shell(shell)],
};

fn shell<'a>(audit: &mut Audit<'a>, script: &ShellAt<'a>) {
    let text = &*script.script.text;
    for command in script.commands() {
        let skipped = match command.name(text) {
            Some("echo") => 0,
            Some("printf") => 1,
            _ => continue,
        };
        for part in command.arguments().iter().skip(skipped).flat_map(|word| &word.parts) {
            let written = part.span.text(text).unwrap_or("");
            if part.kind == PartKind::SingleQuoted && has_variable(written) {
                audit
                    .report(script.place(part.span), "nothing is expanded in single quotes")
                    .help("use double quotes");
            }
        }
    }
}

fn has_variable(text: &str) -> bool {
    let starts = |c: char| c.is_ascii_alphabetic() || "_{(".contains(c);
    text.match_indices('$').any(|(at, _)| text[at + 1..].starts_with(starts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn of_echo_and_printf() {
        check(
            &RULE,
            r#"
            steps:
              - run: echo 'a $B' "$C" '$5' && printf '%s $x' '${D}'
                #         ^^^^^^ nothing is expanded in single quotes
                #                                            ^^^^^^
              - run: awk '{ print $NF }' x
            "#,
        );
    }
}
