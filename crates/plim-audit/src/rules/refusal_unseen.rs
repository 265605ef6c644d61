//! A call that promotes or starts something, and whose refusal counts for nothing.

use plim_diag::{Code, Severity};
use plim_workflow::Workflow;
use plim_workflow::script::{Command, Joint};

use super::response_in_log::is_substituted;
use crate::deeds::Act;
use crate::{Audit, Edit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("refusal-unseen"),
    summary: "`curl` sets a status or starts a workflow, and succeeds when it is refused",
    why: "`curl` ends with 0 for every answer, 403 and 500 included. The token has expired, nothing is promoted, the run is green and the old version stays where it is.",
    criterion: "`curl` that sets a commit status or starts a workflow, without `--fail`, `-f` or `--fail-with-body`, whose answer goes into no variable, file or pipe in which something could look at it, and without `--write-out`.",
    remedy: "Add `--fail-with-body`, which shows the reason and fails the step.",
    example: "steps:\n  - run: >-\n      curl -X POST -d '{}' https://api.github.com/repos/a/b/dispatches",
    better: "steps:\n  - run: >-\n      curl --fail-with-body -X POST -d '{}' https://api.github.com/repos/a/b/dispatches",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, _: &'a Workflow) {
    let deeds = audit.deeds();
    let calls = deeds.jobs.iter().flat_map(|job| &job.deeds);
    for deed in calls.filter(|deed| matches!(deed.act, Act::SetStatus | Act::Dispatch)) {
        let Some(at) = deed.command.as_ref() else { continue };
        let command = at.command();
        if !is_blind(command) || is_substituted(command, &at.script.text) {
            continue;
        }
        let span = at.span();
        let written = span.text(audit.source()).unwrap_or("").starts_with("curl ");
        let finding = audit.report(span, "a refusal of this call does not fail the step");
        finding.help("add `--fail-with-body`");
        if written {
            let edit = Edit::insert(span.start + 4, " --fail-with-body");
            finding.unsafe_fix("let a refusal fail", vec![edit]);
        }
    }
}

/// Whether nothing sees how the server answered.
fn is_blind(command: &Command) -> bool {
    let words = command.call();
    let curl = words.first().is_some_and(|name| name.text == "curl");
    let looks = words.iter().any(|word| {
        let text = word.text.as_str();
        let short = text.starts_with('-') && !text.starts_with("--") && !text.contains('X');
        (short && text.contains(['f', 'w', 'o', 'K']))
            || ["--fail", "--write-out", "--output", "--config"]
                .iter()
                .any(|it| text.starts_with(it))
    });
    let kept = command.redirections.iter().any(|to| to.operator.contains('>'));
    curl && !looks && !kept && command.joint != Joint::Pipe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_fix};

    #[test]
    fn who_looks_at_the_answer_sees_a_refusal() {
        check(
            &RULE,
            "
            steps:
              - run: curl -sS -X POST -d x https://a.example/repos/a/b/statuses/$SHA
                #    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ a refusal of this call does not fail the step
              - run: |
                  curl -fsS -d x https://a.example/repos/a/b/statuses/$SHA
                  code=$(curl -s -d x https://a.example/repos/a/b/statuses/$SHA)
                  curl -d x https://a.example/repos/a/b/statuses/$SHA | jq -e .id
                  curl -d x https://a.example/other
            ",
        );
    }

    #[test]
    fn the_option_comes_first() {
        check_fix(&RULE, RULE.example, RULE.better);
    }
}
