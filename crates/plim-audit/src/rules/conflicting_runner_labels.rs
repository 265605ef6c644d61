//! Labels that no runner has at once.

use plim_diag::{Code, Severity};
use plim_workflow::Forge;

use crate::labels::{LabelAt, hosted_label, label_sets};
use crate::{Audit, Hook, JobAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("conflicting-runner-labels"),
    summary: "no runner has all labels that a job asks for",
    why: "A job is given to a runner that has every label of `runs-on`. One that asks for two systems waits for a day, and is then cancelled.",
    criterion: "Two labels in one `runs-on` that are of different hosted images, or that name different systems or architectures.",
    remedy: "Ask for one of them. To run on both, give the labels to a matrix.",
    example: "jobs:\n  test:\n    runs-on: [ubuntu-latest, windows-latest]\n    steps: [run: make]",
    better: "jobs:\n  test:\n    strategy:\n      matrix:\n        os: [ubuntu-latest, windows-latest]\n    runs-on: ${{ matrix.os }}\n    steps: [run: make]",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Job(job)],
};

fn job<'a>(audit: &mut Audit<'a>, job: JobAt<'a>) {
    if audit.subject().forge != Forge::GitHub {
        return;
    }
    for labels in label_sets(job) {
        for (at, later) in labels.iter().enumerate() {
            let clash = labels[..at].iter().find(|earlier| clash(earlier, later));
            if let Some(earlier) = clash {
                let message = format!("no runner is both `{}` and `{}`", earlier.name, later.name);
                audit
                    .report(later.span, message)
                    .help("ask for one of them, or give them to a matrix")
                    .related(earlier.span, "the other label");
            }
        }
    }
}

fn clash(one: &LabelAt<'_>, other: &LabelAt<'_>) -> bool {
    let differ = |meant: fn(&str) -> Option<&'static str>| {
        meant(one.name).zip(meant(other.name)).is_some_and(|(one, other)| one != other)
    };
    let both_hosted = hosted_label(one.name).is_some() && hosted_label(other.name).is_some();
    (both_hosted && !one.name.eq_ignore_ascii_case(other.name))
        || differ(system)
        || differ(architecture)
}

fn system(label: &str) -> Option<&'static str> {
    let named = ["linux", "macos", "windows"];
    let named = named.into_iter().find(|name| name.eq_ignore_ascii_case(label));
    named.or_else(|| hosted_label(label).map(|label| label.system))
}

fn architecture(label: &str) -> Option<&'static str> {
    let named = ["x64", "arm", "arm64"];
    let named = named.into_iter().find(|name| name.eq_ignore_ascii_case(label));
    named.or_else(|| hosted_label(label).map(|label| label.architecture))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn two_systems_at_once() {
        check(
            &RULE,
            "
            jobs:
              a:
                runs-on: [ubuntu-latest, windows-latest]
                #                        ^^^^^^^^^^^^^^ no runner is both `ubuntu-latest` and `windows-latest`
                steps: [run: make]
              b:
                runs-on: [self-hosted, linux, X64, gpu]
                steps: [run: make]
              c:
                runs-on: [self-hosted, linux, macOS]
                #                             ^^^^^
                steps: [run: make]
            ",
        );
    }
}
