//! Names of environment variables that no program can read.

use plim_diag::{Code, Severity};
use plim_workflow::{Entries, Name, Text, Workflow};

use crate::{Audit, Hook, JobAt, Rule, StepAt, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("invalid-variable-name"),
    summary: "an environment variable has a name that none can have",
    why: "The name of a variable ends at `=`, and shells cannot speak of one with blanks or `&`: what was meant to be set is not.",
    criterion: "A key of `env` of a workflow, job or step that is empty or has `=`, `&` or blanks in it.",
    remedy: "Use letters, digits and `_`.",
    example: "steps:\n  - run: make\n    env:\n      BUILD TYPE: release",
    better: "steps:\n  - run: make\n    env:\n      BUILD_TYPE: release",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow), Hook::Job(job), Hook::Step(step)],
};

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    judge(audit, workflow.env.as_ref());
}

fn job<'a>(audit: &mut Audit<'a>, job: JobAt<'a>) {
    judge(audit, job.job.env.as_ref());
}

fn step<'a>(audit: &mut Audit<'a>, step: StepAt<'a>) {
    judge(audit, step.step.env.as_ref());
}

fn judge(audit: &mut Audit<'_>, env: Option<&Entries<Text>>) {
    for (name, _) in env.map(Entries::written).unwrap_or_default() {
        if is_invalid(name) {
            let message = format!("`{}` is no name of an environment variable", name.value);
            audit.report(name.span, message).help("use letters, digits and `_`");
        }
    }
}

fn is_invalid(name: &Name) -> bool {
    name.value.is_empty() || name.value.contains(['=', '&', ' ', '\t', '\n'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn blanks_and_signs() {
        check(
            &RULE,
            "
            steps:
              - run: make
                env: { GOOD_1: a, 'BAD ONE': b, A=B: c, some-name: d }
                #                 ^^^^^^^^^ `BAD ONE` is no name of an environment variable
                #                               ^^^
            ",
        );
    }
}
