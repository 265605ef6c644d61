//! What is shipped is built of dependencies that no lock decides.

use plim_diag::{Code, Severity, Span};
use plim_workflow::Workflow;
use plim_workflow::script::Command;

use crate::deeds::{JobDeeds, place};
use crate::{Audit, Edit, Hook, Presence, Rule, Script, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("lock-not-enforced"),
    summary: "what is shipped is built without enforcing the committed lock",
    why: "Without `--locked`, a lock that does not fit is rewritten on the machine, and what is built has other dependencies than what was reviewed and tested. The same tag built twice gives two programs.",
    criterion: "In a job that publishes, releases or deploys, or that one of these waits for: `cargo build`, `cargo zigbuild`, `cargo install --path` or `cross build` without `--locked`, `--frozen` or `--offline`; `npm install` without a package; `yarn install --no-immutable`, `pnpm install --no-frozen-lockfile`; `uv sync` without `--locked` or `--frozen`.",
    remedy: "Add `--locked`, or use `npm ci`; commit the lock.",
    example: "jobs:\n  release:\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo build --release\n      - run: gh release create v1 target/release/tool",
    better: "jobs:\n  release:\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo build --locked --release\n      - run: gh release create v1 target/release/tool",
    severity: Severity::Warning,
    tier: Tier::Pedantic,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, _: &'a Workflow) {
    let (deeds, graph) = (audit.deeds(), audit.graph());
    let shipping: Vec<&str> = deeds.jobs_that(|act| act.ships()).map(JobDeeds::id).collect();
    for script in audit.scripts().iter() {
        let Some(job) = script.step.job else { continue };
        let id = &*job.job.id.value;
        let ships = shipping.iter().any(|other| *other == id || graph.waits_for(other, id));
        if !ships || !script.shell.is_posix_or_unknown() {
            continue;
        }
        for command in &script.reading().commands {
            if let Some(loose) = loose(command) {
                report(audit, script, command, &loose);
            }
        }
    }
}

/// A command that takes other dependencies than the lock says.
struct Loose {
    /// What it does not enforce.
    lock: &'static str,
    /// How many of its words the option follows, and the option; or all of its words and what to write instead.
    mend: (usize, &'static str),
}

fn loose(command: &Command) -> Option<Loose> {
    let words: Vec<&str> = command.call().iter().map(|word| word.text.as_str()).collect();
    let has = |options: &[&str]| words.iter().any(|word| options.contains(word));
    let locked = ["--locked", "--frozen", "--offline", "--help"];
    // `cargo +nightly build` has its toolchain first.
    let toolchain = usize::from(words.get(1).is_some_and(|word| word.starts_with('+')));
    let subcommand = *words.get(1 + toolchain)?;
    match (*words.first()?, subcommand) {
        ("cargo", "build" | "zigbuild") | ("cross", "build") if !has(&locked) => {
            Some(Loose { lock: "Cargo.lock", mend: (2 + toolchain, "--locked") })
        }
        ("cargo", "install") if has(&["--path"]) && !has(&locked) => {
            Some(Loose { lock: "Cargo.lock", mend: (2 + toolchain, "--locked") })
        }
        ("npm", "install" | "i") if words[2..].is_empty() => {
            Some(Loose { lock: "package-lock.json", mend: (0, "npm ci") })
        }
        ("pnpm", "install" | "i") if has(&["--no-frozen-lockfile"]) => {
            Some(Loose { lock: "pnpm-lock.yaml", mend: (0, "pnpm install --frozen-lockfile") })
        }
        ("yarn", "install") if has(&["--no-immutable"]) => {
            Some(Loose { lock: "yarn.lock", mend: (0, "yarn install --immutable") })
        }
        ("uv", "sync") if !has(&locked) => Some(Loose { lock: "uv.lock", mend: (2, "--locked") }),
        _ => None,
    }
}

fn report<'a>(audit: &mut Audit<'a>, script: &Script<'a>, command: &Command, loose: &Loose) {
    let span = place(script, command);
    let (behind, text) = loose.mend;
    let lock = audit.surroundings().at(loose.lock);
    let known = matches!(lock, Presence::File { .. });
    let edit = edit(script, command, behind, text);
    let finding = audit.report(span, format!("this does not hold to `{}`", loose.lock));
    finding.help(match behind {
        0 => format!("write `{text}`"),
        _ => format!("add `{text}`"),
    });
    if lock == Presence::Absent && script.run.working_directory.is_none() {
        finding.note(format!("the root of the repository has no `{}`: commit it", loose.lock));
    }
    match edit {
        Some(edit) if known && behind > 0 => _ = finding.fix("hold to the lock", vec![edit]),
        Some(edit) => _ = finding.unsafe_fix("hold to the lock", vec![edit]),
        None => {}
    }
}

/// The option behind the first words of a command, or another command instead of all of it.
fn edit(script: &Script<'_>, command: &Command, behind: usize, text: &str) -> Option<Edit> {
    let whole = place(script, command);
    if behind == 0 {
        return Some(Edit::replace(whole, text));
    }
    let written = script.text.get(command.span.clone())?;
    let call = command.call();
    let mut at = 0;
    for word in call.get(..behind)? {
        at += written.get(at..)?.find(&word.text)? + word.text.len();
    }
    let offset = u32::try_from(command.span.start + at).ok()?;
    let place = script.place(Span::empty_at(offset));
    (place.start > whole.start).then(|| Edit::insert(place.start, format!(" {text}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_fix, check_in, findings_of};

    #[test]
    fn only_what_is_shipped_must_hold_to_the_lock() {
        check_in(
            &RULE,
            &[("Cargo.lock", ""), ("package-lock.json", "")],
            "
            jobs:
              test:
                runs-on: ubuntu-latest
                steps: [run: cargo build]
              build:
                runs-on: ubuntu-latest
                steps:
                  - run: cargo +nightly build --release
                    #    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this does not hold to `Cargo.lock`
                  - run: cargo build --release --locked
                  - run: npm install && npm ci && npm install -g x@1
                    #    ^^^^^^^^^^^ this does not hold to `package-lock.json`
                  - run: uv sync --frozen
              publish:
                needs: build
                runs-on: ubuntu-latest
                steps: [run: npm publish]
            ",
        );
        check(&RULE, "steps:\n  - run: cargo build\n");
        let found = findings_of(&RULE, RULE.example);
        assert_eq!(
            found[0].diagnostic.notes,
            ["the root of the repository has no `Cargo.lock`: commit it"]
        );
    }

    #[test]
    fn the_option_stands_behind_the_subcommand() {
        let text = |build: &str| {
            format!(
                "jobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n          {build}\n          gh release create v1\n"
            )
        };
        check_fix(
            &RULE,
            &text("RUST=1 cargo build --release"),
            &text("RUST=1 cargo build --locked --release"),
        );
    }
}
