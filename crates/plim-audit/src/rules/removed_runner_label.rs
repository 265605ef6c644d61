//! Labels of hosted runners that are no more.

use plim_diag::{Code, Severity};
use plim_workflow::Forge;

use crate::labels::{hosted_label, is_own, label_sets};
use crate::{Audit, Hook, JobAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("removed-runner-label"),
    summary: "a job asks for runners that GitHub no longer has",
    why: "The job waits for a runner that there is not, and is cancelled after a day.",
    criterion: "A label such as `ubuntu-20.04` of an image that GitHub has removed, also among the values that a matrix gives to `runs-on`. Not reported beside `self-hosted`, and where the settings list the label.",
    remedy: "Use a newer image.",
    example: "jobs:\n  test:\n    runs-on: ubuntu-20.04\n    steps: [run: make]",
    better: "jobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps: [run: make]",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Job(job)],
};

fn job<'a>(audit: &mut Audit<'a>, job: JobAt<'a>) {
    let of_group = job.machine().is_some_and(|machine| machine.runs_on.group.is_some());
    if of_group || audit.subject().forge != Forge::GitHub {
        return;
    }
    for labels in label_sets(job) {
        if labels.iter().any(|label| label.name.eq_ignore_ascii_case("self-hosted")) {
            continue;
        }
        for label in labels {
            let Some(hosted) = hosted_label(label.name) else { continue };
            let Some(gone) = hosted.gone else { continue };
            if !is_own(audit.surroundings().settings(), label.name) {
                let message = format!("GitHub has no runners `{}` since {gone}", label.name);
                let system = if hosted.system == "linux" { "ubuntu" } else { hosted.system };
                audit
                    .report(label.span, message)
                    .help(format!("write `{system}-latest`, or a newer version"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn images_that_were_removed() {
        check(
            &RULE,
            "
            jobs:
              a:
                runs-on: ubuntu-20.04
                #        ^^^^^^^^^^^^ GitHub has no runners `ubuntu-20.04` since 2025-04
                steps: [run: make]
              b:
                strategy:
                  matrix: { os: [macos-15, macos-12] }
                  #                        ^^^^^^^^
                runs-on: ${{ matrix.os }}
                steps: [run: make]
              c:
                runs-on: [self-hosted, windows-2019]
                steps: [run: make]
            ",
        );
    }
}
