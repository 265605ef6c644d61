//! Conditions that ask who triggered a run, where the author is meant.

use std::ops::Range;

use plim_diag::{Code, Severity};
use plim_expression::{Comparison, Node, NodeKind, Value};

use super::untrusted_checkout::risky_event;
use crate::{Audit, Edit, ExpressionAt, Hook, Rule, Tier, named};

pub(super) const RULE: Rule = Rule {
    code: Code("spoofable-bot"),
    summary: "a condition takes whoever touched a pull request last for its author",
    why: "`github.actor` is who caused the event. Dependabot can be made to touch a pull request that a stranger wrote, for instance with a comment, and the condition holds for the stranger's code.",
    criterion: "An `if` in a workflow that `pull_request_target`, `workflow_run` or `issue_comment` starts, which compares `github.actor`, `github.triggering_actor` or their ids with that of a bot by `==`, `contains`, `startsWith` or `endsWith`. Where an alternative beside it (`||`) lets forks in anyway, nothing is reported.",
    remedy: "Ask for the author: `github.event.pull_request.user.login`.",
    example: "on: pull_request_target\njobs:\n  merge:\n    if: github.actor == 'dependabot[bot]'\n    runs-on: ubuntu-latest\n    steps:\n      - run: gh pr merge --auto",
    better: "on: pull_request_target\njobs:\n  merge:\n    if: github.event.pull_request.user.login == 'dependabot[bot]'\n    runs-on: ubuntu-latest\n    steps:\n      - run: gh pr merge --auto",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Expression(check)],
};

fn check<'a>(audit: &mut Audit<'a>, at: ExpressionAt<'a>) {
    if at.text.condition.is_none() {
        return;
    }
    let Some(event) = at.text.job.and_then(|job| risky_event(job.workflow)) else { return };
    let beside = beside_forks(at.expression.root());
    for node in at.expression.root().walk() {
        if beside.iter().any(|open| open.start <= node.span.start && node.span.end <= open.end) {
            continue;
        }
        let Some((actor, path)) = asks_for_a_bot(node) else { continue };
        let property = if path == "github.actor_id" { "id" } else { "login" };
        let author = match event {
            "workflow_run" => {
                "github.event.workflow_run.head_repository.full_name == github.repository"
                    .to_owned()
            }
            "issue_comment" => format!("github.event.comment.user.{property}"),
            _ => format!("github.event.pull_request.user.{property}"),
        };
        let place = at.place(&actor.span);
        let finding =
            audit.report(place, format!("`{path}` is not the author of the pull request"));
        finding.help(format!("ask for `{author}`"));
        // What may be meant where a part of the name is asked for is not known.
        if event == "pull_request_target" && matches!(node.kind, NodeKind::Compare { .. }) {
            finding.fix("ask for the author", vec![Edit::replace(place, author)]);
        }
    }
}

/// The places of conditions that count only where forks are let in without them.
fn beside_forks(root: &Node) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for node in root.walk() {
        let NodeKind::Or(operands) = &node.kind else { continue };
        if operands.iter().any(is_for_forks) {
            found.extend(operands.iter().map(|operand| operand.span.clone()));
        }
    }
    found
}

/// `….head.repo.full_name != github.repository` or `….head.repo.fork`.
fn is_for_forks(node: &Node) -> bool {
    let path = |node: &Node| named::path(node).unwrap_or_default();
    match &node.kind {
        NodeKind::Compare { comparison: Comparison::NotEqual, left, right } => {
            let sides = [path(left), path(right)];
            sides.iter().any(|side| side.ends_with(".full_name"))
                && sides.iter().any(|side| side == "github.repository")
        }
        _ => path(node).ends_with(".fork"),
    }
}

