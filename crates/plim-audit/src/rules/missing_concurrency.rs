//! Workflows whose older runs go on when a newer one makes them pointless.

use plim_diag::{Code, Severity};
use plim_workflow::Workflow;

use crate::{Audit, Edit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("missing-concurrency"),
    summary: "runs for older pushes of a pull request go on",
    why: "Each push to a pull request starts a run, and those before it go on for nothing. Anyone can keep all machines busy that way.",
    criterion: "A workflow that `pull_request` starts, without `concurrency`, in which a job with steps has none either.",
    remedy: "Add a `concurrency` group for each branch, with `cancel-in-progress` for pull requests.",
    example: "on: pull_request\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make test",
    better: "on: pull_request\nconcurrency:\n  group: ${{ github.workflow }}-${{ github.ref }}\n  cancel-in-progress: true\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make test",
    severity: Severity::Note,
    tier: Tier::Pedantic,
    hooks: &[Hook::Workflow(check)],
};

fn check<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    let Some(trigger) = workflow.trigger("pull_request") else { return };
    let open = workflow.jobs.iter().any(|job| {
        job.concurrency.is_none() && matches!(job.body, plim_workflow::JobBody::Steps(_))
    });
    if workflow.concurrency.is_none() && open && !audit.subject().partly_read() {
        let edit = fix(workflow, audit.source());
        let finding =
            audit.report(trigger.event.span, "runs for older pushes go on when a newer one comes");
        finding.help("add `concurrency` with a group for each branch and `cancel-in-progress`");
        if let Some(edit) = edit {
            finding.unsafe_fix("cancel older runs of a pull request", vec![edit]);
        }
    }
}

/// The group, before the line `jobs:`; runs of other events are not cancelled.
///
/// None for a workflow that is called: `github.workflow` is that of its caller then, and both would wait for each other.
fn fix(workflow: &Workflow, source: &str) -> Option<Edit> {
    let first = usize::try_from(workflow.jobs.first()?.id.span.start).ok()?;
    let at = source.get(..first)?.rfind("\njobs:")? + 1;
    let only = workflow.triggers.len() == 1;
    let cancel = if only { "true" } else { "${{ github.event_name == 'pull_request' }}" };
    let text = format!(
        "concurrency:\n  group: ${{{{ github.workflow }}}}-${{{{ github.ref }}}}\n  cancel-in-progress: {cancel}\n\n"
    );
    let is_called = workflow.trigger("workflow_call").is_some();
    (!is_called).then_some(Edit::insert(u32::try_from(at).ok()?, text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_fix, findings_of};

    const JOBS: &str = "jobs:\n  a:\n    runs-on: b\n    steps: [run: c]\n";

    #[test]
    fn older_runs_of_a_pull_request_are_cancelled_and_no_others() {
        let group = "concurrency:\n  group: ${{ github.workflow }}-${{ github.ref }}\n";
        check_fix(
            &RULE,
            &format!("on: pull_request # why\n\n{JOBS}"),
            &format!("on: pull_request # why\n\n{group}  cancel-in-progress: true\n\n{JOBS}"),
        );
        let cancel = "  cancel-in-progress: ${{ github.event_name == 'pull_request' }}\n";
        check_fix(
            &RULE,
            &format!("on: [push, pull_request]\n{JOBS}"),
            &format!("on: [push, pull_request]\n{group}{cancel}\n{JOBS}"),
        );
        let called = findings_of(&RULE, &format!("on: [workflow_call, pull_request]\n{JOBS}"));
        assert_eq!(called[0].fix, None);
    }
}
