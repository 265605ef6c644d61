//! Secrets in the environment of steps that do not need them.

use plim_diag::{Code, Severity};
use plim_workflow::{Entries, Text, Workflow};

use crate::{Audit, Hook, JobAt, Rule, Tier, named};

pub(super) const RULE: Rule = Rule {
    code: Code("secret-in-wide-env"),
    summary: "a secret stands in the environment of a whole workflow or job",
    why: "Every step below it has the secret in its environment: each action of someone else, each test and each script of a dependency that is installed.",
    criterion: "A secret other than `GITHUB_TOKEN` in the `env` of a workflow with more than one job, or of a job with more than one step.",
    remedy: "Move it to the `env` of the steps that need it.",
    example: "jobs:\n  release:\n    runs-on: ubuntu-latest\n    env:\n      TOKEN: ${{ secrets.TOKEN }}\n    steps:\n      - run: make\n      - run: make publish",
    better: "jobs:\n  release:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n      - run: make publish\n        env:\n          TOKEN: ${{ secrets.TOKEN }}",
    severity: Severity::Warning,
    tier: Tier::Pedantic,
    hooks: &[Hook::Workflow(workflow), Hook::Job(job)],
};

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    if workflow.jobs.len() > 1 {
        variables(audit, workflow.env.as_ref(), "every job");
    }
}

fn job<'a>(audit: &mut Audit<'a>, job: JobAt<'a>) {
    if job.steps().len() > 1 {
        variables(audit, job.job.env.as_ref(), "every step of the job");
    }
}

fn variables(audit: &mut Audit<'_>, env: Option<&Entries<Text>>, who: &str) {
    for (name, value) in env.map(Entries::written).unwrap_or_default() {
        let holds_secret = value.template.expressions().any(|(expression, _)| {
            let paths = named::values(expression.root()).into_iter().filter_map(named::path);
            paths
                .into_iter()
                .any(|path| path.starts_with("secrets.") && path != "secrets.github_token")
        });
        if holds_secret {
            audit
                .report(name.span, format!("{who} has this secret"))
                .help("move it to the `env` of the steps that need it");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn one_job_or_step_is_not_wide() {
        check(
            &RULE,
            "
            on: push
            env:
              A: ${{ secrets.A }}
            # ^
            jobs:
              a:
                runs-on: b
                env: { B: '${{ secrets.B }}', C: '${{ secrets.GITHUB_TOKEN }}' }
                #      ^ every step of the job has this secret
                steps: [{ run: a }, { run: b }]
              b:
                runs-on: b
                env: { B: '${{ secrets.B }}' }
                steps: [{ run: a }]
            "
            .replace("            # ^\n", "            # ^ every job has this secret\n")
            .as_str(),
        );
    }
}
