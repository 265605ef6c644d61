//! Conditions that let through only what people wrote or did whom the repository trusts.

use plim_expression::{Comparison, Expression, Node, NodeKind, Value};
use plim_workflow::Condition;

use crate::{JobAt, StepAt, named};

/// Events that nobody can cause who may not write to the repository.
const OF_MEMBERS: [&str; 8] = [
    "push",
    "schedule",
    "workflow_dispatch",
    "repository_dispatch",
    "release",
    "merge_group",
    "create",
    "deployment",
];

/// What stands for everything, in a condition that only members can bring about.
const EVERYTHING: &str = "*";

/// What a condition of the job or step guards: see [`guarded`].
pub(crate) fn guarded_at(job: Option<JobAt<'_>>, step: Option<StepAt<'_>>) -> Vec<String> {
    let of = |condition: Option<&Condition>| {
        condition.map(|it| guarded(it.condition.expression())).unwrap_or_default()
    };
    let mut found = of(job.and_then(|job| job.job.condition.as_ref()));
    found.extend(of(step.and_then(|step| step.step.condition.as_ref())));
    found
}

/// Whether nobody outside the repository can make the job run.
pub(crate) fn keeps_strangers_out(job: JobAt<'_>) -> bool {
    !guarded_at(Some(job), None).is_empty()
}

/// Whether a trusted person wrote what stands at `path`, given what is [`guarded`].
pub(crate) fn covers(guarded: &[String], path: &str) -> bool {
    let path = if path == "github.head_ref" { "github.event.pull_request.head.ref" } else { path };
    // Who pushes may push what a stranger wrote: the message of a merged pull request.
    let pushed = ["github.event.commits.", "github.event.head_commit."];
    let pushed = pushed.iter().any(|of| path.starts_with(of));
    guarded.iter().any(|object| {
        (object == EVERYTHING && !pushed)
            || path.strip_prefix(object.as_str()).is_some_and(|rest| rest.starts_with('.'))
    })
}

/// The parts of the event whose author is trusted where `condition` holds: `github.event.comment`.
///
/// What only members can do, such as to set a label, is among them: `github.event.label`.
fn guarded(condition: &Expression) -> Vec<String> {
    of(condition.root())
}

fn of(node: &Node) -> Vec<String> {
    match &node.kind {
        NodeKind::And(operands) => operands.iter().flat_map(of).collect(),
        NodeKind::Or(operands) => {
            let mut each = operands.iter().map(of);
            let first = each.next().unwrap_or_default();
            each.fold(first, common)
        }
        NodeKind::Compare { comparison: Comparison::Equal, left, right } => {
            let found = compared(left, right).or_else(|| compared(right, left));
            found.into_iter().collect()
        }
        NodeKind::Call { function, arguments, .. } => match arguments.as_slice() {
            [list, asked] if function.name().eq_ignore_ascii_case("contains") => {
                listed(list, asked).into_iter().collect()
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn common(one: Vec<String>, other: Vec<String>) -> Vec<String> {
    let everything = |found: &[String]| found.iter().any(|object| object == EVERYTHING);
    match (everything(&one), everything(&other)) {
        (true, _) => other,
        (_, true) => one,
        _ => one.into_iter().filter(|object| other.contains(object)).collect(),
    }
}

fn compared(asked: &Node, wanted: &Node) -> Option<String> {
    let path = named::path(asked)?;
    let NodeKind::Literal(Value::String(wanted)) = &wanted.kind else { return None };
    if path == "github.event_name" {
        return OF_MEMBERS.contains(&&**wanted).then(|| EVERYTHING.to_owned());
    }
    let (object, property) = path.rsplit_once('.')?;
    match property {
        "author_association" => is_member(wanted).then(|| object.to_owned()),
        "login" => object.strip_suffix(".user").map(str::to_owned),
        "name" if object == "github.event.label" => Some(object.to_owned()),
        _ => None,
    }
}

/// `contains(fromJSON('["OWNER", "MEMBER"]'), github.event.comment.author_association)`.
fn listed(list: &Node, asked: &Node) -> Option<String> {
    let path = named::path(asked)?;
    let object = path.strip_suffix(".author_association")?;
    let names = match &list.kind {
        NodeKind::Call { arguments, .. } => &arguments.first()?.kind,
        kind => kind,
    };
    let NodeKind::Literal(Value::String(names)) = names else { return None };
    let mut words = names.split(|c: char| !c.is_ascii_alphabetic() && c != '_');
    words.all(|word| word.is_empty() || is_member(word)).then(|| object.to_owned())
}

fn is_member(association: &str) -> bool {
    ["owner", "member", "collaborator"].contains(&association.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_text(condition: &str) -> Vec<String> {
        guarded(&Expression::parse(condition).unwrap())
    }

    #[test]
    fn whoever_is_asked_for_is_trusted() {
        let comment = ["github.event.comment"];
        for condition in [
            "github.event.comment.author_association == 'MEMBER'",
            "always() && (github.event.comment.author_association == 'owner' || 'MEMBER' == github.event.comment.author_association)",
            "contains(fromJSON('[\"OWNER\", \"COLLABORATOR\"]'), github.event.comment.author_association)",
            "github.event_name == 'push' || github.event.comment.user.login == 'octocat'",
        ] {
            assert_eq!(of_text(condition), comment, "{condition}");
        }
        assert_eq!(of_text("github.event.label.name == 'ok'"), ["github.event.label"]);
        assert_eq!(of_text("github.event_name == 'push'"), [EVERYTHING]);
    }

    #[test]
    fn what_lets_others_through_guards_nothing() {
        for condition in [
            "github.event.comment.author_association != 'NONE'",
            "github.event.comment.author_association == 'CONTRIBUTOR'",
            "github.event.comment.author_association == 'OWNER' || vars.X",
            "contains(fromJSON('[\"OWNER\", \"NONE\"]'), github.event.comment.author_association)",
            "contains(github.event.comment.body, '/run')",
            "github.event_name == 'issue_comment'",
        ] {
            assert_eq!(of_text(condition), [""; 0], "{condition}");
        }
    }

    #[test]
    fn only_what_the_asked_person_wrote_is_covered() {
        let guarded = ["github.event.pull_request".to_owned()];
        assert!(covers(&guarded, "github.head_ref"));
        assert!(covers(&guarded, "github.event.pull_request.title"));
        assert!(!covers(&guarded, "github.event.comment.body"));
        let everything = [EVERYTHING.to_owned()];
        assert!(covers(&everything, "github.event.comment.body"));
        assert!(!covers(&everything, "github.event.head_commit.message"));
    }
}
