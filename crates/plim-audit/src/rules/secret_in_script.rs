//! Secrets that are written into the text of a script.

use plim_diag::{Code, Severity};

use super::passphrase_in_environment::would_be_shared;
use crate::{Audit, ExpressionAt, Hook, Rule, Tier, interpolation, named};

pub(super) const RULE: Rule = Rule {
    code: Code("secret-in-script"),
    summary: "a secret is written into the text of a script",
    why: "The text of the script is stored in a file and often shown in traces and errors. A secret that holds a quote, a `$` or a line end breaks the script, or is run by it.",
    criterion: "`${{ secrets.… }}` in a `run`, other than where it is only compared or tested.",
    remedy: "Hand the secret over in `env`, and use the variable.",
    example: "steps:\n  - run: login --user me --password \"${{ secrets.PASSWORD }}\"",
    better: "steps:\n  - run: login --user me --password \"$PASSWORD\"\n    env:\n      PASSWORD: ${{ secrets.PASSWORD }}",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Expression(check)],
};

fn check<'a>(audit: &mut Audit<'a>, at: ExpressionAt<'a>) {
    if at.text.key != "run" {
        return;
    }
    let mut paths = named::values(at.expression.root()).into_iter().filter_map(named::path);
    let Some(path) = paths.find(|path| path.starts_with("secrets.")) else { return };
    let name = path.trim_start_matches("secrets.").to_ascii_uppercase();
    // In the environment, a passphrase would be seen by every command of the step.
    let shared = at.text.step.is_some_and(|step| would_be_shared(audit, step.step, &name));
    let fix = interpolation::into_env(audit, &at, &name).filter(|_| !shared);
    let finding = audit.report(at.span, "the secret becomes part of the script's text");
    finding.help(format!("set `{name}` under `env`, and use the variable"));
    if let Some(edits) = fix {
        finding.unsafe_fix(format!("hand it over in `{name}`"), edits);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_fix, findings_of};

    #[test]
    fn only_in_scripts() {
        check(
            &RULE,
            "
            steps:
              - run: login ${{ secrets.TOKEN }}
                #              ^^^^^^^^^^^^^ the secret becomes part of the script's text
              - run: echo ${{ secrets.TOKEN != '' }}
              - run: login
                env: { TOKEN: '${{ secrets.TOKEN }}' }
            ",
        );
    }

    #[test]
    fn a_passphrase_is_not_shown_to_more_commands() {
        let text = "steps:\n  - run: echo \"${{ secrets.GPG_PASSPHRASE }}\" | gpg --passphrase-fd 0 -s a\n";
        assert_eq!(findings_of(&RULE, text)[0].fix, None);
    }

    #[test]
    fn it_is_moved_into_the_environment() {
        check_fix(
            &RULE,
            "steps:\n  - run: |\n      login \"${{ secrets.TOKEN }}\"\n      logout\n",
            "steps:\n  - env:\n      TOKEN: ${{ secrets.TOKEN }}\n    run: |\n      login \"${TOKEN}\"\n      logout\n",
        );
        check_fix(
            &RULE,
            "steps:\n  - run: login ${{ secrets.TOKEN }}\n    env:\n      A: b\n",
            "steps:\n  - run: login \"${TOKEN}\"\n    env:\n      TOKEN: ${{ secrets.TOKEN }}\n      A: b\n",
        );
    }
}
