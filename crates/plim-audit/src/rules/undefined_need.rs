//! A job is read through `needs` that is not declared there.

use plim_diag::{Code, Severity};

use crate::{Audit, Hook, MistakeAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("undefined-need"),
    summary: "a job is read through `needs` that the job does not need",
    why: "Only jobs under `needs` can be read, those that they need in turn not included. Of others everything is empty: a condition on the result never holds, and the job is skipped forever.",
    criterion: "`needs.ID` where `ID` is not in the `needs` of the job.",
    remedy: "Add the job to `needs`.",
    example: "jobs:\n  build:\n    runs-on: ubuntu-latest\n    steps: [run: make]\n  deploy:\n    needs: []\n    runs-on: ubuntu-latest\n    if: needs.build.result == 'success'\n    steps: [run: make]",
    better: "jobs:\n  build:\n    runs-on: ubuntu-latest\n    steps: [run: make]\n  deploy:\n    needs: [build]\n    runs-on: ubuntu-latest\n    if: needs.build.result == 'success'\n    steps: [run: make]",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Mistake(mistake)],
};

fn mistake<'a>(audit: &mut Audit<'a>, at: &MistakeAt<'a>) {
    let Some(missing) = at.missing().filter(|missing| missing.path == ["needs"]) else { return };
    let Some(at_job) = at.expression.text.job else { return };
    let (job, name) = (&at_job.job.id.value, missing.name);
    if let Some(other) = at_job.workflow.job(name) {
        audit
            .report(at.span(), format!("the job `{job}` does not need `{name}`"))
            .help(format!("add `{name}` to its `needs`"))
            .related(other.id.span, "this job is meant");
        return;
    }
    let message = format!("the job `{job}` needs no `{name}`, and there is no such job");
    missing.report(audit, at.span(), message, "name a job that it needs");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn only_what_is_declared_can_be_read() {
        check(
            &RULE,
            "
            jobs:
              build:
                runs-on: ubuntu-latest
                steps: [run: make]
              test:
                needs: build
                runs-on: ubuntu-latest
                steps: [run: make]
              deploy:
                needs: [test]
                runs-on: ubuntu-latest
                if: needs.build.result == 'success' && needs.TEST.result == 'success'
                #         ^^^^^ the job `deploy` does not need `build`
                steps:
                  - run: echo ${{ needs.tset.result }} ${{ toJSON(needs) }}
                    #                   ^^^^ the job `deploy` needs no `tset`, and there is no such job
            ",
        );
    }
}
