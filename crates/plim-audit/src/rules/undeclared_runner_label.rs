//! Labels that neither GitHub hosts nor the settings list.

use plim_diag::{Code, Severity};
use plim_workflow::Forge;

use crate::labels::{hosted_label, is_own, label_sets};
use crate::{Audit, Hook, JobAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("undeclared-runner-label"),
    summary: "a label is neither hosted by GitHub nor listed in the settings",
    why: "Once the labels of your own runners are listed, a slip in any of them is found before a job waits for a runner that there is not.",
    criterion: "A label that is none of a hosted runner, none that every self-hosted runner has (`self-hosted`, systems and architectures), and that no glob of the settings fits.",
    remedy: "List the labels of your runners in the settings; `*` takes any text.",
    example: "jobs:\n  test:\n    runs-on: our-gpu\n    steps: [run: make]",
    better: "jobs:\n  test:\n    runs-on: [self-hosted, linux, ARM64]\n    steps: [run: make]",
    severity: Severity::Note,
    tier: Tier::OptIn,
    hooks: &[Hook::Job(job)],
};

/// What each self-hosted runner has by its system and architecture.
const EVERY_RUNNER: [&str; 7] = ["self-hosted", "linux", "macos", "windows", "x64", "arm", "arm64"];

fn job<'a>(audit: &mut Audit<'a>, job: JobAt<'a>) {
    if audit.subject().forge != Forge::GitHub {
        return;
    }
    for label in label_sets(job).into_iter().flatten() {
        let usual = EVERY_RUNNER.iter().any(|usual| usual.eq_ignore_ascii_case(label.name));
        let own = is_own(audit.surroundings().settings(), label.name);
        if !usual && !own && hosted_label(label.name).is_none() {
            let message = format!("nothing tells of runners with the label `{}`", label.name);
            audit
                .report(label.span, message)
                .help("list it in the settings, if you have such runners");
        }
    }
}