/// What a comparison with the name of a bot asks, and its path.
fn asks_for_a_bot(node: &Node) -> Option<(&Node, String)> {
    match &node.kind {
        NodeKind::Compare { comparison: Comparison::Equal, left, right } => {
            actor(left, right).or_else(|| actor(right, left))
        }
        NodeKind::Call { function, arguments, .. } => {
            let [one, other] = arguments.as_slice() else { return None };
            match function.name().to_ascii_lowercase().as_str() {
                "contains" => named_in(one, other).or_else(|| named_in(other, one)),
                "startswith" | "endswith" => named_in(one, other),
                _ => None,
            }
        }
        _ => None,
    }
}

fn actor<'n>(actor: &'n Node, bot: &Node) -> Option<(&'n Node, String)> {
    let path = spoofable(actor)?;
    let NodeKind::Literal(value) = &bot.kind else { return None };
    let value = value.to_text().to_ascii_lowercase();
    (value.ends_with("[bot]") || BOTS.contains(&value.as_str())).then_some((actor, path))
}

/// `endsWith(github.actor, '[bot]')`, or a list of bots that is searched for the actor.
fn named_in<'n>(actor: &'n Node, bots: &Node) -> Option<(&'n Node, String)> {
    let path = spoofable(actor)?;
    let names = match &bots.kind {
        NodeKind::Call { arguments, .. } => &arguments.first()?.kind,
        kind => kind,
    };
    let NodeKind::Literal(Value::String(names)) = names else { return None };
    let names = names.to_ascii_lowercase();
    ["bot", "renovate"].iter().any(|part| names.contains(part)).then_some((actor, path))
}

/// The ids of Dependabot and Renovate.
const BOTS: [&str; 3] = ["49699333", "27856297", "29139614"];

/// The path of what tells who touched something last.
fn spoofable(node: &Node) -> Option<String> {
    const ACTORS: [&str; 4] = [
        "github.actor",
        "github.triggering_actor",
        "github.actor_id",
        "github.event.pull_request.sender.login",
    ];
    named::path(node).filter(|path| ACTORS.contains(&path.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_fix};

    #[test]
    fn without_secrets_it_does_not_matter() {
        check(
            &RULE,
            "
            on: pull_request
            jobs: { a: { if: \"github.actor == 'dependabot[bot]'\", runs-on: b, steps: [run: c] } }
            ",
        );
        check(
            &RULE,
            "
            on: pull_request_target
            jobs:
              a:
                if: github.actor == 'dependabot[bot]' || github.actor != 'renovate[bot]'
                #   ^^^^^^^^^^^^ `github.actor` is not the author of the pull request
                runs-on: b
                steps: [run: c]
            ",
        );
    }

    #[test]
    fn lists_and_parts_of_names_are_known() {
        check(
            &RULE,
            "
            on: pull_request_target
            jobs:
              a:
                runs-on: b
                steps:
                  - if: contains(fromJSON('[\"dependabot[bot]\"]'), github.actor)
                    #                                             ^^^^^^^^^^^^
                    run: c
                  - if: endsWith(github.actor, '[bot]') || github.actor_id == 29139614
                    #            ^^^^^^^^^^^^
                    #                                      ^^^^^^^^^^^^^^^
                    run: c
                  - if: contains(github.actor, 'octocat')
                    run: c
            ",
        );
    }

    #[test]
    fn where_forks_are_let_in_anyway_it_guards_nothing() {
        check(
            &RULE,
            "
            on: { workflow_run: { workflows: [test] } }
            jobs:
              a:
                if: github.event.workflow_run.head_repository.full_name != github.repository || github.actor == 'dependabot[bot]'
                runs-on: b
                steps: [run: c]
            ",
        );
    }

    #[test]
    fn the_author_is_asked_for() {
        check_fix(
            &RULE,
            "on: pull_request_target\njobs:\n  a:\n    if: github.actor == 'dependabot[bot]'\n    runs-on: b\n    steps: [run: c]\n",
            "on: pull_request_target\njobs:\n  a:\n    if: github.event.pull_request.user.login == 'dependabot[bot]'\n    runs-on: b\n    steps: [run: c]\n",
        );
    }
}
