//! Looks at `$?` that come too late.

use plim_diag::{Code, Severity};

use plim_workflow::script::{Command, Part, PartKind};

use crate::{Audit, Hook, Rule, ShellAt, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("status-never-seen"),
    summary: "a script asks for the status of a command that has ended it",
    why: "The runner starts bash and `sh` with `-e`: the script ends where a command fails. What asks for `$?` afterwards runs only after success, so what it should do about a failure never happens.",
    criterion: "A `$?` in the first words behind a simple command whose failure nothing looks at, in a script without `set +` and `trap`, run by a shell with `-e`.",
    remedy: "Ask in the condition itself (`if ! command; then`), or keep the status with `command || status=$?`.",
    example: "steps:\n  - run: |\n      ./test\n      if [ $? -ne 0 ]; then ./report; fi",
    better: "steps:\n  - run: |\n      if ! ./test; then ./report; fi",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Shell(shell)],
};

fn shell<'a>(audit: &mut Audit<'a>, script: &ShellAt<'a>) {
    let text = &*script.script.text;
    if !text.contains("$?") || text.contains("trap ") || !script.ends_at_failure() {
        return;
    }
    let is_status = |part: &&Part| matches!(part.kind, PartKind::Variable { name, .. } if name.text(text) == Some("?"));
    for (before, command) in script.commands().zip(script.commands().skip(1)) {
        let parts = command.call().iter().chain(command.assignments()).flat_map(|word| &word.parts);
        let Some(status) = parts.into_iter().find(is_status) else { continue };
        if fails_unseen(before, text) && stands_right_behind(before, command, text) {
            let message = "the script has ended where the command before this failed";
            let help =
                "ask in the condition: `if ! COMMAND; then`, or write `COMMAND || status=$?`";
            audit.report(script.place(status.span), message).help(help);
        }
    }
}

fn fails_unseen(command: &Command, text: &str) -> bool {
    let name = command.name(text).unwrap_or("");
    let known = ["echo", "true", "set", "printf", "export", "local", "return", "exit"];
    !command.is_checked && !command.in_pipe && !command.call().is_empty() && !known.contains(&name)
}

/// Whether nothing but an end of line and `if` stands between both.
fn stands_right_behind(before: &Command, command: &Command, text: &str) -> bool {
    let (Some(last), Some(first)) = (end(before), start(command)) else { return false };
    let between = text.get(last..first).unwrap_or("?");
    let words = between.trim().trim_start_matches(';').trim();
    between.contains(['\n', ';']) && matches!(words, "" | "if")
}

fn end(command: &Command) -> Option<usize> {
    let targets = command.redirections.iter().map(|redirection| redirection.target.span.end);
    let words = command.call().iter().map(|word| word.span.end);
    usize::try_from(words.chain(targets).max()?).ok()
}

fn start(command: &Command) -> Option<usize> {
    usize::try_from(command.words.first()?.span.start).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn behind_a_command_that_ends_the_script() {
        check(
            &RULE,
            r#"
            steps:
              - run: ./test; if [ $? -ne 0 ]; then ./report; fi
                #                 ^^ the script has ended where the command before this failed
              - run: ./test; code=$?
                #                 ^^
              - run: ./test || code=$?
              - run: set +e; ./test; code=$?
              - run: if ./test; then echo $?; fi
            "#,
        );
    }
}
