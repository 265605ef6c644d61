//! Machines of one's own that run what strangers send.

use plim_diag::{Code, Severity};

use crate::labels::{LabelAt, label_sets};
use crate::{Audit, Hook, JobAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("self-hosted-runs-strangers"),
    summary: "a machine of one's own runs what strangers send",
    why: "A pull request of a fork changes what is built and tested, and so runs what it likes. A machine of one's own keeps what that leaves behind, and stands in a network of one's own.",
    criterion: "A job on `self-hosted`, which a matrix may give, in a workflow that `pull_request`, `pull_request_target` or `issue_comment` starts, without an `environment`, whose `if` (and those of the jobs it needs) asks neither for the event, nor for the repository, nor for the author, nor for a label, which only members set. In a private repository, it can be ignored.",
    remedy: "Use a machine of the forge for pull requests, or ask in `if` that `github.event.pull_request.head.repo.full_name == github.repository`.",
    example: "on: pull_request\njobs:\n  test:\n    runs-on: [self-hosted, linux]\n    steps:\n      - run: make test",
    better: "on: pull_request\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make test",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Job(check)],
};

const EVENTS: [&str; 3] = ["pull_request", "pull_request_target", "issue_comment"];
const GUARDS: [&str; 8] = [
    "github.repository",
    "event_name",
    "full_name",
    "author_association",
    "user.login",
    "github.actor",
    ".fork",
    "label.name",
];

fn check<'a>(audit: &mut Audit<'a>, job: JobAt<'a>) {
    let Some(label) = self_hosted(job) else { return };
    let Some(event) = EVENTS.iter().find(|event| job.workflow.trigger(event).is_some()) else {
        return;
    };
    let graph = audit.graph();
    let needed = graph.ancestors(&job.id.value).filter_map(|id| graph.job(id));
    let guarded = needed.chain([job.job]).any(|job| {
        let condition = job.condition.as_ref().map(|it| it.condition.written().source());
        condition.is_some_and(|text| GUARDS.iter().any(|guard| text.contains(guard)))
    });
    if !guarded && job.environment.is_none() {
        audit
            .report(label.span, format!("`{event}` lets strangers run code on this machine"))
            .help(
                "use a machine of the forge, or ask in `if` for the repository of the pull request",
            );
    }
}

/// The label `self-hosted` of a job, also where a matrix gives it.
pub(super) fn self_hosted(job: JobAt<'_>) -> Option<LabelAt<'_>> {
    let mut labels = label_sets(job).into_iter().flatten();
    labels.find(|label| label.name.eq_ignore_ascii_case("self-hosted"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn a_guard_will_do() {
        check(
            &RULE,
            "
            on: [push, pull_request]
            jobs:
              a:
                runs-on: [self-hosted, linux]
                #         ^^^^^^^^^^^ `pull_request` lets strangers run code on this machine
                steps: [run: make]
              b:
                if: github.event_name == 'push'
                runs-on: self-hosted
                steps: [run: make]
              e:
                runs-on: ${{ matrix.machine }}
                strategy:
                  matrix:
                    machine: [ubuntu-latest, [self-hosted, arm]]
                    #                         ^^^^^^^^^^^
                steps: [run: make]
              d:
                if: github.event.label.name == 'bench'
                runs-on: self-hosted
                steps: [run: make]
              c:
                needs: b
                runs-on: self-hosted
                steps: [run: make]
            ",
        );
    }
}
