//! A passphrase in an environment that more than its own program sees.

use plim_diag::{Code, Severity};
use plim_workflow::{Entries, StepBody, Text, Workflow};

use crate::{Audit, Hook, JobAt, Rule, StepAt, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("passphrase-in-environment"),
    summary: "the passphrase of a key stands in an environment that other programs share",
    why: "An environment is inherited by every program that a step starts, and shown by `env`, by `/proc` and by crash reports. Whoever gets hold of the passphrase and the key signs in your name.",
    criterion: "A variable whose name contains `PASSPHRASE`, or `PASSWORD` beside `KEY`, `CERT`, `SIGN`, `P12` or `GPG`, that holds a secret, in `env` of a workflow or job, or of a step that runs several commands.",
    remedy: "Hand it to the one program that needs it, through a file descriptor or standard input, as in `gpg --passphrase-fd 0`.",
    example: "steps:\n  - run: |\n      npm ci\n      gpg --batch --passphrase \"$GPG_PASSPHRASE\" --sign a\n    env:\n      GPG_PASSPHRASE: ${{ secrets.GPG_PASSPHRASE }}",
    better: "steps:\n  - run: gpg --batch --passphrase-fd 0 --sign a <<< \"$GPG_PASSPHRASE\"\n    env:\n      GPG_PASSPHRASE: ${{ secrets.GPG_PASSPHRASE }}",
    severity: Severity::Warning,
    tier: Tier::Pedantic,
    hooks: &[Hook::Workflow(workflow), Hook::Job(job), Hook::Step(step)],
};

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    report(audit, workflow.env.as_ref(), "every job of the workflow");
}

fn job<'a>(audit: &mut Audit<'a>, job: JobAt<'a>) {
    report(audit, job.job.env.as_ref(), "every step of the job");
}

fn step<'a>(audit: &mut Audit<'a>, step: StepAt<'a>) {
    let StepBody::Run(_) = &step.step.body else { return };
    let scripts = audit.scripts();
    let own = scripts.iter().find(|script| script.step.step.span == step.step.span);
    let several = own.is_some_and(|script| script.programs().len() > 1);
    if several {
        report(audit, step.step.env.as_ref(), "every command of the step");
    }
}

fn report(audit: &mut Audit<'_>, env: Option<&Entries<Text>>, who: &str) {
    for (name, text) in env.map_or(&[][..], Entries::written) {
        let secret = text.template.source().contains("secrets.");
        if secret && is_passphrase(&name.value) {
            audit
                .report(name.span, format!("{who} sees the passphrase `{}`", name.value))
                .help("hand it to the one program that needs it, through a file descriptor");
        }
    }
}

fn is_passphrase(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let of_key = ["KEY", "CERT", "SIGN", "P12", "GPG"].iter().any(|part| name.contains(part));
    name.contains("PASSPHRASE") || (name.contains("PASSWORD") && of_key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn a_step_with_one_command_keeps_it_to_itself() {
        check(
            &RULE,
            "
            env: { KEY_PASSWORD: '${{ secrets.X }}', DB_PASSWORD: '${{ secrets.Y }}' }
            #      ^^^^^^^^^^^^ every job of the workflow sees the passphrase `KEY_PASSWORD`
            on: push
            jobs:
              a:
                runs-on: ubuntu-latest
                steps:
                  - run: sign
                    env: { PASSPHRASE: '${{ secrets.X }}' }
                  - run: build && sign
                    env: { PASSPHRASE: '${{ secrets.X }}' }
                    #      ^^^^^^^^^^ every command of the step sees the passphrase `PASSPHRASE`
            ",
        );
    }
}
