//! Variables that the shell splits and globs.

use plim_diag::{Code, Severity};

use plim_workflow::script::{Part, PartKind};

use crate::{Audit, Edit, Hook, Rule, ShellAt, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("unquoted-variable"),
    summary: "a variable stands without quotes",
    why: "The shell splits what is in the variable at blanks, and takes `*` in it for names of files: one argument becomes several, or none. Often it is harmless, because the value has no blanks.",
    criterion: "`$NAME` or `${NAME}` without double quotes in a word of a command or a file of a redirection. Numbers such as `$?`, assignments, `[[ … ]]`, `for … in` and `${NAME:+…}` are not reported.",
    remedy: "Put it in double quotes. Where splitting is meant, use an array.",
    example: "steps:\n  - run: |\n      rm -r $TARGET",
    better: "steps:\n  - run: |\n      rm -r \"$TARGET\"",
    severity: Severity::Note,
    tier: Tier::Pedantic,
    hooks: &[Hook::Shell(shell)],
};

fn shell<'a>(audit: &mut Audit<'a>, script: &ShellAt<'a>) {
    let text = &*script.script.text;
    for command in script.commands() {
        for part in command.split().flat_map(|word| &word.parts) {
            if !part.is_quoted && is_split(part.kind, text) {
                report(audit, script, part);
            }
        }
    }
}

fn is_split(kind: PartKind, text: &str) -> bool {
    let PartKind::Variable { name, operator } = kind else { return false };
    let is_number = matches!(name.text(text), Some("?" | "#" | "$" | "!" | "-"));
    let behind = operator.text(text).unwrap_or("");
    !is_number && !behind.starts_with(['#', '+']) && !behind.starts_with(":+")
}

fn report<'a>(audit: &mut Audit<'a>, script: &ShellAt<'a>, part: &Part) {
    let written = part.span.text(&script.script.text).unwrap_or("").to_owned();
    let place = script.place(part.span);
    let plain = script.is_block(audit.source());
    let message = format!("`{written}` is split at blanks, and `*` in it are names of files");
    let finding = audit.report(place, message);
    finding.help(format!("write `\"{written}\"`"));
    if plain {
        let edits = vec![Edit::insert(place.start, "\""), Edit::insert(place.end, "\"")];
        finding.unsafe_fix("put it in double quotes", edits);
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
              - run: rm $A "$B" '$C' x$D > $E
                #       ^^ `$A` is split at blanks, and `*` in it are names of files
                #                     ^^
                #                          ^^
              - run: A=$B C=${D} && [[ $A == b ]] && exit $? && echo ${A:+x} ${#A} "${A} $B"
              - run: for x in $LIST; do export Y=$x; done
            "#,
        );
    }
}
