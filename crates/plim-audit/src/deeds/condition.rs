//! Whether a condition may hold on an occasion, with what is known before anything runs.

use plim_expression::{Comparison, Expression, Node, NodeKind, Value};

/// An event that could start a workflow.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Occasion {
    /// `github.event_name`.
    pub event: &'static str,
    /// How `github.ref` begins: `refs/pull/`, `refs/heads/`, `refs/tags/`.
    pub reference: &'static str,
}

impl Occasion {
    /// A pull request.
    pub const PULL_REQUEST: Self = Self { event: "pull_request", reference: "refs/pull/" };
    /// A push to a branch.
    pub const PUSH: Self = Self { event: "push", reference: "refs/heads/" };
}

/// Whether `expression` is true on `occasion` when nothing failed and nobody cancelled.
///
/// What only restricts forks, by the name of the repository, counts as true; what cannot be told does not.
#[must_use]
pub fn surely_holds(expression: &Expression, occasion: Occasion) -> bool {
    sure(expression.root(), occasion)
}

fn sure(node: &Node, occasion: Occasion) -> bool {
    match &node.kind {
        NodeKind::And(operands) => operands.iter().all(|operand| sure(operand, occasion)),
        NodeKind::Or(operands) => operands.iter().any(|operand| sure(operand, occasion)),
        NodeKind::Not(operand) => match &operand.kind {
            NodeKind::Call { function, .. } => function.name().eq_ignore_ascii_case("cancelled"),
            _ => truth(operand, occasion) == Some(false),
        },
        NodeKind::Call { function, .. } if matches!(function.name(), "always" | "success") => true,
        NodeKind::Compare { comparison: Comparison::Equal, left, .. }
            if path(left).is_some_and(|path| path.starts_with("github.repository")) =>
        {
            true
        }
        _ => truth(node, occasion) == Some(true),
    }
}

