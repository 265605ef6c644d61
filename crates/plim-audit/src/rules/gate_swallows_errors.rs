//! A check that passes when the program that checks could not.

use plim_diag::{Code, Severity};
use plim_workflow::script::{Command, Script as Reading};

use super::pattern_refused::scripts;
use crate::deeds::place;
use crate::grep::{is_grep, is_mute};
use crate::{Audit, Hook, Rule, Script, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("gate-swallows-errors"),
    summary: "a check passes when its search fails, and nobody sees why",
    why: "`grep` ends with 1 when it finds nothing and with 2 when it could not search: the folder is misspelt, the pattern is wrong. With `2>/dev/null` the complaint is gone, and the check that looks for what must not be there is green for ever.",
    criterion: "A `grep` whose complaints are thrown away (`2>/dev/null`, `&>/dev/null`, `-s`) and whose finding something fails the script: `if grep …; then … exit 1`, `! grep …`, `grep … && exit 1`; or, in a script with `exit 1`, `grep … || true` in a substitution. In the script of a `run`, or in a script of the repository that it calls.",
    remedy: "Let `grep` complain, and check that it ended with 1: `grep … && exit 1; [ $? -eq 1 ]`.",
    example: "steps:\n  - run: |\n      if grep -rn 'panic!' source 2>/dev/null; then\n        exit 1\n      fi",
    better: "steps:\n  - run: |\n      if grep -rn 'panic!' src; then\n        exit 1\n      fi",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Script(script)],
};

fn script<'a>(audit: &mut Audit<'a>, script: &Script<'a>) {
    if script.shell.is_posix_or_unknown() && script.text.contains("grep") {
        let reading = script.reading();
        for command in swallowing(reading, &script.text) {
            report(audit, place(script, command), "");
        }
    }
    for (called, text) in scripts(audit, script) {
        let reading = Reading::read(&text);
        if let Some(command) = swallowing(&reading, &text).first() {
            let place = format!(" in line {} of `{}`", command.line, called.path);
            report(audit, called.span, &place);
        }
    }
}

fn report(audit: &mut Audit<'_>, span: plim_diag::Span, of: &str) {
    audit
        .report(span, format!("when this search{of} fails, the check passes, and nobody sees why"))
        .help("let `grep` complain: take `2>/dev/null` away");
}

/// The searches of a script whose failure looks as if nothing was found that must not be there.
fn swallowing<'s>(reading: &'s Reading, text: &str) -> Vec<&'s Command> {
    let mut commands = reading.commands.iter().enumerate();
    let mut found = Vec::new();
    for (at, command) in commands.by_ref().filter(|(_, command)| is_mute(command)) {
        let rest = reading.commands.get(at + 1..).unwrap_or_default();
        let before = text.get(..command.span.start).unwrap_or("").trim_end();
        let behind = text.get(command.span.end..).unwrap_or("");
        if fails_when_found(command, rest, before, behind)
            || is_listed(command, before, behind, text)
        {
            found.push(command);
        }
    }
    found
}

/// `if grep …; then … exit 1`, `! grep …` and `grep … && exit 1`.
fn fails_when_found(command: &Command, rest: &[Command], before: &str, behind: &str) -> bool {
    if before.ends_with('!') {
        // `if ! grep` looks for what must be there.
        let head = before.trim_end_matches('!').trim_end();
        return !head.ends_with("if") && !head.ends_with("while") && !head.ends_with("&&");
    }
    let branch = before.ends_with("if") || before.ends_with("elif");
    let joined = command.joint == plim_workflow::script::Joint::And;
    let inner: Vec<&Command> = match () {
        () if branch && joined => return false,
        () if branch => {
            let end = behind.find("\nelse").or_else(|| behind.find("; else"));
            let end = end.into_iter().chain(behind.find("fi\n")).min().unwrap_or(behind.len());
            let last = command.span.end + end;
            rest.iter().take_while(|other| other.span.start < last).collect()
        }
        () if joined => rest.iter().take(1).collect(),
        () => return false,
    };
    inner.iter().any(|command| is_failure(command)) && !inner.iter().any(|inner| is_grep(inner))
}

/// `exit 1`, `false`, and what sets a flag to fail later is not known.
fn is_failure(command: &Command) -> bool {
    let words: Vec<&str> = command.call().iter().map(|word| word.text.as_str()).collect();
    match words.as_slice() {
        ["exit" | "return", code] => *code != "0",
        ["false"] => true,
        _ => false,
    }
}

/// `< <(grep … || true)` and `found=$(grep … || true)`, in a script that fails by `exit 1`.
fn is_listed(command: &Command, before: &str, behind: &str, text: &str) -> bool {
    let inside = before.ends_with("<(") || before.ends_with("$(");
    let forgiven = behind.split('\n').next().is_some_and(|line| {
        line.contains("|| true)") || line.contains("|| :)") || line.contains("|| true )")
    });
    let counted =
        before.lines().next_back().is_some_and(|line| line.contains("done") || line.contains('='));
    inside && forgiven && command.depth > 0 && counted && text.contains("exit 1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_in};

    #[test]
    fn what_must_be_there_may_be_searched_for_in_silence() {
        check(
            &RULE,
            "
            steps:
              - run: |
                  if grep -q a b 2>/dev/null; then echo there; fi
                  if ! grep -q a b 2>/dev/null; then exit 1; fi
                  grep -q a b 2>/dev/null || exit 1
                  if grep -q a b; then exit 1; fi
              - run: grep -q a b 2>/dev/null && exit 1
                #    ^^^^^^^^^^^ when this search fails, the check passes, and nobody sees why
              - run: |
                  echo; ! grep -rq a b &>/dev/null
                  #       ^^^^^^^^^^^^
            ",
        );
    }

    #[test]
    fn a_script_that_lists_what_it_found_is_looked_into() {
        check_in(
            &RULE,
            &[(
                "ci/panics.sh",
                "#!/bin/bash\nwhile read -r line; do\n  bad=1\ndone < <(grep -rn 'panic!' src 2>/dev/null || true)\n[ -z \"$bad\" ] || exit 1\n",
            )],
            "
            steps:
              - uses: actions/checkout@v4
              - run: ./ci/panics.sh
                #    ^^^^^^^^^^^^^^ when this search in line 4 of `ci/panics.sh` fails, the check passes, and nobody sees why
            ",
        );
    }
}
