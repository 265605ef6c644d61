//! Updates of dependencies that merge themselves.

use plim_diag::{Code, Severity, Span};
use plim_workflow::{StepBody, Workflow};

use crate::deeds::place;
use crate::remote::Remote;
use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("automatic-merge"),
    summary: "updates of dependencies are merged without anyone looking",
    why: "A version that was taken over passes the tests like any other. Nobody has seen it when it is on the default branch, and in the next release.",
    criterion: "`gh pr merge` or `gh pr review --approve`, or a well-known action that merges, in a workflow that speaks of Dependabot or Renovate. Not where the text asks for the kind of update (`semver-patch`, `update-type`) and the workflow's updates wait by a `cooldown`, which this file does not tell: it is shown to those who want to hear of it.",
    remedy: "Let a person merge, or let updates wait some days by `cooldown` before they are proposed.",
    example: "on: pull_request\njobs:\n  merge:\n    if: github.event.pull_request.user.login == 'dependabot[bot]'\n    runs-on: ubuntu-latest\n    steps:\n      - run: gh pr merge --auto --squash \"$URL\"",
    better: "on: pull_request\njobs:\n  label:\n    if: github.event.pull_request.user.login == 'dependabot[bot]'\n    runs-on: ubuntu-latest\n    steps:\n      - run: gh pr edit --add-label dependencies \"$URL\"",
    severity: Severity::Warning,
    tier: Tier::Pedantic,
    hooks: &[Hook::Workflow(workflow)],
};

const ACTIONS: [&str; 5] = [
    "ahmadnassri/action-dependabot-auto-merge",
    "fastify/github-action-merge-dependabot",
    "pascalgn/automerge-action",
    "peter-evans/enable-pull-request-automerge",
    "hmarr/auto-approve-action",
];

fn workflow<'a>(audit: &mut Audit<'a>, _: &'a Workflow) {
    let text = audit.source().to_ascii_lowercase();
    if !text.contains("dependabot") && !text.contains("renovate") {
        return;
    }
    for span in merges(audit) {
        audit
            .report(span, "an update is merged without anyone looking")
            .help("let a person merge, or let updates wait by `cooldown`");
    }
}

fn merges(audit: &Audit<'_>) -> Vec<Span> {
    let mut found = Vec::new();
    for script in audit.scripts().iter().filter(|script| script.text.contains("gh pr")) {
        for command in &script.reading().commands {
            let words: Vec<&str> = command.call().iter().map(|word| word.text.as_str()).collect();
            let merges = words.starts_with(&["gh", "pr", "merge"])
                || (words.starts_with(&["gh", "pr", "review"]) && words.contains(&"--approve"));
            if merges && !words.contains(&"--disable-auto") {
                found.push(place(script, command));
            }
        }
    }
    for step in audit.steps().iter() {
        let StepBody::Uses(uses) = &step.step.body else { continue };
        let remote = Remote::of_uses(uses, audit.source());
        if remote.is_some_and(|remote| ACTIONS.iter().any(|name| remote.is(name))) {
            found.push(uses.action.span);
        }
    }
    found
}
