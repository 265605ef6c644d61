//! A publish after which nobody looks whether it is there.

use plim_diag::{Code, Severity};
use plim_workflow::Workflow;

use crate::deeds::{Act, JobDeeds};
use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("publish-not-verified"),
    summary: "nothing looks whether what was published can be installed",
    why: "An upload that succeeded is not a package that installs: the index may refuse it later, a file may be missing in it, the image may lack a platform. Users find it first.",
    criterion: "A job that publishes to a registry, where no later step and no job that waits for it reads anything back: views, pulls, downloads or verifies it, or runs a script or action whose name says so.",
    remedy: "In a last job, install the version from the registry and run it, or ask for its digest and compare.",
    example: "jobs:\n  publish:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm publish",
    better: "jobs:\n  publish:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm publish\n  verify:\n    needs: publish\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm view \"tool@$VERSION\" dist.integrity",
    severity: Severity::Note,
    tier: Tier::OptIn,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, _: &'a Workflow) {
    let deeds = audit.deeds();
    let graph = audit.graph();
    for job in deeds.jobs_that(Act::publishes) {
        let later = |other: &JobDeeds<'a>| {
            // One that publishes itself installs what it publishes with.
            let names: &[&str] = if other.does(Act::publishes) { &[] } else { &NAMES };
            graph.waits_for(other.id(), job.id()) && looks(audit, other, 0, names)
        };
        let Some((_, deed)) = job.first(Act::publishes) else { continue };
        let after = deed.step.map_or(0, |step| step.index + 1);
        if !looks(audit, job, after, &NAMES) && !deeds.jobs.iter().any(later) {
            audit
                .report(
                    deed.span,
                    format!("{}, and nothing looks whether it is there", deed.shown()),
                )
                .note(format!(
                    "the path: `{}` publishes → a step or job that reads it back is missing",
                    job.id()
                ))
                .help("install it from the registry in a last job, or compare its digest");
        }
    }
}

/// What a step is called that looks at what was published.
const NAMES: [&str; 4] = ["verify", "smoke", "install", "read back"];

/// Whether a step of the job from `after` on reads back, or says one of `names`.
pub(super) fn looks(audit: &Audit<'_>, job: &JobDeeds<'_>, after: usize, names: &[&str]) -> bool {
    let reads = job
        .deeds
        .iter()
        .any(|deed| deed.act == Act::ReadBack && deed.step.is_none_or(|step| step.index >= after));
    let named = job.job.steps().iter().skip(after).any(|step| {
        let text = step.span.text(audit.source()).unwrap_or("").to_ascii_lowercase();
        let text = text.replace("no-verify", "");
        names.iter().any(|name| text.contains(name))
    });
    reads || named
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn what_another_publish_installs_is_no_look_at_this_one() {
        check(
            &RULE,
            "
            jobs:
              crates:
                runs-on: ubuntu-latest
                steps:
                  - run: cargo publish
                    #    ^^^^^^^^^^^^^ `cargo publish` publishes, and nothing looks whether it is there
                  - run: cargo publish --no-verify -p b
              pypi:
                needs: crates
                runs-on: ubuntu-latest
                steps:
                  - run: pip install maturin
                  - run: maturin publish
                    #    ^^^^^^^^^^^^^^^ `maturin publish` publishes, and nothing looks whether it is there
            ",
        );
    }
}
