//! A publish that a newer run may cancel in its middle.

use plim_diag::{Code, Severity, Span};
use plim_expression::Expression;
use plim_workflow::{Concurrency, Setting, Trigger, Workflow};

use crate::deeds::{Act, Deed, JobDeeds, Occasion, Registry, is_true, job_runs, may_hold};
use crate::{Audit, Edit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("publish-cancellable"),
    summary: "a newer run may cancel a publish half way",
    why: "With `cancel-in-progress`, the next push stops a publish between two packages. What is out cannot be taken back, what is missing is missed by those who install, and the newer run fails on what is there already.",
    criterion: "`cancel-in-progress: true` of a job that publishes packages, makes a release public or deploys, or of a workflow with such a job. Images and drafts, which the next run replaces, are not reported. A computed value is not reported, nor is a group that holds the run's id or the commit, nor one that holds the ref where only tags or releases publish.",
    remedy: "Set `cancel-in-progress: false` for what publishes, so that runs queue.",
    example: "on: push\nconcurrency:\n  group: release\n  cancel-in-progress: true\njobs:\n  publish:\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo publish",
    better: "on: push\nconcurrency:\n  group: release\n  cancel-in-progress: false\njobs:\n  publish:\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo publish",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn matters(act: Act) -> bool {
    let package = |registry| !matches!(registry, Registry::Image | Registry::Downstream);
    match act {
        Act::Publish(registry) => package(registry),
        act => matches!(act, Act::Release | Act::Deploy),
    }
}

/// The first deed of `job` that another run of the same group may interrupt.
fn interrupted<'d, 'a>(job: &'d JobDeeds<'a>, group: &str) -> Option<&'d Deed<'a>> {
    // Nobody pushes the same tag twice, so what only tags start is interrupted by nothing.
    let of_ref = group.contains("github.ref") || group.contains("github.head_ref");
    let on_branches = |condition: &Expression| may_hold(condition, Occasion::PUSH);
    let repeats =
        |deed: &Deed<'a>| !of_ref || (job_runs(job.job, &on_branches) && deed.runs(&on_branches));
    job.deeds.iter().find(|deed| matters(deed.act) && repeats(deed))
}

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    let deeds = audit.deeds();
    if let Some((span, group)) = cancelling(workflow.concurrency.as_ref(), workflow) {
        let deed = deeds.jobs.iter().find_map(|job| interrupted(job, &group));
        deed.into_iter().for_each(|deed| report(audit, span, deed));
        return;
    }
    for job in &deeds.jobs {
        let Some((span, group)) = cancelling(job.job.job.concurrency.as_ref(), workflow) else {
            continue;
        };
        interrupted(job, &group).into_iter().for_each(|deed| report(audit, span, deed));
    }
}

fn cancelling(concurrency: Option<&Concurrency>, workflow: &Workflow) -> Option<(Span, String)> {
    let concurrency = concurrency?;
    let setting = concurrency.cancel_in_progress.as_ref().filter(|it| is_true(Some(it)))?;
    let Setting::Literal(literal) = setting else { return None };
    let group = concurrency.group.template.source();
    let own = ["github.run_id", "github.sha"].iter().any(|name| group.contains(name));
    // Nobody pushes the same tag twice.
    let of_ref = group.contains("github.ref") && workflow.triggers.iter().all(of_one_ref);
    (!own && !of_ref).then_some((literal.span, group))
}

/// Whether no two runs of it are of the same ref.
fn of_one_ref(trigger: &Trigger) -> bool {
    match &*trigger.event.value {
        "release" => true,
        "push" => trigger.tags.is_some() && trigger.branches.is_none(),
        _ => false,
    }
}

fn report(audit: &mut Audit<'_>, span: Span, deed: &Deed<'_>) {
    audit
        .report(span, format!("a newer run may stop this one while {}", deed.shown()))
        .related(deed.span, "here")
        .help("let runs queue")
        .unsafe_fix("let runs queue", vec![Edit::replace(span, "false")]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn a_job_of_its_own_group_is_found() {
        check(
            &RULE,
            "
            jobs:
              publish:
                concurrency: { group: x, cancel-in-progress: true }
                #                                            ^^^^ a newer run may stop this one while `npm publish` publishes
                runs-on: ubuntu-latest
                steps: [run: npm publish]
              test:
                concurrency: { group: y, cancel-in-progress: true }
                runs-on: ubuntu-latest
                steps: [run: npm test]
              once:
                concurrency: { group: '${{ github.run_id }}', cancel-in-progress: true }
                runs-on: ubuntu-latest
                steps: [run: npm publish]
            ",
        );
    }

    #[test]
    fn a_group_for_each_tag_is_not() {
        check(
            &RULE,
            "
            on: { push: { tags: ['v*'] } }
            concurrency: { group: '${{ github.ref }}', cancel-in-progress: true }
            jobs:
              publish:
                runs-on: ubuntu-latest
                steps: [run: npm publish]
            ",
        );
    }
}
