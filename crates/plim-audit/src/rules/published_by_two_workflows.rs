//! One registry to which two workflows publish, or one release that two of them make.

use plim_diag::{Code, Place, Severity};
use plim_workflow::{Trigger, Workflow};

use super::duplicate_job::overlap;
use crate::deeds::{Act, Registry, acts_of_workflow};
use crate::{Audit, Hook, Nearby, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("published-by-two-workflows"),
    summary: "two workflows publish to the same registry, or make the same release",
    why: "Both may run for one version: the second fails on what is there already, or learns to pass over it and then passes over real failures, too. And the gates of one say nothing of what the other publishes.",
    criterion: "A job that publishes to crates.io, npm or PyPI, or creates a release or makes one public, by a step of its own, in a repository with another workflow that does the same, of which neither calls, starts or names the other, and that are not both started by hand or by call alone; for releases, one event must start both. Only the later file in the order of names is reported.",
    remedy: "Publish in one workflow; let the other call it.",
    example: "",
    better: "",
    severity: Severity::Warning,
    tier: Tier::OptIn,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    let deeds = audit.deeds();
    let own = audit.subject().path.to_string();
    let mut told: Vec<&str> = Vec::new();
    for deed in deeds.jobs.iter().flat_map(|job| &job.deeds).filter(|deed| deed.step.is_some()) {
        let Some(what) = product(deed.act).filter(|what| !told.contains(what)) else { continue };
        let Some((path, place)) = other(audit, workflow, &own, what) else { continue };
        told.push(what);
        audit
            .report(deed.span, format!("`{path}` {what}, too"))
            .related_at(place, "what starts the other")
            .help("do it in one workflow, and let the other call it");
    }
}

/// What of an act there can be one of for each version.
fn product(act: Act) -> Option<&'static str> {
    match act {
        Act::Publish(Registry::Crates) => Some("publishes to crates.io"),
        Act::Publish(Registry::Npm) => Some("publishes to npm"),
        Act::Publish(Registry::PyPi) => Some("publishes to PyPI"),
        Act::Release | Act::Draft => Some(RELEASES),
        _ => None,
    }
}

const RELEASES: &str = "creates the release";

/// The first other workflow that makes the same, and what starts it.
fn other(audit: &Audit<'_>, workflow: &Workflow, own: &str, what: &str) -> Option<(String, Place)> {
    let (surroundings, source) = (audit.surroundings(), audit.source());
    let own_name = own.rsplit('/').next().unwrap_or(own);
    surroundings.workflows().into_iter().filter(|path| path.as_str() < own).find_map(|path| {
        let Nearby::Found(other) = surroundings.workflow(&path) else { return None };
        let name = path.rsplit('/').next().unwrap_or(&path);
        let theirs = surroundings.text(&path).found()?;
        if source.contains(name) || theirs.contains(own_name) {
            return None;
        }
        let trigger = starts_itself(&other).or(other.triggers.first())?;
        let may_meet = match what {
            RELEASES => overlap(&workflow.triggers, &other.triggers),
            _ => starts_itself(workflow).is_some() || starts_itself(&other).is_some(),
        };
        let makes = || {
            acts_of_workflow(&path, surroundings).into_iter().any(|act| product(act) == Some(what))
        };
        (may_meet && makes()).then(|| (path.clone(), Place::new(path.as_str(), trigger.span)))
    })
}

/// The event that starts a workflow without anyone asking for it.
fn starts_itself(workflow: &Workflow) -> Option<&Trigger> {
    let asked = ["workflow_dispatch", "workflow_call", "repository_dispatch"];
    workflow.triggers.iter().find(|trigger| !asked.contains(&&*trigger.event.value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_in;

    const OTHER: &str = "on: { push: { branches: [main] } }\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [run: cargo publish]\n";

    #[test]
    fn another_workflow_that_publishes_is_named() {
        check_in(
            &RULE,
            &[(".github/workflows/auto.yml", OTHER)],
            "
            steps:
              - run: cargo publish
                #    ^^^^^^^^^^^^^ `.github…
              - run: npm publish
            ",
        );
    }

    #[test]
    fn one_that_is_called_is_the_same() {
        check_in(
            &RULE,
            &[(".github/workflows/auto.yml", OTHER)],
            "
            jobs:
              a: { runs-on: ubuntu-latest, steps: [run: cargo publish] }
              b: { uses: ./.github/workflows/auto.yml }
            ",
        );
    }
}
