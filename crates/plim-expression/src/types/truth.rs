//! Tells what an expression comes to when that does not depend on any context.

use crate::{BuiltIn, Comparison, Function, Node, NodeKind, compare};

/// Whether `node` is true or false whatever the contexts hold; `None` where it depends on them.
pub fn truth(node: &Node) -> Option<bool> {
    match &node.kind {
        NodeKind::Literal(value) => Some(value.is_truthy()),
        NodeKind::Not(operand) => truth(operand).map(|holds| !holds),
        NodeKind::And(operands) => all(operands, true),
        NodeKind::Or(operands) => all(operands, false),
        NodeKind::Compare { comparison, left, right } => literals(*comparison, left, right),
        NodeKind::Call { function: Function::BuiltIn(BuiltIn::Case), arguments, .. } => {
            let values = arguments.iter().enumerate();
            let last = arguments.len().saturating_sub(1);
            let mut truths =
                values.filter(|(at, _)| at % 2 == 1 || *at == last).map(|(_, v)| truth(v));
            let first = truths.next()??;
            truths.all(|other| other == Some(first)).then_some(first)
        }
        _ => None,
    }
}

/// What `&&` (`neutral` is true) or `||` makes of its operands: one that decides is enough.
fn all(operands: &[Node], neutral: bool) -> Option<bool> {
    let mut known = Some(neutral);
    for operand in operands {
        match truth(operand) {
            Some(holds) if holds != neutral => return Some(holds),
            Some(_) => {}
            None => known = None,
        }
    }
    known
}

fn literals(comparison: Comparison, left: &Node, right: &Node) -> Option<bool> {
    let (NodeKind::Literal(left), NodeKind::Literal(right)) = (&left.kind, &right.kind) else {
        return None;
    };
    let order = compare::order(left, right);
    Some(match comparison {
        Comparison::Equal => compare::equal(left, right),
        Comparison::NotEqual => !compare::equal(left, right),
        Comparison::Less => order.is_some_and(|order| order.is_lt()),
        Comparison::LessOrEqual => order.is_some_and(|order| order.is_le()),
        Comparison::Greater => order.is_some_and(|order| order.is_gt()),
        Comparison::GreaterOrEqual => order.is_some_and(|order| order.is_ge()),
    })
}
