//! A lock that steps ask for and the repository does not have.

use plim_diag::{Code, Severity};
use plim_workflow::Workflow;

use super::script_not_executable::has_one_plain_checkout;
use crate::deeds::place;
use crate::{Audit, Hook, Presence, Rule, Script, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("lock-missing"),
    summary: "a step or a cache key relies on a lock that is not committed",
    why: "`cargo --locked` and `npm ci` fail without a lock. A cache key that hashes a file that is not there is the same for ever: the cache never changes, whatever the dependencies do. And nobody can tell later which dependencies a release was built of.",
    criterion: "`cargo … --locked` or `--frozen`, `npm ci` or `uv sync --locked` in the root of the repository, before any `cd` and in a job without a container, or `hashFiles` of such a lock, where the root holds the manifest (`Cargo.toml`, `package.json`, `pyproject.toml`) and not the lock. Of `hashFiles('**/…')` only where `.gitignore` names the lock. Not where something earlier in the job may write it.",
    remedy: "Commit the lock: take it out of `.gitignore`.",
    example: "",
    better: "",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Script(script), Hook::Workflow(keys)],
};

/// A lock and the manifest beside which it stands.
struct Lock {
    name: &'static str,
    manifest: &'static str,
}

const LOCKS: [Lock; 3] = [
    Lock { name: "Cargo.lock", manifest: "Cargo.toml" },
    Lock { name: "package-lock.json", manifest: "package.json" },
    Lock { name: "uv.lock", manifest: "pyproject.toml" },
];

fn script<'a>(audit: &mut Audit<'a>, script: &Script<'a>) {
    let Some(job) = script.step.job else { return };
    let elsewhere = script.run.working_directory.is_some()
        || job.job.defaults.working_directory.is_some()
        || job.workflow.defaults.working_directory.is_some();
    if elsewhere || !script.shell.is_posix_or_unknown() || may_write(audit.source(), script) {
        return;
    }
    let reading = script.reading();
    for command in &reading.commands {
        let words: Vec<&str> = command.call().iter().map(|word| word.text.as_str()).collect();
        let lock = match words.as_slice() {
            ["cd" | "pushd" | "git", ..] => return,
            ["cargo", "install", ..] => None,
            ["cargo", rest @ ..]
                if is_of_root(rest)
                    && rest.iter().any(|word| matches!(*word, "--locked" | "--frozen")) =>
            {
                Some(&LOCKS[0])
            }
            ["npm", "ci"] => Some(&LOCKS[1]),
            ["uv", "sync", rest @ ..] if rest == ["--locked"] || rest == ["--frozen"] => {
                Some(&LOCKS[2])
            }
            _ => None,
        };
        if let Some(lock) = lock.filter(|lock| is_missing(audit, lock)) {
            audit
                .report(
                    place(script, command),
                    format!("this fails: the repository has no `{}`", lock.name),
                )
                .help(format!("commit `{}`", lock.name));
        }
    }
}

/// Whether no option names another folder.
fn is_of_root(words: &[&str]) -> bool {
    !words.iter().any(|word| word.starts_with("--manifest-path") || word.starts_with("-C"))
}

fn is_missing(audit: &Audit<'_>, lock: &Lock) -> bool {
    let at = |path: &str| audit.surroundings().at(path);
    matches!(at(lock.manifest), Presence::File { .. })
        && at(lock.name) == Presence::Absent
        && (lock.name != "package-lock.json" || at("npm-shrinkwrap.json") == Presence::Absent)
}

/// Whether something earlier in the job may write a lock.
fn may_write(source: &str, script: &Script<'_>) -> bool {
    let Some(job) = script.step.job else { return true };
    let before = plim_diag::Span::new(job.job.span.start, script.step.step.span.start);
    let text = before.text(source).unwrap_or("");
    let writes = ["generate-lockfile", "cargo update", "cargo fetch", "npm install", "uv lock"];
    let lines = || text.lines().chain(script.text.lines());
    let unlocked = lines().any(|line| {
        line.contains("cargo ") && !line.contains("--locked") && !line.contains("install")
    });
    let plain = has_one_plain_checkout(source, script.step);
    !plain
        || unlocked
        || writes.iter().any(|part| text.contains(part) || script.text.contains(part))
}

fn keys<'a>(audit: &mut Audit<'a>, _: &'a Workflow) {
    let mut told: Vec<&str> = Vec::new();
    for at in audit.expressions().iter() {
        let Some(lock) = hashed(audit, at.expression.source()) else { continue };
        if told.contains(&lock.name) {
            continue;
        }
        told.push(lock.name);
        let message =
            format!("the repository has no `{}`, so that this is always empty", lock.name);
        audit
            .report(at.span, message)
            .note("the cache keeps what was put into it first; told once for each file")
            .help(format!("commit `{}`", lock.name));
    }
}

/// The lock that is not there and that an expression hashes alone.
fn hashed(audit: &Audit<'_>, text: &str) -> Option<&'static Lock> {
    let (_, arguments) = text.split_once("hashFiles(")?;
    let arguments = arguments.split(')').next()?;
    let mut names = arguments.split(',').map(|one| one.trim().trim_matches('\''));
    let (Some(name), None) = (names.next(), names.next()) else { return None };
    let anywhere = name.strip_prefix("**/");
    let lock = LOCKS.iter().find(|lock| lock.name == anywhere.unwrap_or(name))?;
    let gone = is_missing(audit, lock) && (anywhere.is_none() || is_passed_over(audit, lock));
    gone.then_some(lock)
}

/// Whether `.gitignore` names the lock, wherever it stands.
fn is_passed_over(audit: &Audit<'_>, lock: &Lock) -> bool {
    let ignored = audit.surroundings().text(".gitignore").found();
    ignored.is_some_and(|text| text.lines().any(|line| line.trim() == lock.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_in;

    #[test]
    fn a_lock_that_git_passes_over_is_never_there() {
        check_in(
            &RULE,
            &[("Cargo.toml", "[package]"), (".gitignore", "/target\nCargo.lock\n"), ("package.json", "{}")],
            "
            jobs:
              rust:
                runs-on: ubuntu-latest
                steps:
                  - uses: actions/checkout@v4
                  - run: cargo build --locked
                    #    ^^^^^^^^^^^^^^^^^^^^ this fails: the repository has no `Cargo.lock`
                  - run: cargo install x --locked
              node:
                runs-on: ubuntu-latest
                steps:
                  - uses: actions/checkout@v4
                  - uses: actions/cache@v4
                    with:
                      path: x
                      key: a-${{ hashFiles('**/Cargo.lock') }}
                      #          ^^^^^^^^^^^^^^^^^^^^^^^^^^ the repository has no `Cargo.lock`, so that this is always empty
                  - run: npm ci
                    #    ^^^^^^ this fails: the repository has no `package-lock.json`
            ",
        );
    }

    #[test]
    fn one_that_is_there_or_is_made_is_fine() {
        check_in(
            &RULE,
            &[("Cargo.toml", "[package]"), ("package.json", "{}"), ("package-lock.json", "{}")],
            "
            steps:
              - uses: actions/checkout@v4
              - run: npm ci
              - run: cargo generate-lockfile
              - run: cargo build --locked
              - uses: actions/cache@v4
                with: { path: x, key: \"${{ hashFiles('**/Cargo.lock') }}\" }
            ",
        );
    }
}
