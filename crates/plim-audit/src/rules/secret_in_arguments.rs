//! A secret among the arguments of a program.

use plim_diag::{Code, Severity};
use plim_workflow::{Entries, script::Word};

use crate::deeds::place;
use crate::{Audit, Hook, Rule, Script, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("secret-in-arguments"),
    summary: "a secret is an argument of a program",
    why: "The arguments of a program can be read by every other program of the machine, and are printed by `set -x`, by errors and by wrappers. On a machine of one's own they are in the process list for everyone.",
    criterion: "`--password`, `--passphrase`, `--token`, `--api-key`, `--auth-token` or `--secret` in the script of a `run`, with a secret as its value: `${{ secrets.X }}`, or a variable that is named after one (`TOKEN`, `SECRET`, `PASSWORD`, `PASSPHRASE`, `API_KEY`), unless the step sets it to a `vars.X` or `matrix.X`.",
    remedy: "Use what the program has for it: a variable of its own, `--password-stdin`, `--passphrase-fd`, a file.",
    example: "steps:\n  - run: cargo publish --token \"$CARGO_TOKEN\"",
    better: "steps:\n  - run: cargo publish\n    env:\n      CARGO_REGISTRY_TOKEN: ${{ secrets.CARGO_TOKEN }}",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Script(script)],
};

const OPTIONS: [&str; 6] =
    ["--password", "--passphrase", "--token", "--api-key", "--auth-token", "--secret"];

fn script<'a>(audit: &mut Audit<'a>, script: &Script<'a>) {
    for command in &script.reading().commands {
        let Some((option, value)) = given(command.call()) else { continue };
        let span = place(script, command);
        let written = span.text(audit.source()).unwrap_or("");
        let computed = value.text.contains("__") && written.contains("secrets.");
        if computed || (names_a_secret(&value) && !is_setting(script, &value)) {
            audit
                .report(
                    span,
                    format!(
                        "a secret is the argument of `{option}`, where every program can read it"
                    ),
                )
                .help("use a variable that the program reads, standard input or a file");
        }
    }
}

/// The option that takes a secret, and its value.
fn given(words: &[Word]) -> Option<(&'static str, Word)> {
    words.iter().enumerate().find_map(|(at, word)| {
        OPTIONS.into_iter().find_map(|option| match word.text.strip_prefix(option)? {
            "" => Some((option, words.get(at + 1)?.clone())),
            rest => {
                let mut value = word.clone();
                rest.strip_prefix('=')?.clone_into(&mut value.text);
                Some((option, value))
            }
        })
    })
}

fn names_a_secret(value: &Word) -> bool {
    const PARTS: [&str; 5] = ["TOKEN", "SECRET", "PASSWORD", "PASSPHRASE", "API_KEY"];
    let variable = value.variable().map(str::to_ascii_uppercase);
    variable.is_some_and(|name| PARTS.iter().any(|part| name.contains(part)))
}

/// Whether the step sets the variable to what a variable of the repository or the matrix says, which is no secret.
fn is_setting(script: &Script<'_>, value: &Word) -> bool {
    let env = script.step.step.env.as_ref().map(Entries::written).unwrap_or_default();
    let own = env.iter().find(|(name, _)| value.variable() == Some(&*name.value));
    let said = own.map(|(_, text)| text.template.source());
    said.is_some_and(|said| {
        let path = said.strip_prefix("${{").map(str::trim_start).unwrap_or_default();
        ["vars.", "matrix."].iter().any(|of| path.starts_with(of)) && !said.contains("secrets.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn only_secrets_count() {
        check(
            &RULE,
            "
            steps:
              - run: tool --token ${{ secrets.T }} x
                #    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ a secret is the argument of `--token`, where every program can read it
              - run: tool --password=$DB_PASSWORD
                #    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              - run: tool --token ${{ github.sha }}
              - run: echo $T | docker login --password-stdin
              - run: tool --token $FILE --secret id=x
              - run: tool --secret \"${SECRET_NAME}\"
                env: { SECRET_NAME: '${{ vars.SECRET_NAME }}' }
            ",
        );
    }
}
