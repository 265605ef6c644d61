//! A job is read through `jobs` that the workflow does not have.

use plim_diag::{Code, Severity};

use crate::{Audit, Hook, MistakeAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("undefined-job"),
    summary: "an output of a workflow is taken from a job that is not there",
    why: "The caller gets an empty text, whatever the job gave.",
    criterion: "`jobs.ID` in an output of `workflow_call` where no job has this id.",
    remedy: "Name a job of this workflow.",
    example: "on:\n  workflow_call:\n    outputs:\n      version:\n        value: ${{ jobs.biuld.outputs.version }}\njobs:\n  build:\n    runs-on: ubuntu-latest\n    outputs:\n      version: 1\n    steps: [run: make]",
    better: "on:\n  workflow_call:\n    outputs:\n      version:\n        value: ${{ jobs.build.outputs.version }}\njobs:\n  build:\n    runs-on: ubuntu-latest\n    outputs:\n      version: 1\n    steps: [run: make]",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Mistake(mistake)],
};

fn mistake<'a>(audit: &mut Audit<'a>, at: &MistakeAt<'a>) {
    let Some(missing) = at.missing().filter(|missing| missing.path == ["jobs"]) else { return };
    let message = format!("there is no job `{}`", missing.name);
    missing.report(audit, at.span(), message, "name a job of this workflow");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn a_job_must_be_there() {
        check(
            &RULE,
            "
            on:
              workflow_call:
                outputs:
                  version:
                    value: ${{ jobs.bild.outputs.version }}
                    #               ^^^^ there is no job `bild`
                  other:
                    value: ${{ jobs.build.outputs.version }}
            jobs:
              build:
                runs-on: ubuntu-latest
                outputs: { version: 1 }
                steps: [run: make]
            ",
        );
    }
}
