//! Machines of one's own.

use plim_diag::{Code, Severity};

use super::self_hosted_runs_strangers::self_hosted;
use crate::{Audit, Hook, JobAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("self-hosted-runner"),
    summary: "a job runs on a machine of one's own",
    why: "Unless it is made anew for each job, such a machine keeps what one job leaves behind for the next.",
    criterion: "A job on `self-hosted`, which a matrix may give, or in a group of runners.",
    remedy: "Use a machine of the forge, or make sure that each job gets a new one.",
    example: "jobs:\n  test:\n    runs-on: self-hosted\n    steps:\n      - run: make test",
    better: "jobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make test",
    severity: Severity::Note,
    tier: Tier::OptIn,
    hooks: &[Hook::Job(check)],
};

fn check<'a>(audit: &mut Audit<'a>, job: JobAt<'a>) {
    let group = job.machine().and_then(|machine| machine.runs_on.group.as_ref());
    if let Some(span) = self_hosted(job).map(|label| label.span).or(group.map(|text| text.span)) {
        audit
            .report(span, "what a job leaves on this machine is there for the next")
            .help("use a machine of the forge, or make one anew for each job");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn labels_of_a_matrix_and_groups_count() {
        check(
            &RULE,
            "
            jobs:
              a:
                runs-on: ${{ matrix.machine }}
                strategy:
                  matrix:
                    machine: [ubuntu-latest, self-hosted]
                    #                        ^^^^^^^^^^^
                steps: [run: make]
              b:
                runs-on: { group: large }
                #                 ^^^^^ what a job leaves on this machine is there for the next
                steps: [run: make]
            ",
        );
    }
}