/// What is known of a value.
enum Known {
    Text(String),
    /// It begins with this.
    Begins(&'static str),
    Truth(bool),
    Nothing,
}

/// Whether `expression` may be true on `occasion`; an expression that cannot be told may.
#[must_use]
pub fn may_hold(expression: &Expression, occasion: Occasion) -> bool {
    truth(expression.root(), occasion) != Some(false)
}

fn truth(node: &Node, occasion: Occasion) -> Option<bool> {
    match known(node, occasion) {
        Known::Truth(truth) => Some(truth),
        Known::Text(text) => Some(!text.is_empty()),
        Known::Begins(_) => Some(true),
        Known::Nothing => None,
    }
}

fn known(node: &Node, occasion: Occasion) -> Known {
    let told = |truth: Option<bool>| truth.map_or(Known::Nothing, Known::Truth);
    match &node.kind {
        NodeKind::Literal(value) => literal(value),
        NodeKind::Dereference { .. } => property(node, occasion),
        NodeKind::Not(operand) => told(truth(operand, occasion).map(|truth| !truth)),
        NodeKind::And(operands) => told(all(operands, occasion)),
        NodeKind::Or(operands) => told(any(operands, occasion)),
        NodeKind::Compare { comparison, left, right } => {
            told(compared(*comparison, known(left, occasion), known(right, occasion)))
        }
        NodeKind::Call { arguments, .. } => match arguments.as_slice() {
            [text, start] => told(begins(known(text, occasion), known(start, occasion), node)),
            _ => Known::Nothing,
        },
        _ => Known::Nothing,
    }
}

fn literal(value: &Value) -> Known {
    match value {
        Value::Boolean(truth) => Known::Truth(*truth),
        Value::String(text) => Known::Text(text.to_string()),
        _ => Known::Nothing,
    }
}

fn all(operands: &[Node], occasion: Occasion) -> Option<bool> {
    let truths: Vec<_> = operands.iter().map(|operand| truth(operand, occasion)).collect();
    match () {
        () if truths.contains(&Some(false)) => Some(false),
        () if truths.contains(&None) => None,
        () => Some(true),
    }
}

fn any(operands: &[Node], occasion: Occasion) -> Option<bool> {
    let truths: Vec<_> = operands.iter().map(|operand| truth(operand, occasion)).collect();
    match () {
        () if truths.contains(&Some(true)) => Some(true),
        () if truths.contains(&None) => None,
        () => Some(false),
    }
}

/// The names of a chain of properties, joined by dots: `github.event.release`.
fn path(node: &Node) -> Option<String> {
    match &node.kind {
        NodeKind::NamedValue(name) => Some(name.to_string()),
        NodeKind::Dereference { object, name, .. } => {
            Some(format!("{}.{}", path(object)?, name.to_ascii_lowercase()))
        }
        _ => None,
    }
}

fn property(node: &Node, occasion: Occasion) -> Known {
    let Some(path) = path(node) else { return Known::Nothing };
    let pull = occasion.event == "pull_request";
    match path.as_str() {
        "github.event_name" => Known::Text(occasion.event.to_owned()),
        "github.ref" => Known::Begins(occasion.reference),
        "github.ref_type" => {
            let tag = occasion.reference == "refs/tags/";
            Known::Text(if tag { "tag" } else { "branch" }.to_owned())
        }
        // A pull request is merged into `1/merge`.
        "github.ref_name" if pull => Known::Begins("\0"),
        _ if pull && (path.starts_with("inputs.") || path.starts_with("github.event.inputs")) => {
            Known::Text(String::new())
        }
        _ if pull && path.starts_with("github.event.release") => Known::Text(String::new()),
        _ => Known::Nothing,
    }
}

fn compared(comparison: Comparison, left: Known, right: Known) -> Option<bool> {
    let equal = match (left, right) {
        (Known::Text(left), Known::Text(right)) => left.eq_ignore_ascii_case(&right),
        (Known::Begins(start), Known::Text(text)) | (Known::Text(text), Known::Begins(start)) => {
            // What begins otherwise is not equal; what begins so may be.
            if text.to_ascii_lowercase().starts_with(start) {
                return None;
            }
            false
        }
        (Known::Truth(left), Known::Truth(right)) => left == right,
        // An input that is not there is null, which is no text and not true.
        (Known::Text(text), Known::Truth(true)) if text.is_empty() => false,
        _ => return None,
    };
    match comparison {
        Comparison::Equal => Some(equal),
        Comparison::NotEqual => Some(!equal),
        _ => None,
    }
}

fn begins(text: Known, start: Known, call: &Node) -> Option<bool> {
    let NodeKind::Call { function, .. } = &call.kind else { return None };
    let Known::Text(start) = start else { return None };
    if !function.name().eq_ignore_ascii_case("startsWith") {
        return None;
    }
    match text {
        Known::Text(text) => Some(text.starts_with(&start)),
        Known::Begins(known) if known.starts_with(&start) => Some(true),
        Known::Begins(known) if start.starts_with(known) => None,
        Known::Begins(_) => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on_a_pull_request(condition: &str) -> bool {
        may_hold(&Expression::parse(condition).unwrap(), Occasion::PULL_REQUEST)
    }

    #[test]
    fn what_excludes_pull_requests_is_understood() {
        for condition in [
            "github.event_name == 'push'",
            "github.event_name != 'pull_request' && always()",
            "github.ref == 'refs/heads/main'",
            "startsWith(github.ref, 'refs/tags/')",
            "!cancelled() && github.ref_type == 'tag'",
            "github.ref_name == 'main'",
            "github.event.inputs.publish == 'true'",
            "inputs.publish",
        ] {
            assert!(!on_a_pull_request(condition), "{condition}");
        }
    }

    #[test]
    fn only_what_can_be_told_surely_holds() {
        let sure = |condition: &str| {
            surely_holds(&Expression::parse(condition).unwrap(), Occasion::PULL_REQUEST)
        };
        for condition in [
            "always()",
            "!cancelled() && github.repository == 'a/b'",
            "github.event_name == 'pull_request' || vars.X",
        ] {
            assert!(sure(condition), "{condition}");
        }
        for condition in ["needs.plan.outputs.publish", "vars.X == 'y'", "failure()"] {
            assert!(!sure(condition), "{condition}");
        }
    }

    #[test]
    fn what_cannot_be_told_may_hold() {
        for condition in [
            "always()",
            "github.repository == 'a/b'",
            "github.event_name == 'push' || vars.X",
            "contains(github.ref, 'tags')",
            "github.actor != 'x'",
            "github.event_name == 'pull_request'",
        ] {
            assert!(on_a_pull_request(condition), "{condition}");
        }
    }
}
