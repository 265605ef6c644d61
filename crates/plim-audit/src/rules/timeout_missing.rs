//! A job that publishes, deploys or runs on a machine of one's own, and may hang for six hours.

use plim_diag::{Code, Severity};
use plim_workflow::Workflow;

use crate::deeds::JobDeeds;
use crate::{Audit, Edit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("timeout-missing"),
    summary: "a job that ships or runs on a machine of one's own has no time limit",
    why: "A job without `timeout-minutes` may hang for six hours, on a machine of one's own for days. A publish or deployment that hangs holds its concurrency group, so that nothing else is released, and is cut off somewhere in the middle.",
    criterion: "A job without `timeout-minutes`, of which not every step has one either, that publishes, releases or deploys, or whose `runs-on` is or contains `self-hosted`. Jobs that call workflows cannot have one and are not reported.",
    remedy: "Give the job a `timeout-minutes` a little above what it needs.",
    example: "jobs:\n  publish:\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo publish",
    better: "jobs:\n  publish:\n    runs-on: ubuntu-latest\n    timeout-minutes: 30\n    steps:\n      - run: cargo publish",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, _: &'a Workflow) {
    let deeds = audit.deeds();
    for job in deeds.jobs.iter().filter(|job| has_no_limit(job)) {
        let shipping = job.first(|act| act.ships()).map(|(_, deed)| deed.shown());
        let own = is_self_hosted(audit.source(), job)
            .then(|| "it runs on a machine of one's own".to_owned());
        if let Some(reason) = shipping.or(own) {
            report(audit, job, &reason);
        }
    }
}

pub(super) fn has_no_limit(job: &JobDeeds<'_>) -> bool {
    let steps = job.job.steps();
    let limited = !steps.is_empty() && steps.iter().all(|step| step.timeout_minutes.is_some());
    job.job.machine().is_some() && job.job.job.timeout_minutes.is_none() && !limited
}

fn is_self_hosted(source: &str, job: &JobDeeds<'_>) -> bool {
    let runs_on = job.job.machine().map(|machine| machine.runs_on.span);
    runs_on.and_then(|span| span.text(source)).is_some_and(|text| text.contains("self-hosted"))
}

pub(super) fn report<'a>(audit: &mut Audit<'a>, job: &JobDeeds<'a>, reason: &str) {
    let edit = limit(audit.source(), job);
    let message = format!("the job `{}` has no time limit, and {reason}", job.id());
    let finding = audit.report(job.job.job.id.span, message);
    finding.help("set `timeout-minutes` a little above what the job needs");
    if let Some(edit) = edit {
        finding.unsafe_fix("limit the job to 60 minutes", vec![edit]);
    }
}

/// The line of the limit, below that of `runs-on`.
fn limit(source: &str, job: &JobDeeds<'_>) -> Option<Edit> {
    let runs_on = job.job.machine()?.runs_on.span;
    let start = usize::try_from(job.job.job.span.start).ok()?;
    let line = source.get(..start)?.rfind('\n')? + 1;
    let indent = source.get(line..start)?;
    let end = usize::try_from(runs_on.end).ok()?;
    let blank = indent.chars().all(|c| c == ' ') && !source.get(start..)?.starts_with('{');
    let one_line = !runs_on.text(source)?.contains('\n');
    let at = end + source.get(end..)?.find('\n')?;
    let insert = format!("\n{indent}timeout-minutes: 60");
    (blank && one_line).then(|| Edit::insert(u32::try_from(at).unwrap_or(runs_on.end), insert))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_fix, check_in};

    #[test]
    fn a_job_that_ships_has_a_limit() {
        check(
            &RULE,
            "
            jobs:
              publish:
            # ^^^^^^^ the job `publish` has no time limit, and `npm publish` publishes
                runs-on: ubuntu-latest
                steps: [run: npm publish]
              test:
                runs-on: ubuntu-latest
                steps: [run: npm test]
              own:
            # ^^^ the job `own` has no time limit, and it runs on a machine of one's own
                runs-on: [self-hosted, linux]
                steps: [run: npm test]
              steps:
                runs-on: ubuntu-latest
                steps: [{ run: npm publish, timeout-minutes: 5 }]
            ",
        );
    }

    #[test]
    fn what_called_scripts_do_counts() {
        check_in(
            &RULE,
            &[("ci/release.sh", "#!/bin/sh\nset -e\ncargo publish\n")],
            "
            jobs:
              release:
            # ^^^^^^^ the job `release` has no time limit, and `ci/release.sh` publishes
                runs-on: ubuntu-latest
                steps: [run: ci/release.sh]
            ",
        );
    }

    #[test]
    fn the_limit_stands_below_the_machine() {
        check_fix(
            &RULE,
            "
            jobs:
              publish:
                runs-on: ubuntu-latest # cheap
                steps: [run: npm publish]
            ",
            "
            jobs:
              publish:
                runs-on: ubuntu-latest # cheap
                timeout-minutes: 60
                steps: [run: npm publish]
            ",
        );
    }
}
