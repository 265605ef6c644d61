//! Legs of a matrix that put different things into one cache.

use plim_diag::{Code, Severity};

use crate::remote::{Remote, input};
use crate::{Audit, Hook, JobAt, Rule, Tier, UseAt};

pub(super) const RULE: Rule = Rule {
    code: Code("cache-key-shared"),
    summary: "all legs of a matrix keep what they built under one cache key",
    why: "A key is written once. The leg that ends first decides what is in it; the others find what was built for another target or version, and build anew in each run, or mix both.",
    criterion: "`actions/cache` or `actions/cache/save` of a folder of builds (`target`, `build`, `node_modules`, `.venv`, `vendor`) in a job with a matrix that differs in more than the machine (`target`, `toolchain`, a version, features), whose `key` names nothing of the matrix, no output of a step and no variable.",
    remedy: "Name in the key what the legs differ in: `${{ matrix.target }}`.",
    example: "jobs:\n  build:\n    strategy: { matrix: { target: [a, b] } }\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/cache@v4\n        with:\n          path: target\n          key: ${{ runner.os }}-${{ hashFiles('Cargo.lock') }}\n      - run: cargo build --target ${{ matrix.target }}",
    better: "jobs:\n  build:\n    strategy: { matrix: { target: [a, b] } }\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/cache@v4\n        with:\n          path: target\n          key: ${{ runner.os }}-${{ matrix.target }}-${{ hashFiles('Cargo.lock') }}\n      - run: cargo build --target ${{ matrix.target }}",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Use(check)],
};

fn check<'a>(audit: &mut Audit<'a>, used: &UseAt<'a>) {
    let Some(job) = used.step.job else { return };
    let remote = Remote::of_uses(used.uses, audit.source());
    if !remote.is_some_and(|remote| remote.is("actions/cache")) || is_restore(used) {
        return;
    }
    let Some(axis) = axis(audit.source(), job) else { return };
    let (Some(key), Some(path)) = (input(used.uses, "key"), input(used.uses, "path")) else {
        return;
    };
    if holds_builds(&path.template.source()) && is_same_everywhere(&key.template.source()) {
        audit
            .report(key.span, format!("the legs differ in `{axis}` and share this key"))
            .related(path.span, "what one of them built is kept for all")
            .help(format!("add `${{{{ matrix.{axis} }}}}` to the key"));
    }
}

fn is_restore(used: &UseAt<'_>) -> bool {
    matches!(&used.uses.action.value, plim_workflow::ActionReference::Remote { path, .. } if &**path == "restore")
}

/// What the legs differ in, besides the machine, that a step of the job uses.
fn axis(source: &str, job: JobAt<'_>) -> Option<String> {
    const AXES: [&str; 12] = [
        "target",
        "toolchain",
        "rust",
        "features",
        "profile",
        "arch",
        "version",
        "node",
        "node-version",
        "python",
        "python-version",
        "go-version",
    ];
    job.job.strategy.as_ref()?.matrix.as_ref()?;
    let text = job.job.span.text(source)?;
    let steps = text.split_once("steps:").map_or("", |(_, steps)| steps);
    let named = AXES.iter().find(|axis| {
        [" }}", "}}"].iter().any(|end| steps.contains(&format!("matrix.{axis}{end}")))
    });
    named.map(|axis| (*axis).to_owned())
}

/// Whether some line of a `path` ends with a folder that builds fill.
fn holds_builds(path: &str) -> bool {
    const FOLDERS: [&str; 6] = ["target", "build", "node_modules", ".venv", "venv", "vendor"];
    path.lines().any(|line| {
        let line = line.trim().trim_end_matches('/');
        FOLDERS.contains(&line.rsplit('/').next().unwrap_or(line))
    })
}

fn is_same_everywhere(key: &str) -> bool {
    !["matrix.", "steps.", "env.", "strategy.", "inputs.", "runner.arch", "github.run"]
        .iter()
        .any(|part| key.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn downloads_may_be_shared_and_machines_differ_anyway() {
        check(
            &RULE,
            "
            jobs:
              downloads:
                strategy: { matrix: { target: [a, b] } }
                runs-on: ubuntu-latest
                steps:
                  - uses: actions/cache@v4
                    with: { path: ~/.cargo/registry, key: a }
                  - run: cargo build --target ${{ matrix.target }}
              machines:
                strategy: { matrix: { os: [ubuntu-latest, macos-latest] } }
                runs-on: ${{ matrix.os }}
                steps:
                  - uses: actions/cache@v4
                    with: { path: target, key: '${{ runner.os }}' }
            ",
        );
    }
}
