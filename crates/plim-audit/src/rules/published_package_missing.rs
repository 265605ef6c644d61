//! A package that is published by name and is not in the repository.

use plim_diag::{Code, Severity};

use super::script_not_executable::is_checked_out;
use crate::deeds::place;
use crate::{Audit, Hook, Nearby, Rule, Script, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("published-package-missing"),
    summary: "a package is published that the repository does not have",
    why: "`cargo publish -p` fails for a name that no package of the workspace has. In a list of publishes it fails behind those that cannot be taken back; where its failure is swallowed, the package is believed to be out.",
    criterion: "`cargo publish -p NAME` or `--package NAME`, with the name written out, in the root of the one plain checkout of its job, where the root's `Cargo.toml` lists its members without globs, or has none, and neither it nor a member has that name.",
    remedy: "Mend the name, or take the line out.",
    example: "",
    better: "",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Script(script)],
};

fn script<'a>(audit: &mut Audit<'a>, script: &Script<'a>) {
    let moved = script.run.working_directory.is_some()
        || script.step.job.is_none_or(|job| {
            job.job.defaults.working_directory.is_some()
                || job.workflow.defaults.working_directory.is_some()
        });
    if moved || !script.text.contains("cargo publish") || !is_checked_out(script.step) {
        return;
    }
    let Some(packages) = packages(audit) else { return };
    let reading = script.reading();
    for command in &reading.commands {
        let words = command.call();
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        match texts.as_slice() {
            ["cd" | "pushd" | "git", ..] => return,
            ["cargo", "publish", ..] => {}
            _ => continue,
        }
        let at = texts.iter().position(|word| matches!(*word, "-p" | "--package"));
        let Some(name) = at.and_then(|at| words.get(at + 1)).filter(|name| name.literal) else {
            continue;
        };
        if texts.contains(&"--manifest-path")
            || packages.contains(&name.text)
            || name.text.contains("__")
        {
            continue;
        }
        audit
            .report(
                place(script, command),
                format!("the repository has no package `{}`", name.text),
            )
            .help(format!("it has `{}`", packages.join("`, `")));
    }
}

/// The names of all packages of the workspace in the root; nothing where they cannot all be known.
fn packages(audit: &Audit<'_>) -> Option<Vec<String>> {
    let manifest = |path: &str| match audit.surroundings().text(path) {
        Nearby::Found(text) => Some(text),
        Nearby::Absent | Nearby::Unknown => None,
    };
    let root = manifest("Cargo.toml")?;
    let mut names: Vec<String> = name(&root).into_iter().collect();
    // Path dependencies below the root are members of its workspace, too.
    if let Some((_, workspace)) = root.split_once("[workspace]") {
        let list = workspace.split_once("members")?.1.split_once('[')?.1.split_once(']')?.0;
        for member in list.split('"').skip(1).step_by(2).filter(|member| *member != ".") {
            if member.contains('*') {
                return None;
            }
            let manifest = manifest(&format!("{member}/Cargo.toml"))?;
            names.push(name(&manifest)?);
        }
        let inner =
            |line: &&str| line.contains("path") && line.contains('{') && !line.contains("\"..");
        for line in root.lines().filter(inner) {
            names.push(line.split('=').next()?.trim().to_owned());
        }
    }
    (!names.is_empty()).then_some(names)
}

/// The `name` below `[package]`.
fn name(manifest: &str) -> Option<String> {
    let (_, package) = manifest.split_once("[package]")?;
    let package = package.split("\n[").next()?;
    let value = package.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "name").then_some(value)
    })?;
    value.split('"').nth(1).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_in;

    const TEXT: &str = "
        steps:
          - uses: actions/checkout@v4
          - run: |
              cargo publish -p x
              cargo publish -p x-types
              cargo publish --package x-gone || echo there
          #   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the repository has no package `x-gone`
        ";

    #[test]
    fn every_name_must_be_one_of_the_workspace() {
        let root = "[package]\nname = \"x\"\n\n[workspace]\nmembers = [\"types\"]\n";
        let types = "[package]\nversion = \"1.0.0\"\nname = \"x-types\"\n";
        check_in(&RULE, &[("Cargo.toml", root), ("types/Cargo.toml", types)], TEXT);
    }

    #[test]
    fn globs_hide_what_there_is() {
        let root = "[workspace]\nmembers = [\"crates/*\"]\n";
        let silent: String = TEXT
            .lines()
            .filter(|line| !line.contains('^'))
            .map(|line| format!("{line}\n"))
            .collect();
        check_in(&RULE, &[("Cargo.toml", root)], &silent);
    }
}
