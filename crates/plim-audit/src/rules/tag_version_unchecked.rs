//! A tag that publishes whatever version the manifest says.

use plim_diag::{Code, Severity};
use plim_workflow::Workflow;

use crate::deeds::{Act, JobDeeds, Registry};
use crate::{Audit, Hook, Nearby, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("tag-version-unchecked"),
    summary: "a tag publishes a package, and nothing compares it with the version of the manifest",
    why: "A tag `v1.3.0` on a commit whose manifest still says 1.2.0 publishes 1.2.0 again, or fails after other registries took it. The release, the tag and the package then speak of different versions.",
    criterion: "A workflow that only tags or releases start, which publishes to crates.io, npm or PyPI, and in which nothing reads the version of a manifest or sets it from the tag. Versions that are computed from the tag (setuptools-scm, hatch-vcs, semantic-release, release-plz) are not reported, nor is a job that calls a script that cannot be read.",
    remedy: "In the first job, compare the tag with the version of the manifest, and fail when they differ.",
    example: "on: { push: { tags: ['v*'] } }\njobs:\n  publish:\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo publish",
    better: "on: { push: { tags: ['v*'] } }\njobs:\n  publish:\n    runs-on: ubuntu-latest\n    steps:\n      - run: test \"v$(cargo metadata --no-deps --format-version 1 | jq -r '.packages[0].version')\" = \"$GITHUB_REF_NAME\"\n      - run: cargo publish",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn matters(act: Act) -> bool {
    matches!(act, Act::Publish(Registry::Crates | Registry::Npm | Registry::PyPi))
}

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    if audit.subject().partly_read() || !is_by_tag(workflow) || is_compared(audit) {
        return;
    }
    let deeds = audit.deeds();
    let own = |job: &&JobDeeds<'a>| job.job.machine().is_some();
    let first = deeds.jobs_that(matters).filter(own).find_map(|job| job.first(matters));
    if let Some((_, deed)) =
        first.filter(|(_, deed)| deed.command.is_some() || deed.act == Act::Publish(Registry::PyPi))
    {
        audit
            .report(deed.span, format!("{} whatever version the manifest says", deed.shown()))
            .related(workflow.triggers[0].event.span, "a tag or release starts it")
            .help("compare the tag with the version of the manifest, and fail when they differ");
    }
}

fn is_by_tag(workflow: &Workflow) -> bool {
    let by_tag = |trigger: &plim_workflow::Trigger| match &*trigger.event.value {
        "release" => true,
        "push" => trigger.tags.is_some() && trigger.branches.is_none(),
        _ => false,
    };
    !workflow.triggers.is_empty() && workflow.triggers.iter().all(by_tag)
}

/// Whether anything in the file, or in the manifest of Python, speaks of the version of a manifest.
fn is_compared(audit: &Audit<'_>) -> bool {
    const READS: [&str; 19] = [
        "Cargo.toml",
        "package.json",
        "pyproject",
        "cargo metadata",
        "cargo pkgid",
        "npm version",
        "npm pkg",
        "yarn version",
        "pnpm version",
        "poetry version",
        "hatch version",
        "uv version",
        "setup.py",
        "setuptools_scm",
        "__version__",
        "cargo set-version",
        "cargo-release",
        "semantic-release",
        "jq -r .version",
    ];
    const COMPUTES: [&str; 5] =
        ["setuptools_scm", "setuptools-scm", "hatch-vcs", "versioningit", "dynamic"];
    let dynamic = match audit.surroundings().text("pyproject.toml") {
        Nearby::Found(text) => COMPUTES.iter().any(|part| text.contains(part)),
        Nearby::Absent | Nearby::Unknown => false,
    };
    let calls = audit.scripts().iter().any(|script| {
        [".sh", ".py", ".js", ".ts", "just ", "make ", "nox", "tox", "cargo xtask"]
            .iter()
            .any(|part| script.text.contains(part))
    });
    dynamic || calls || READS.iter().any(|part| audit.source().contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_in};

    #[test]
    fn other_events_and_computed_versions_are_not_reported() {
        let text = "
            on: { release: { types: [published] } }
            jobs:
              publish:
                runs-on: ubuntu-latest
                steps: [uses: pypa/gh-action-pypi-publish@v1]
            ";
        check_in(&RULE, &[("pyproject.toml", "requires = ['setuptools-scm']\n")], text);
        check(&RULE, "steps:\n  - run: npm publish\n");
    }
}
