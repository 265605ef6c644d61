//! Packages that are installed by name, in whatever version is the newest.

use plim_diag::{Code, Severity, Span};

use crate::{Audit, Hook, Rule, Script, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("ad-hoc-install"),
    summary: "a package is installed in whatever version is the newest",
    why: "What a job installs by name alone runs with its token, the hour it is published, and no lock says what came last time.",
    criterion: "`npm install`, `yarn add`, `pnpm add`, `pip install`, `pipx install`, `gem install` or `bundle add` of a package without a version, in a script. Files, addresses, lists of requirements or constraints and what is installed from the folder itself are let through.",
    remedy: "Name the version, or install from a lock.",
    example: "steps:\n  - run: npm install -g wrangler",
    better: "steps:\n  - run: npm install -g wrangler@4.10.0",
    severity: Severity::Warning,
    tier: Tier::Pedantic,
    hooks: &[Hook::Script(check)],
};

const INSTALLERS: [&str; 11] = [
    "npm install ",
    "npm i ",
    "npm add ",
    "yarn add ",
    "bundle add ",
    "yarn global add ",
    "pip install ",
    "pip3 install ",
    "pipx install ",
    "gem install ",
    "pnpm add ",
];

fn check<'a>(audit: &mut Audit<'a>, script: &Script<'a>) {
    if has_constraints(script) {
        return;
    }
    let mut at = 0;
    for line in script.text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let Some((from, installer)) =
            INSTALLERS.iter().filter_map(|it| line.find(it).map(|at| (at, it))).min()
        else {
            continue;
        };
        let behind = line.get(from + installer.len()..).unwrap_or("");
        let command = behind.split(['&', ';', '|', '\n', '#']).next().unwrap_or("");
        let before = line.get(..from).unwrap_or("");
        if line.trim_start().starts_with('#') || is_quoted(before) || !names_loose_package(command)
        {
            continue;
        }
        let (first, last) =
            (start + from, start + from + installer.len() + command.trim_end().len());
        let span = Span::new(u32::try_from(first).unwrap_or(0), u32::try_from(last).unwrap_or(0));
        audit
            .report(script.place(span), "this installs whatever version is the newest")
            .help("name the version, or install from a lock");
    }
}

/// Whether what follows stands in quotes, and so is said rather than done.
fn is_quoted(before: &str) -> bool {
    let inside = |quote| before.matches(quote).count() % 2 == 1;
    (inside('"') && !before.contains("$(")) || inside('\'')
}

/// Whether a variable names a file with the versions for `pip`.
fn has_constraints(script: &Script<'_>) -> bool {
    let job = script.step.job;
    let env = [
        script.step.step.env.as_ref(),
        job.and_then(|job| job.job.env.as_ref()),
        job.and_then(|job| job.workflow.env.as_ref()),
    ];
    let mut names = env.into_iter().flatten().flat_map(|env| env.written());
    names.any(|(name, _)| name.value.eq_ignore_ascii_case("PIP_CONSTRAINT"))
}

/// Options whose value is a list, a folder or a version, so that nothing loose is named.
const NAMED_ELSEWHERE: [&str; 10] = [
    "-r",
    "--requirement",
    "-c",
    "--constraint",
    "-e",
    "--editable",
    "-v",
    "--version",
    "-f",
    "--find-links",
];

/// Whether a package stands among the arguments without a version.
fn names_loose_package(arguments: &str) -> bool {
    let words = || arguments.split_whitespace().map(|word| word.trim_matches(['"', '\'']));
    !words().any(|word| NAMED_ELSEWHERE.contains(&word)) && words().any(is_loose)
}

fn is_loose(word: &str) -> bool {
    let own = ["pip", "setuptools", "wheel", "."].contains(&word);
    let odd = word.contains(['$', '\\', '_', '=', '<', '>', '~', '*'])
        || (word.contains('/') && !word.starts_with('@'));
    let versioned = word.trim_start_matches('@').contains(['@', ':']);
    !word.is_empty()
        && !word.starts_with('-')
        && !own
        && !odd
        && !versioned
        && !word.ends_with(".whl")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn what_is_only_said_or_constrained_is_not_loose() {
        check(
            &RULE,
            "
            steps:
              - run: |
                  echo \"npm install wrangler failed\" && npm install wrangler@4
                  set -eu; yarn add prettier
                  #        ^^^^^^^^^^^^^^^^^
                  x=\"$(pip install black)\"
                  #    ^^^^^^^^^^^^^^^^^^^ this installs whatever version is the newest
              - run: pip install build twine
                env: { PIP_CONSTRAINT: requirements.txt }
            ",
        );
    }

    #[test]
    fn a_version_or_a_list_will_do() {
        for loose in ["-g wrangler", "ruff black==1", "@scope/tool"] {
            assert!(names_loose_package(loose), "{loose}");
        }
        for fine in [
            "wrangler@4",
            "-r requirements.txt",
            "ruff==1.0",
            ".",
            "-U pip",
            "--force-reinstall --find-links dist tool",
            "rails -v 7",
            "$PACKAGE",
        ] {
            assert!(!names_loose_package(fine), "{fine}");
        }
    }
}
