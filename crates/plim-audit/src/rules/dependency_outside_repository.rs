//! A build that needs a folder beside the repository, which no checkout brings.

use plim_diag::{Code, Severity, Span};
use plim_workflow::Workflow;

use super::script_not_executable::has_one_plain_checkout;
use crate::deeds::place;
use crate::{Audit, Hook, Rule, Script, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("dependency-outside-repository"),
    summary: "cargo builds a package that depends on a folder outside of the repository",
    why: "It builds on the machine of its author, where the other repository is checked out beside this one. On a runner nothing is there, and every build fails, that of the release included.",
    criterion: "A `cargo` command that builds, checks, tests or publishes, in the root of the one plain checkout of its job, where the `Cargo.toml` of the root has a dependency with a `path` that begins with `..`, and nothing earlier in the job clones, links or moves anything.",
    remedy: "Depend on the published version, or check the other repository out beside this one.",
    example: "",
    better: "",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, _: &'a Workflow) {
    // The manifest is one and the same for all of them.
    let scripts = audit.scripts();
    let Some(span) = scripts.iter().find_map(|script| build(audit, script)) else { return };
    let Some((name, path)) = outside(audit) else { return };
    audit
        .report(span, format!("this needs `{path}`, which is not in the repository"))
        .note(format!("`Cargo.toml` takes `{name}` from there; told once for each file"))
        .help("depend on the published version, or check the other repository out beside this one");
}

/// Where a script builds the package in the root of nothing but this repository.
fn build(audit: &Audit<'_>, script: &Script<'_>) -> Option<Span> {
    let job = script.step.job?;
    let moved = script.run.working_directory.is_some()
        || job.job.defaults.working_directory.is_some()
        || job.workflow.defaults.working_directory.is_some();
    let alone = has_one_plain_checkout(audit.source(), script.step) && !brings(audit, script);
    if moved || !alone || !script.text.contains("cargo ") || !script.shell.is_posix_or_unknown() {
        return None;
    }
    let reading = script.reading();
    for command in &reading.commands {
        let words: Vec<&str> = command.call().iter().map(|word| word.text.as_str()).collect();
        match words.as_slice() {
            ["cd" | "pushd", ..] => return None,
            [
                "cargo",
                "build" | "check" | "test" | "clippy" | "doc" | "nextest" | "publish",
                ..,
            ] => return Some(place(script, command)),
            _ => {}
        }
    }
    None
}

/// The first dependency of the root package that lies outside, with its path.
fn outside(audit: &Audit<'_>) -> Option<(String, String)> {
    let manifest = audit.surroundings().text("Cargo.toml").found()?;
    let lines = manifest.lines().filter(|line| !line.trim_start().starts_with('#'));
    lines.into_iter().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        let value = value.trim_start().strip_prefix('{')?;
        let at = value.split_once("path")?.1.trim_start().strip_prefix('=')?;
        let path = at.trim_start().strip_prefix('"')?.split('"').next()?;
        path.starts_with("../").then(|| (name.trim().to_owned(), path.to_owned()))
    })
}

/// Whether something in the job may put a folder there.
fn brings(audit: &Audit<'_>, script: &Script<'_>) -> bool {
    let text = script.step.job.and_then(|job| job.job.span.text(audit.source())).unwrap_or("");
    ["git clone", "ln -s", "mv ", "mkdir", "../", "sed "].iter().any(|part| text.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_in;

    const MANIFEST: &str = "[dependencies]\n# other = { path = \"../other\" }\nserde = \"1\"\nnear = { path = \"crates/near\" }\nfar = { version = \"1\", path = \"../far\" }\n";

    #[test]
    fn what_lies_beside_the_repository_is_not_there() {
        check_in(
            &RULE,
            &[("Cargo.toml", MANIFEST)],
            "
            jobs:
              build:
                runs-on: ubuntu-latest
                steps:
                  - uses: actions/checkout@v4
                  - run: cargo build --release
                    #    ^^^^^^^^^^^^^^^^^^^^^ this needs…
                  - run: cargo fmt
              cloned:
                runs-on: ubuntu-latest
                steps:
                  - uses: actions/checkout@v4
                  - run: git clone https://a.example/far ../far
                  - run: cargo build --release
            ",
        );
    }
}
