//! A check of the root package that leaves out the rest of the workspace.

use plim_diag::{Code, Severity};

use crate::deeds::place;
use crate::{Audit, Edit, Hook, Nearby, Rule, Script, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("workspace-left-out"),
    summary: "tests or lints of a workspace look at its root package only",
    why: "In a workspace whose root is a package, `cargo test` and `cargo clippy` look at that package and leave the others out. Their tests never run, and nothing says so.",
    criterion: "`cargo test`, `cargo nextest run` or `cargo clippy` without `--workspace`, `--all`, `-p` or `--manifest-path`, and without the name of a test or target, in the root of a repository whose `Cargo.toml` has both `[package]` and `[workspace]` with members, and no `default-members`.",
    remedy: "Add `--workspace`.",
    example: "",
    better: "",
    severity: Severity::Warning,
    tier: Tier::Pedantic,
    hooks: &[Hook::Script(script)],
};

fn script<'a>(audit: &mut Audit<'a>, script: &Script<'a>) {
    if script.run.working_directory.is_some() || script.text.contains("cd ") || !has_members(audit)
    {
        return;
    }
    for command in &script.reading().commands {
        let words: Vec<&str> = command.call().iter().map(|word| word.text.as_str()).collect();
        let Some(last) = looked_at(&words).filter(|_| !chooses(&words)) else { continue };
        let span = place(script, command);
        let written = span.text(audit.source()).unwrap_or("");
        let at = written.find(last).map(|at| at + last.len());
        let finding =
            audit.report(span, "only the root package is looked at, not the rest of the workspace");
        finding.help("add `--workspace`");
        if let Some(at) = at.and_then(|at| u32::try_from(at).ok()) {
            let edit = Edit::insert(span.start + at, " --workspace");
            finding.unsafe_fix("look at every package", vec![edit]);
        }
    }
}

/// The last word of the subcommand.
fn looked_at<'w>(words: &[&'w str]) -> Option<&'w str> {
    match words {
        ["cargo", "nextest", "run", ..] => words.get(2).copied(),
        ["cargo", "test" | "clippy", ..] => words.get(1).copied(),
        _ => None,
    }
}

fn chooses(words: &[&str]) -> bool {
    const CHOOSING: [&str; 10] = [
        "--workspace",
        "--all",
        "-p",
        "--package",
        "--manifest-path",
        "--exclude",
        "--test",
        "--bin",
        "--bench",
        "--example",
    ];
    // A word right behind `cargo test` is the name of tests.
    let names_tests = words.get(2).is_some_and(|word| words[1] == "test" && !word.starts_with('-'));
    names_tests
        || words.iter().any(|word| {
            CHOOSING.iter().any(|option| word.starts_with(option) && !word.starts_with("--all-"))
        })
}

fn has_members(audit: &Audit<'_>) -> bool {
    let Nearby::Found(manifest) = audit.surroundings().text("Cargo.toml") else { return false };
    let has = |line: &str| manifest.lines().any(|other| other.trim_start().starts_with(line));
    has("[package]") && has("[workspace]") && has("members") && !has("default-members")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_in;

    #[test]
    fn a_root_package_hides_the_others() {
        let manifest = "[package]\nname = 'a'\n[workspace]\nmembers = ['b']\n";
        let text = "
            steps:
              - run: cargo test --all-features
                #    ^^^^^^^^^^^^^^^^^^^^^^^^^ only the root package is looked at, not the rest of the workspace
              - run: cargo clippy --workspace
              - run: cargo test -p a
              - run: cargo test --test all -- --ignored
              - run: cargo test toml_check -- --nocapture
            ";
        check_in(&RULE, &[("Cargo.toml", manifest)], text);
        check_in(
            &RULE,
            &[("Cargo.toml", "[workspace]\nmembers = ['b']\n")],
            "steps:\n  - run: cargo test\n",
        );
    }
}
