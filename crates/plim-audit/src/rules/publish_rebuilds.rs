//! A publish that builds again what another job built and tested.

use plim_diag::{Code, Severity};
use plim_workflow::Workflow;

use crate::deeds::{Act, Deed, JobDeeds};
use crate::remote::Remote;
use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("publish-rebuilds"),
    summary: "what is published is built again instead of taken from the job that tested it",
    why: "A second build is another artifact: a dependency may have moved, the machine and its tools may differ. What was tested is not what users get.",
    criterion: "A job that publishes or releases, builds with a command before that, and takes over no artifact, although a job that it waits for builds with the same program and keeps an artifact.",
    remedy: "Keep what was built as an artifact, and let the job that publishes download it.",
    example: "jobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - run: uv build\n      - uses: actions/upload-artifact@v4\n        with: { path: dist }\n  publish:\n    needs: build\n    runs-on: ubuntu-latest\n    steps:\n      - run: uv build\n      - run: uv publish",
    better: "jobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - run: uv build\n      - uses: actions/upload-artifact@v4\n        with: { path: dist }\n  publish:\n    needs: build\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/download-artifact@v4\n      - run: uv publish",
    severity: Severity::Warning,
    tier: Tier::Pedantic,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, _: &'a Workflow) {
    let (deeds, graph) = (audit.deeds(), audit.graph());
    for job in deeds.jobs_that(is_shipped) {
        let Some((at, ships)) = job.first(is_shipped) else { continue };
        let builds = job.deeds[..at].iter().find(|deed| program(deed).is_some());
        let Some(builds) = builds.filter(|_| !uses(audit, job, "download-artifact")) else {
            continue;
        };
        let before = deeds.jobs.iter().filter(|other| graph.waits_for(job.id(), other.id()));
        let mut keepers = before.filter(|other| uses(audit, other, "upload-artifact"));
        let built = keepers.find_map(|other| {
            let same =
                |deed: &&Deed<'a>| program(deed).is_some() && program(deed) == program(builds);
            other.deeds.iter().find(same).map(|deed| (other, deed))
        });
        let Some((other, first)) = built else { continue };
        let message = format!(
            "`{}` builds again what `{}` built, and {}",
            builds.said,
            other.id(),
            ships.shown()
        );
        audit
            .report(builds.span, message)
            .related(
                first.span,
                format!("the job `{}` builds here, and keeps an artifact", other.id()),
            )
            .note(format!("the edge `{}` → `{}` hands nothing over", other.id(), job.id()))
            .help("download the artifact that was tested");
    }
}

fn is_shipped(act: Act) -> bool {
    act.publishes() || matches!(act, Act::Release | Act::Upload | Act::Draft)
}

/// The program of a command that builds, and its first argument.
fn program<'d>(deed: &'d Deed<'_>) -> Option<(&'d str, &'d str)> {
    let is_command = deed.act == Act::Build && deed.command.is_some();
    let mut words = deed.said.split_whitespace();
    is_command.then(|| Some((words.next()?, words.next().unwrap_or(""))))?
}

fn uses(audit: &Audit<'_>, job: &JobDeeds<'_>, action: &str) -> bool {
    let mut steps = job.job.steps().iter();
    steps.any(|step| {
        Remote::of_step(step, audit.source())
            .is_some_and(|remote| remote.repository.contains(action))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, findings_of};

    #[test]
    fn the_edge_that_hands_nothing_over_is_named() {
        let found = findings_of(&RULE, RULE.example);
        assert_eq!(found[0].diagnostic.notes, ["the edge `build` → `publish` hands nothing over"]);
    }

    #[test]
    fn other_programs_and_jobs_without_an_artifact_are_no_second_build() {
        check(
            &RULE,
            "
            jobs:
              test:
                runs-on: ubuntu-latest
                steps: [run: cargo build]
              site:
                runs-on: ubuntu-latest
                steps: [{ run: npm run site }, uses: actions/upload-artifact@v4]
              publish:
                needs: [test, site]
                runs-on: ubuntu-latest
                steps: [{ run: cargo build }, { run: gh release create v1 }]
            ",
        );
    }
}
