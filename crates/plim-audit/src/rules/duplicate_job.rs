//! The same job in two workflows that the same event starts.

use plim_diag::{Code, Place, Severity};
use plim_workflow::{Job, JobBody, Step, StepBody, Trigger, Workflow};

use crate::{Audit, Hook, Nearby, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("duplicate-job"),
    summary: "two workflows that the same event starts do the same work",
    why: "The work is paid for twice, the copies drift apart, and branch protection knows only one of them: the other may fail without anyone looking.",
    criterion: "A job with at least two scripts, whose scripts and actions are those of a job in another workflow of the repository with an event in common. Differences of blanks, names and versions of actions do not count. Only the later file in the order of names is reported.",
    remedy: "Keep one of them, or move the work to a reusable workflow that both call.",
    example: "",
    better: "",
    severity: Severity::Warning,
    tier: Tier::Pedantic,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    let own = audit.subject().path.to_string();
    let jobs: Vec<_> = workflow.jobs.iter().filter_map(|job| Some((job, work(job)?))).collect();
    if jobs.is_empty() {
        return;
    }
    for path in audit.surroundings().workflows().iter().filter(|path| **path < own) {
        let Nearby::Found(other) = audit.surroundings().workflow(path) else { continue };
        if !overlap(&workflow.triggers, &other.triggers) {
            continue;
        }
        for (job, work_of_job) in &jobs {
            let twin = other.jobs.iter().find(|twin| work(twin).as_ref() == Some(work_of_job));
            let Some(twin) = twin else { continue };
            let place = Place::new(path.as_str(), twin.id.span);
            audit
                .report(
                    job.id.span,
                    format!(
                        "the job `{}` does what `{}` of `{path}` does",
                        job.id.value, twin.id.value
                    ),
                )
                .related_at(place, "the same work")
                .help("keep one of them, or call a reusable workflow from both");
        }
    }
}

/// Whether some event starts both: branches and tags of a push are two.
pub(super) fn overlap(one: &[Trigger], other: &[Trigger]) -> bool {
    let by_tag = |trigger: &Trigger| trigger.tags.is_some() && trigger.branches.is_none();
    one.iter().any(|trigger| {
        let same = |twin: &&Trigger| twin.event.value == trigger.event.value;
        let manual = matches!(
            &*trigger.event.value,
            "workflow_call" | "workflow_dispatch" | "repository_dispatch"
        );
        let twin = other.iter().find(same);
        !manual && twin.is_some_and(|twin| by_tag(twin) == by_tag(trigger))
    })
}

/// What the job does, without blanks and names; nothing where that is too little to compare.
fn work(job: &Job) -> Option<Vec<String>> {
    let JobBody::Steps(machine) = &job.body else { return None };
    let steps: Vec<String> = machine.steps.iter().filter_map(said).collect();
    let scripts = steps.iter().filter(|step| step.starts_with('>')).count();
    let setup = steps.len() - scripts;
    (scripts >= 2 || (scripts == 1 && setup >= 3)).then_some(steps)
}

fn said(step: &Step) -> Option<String> {
    match &step.body {
        StepBody::Run(run) => {
            let source = run.script.template.source();
            Some(format!(">{}", source.split_whitespace().collect::<Vec<_>>().join(" ")))
        }
        StepBody::Uses(uses) => {
            let action = format!("{:?}", uses.action.value);
            let inputs = uses.with.written().iter();
            let inputs =
                inputs.map(|(key, text)| format!("{}={}", key.value, text.template.source()));
            let inputs: Vec<String> = inputs.collect();
            Some(format!("{}{}", action.split("reference").next()?, inputs.join(" ")))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_in;

    const OTHER: &str = "
        on: { push: { branches: [main] } }
        jobs:
          checks:
            runs-on: ubuntu-latest
            steps: [{ run: cargo  test }, { run: cargo clippy }]
        ";

    #[test]
    fn the_same_scripts_are_the_same_work() {
        check_in(
            &RULE,
            &[(".github/workflows/a.yml", OTHER)],
            "
            on: push
            jobs:
              test:
            # ^^^^ the job `test` does what `checks` of `.github/workflows/a.yml` does
                runs-on: ubuntu-latest
                steps: [{ name: Test, run: cargo test }, { run: cargo clippy }]
              other:
                runs-on: ubuntu-latest
                steps: [{ run: cargo test }, { run: cargo doc }]
            ",
        );
    }

    #[test]
    fn events_that_never_meet_are_no_duplicates() {
        check_in(
            &RULE,
            &[(".github/workflows/a.yml", OTHER)],
            "
            on: workflow_dispatch
            jobs:
              test:
                runs-on: ubuntu-latest
                steps: [{ run: cargo test }, { run: cargo clippy }]
            ",
        );
    }
}
