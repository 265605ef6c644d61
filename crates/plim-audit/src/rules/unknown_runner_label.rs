//! Labels that look like those of a hosted runner and are none.

use plim_diag::{Code, Severity, closest};
use plim_workflow::Forge;

use crate::labels::{LabelAt, hosted_label, hosted_labels, is_own, label_sets};
use crate::{Audit, Hook, JobAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("unknown-runner-label"),
    summary: "no hosted runner has this label",
    why: "A job whose labels no runner has waits for a day, and is then cancelled.",
    criterion: "A label that names a system and a version as hosted runners do (`ubuntu-23.04`), or is nearly such a label (`ubunut-latest`), that GitHub does not host and that the settings do not list among the labels of runners of their own. Values that a matrix gives to `runs-on` are looked at, too.",
    remedy: "Write a label of a hosted runner, or list the label in the settings.",
    example: "jobs:\n  test:\n    runs-on: ubuntu-lastest\n    steps: [run: make]",
    better: "jobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    severity: Severity::Warning,
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
            judge(audit, label);
        }
    }
}

fn judge<'a>(audit: &mut Audit<'a>, label: LabelAt<'a>) {
    let name = label.name;
    if hosted_label(name).is_some() || is_own(audit.surroundings().settings(), name) {
        return;
    }
    let lower = name.to_ascii_lowercase();
    let hosted = || hosted_labels().filter(|label| label.gone.is_none()).map(|label| label.name);
    // Who has larger runners often names them after the image: `ubuntu-24.04-xl`.
    let named_after = hosted()
        .any(|name| lower.strip_prefix(name).is_some_and(|rest| rest.starts_with(['-', '_'])));
    let near = if named_after { None } else { closest(&lower, hosted()) };
    if near.is_none() && !looks_hosted(&lower) {
        return;
    }
    let finding = audit.report(label.span, format!("no hosted runner has the label `{name}`"));
    match near {
        Some(near) => finding.help(format!("write `{near}`")),
        None => finding.help("write a label that GitHub hosts, such as `ubuntu-latest`"),
    };
}

/// Whether it is a system and a version, as in `ubuntu-23.04`, and nothing more that an owner would add.
fn looks_hosted(label: &str) -> bool {
    let systems = ["ubuntu-", "macos-", "windows-"];
    let Some(rest) = systems.iter().find_map(|system| label.strip_prefix(system)) else {
        return false;
    };
    !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn slips_and_versions_that_never_were() {
        check(
            &RULE,
            "
            jobs:
              a:
                runs-on: ubuntu-lastest
                #        ^^^^^^^^^^^^^^ no hosted runner has the label `ubuntu-lastest`
                steps: [run: make]
              b:
                runs-on: ubuntu-23.04
                #        ^^^^^^^^^^^^
                steps: [run: make]
              c:
                runs-on: our-own-runner
                steps: [run: make]
              d:
                runs-on: [self-hosted, ubuntu-23.04]
                steps: [run: make]
              e:
                runs-on: Ubuntu-26.04-arm
                steps: [run: make]
              f:
                runs-on: ubuntu-24.04-xl
                steps: [run: make]
            ",
        );
    }

    #[test]
    fn what_a_matrix_gives() {
        check(
            &RULE,
            "
            jobs:
              a:
                strategy:
                  matrix:
                    os: [ubuntu-latest, widnows-latest]
                    #                   ^^^^^^^^^^^^^^
                    include:
                      - os: macos-99
                        #   ^^^^^^^^
                runs-on: ${{ matrix.os }}
                steps: [run: make]
            ",
        );
    }
}
