//! A response to an authenticated call that ends up in the log.

use plim_diag::{Code, Severity};
use plim_workflow::script::{Command, Joint};

use crate::deeds::place;
use crate::{Audit, Hook, Rule, Script, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("response-in-log"),
    summary: "what a server answers to an authenticated call is printed to the log",
    why: "Answers repeat what was sent, and some hold tokens, addresses that are signed, or names of people. A log is kept for months, and of a public repository everyone reads it; only secrets that are registered are masked.",
    criterion: "`curl` with an `Authorization` header, `--user`, `-u` or `--oauth2-bearer` that takes a variable or expression, whose output goes nowhere else: no `-o`, `-O`, `--head`, redirection or pipe, and not in a substitution. Downloads by `-O` and dry calls by `-I` are let through.",
    remedy: "Write `--output /dev/null --write-out '%{http_code}'`, or keep the body in a file and print what is needed of it.",
    example: "steps:\n  - run: 'curl --fail -H \"Authorization: Bearer $TOKEN\" -d @body.json https://registry.example/packages'",
    better: "steps:\n  - run: 'curl --fail -o /dev/null -H \"Authorization: Bearer $TOKEN\" -d @body.json https://registry.example/packages'",
    severity: Severity::Warning,
    tier: Tier::Pedantic,
    hooks: &[Hook::Script(script)],
};

fn script<'a>(audit: &mut Audit<'a>, script: &Script<'a>) {
    if !script.text.contains("curl") || !script.shell.is_posix_or_unknown() {
        return;
    }
    let reading = script.reading();
    for command in reading.commands.iter().filter(|command| is_authenticated(command)) {
        if prints(command) && !is_substituted(command, &script.text) {
            audit
                .report(place(script, command), "what the server answers is printed to the log")
                .help("add `--output /dev/null`, or keep the answer in a file");
        }
    }
}

fn is_authenticated(command: &Command) -> bool {
    let words = command.call();
    let curl = words.first().is_some_and(|name| name.text == "curl");
    curl && words.iter().enumerate().any(|(at, word)| {
        let value = || words.get(at + 1).is_some_and(is_secret);
        match word.text.as_str() {
            "-H" | "--header" => words.get(at + 1).is_some_and(|header| {
                let name = header.text.to_ascii_lowercase();
                let authorizes = ["authorization:", "private-token:", "x-api-key:"];
                authorizes.iter().any(|start| name.starts_with(start)) && is_secret(header)
            }),
            "-u" | "--user" | "--oauth2-bearer" => value(),
            _ => false,
        }
    })
}

/// Whether something in the word is computed; expressions are blanked out as `_`.
fn is_secret(word: &plim_workflow::script::Word) -> bool {
    !word.literal || word.text.contains("____")
}

/// Whether its output goes where that of the script goes.
fn prints(command: &Command) -> bool {
    let elsewhere = command.call().iter().any(|word| {
        let text = word.text.as_str();
        let short =
            text.starts_with('-') && !text.starts_with("--") && text.contains(['o', 'O', 'I']);
        short
            || ["--output", "--remote-name", "--head"].iter().any(|option| text.starts_with(option))
    });
    let redirected =
        command.redirections.iter().any(|to| to.operator.contains('>') && to.descriptor != Some(2));
    !elsewhere && !redirected && command.joint != Joint::Pipe
}

/// Whether it stands in `$( )` or backticks, so that a variable takes its output.
pub(super) fn is_substituted(command: &Command, text: &str) -> bool {
    let before = text.get(..command.span.start).unwrap_or("");
    let open = before.matches("$(").count() + before.matches("<(").count();
    let ticks = before.matches('`').count() % 2 == 1;
    let closed = before.matches(')').count();
    ticks || open > closed || (command.depth > 0 && before.trim_end().ends_with("$("))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn what_is_kept_is_not_printed() {
        check(
            &RULE,
            "
            steps:
              - run: curl -u \"me:$TOKEN\" https://a.example/api
                #    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ what the server answers is printed to the log
              - run: |
                  id=$(curl -H \"Authorization: $TOKEN\" https://a.example)
                  curl -H \"Authorization: $TOKEN\" https://a.example | jq .id
                  curl -H \"Authorization: $TOKEN\" https://a.example > body
                  curl -sSLO -H \"Authorization: $TOKEN\" https://a.example/file
                  curl https://a.example
                  curl -H 'Accept: a' https://a.example
            ",
        );
    }
}
