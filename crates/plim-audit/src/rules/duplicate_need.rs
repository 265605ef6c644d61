//! Needs that are named twice.

use plim_diag::{Code, Severity};

use crate::{Audit, Hook, JobAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("duplicate-need"),
    summary: "a job needs another twice",
    why: "Once is enough; often the second was meant to be another job, for which this one now does not wait.",
    criterion: "Two entries of one `needs` that are alike without regard to case.",
    remedy: "Remove one, or write the job that was meant.",
    example: "jobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [run: make]\n  b:\n    needs: [a, a]\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    better: "jobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [run: make]\n  b:\n    needs: [a]\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Job(job)],
};

fn job<'a>(audit: &mut Audit<'a>, job: JobAt<'a>) {
    for (at, need) in job.job.needs.iter().enumerate() {
        let mut before = job.job.needs[..at].iter();
        if let Some(first) = before.find(|other| other.value.eq_ignore_ascii_case(&need.value)) {
            audit
                .report(need.span, format!("`{}` is needed twice", need.value))
                .help("remove one of them")
                .related(first.span, "it is needed here already");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn without_regard_to_case() {
        check(
            &RULE,
            "
            jobs:
              a:
                runs-on: ubuntu-latest
                steps: [run: make]
              b:
                needs: [a, A]
                #          ^ `A` is needed twice
                runs-on: ubuntu-latest
                steps: [run: make]
            ",
        );
    }
}
