//! A passphrase in an environment that more than its own program sees.

use plim_diag::{Code, Severity};
use plim_workflow::{Entries, Step, StepBody, Text, Workflow};

use crate::{Audit, Hook, JobAt, Rule, StepAt, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("passphrase-in-environment"),
    summary: "the passphrase of a key stands in an environment that other programs share",
    why: "An environment is inherited by every program that a step starts, and shown by `env`, by `/proc` and by crash reports. Whoever gets hold of the passphrase and the key signs in your name.",
    criterion: "A variable that holds a secret and whose name or secret contains `PASSPHRASE`, or that is named as a password (`PASSWORD`, `PASS`, `PASSWD`, `PWD`) beside a word for a key or certificate in its name or secret (`KEY`, `CERT`, `SIGN`, `P12`, `PFX`, `PKCS`, `JKS`, `GPG`, `PGP`, `CSC`), in `env` of a workflow or job, or of a step that runs several commands.",
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
    if runs_several(audit, step.step) {
        report(audit, step.step.env.as_ref(), "every command of the step");
    }
}

/// Whether the variable `name` of `step` would be a passphrase that several commands see.
pub(super) fn would_be_shared(audit: &Audit<'_>, step: &Step, name: &str) -> bool {
    is_passphrase(&name.to_ascii_uppercase(), "") && runs_several(audit, step)
}

fn runs_several(audit: &Audit<'_>, step: &Step) -> bool {
    let StepBody::Run(_) = &step.body else { return false };
    let scripts = audit.scripts();
    let own = scripts.iter().find(|script| script.step.step.span == step.span);
    own.is_some_and(|script| script.programs().len() > 1)
}

fn report(audit: &mut Audit<'_>, env: Option<&Entries<Text>>, who: &str) {
    for (name, text) in env.map_or(&[][..], Entries::written) {
        let source = text.template.source().to_ascii_uppercase();
        let secret = source.contains("SECRETS.") || source.contains("SECRETS[");
        if secret && is_passphrase(&name.value.to_ascii_uppercase(), &source) {
            audit
                .report(name.span, format!("{who} sees the passphrase `{}`", name.value))
                .help("hand it to the one program that needs it, through a file descriptor");
        }
    }
}

/// Whether the upper-case `name` of a variable, or the secret in its upper-case `value`, is that of a key's passphrase.
fn is_passphrase(name: &str, value: &str) -> bool {
    let whole = |text: &str| text.contains("PASSPHRASE") || text.contains("PASS_PHRASE");
    whole(name) || whole(value) || is_password(name) && (is_of_key(name) || is_of_key(value))
}

fn is_password(name: &str) -> bool {
    const WORDS: [&str; 5] = ["PASS", "PASSWD", "PASSCODE", "PWD", "PW"];
    name.contains("PASSWORD") || name.split(['_', '-']).any(|word| WORDS.contains(&word))
}

/// Whether it speaks of a key or certificate.
fn is_of_key(text: &str) -> bool {
    const PARTS: [&str; 10] =
        ["KEY", "CERT", "SIGN", "P12", "PFX", "PKCS", "JKS", "GPG", "PGP", "CSC_"];
    // Words that only look like it; a key that serves as a password is none that has a passphrase.
    let text = ["KEYCLOAK", "ACCESS_KEY", "API_KEY", "APIKEY", "JSON_KEY"]
        .iter()
        .fold(text.to_owned(), |text, key| text.replace(key, ""));
    PARTS.iter().any(|part| text.contains(part))
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

    #[test]
    fn it_has_many_spellings() {
        check(
            &RULE,
            "
            on: push
            jobs:
              a:
                runs-on: ubuntu-latest
                env:
                  gpg_passphrase: ${{ secrets['gpg'] }}
                # ^^^^^^^^^^^^^^ every step of the job sees the passphrase `gpg_passphrase`
                  SIGNING_KEY_PASSWORD: ${{ SECRETS.X }}
                # ^^^^^^^^^^^^^^^^^^^^ every step of the job sees the passphrase `SIGNING_KEY_PASSWORD`
                  PGP_PASS: ${{ secrets.X }}
                # ^^^^^^^^ every step of the job sees the passphrase `PGP_PASS`
                  KEYSTORE_PWD: ${{ secrets.X }}
                # ^^^^^^^^^^^^ every step of the job sees the passphrase `KEYSTORE_PWD`
                  PFX_PASSWD: ${{ secrets.X }}
                # ^^^^^^^^^^ every step of the job sees the passphrase `PFX_PASSWD`
                  COSIGN_PASSWORD: ${{secrets.X}}
                # ^^^^^^^^^^^^^^^ every step of the job sees the passphrase `COSIGN_PASSWORD`
                  APPLE_CODESIGN_PASSWORD: '${{ secrets.X }}'
                # ^^^^^^^^^^^^^^^^^^^^^^^ every step of the job sees the passphrase `APPLE_CODESIGN_PASSWORD`
                  PASSWORD: ${{ secrets.MACOS_P12_PASSWORD }}
                # ^^^^^^^^ every step of the job sees the passphrase `PASSWORD`
                  SECRET_OF_IT: ${{ secrets.GPG_PASSPHRASE }}
                # ^^^^^^^^^^^^ every step of the job sees the passphrase `SECRET_OF_IT`
                  KEYCLOAK_PASSWORD: ${{ secrets.KEYCLOAK }}
                  REGISTRY_PASSWORD: ${{ secrets.AWS_SECRET_ACCESS_KEY }}
                  BYPASS_SIGNING: ${{ secrets.X }}
                  KEY_PASSWORD: none
                steps: [run: sign]
            ",
        );
    }
}
