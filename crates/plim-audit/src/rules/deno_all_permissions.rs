//! A program of Deno that is built or run with every permission.

use plim_diag::{Code, Severity};
use plim_workflow::script::Script as Reading;

use crate::deeds::place;
use crate::{Audit, Hook, Rule, Script, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("deno-all-permissions"),
    summary: "a program is compiled by Deno with every permission",
    why: "`deno compile -A` bakes into the program that it may read, write, run and send everything, on every machine of every user, whatever one of its dependencies turns into.",
    criterion: "`deno compile` with `-A` or `--allow-all` in the script of a `run`.",
    remedy: "Name the permissions that the program needs: `--allow-read=.`, `--allow-net=api.example.com`.",
    example: "steps:\n  - run: deno compile -A -o tool main.ts",
    better: "steps:\n  - run: deno compile --allow-read=. -o tool main.ts",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Script(script)],
};

fn script<'a>(audit: &mut Audit<'a>, script: &Script<'a>) {
    for command in &Reading::read(&script.text).commands {
        let words: Vec<&str> = command.call().iter().map(|word| word.text.as_str()).collect();
        let all = words.iter().any(|word| matches!(*word, "-A" | "--allow-all"));
        if all && words.starts_with(&["deno", "compile"]) {
            audit
                .report(
                    place(script, command),
                    "the program may do everything on the machine of its user",
                )
                .help("name the permissions that it needs");
        }
    }
}
