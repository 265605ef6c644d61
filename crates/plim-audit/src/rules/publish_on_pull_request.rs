//! A publish that a pull request can start.

use plim_diag::{Code, Severity};
use plim_expression::Expression;
use plim_workflow::Workflow;

use crate::deeds::{Act, Deed, Occasion, job_runs, surely_holds};
use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("publish-on-pull-request"),
    summary: "a pull request publishes",
    why: "What a pull request proposes is published before anyone approved it, from branches of the repository with its secrets.",
    criterion: "A command or action that publishes, releases or deploys in a workflow that `pull_request` starts, where every condition of the step, of the job and of the jobs it needs is absent or surely true for pull requests, and which runs in every run of its script. Images and previews of deployments are not reported, nor are workflows that only a closed pull request starts.",
    remedy: "Restrict the step or job with `if: github.event_name != 'pull_request'`, or move it to a workflow of its own.",
    example: "on: [push, pull_request]\njobs:\n  publish:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm publish",
    better: "on: [push, pull_request]\njobs:\n  publish:\n    if: github.event_name == 'push'\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm publish",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn matters(deed: &Deed<'_>) -> bool {
    match deed.act {
        Act::Publish(registry) => registry.is_final(),
        Act::Release => true,
        _ => false,
    }
}

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    let Some(trigger) = workflow.trigger("pull_request") else { return };
    let closed =
        |types: &Vec<plim_workflow::Name>| types.iter().all(|kind| &*kind.value == "closed");
    if trigger.types.as_ref().is_some_and(closed) {
        return;
    }
    let holds = |condition: &Expression| surely_holds(condition, Occasion::PULL_REQUEST);
    let deeds = audit.deeds();
    for job in &deeds.jobs {
        if !job_runs(job.job, &holds) {
            continue;
        }
        let open = |deed: &&Deed<'a>| matters(deed) && is_certain(deed) && deed.runs(&holds);
        for deed in job.deeds.iter().filter(open) {
            audit
                .report(deed.span, format!("{}, and a pull request starts it", deed.shown()))
                .related(trigger.event.span, "pull requests start the workflow")
                .help("restrict it with `if: github.event_name != 'pull_request'`");
        }
    }
}

/// Whether it is done in every run of its script.
fn is_certain(deed: &Deed<'_>) -> bool {
    deed.step.is_some() && deed.command.as_ref().is_none_or(|command| command.command().certain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn what_excludes_pull_requests_counts_wherever_it_stands() {
        check(
            &RULE,
            "
            on: [push, pull_request]
            jobs:
              open:
                runs-on: ubuntu-latest
                steps:
                  - run: twine upload dist/*
                  #      ^^^^^^^^^^^^^^^^^^^ `twine upload dist/*` publishes, and a pull request starts it
                  - run: npm publish
                    if: startsWith(github.ref, 'refs/tags/')
                  - run: if [ \"$X\" = y ]; then npm publish; fi
              first:
                if: github.ref == 'refs/heads/main'
                runs-on: ubuntu-latest
                steps: [run: cargo publish]
              second:
                needs: first
                runs-on: ubuntu-latest
                steps: [run: cargo publish]
            ",
        );
    }
}
