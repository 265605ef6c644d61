//! Variables that nothing reads.

use plim_diag::{Code, Severity};
use plim_workflow::Entries;

use crate::{Audit, Hook, Rule, ShellAt, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("unused-shell-variable"),
    summary: "a script sets a variable that nothing reads",
    why: "The value is lost when the step ends: it was meant to be exported, to go to `GITHUB_ENV`, or its name is mistyped where it is read.",
    criterion: "An assignment on a line of its own to a name that stands nowhere else in the script, that no `env` around it sets, and that shells do not know. Nothing is said where a script sources another, evaluates text or exports all.",
    remedy: "Remove it, export it, or mend the name where it is read.",
    example: "steps:\n  - run: |\n      VERSON=1.2\n      echo \"$VERSION\"",
    better: "steps:\n  - run: |\n      VERSION=1.2\n      echo \"$VERSION\"",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Shell(shell)],
};

fn shell<'a>(audit: &mut Audit<'a>, script: &ShellAt<'a>) {
    let text = &*script.script.text;
    let far = ["${!", "source ", ". ", "eval ", "set -a", "allexport", "declare -n", "local -n"];
    if far.iter().any(|word| text.contains(word)) || script.refusal().is_some() {
        return;
    }
    for command in script.commands().filter(|command| command.call().is_empty()) {
        for assignment in command.assignments() {
            let place = assignment.assigned_name(text);
            let name = place.text(text).unwrap_or("");
            if mentions(text, name) == 1 && !is_known(name) && !is_set_outside(script, name) {
                audit
                    .report(script.place(place), format!("nothing reads `{name}`"))
                    .help("remove it, export it, or mend the name where it is read");
            }
        }
    }
}

/// How often the name stands in the text as a word of its own.
fn mentions(text: &str, name: &str) -> usize {
    let is_part = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let bytes = text.as_bytes();
    let own = |at: &usize| {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        !is_part(before) && !is_part(bytes.get(at + name.len()))
    };
    text.match_indices(name).map(|(at, _)| at).filter(own).count()
}

/// Names that the shell itself reads, and those that say that nobody does.
fn is_known(name: &str) -> bool {
    let known =
        ["IFS", "PATH", "HOME", "PS4", "LANG", "TZ", "CDPATH", "SECONDS", "RANDOM", "OPTIND"];
    known.contains(&name)
        || name.starts_with('_')
        || name.starts_with("LC_")
        || name.starts_with("BASH_")
}

/// Whether an `env` sets it, so that programs see what the script assigns.
fn is_set_outside(script: &ShellAt<'_>, name: &str) -> bool {
    let step = script.script.step;
    let envs = [
        step.step.env.as_ref(),
        step.job.and_then(|job| job.job.env.as_ref()),
        step.job.and_then(|job| job.workflow.env.as_ref()),
    ];
    envs.into_iter().flatten().any(|env| match env {
        Entries::Written(entries) => entries.iter().any(|(key, _)| &*key.value == name),
        Entries::Expression(_) | Entries::Mixed(_) => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn names_that_stand_nowhere_else() {
        check(
            &RULE,
            r#"
            steps:
              - run: A=1; B=2; echo $B
                #    ^ nothing reads `A`
              - run: A=1 make
              - run: . ./x; A=1
              - run: A=1
                env: { A: 2 }
            "#,
        );
    }
}
