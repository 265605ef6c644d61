//! A publish that is started by hand, from whatever ref is chosen.

use plim_diag::{Code, Severity};
use plim_workflow::Workflow;

use super::publish_from_any_branch::{asks, is_lasting};
use crate::deeds::JobDeeds;
use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("publish-from-chosen-ref"),
    summary: "a publish that is started by hand takes whatever ref is chosen",
    why: "The form offers every branch and tag. A slip publishes an unmerged branch under a version that can never be used again.",
    criterion: "A workflow with `workflow_dispatch` and a job that publishes to crates.io, npm or PyPI or makes a release, without an environment, where neither the job nor one that it waits for nor the workflow's own keys ask for the ref or the event, have an input, or try first.",
    remedy: "Compare `github.ref` with the branch or tag that may be published, or give the job an environment that admits only it.",
    example: "on: workflow_dispatch\njobs:\n  publish:\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo publish",
    better: "on: workflow_dispatch\njobs:\n  publish:\n    if: github.ref == 'refs/heads/main'\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo publish",
    severity: Severity::Warning,
    tier: Tier::Pedantic,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    let Some(by_hand) = workflow.trigger("workflow_dispatch") else { return };
    let deeds = audit.deeds();
    for job in deeds.jobs_that(is_lasting) {
        let Some((_, deed)) = job.first(is_lasting) else { continue };
        if deed.step.is_none() || is_guarded(audit, job) {
            continue;
        }
        audit
            .report(deed.span, format!("{} from whatever ref is chosen", deed.shown()))
            .related(by_hand.span, "anyone who may start it chooses the ref")
            .help("ask for the ref in `if`, or give the job an environment that admits only one");
    }
}

/// Whether the job, or one that it waits for, looks at what it publishes from.
fn is_guarded(audit: &Audit<'_>, job: &JobDeeds<'_>) -> bool {
    let graph = audit.graph();
    let before = graph.ancestors(job.id()).filter_map(|id| graph.job(id));
    let mut jobs = before.chain([job.job.job]);
    jobs.any(|job| {
        let text = job.span.text(audit.source()).unwrap_or("");
        job.environment.is_some()
            || asks(text)
            || ["inputs.", "dry", "ref:"].iter().any(|part| text.contains(part))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn who_asks_or_is_approved_is_not_reported() {
        check(
            &RULE,
            "
            on: { workflow_dispatch: { inputs: { version: { required: true } } }, push: { tags: [v1] } }
            jobs:
              environment:
                environment: release
                runs-on: ubuntu-latest
                steps: [run: npm publish]
              plan:
                runs-on: ubuntu-latest
                steps: [run: 'test ${{ github.ref_type }} = tag']
              after:
                needs: plan
                runs-on: ubuntu-latest
                steps: [run: npm publish]
              image:
                runs-on: ubuntu-latest
                steps: [run: docker push x]
            ",
        );
    }
}
