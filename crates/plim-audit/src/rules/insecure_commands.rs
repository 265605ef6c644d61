//! `ACTIONS_ALLOW_UNSECURE_COMMANDS` gives back what was taken away for being dangerous.

use plim_diag::{Code, Severity};
use plim_workflow::{Entries, Text, Workflow};

use crate::{Audit, Hook, JobAt, Rule, StepAt, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("insecure-commands"),
    summary: "`ACTIONS_ALLOW_UNSECURE_COMMANDS` lets any line of a log change the environment",
    why: "With it, `::set-env` and `::add-path` work again: a pull request whose title or test output holds such a line decides what later steps run.",
    criterion: "The variable in an `env` of a workflow, job or step, with any value but `false` and nothing.",
    remedy: "Remove it, and append to the files `$GITHUB_ENV` and `$GITHUB_PATH` instead.",
    example: "steps:\n  - run: echo '::set-env name=A::b'\n    env:\n      ACTIONS_ALLOW_UNSECURE_COMMANDS: true",
    better: "steps:\n  - run: echo 'A=b' >> \"$GITHUB_ENV\"",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow), Hook::Job(job), Hook::Step(step)],
};

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    variables(audit, workflow.env.as_ref());
}

fn job<'a>(audit: &mut Audit<'a>, job: JobAt<'a>) {
    variables(audit, job.job.env.as_ref());
}

fn step<'a>(audit: &mut Audit<'a>, step: StepAt<'a>) {
    variables(audit, step.step.env.as_ref());
}

fn variables(audit: &mut Audit<'_>, env: Option<&Entries<Text>>) {
    for (name, value) in env.map(Entries::written).unwrap_or_default() {
        let off = matches!(value.template.is_literal(), Some("" | "false"));
        if name.value.eq_ignore_ascii_case("ACTIONS_ALLOW_UNSECURE_COMMANDS") && !off {
            audit
                .report(name.span, "this lets any line of a log change the environment")
                .help("remove it, and append to the files `$GITHUB_ENV` and `$GITHUB_PATH`");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn it_is_found_wherever_variables_are() {
        check(
            &RULE,
            "
            on: push
            env:
              ACTIONS_ALLOW_UNSECURE_COMMANDS: true
            # ^^^ this lets any line of a log change the environment
            jobs: { test: { runs-on: a, steps: [run: b] } }
            "
            .replace("^^^", &"^".repeat(31))
            .as_str(),
        );
        check(&RULE, "steps:\n- run: a\n  env: { ACTIONS_ALLOW_UNSECURE_COMMANDS: false }");
    }
}
