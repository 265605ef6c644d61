//! Schedules whose day never comes.

use plim_diag::{Code, Severity};
use plim_workflow::{Cron, Workflow};

use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("impossible-cron"),
    summary: "a schedule names a day that no month has",
    why: "The workflow never starts.",
    criterion: "A `cron` whose days of the month come in none of its months, and which names no days of the week.",
    remedy: "Write a day that the month has.",
    example: "on:\n  schedule:\n    - cron: '0 0 30 2 *'\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    better: "on:\n  schedule:\n    - cron: '0 0 28 2 *'\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

/// The most days that each month has.
const DAYS: [u8; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    let schedules = workflow.triggers.iter().flat_map(|trigger| &trigger.schedules);
    for schedule in schedules {
        let Ok(cron) = Cron::parse(&schedule.cron.value) else { continue };
        let longest = cron.months.iter().filter_map(|m| DAYS.get(usize::from(*m).checked_sub(1)?));
        let longest = longest.max().copied().unwrap_or(31);
        // Where both are named, a day that fits either will do.
        if cron.weekdays.len() >= 7 && cron.days.iter().all(|day| *day > longest) {
            audit
                .report(schedule.cron.span, "no month of this schedule has such a day")
                .help("write a day that the month has");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn days_that_never_come() {
        check(
            &RULE,
            "
            on:
              schedule:
                - cron: 0 0 31 4,6 *
                  #     ^^^^^^^^^^^^ no month of this schedule has such a day
                - cron: 0 0 29 2 *
                - cron: 0 0 31 2 1
            jobs:
              test:
                runs-on: ubuntu-latest
                steps: [run: make]
            ",
        );
    }
}
