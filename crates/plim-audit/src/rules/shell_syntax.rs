//! Scripts that bash refuses.

use plim_diag::{Code, Severity};

use crate::{Audit, Hook, Rule, ShellAt, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("shell-syntax"),
    summary: "a script is none that bash reads",
    why: "Bash ends with an error when it comes to the line: what stands before it has run, and what stands behind never does.",
    criterion: "In steps that bash or `sh` surely runs: a quote, substitution, `if`, loop, `case`, `{` or `(` that is never closed, a word that closes nothing, an operator with nothing behind it. Expressions count as one word. Nothing is said of scripts that use what the reader does not know.",
    remedy: "Mend the line; `bash -n` tells whether a script reads.",
    example: "steps:\n  - run: |\n      if make; then\n        echo made",
    better: "steps:\n  - run: |\n      if make; then\n        echo made\n      fi",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Shell(shell)],
};

fn shell<'a>(audit: &mut Audit<'a>, script: &ShellAt<'a>) {
    if let Some(refusal) = script.refusal() {
        audit
            .report(script.place(refusal.span), &*refusal.message)
            .help("mend the script; `bash -n` tells whether it reads");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn at_the_place_that_is_wrong() {
        check(
            &RULE,
            r#"
            steps:
              - run: if (1) { 2
                shell: pwsh
              - run: echo "${{ github.ref }}" '
                #                             ^ what `'` opens here is never closed
              - run: for x in a; do b; fi
                #                      ^^ `fi` stands where `done` is missing
            "#,
        );
    }
}
