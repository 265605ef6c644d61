//! A deployment after which nobody looks whether it runs.

use plim_diag::{Code, Severity};
use plim_workflow::Workflow;

use super::publish_not_verified::looks;
use crate::deeds::{Act, Deed, JobDeeds};
use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("deploy-not-verified"),
    summary: "nothing looks whether what was deployed runs",
    why: "A deployment that was accepted is not one that runs: the old version may go on serving, or nothing may. The run is green, and the first to know are users.",
    criterion: "A job that deploys, where no later step and no job that waits for it reads anything back: asks for its status, calls its address, or runs a script, action or job whose name says that it verifies, checks health or smoke-tests. Pages, and `aws s3` and `gsutil`, which fail when files did not arrive, are not meant, nor what a called workflow deploys, which is told there.",
    remedy: "Wait for the rollout and ask the service which version it is, in a last step.",
    example: "jobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps:\n      - run: kubectl set image deployment/app app=app:$TAG",
    better: "jobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps:\n      - run: kubectl set image deployment/app app=app:$TAG\n      - run: kubectl rollout status deployment/app",
    severity: Severity::Warning,
    tier: Tier::Pedantic,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, _: &'a Workflow) {
    let (deeds, graph) = (audit.deeds(), audit.graph());
    for job in &deeds.jobs {
        let meant = |deed: &&Deed<'a>| deed.act == Act::Deploy && !is_copy(audit.source(), deed);
        let deploys = job.deeds.iter().find(meant);
        let Some(deed) = deploys else { continue };
        let after = deed.step.map_or(0, |step| step.index);
        let later = |other: &JobDeeds<'a>| {
            graph.waits_for(other.id(), job.id()) && looks(audit, other, 0, &NAMES)
        };
        if !looks(audit, job, after, &NAMES) && !deeds.jobs.iter().any(later) {
            audit
                .report(deed.span, format!("{}, and nothing looks whether it runs", deed.shown()))
                .note(format!(
                    "the path: `{}` deploys → a step or job that looks at it is missing",
                    job.id()
                ))
                .help("wait for the rollout, and ask the service for its version");
        }
    }
}

/// What a step is called that looks at what was deployed.
const NAMES: [&str; 6] = ["verify", "smoke", "health", "read back", "rollout status", "wait"];

/// A copy of files or pages, which fails when something did not arrive, and what a called workflow deploys.
fn is_copy(source: &str, deed: &Deed<'_>) -> bool {
    let text = deed.step.map(|step| step.step.span.text(source).unwrap_or(""));
    text.is_none_or(|text| ["aws s3", "gsutil", "pages "].iter().any(|part| text.contains(part)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn a_later_look_is_enough() {
        check(
            &RULE,
            "
            jobs:
              one:
                runs-on: ubuntu-latest
                steps: [{ run: helm upgrade a b }, { run: curl --fail https://a.example/health }]
              two:
                runs-on: ubuntu-latest
                steps: [run: fly deploy]
              smoke:
                needs: two
                runs-on: ubuntu-latest
                steps: [run: ./smoke-test]
              copy:
                runs-on: ubuntu-latest
                steps: [run: aws s3 sync a s3://b]
              three:
                runs-on: ubuntu-latest
                steps:
                  - run: terraform apply
                    #    ^^^^^^^^^^^^^^^ `terraform apply` deploys, and nothing looks whether it runs
            ",
        );
    }
}
