//! A job that stands for all others and leaves one out.

use plim_diag::{Code, Severity};
use plim_workflow::{Job, Workflow};

use crate::deeds::{Act, JobDeeds, runs_anyway};
use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("gate-misses-job"),
    summary: "the job that stands for all others does not wait for one of them",
    why: "Branch protection requires one job that needs the others. A job that it does not need may fail, and the change is merged all the same; nobody notices, because the gate is green.",
    criterion: "A job with at least three `needs` that runs although they fail (`always()`, `!cancelled()`), publishes nothing, and does not wait for a job that tests or checks the code, without conditions and without waiting for the gate. Reported only where at most a third of the jobs is missing, since more is a choice.",
    remedy: "Add the job to `needs` of the gate, and see that the gate looks at its result.",
    example: "jobs:\n  a: { runs-on: ubuntu-latest, steps: [run: cargo test] }\n  b: { runs-on: ubuntu-latest, steps: [run: cargo clippy] }\n  c: { runs-on: ubuntu-latest, steps: [run: cargo fmt] }\n  d: { runs-on: ubuntu-latest, steps: [run: cargo deny check] }\n  gate:\n    needs: [a, b, c]\n    if: always()\n    runs-on: ubuntu-latest\n    steps:\n      - if: contains(needs.*.result, 'failure')\n        run: exit 1",
    better: "jobs:\n  a: { runs-on: ubuntu-latest, steps: [run: cargo test] }\n  b: { runs-on: ubuntu-latest, steps: [run: cargo clippy] }\n  c: { runs-on: ubuntu-latest, steps: [run: cargo fmt] }\n  d: { runs-on: ubuntu-latest, steps: [run: cargo deny check] }\n  gate:\n    needs: [a, b, c, d]\n    if: always()\n    runs-on: ubuntu-latest\n    steps:\n      - if: contains(needs.*.result, 'failure')\n        run: exit 1",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    let deeds = audit.deeds();
    let gates: Vec<_> = deeds.jobs.iter().filter(|job| is_gate(job)).collect();
    // Several gates share the work.
    let [gate] = gates.as_slice() else { return };
    let graph = audit.graph();
    let missing = |job: &&JobDeeds<'a>| {
        job.does(Act::judges)
            && !job.does(|act| act.ships() || matches!(act, Act::Pages | Act::Propose))
            && job.job.job.condition.is_none()
            && !is_forgiven(job.job.job)
            && job.id() != gate.id()
            && !graph.waits_for(gate.id(), job.id())
            && !graph.waits_for(job.id(), gate.id())
    };
    let missing: Vec<_> = deeds.jobs.iter().filter(missing).collect();
    if missing.len() * 3 > workflow.jobs.len() {
        return;
    }
    for job in missing {
        let message = format!("the gate `{}` does not wait for the job `{}`", gate.id(), job.id());
        let needs = gate.job.job.needs.last().map_or(gate.job.job.id.span, |need| need.span);
        audit
            .report(gate.job.job.id.span, message)
            .related(job.job.job.id.span, "this job may fail, and the gate passes")
            .related(needs, "what it waits for")
            .note(format!("the edge `{}` → `{}` is missing", job.id(), gate.id()))
            .help(format!("add `{}` to its `needs`", job.id()));
    }
}

fn is_gate(job: &JobDeeds<'_>) -> bool {
    let condition = job.job.job.condition.as_ref();
    job.job.job.needs.len() >= 3
        && condition.is_some_and(|condition| runs_anyway(condition.condition.expression()))
        && !job.does(|act| act.ships() || matches!(act, Act::Announce | Act::Pages | Act::Test))
        && (job.job.steps().len() <= 3)
}

fn is_forgiven(job: &Job) -> bool {
    job.continue_on_error.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn waiting_through_another_job_is_enough() {
        check(
            &RULE,
            "
            jobs:
              first: { runs-on: ubuntu-latest, steps: [run: cargo test] }
              a: { needs: first, runs-on: ubuntu-latest, steps: [run: cargo test] }
              b: { runs-on: ubuntu-latest, steps: [run: cargo clippy] }
              c: { runs-on: ubuntu-latest, steps: [run: cargo fmt] }
              later: { if: vars.X, runs-on: ubuntu-latest, steps: [run: cargo bench] }
              publish: { needs: gate, runs-on: ubuntu-latest, steps: [run: cargo test] }
              gate:
                needs: [a, b, c]
                if: ${{ !cancelled() }}
                runs-on: ubuntu-latest
                steps: [run: echo]
            ",
        );
    }
}
