//! Finds comparisons whose result is the same whatever is compared.

use std::sync::Arc;

use super::{Mistake, Never, Type, Wrong};
use crate::{Comparison, Node, NodeKind, Value};

/// What is wrong with `left comparison right`, whose types are known.
pub(super) fn check<'n>(
    node: &'n Node,
    comparison: Comparison,
    (left, left_type): (&'n Node, &Type),
    (right, right_type): (&'n Node, &Type),
) -> Option<Mistake<'n>> {
    // What is empty, `false` or zero equals whatever is absent, and two literals are for whoever looks at conditions.
    if is_absence(left) || is_absence(right) || (is_literal(left) && is_literal(right)) {
        return None;
    }
    if let Some(holds) = boolean_and_number(comparison, left_type, right)
        .or_else(|| boolean_and_number(flipped(comparison), right_type, left))
    {
        let never = Never::Kinds { left: left_type.clone(), right: right_type.clone() };
        let span = node.span.clone();
        return Some(Mistake { span, optional: false, wrong: Wrong::Comparison { holds, never } });
    }
    let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
    let unequal = || unequal((left, left_type), (right, right_type));
    let never = number_and_text((left, left_type), (right, right_type))
        .or_else(|| equality.then(unequal).flatten())?;
    let holds = comparison == Comparison::NotEqual;
    let span = match &never {
        Never::Word { side, .. } => {
            if std::ptr::eq(*side, left) {
                right.span.clone()
            } else {
                left.span.clone()
            }
        }
        _ => node.span.clone(),
    };
    Some(Mistake { span, optional: false, wrong: Wrong::Comparison { holds, never } })
}

/// Whether `node` is a literal that equals what is not there.
fn is_absence(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Literal(Value::String(text)) => text.trim().is_empty(),
        NodeKind::Literal(Value::Boolean(_)) => false,
        NodeKind::Literal(value) => !value.is_truthy(),
        _ => false,
    }
}

fn is_literal(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Literal(_))
}

/// What comes of `boolean comparison literal` if it is the same for `true` and `false`, which are 1 and 0 there.
fn boolean_and_number(comparison: Comparison, kind: &Type, literal: &Node) -> Option<bool> {
    let NodeKind::Literal(Value::Number(number)) = &literal.kind else { return None };
    if !matches!(kind, Type::Boolean) {
        return None;
    }
    let holds = |boolean: f64| match comparison {
        Comparison::Less => Some(boolean < *number),
        Comparison::LessOrEqual => Some(boolean <= *number),
        Comparison::Greater => Some(boolean > *number),
        Comparison::GreaterOrEqual => Some(boolean >= *number),
        Comparison::Equal | Comparison::NotEqual => None,
    };
    holds(0.0).filter(|first| holds(1.0) == Some(*first))
}

/// The comparison that says the same of both sides exchanged.
fn flipped(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        same => same,
    }
}

/// A number and a literal text that is no number: neither is the one more than the other, nor equal.
fn number_and_text<'n>(
    (left, left_type): (&'n Node, &Type),
    (right, right_type): (&'n Node, &Type),
) -> Option<Never<'n>> {
    let no_number = |node: &Node| match &node.kind {
        NodeKind::Literal(value @ Value::String(_)) => value.to_number().is_nan(),
        _ => false,
    };
    let never = matches!(right_type, Type::Number) && no_number(left)
        || matches!(left_type, Type::Number) && no_number(right);
    never.then(|| Never::Kinds { left: left_type.clone(), right: right_type.clone() })
}

fn unequal<'n>(left: (&'n Node, &Type), right: (&'n Node, &Type)) -> Option<Never<'n>> {
    let kinds = || Never::Kinds { left: left.1.clone(), right: right.1.clone() };
    match (left.1, right.1) {
        // Lists and objects equal only themselves; where they are absent, they equal what is false.
        (kind, _) if kind.is_compound() => is_true_literal(right.0).then(kinds),
        (_, kind) if kind.is_compound() => is_true_literal(left.0).then(kinds),
        (Type::Text(_), Type::Boolean) if is_true(right.0) => text_and_true(left.0),
        (Type::Boolean, Type::Text(_)) if is_true(left.0) => text_and_true(right.0),
        (Type::Boolean, _) => is_no_boolean(right.0).then(kinds),
        (_, Type::Boolean) => is_no_boolean(left.0).then(kinds),
        (Type::Text(_), Type::Text(_)) => word(left, right).or_else(|| word(right, left)),
        _ => None,
    }
}

fn is_true_literal(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::Literal(value) if value.is_truthy())
}

fn is_true(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Literal(Value::Boolean(true)))
}

/// Only `true`: what is empty or not there equals `false`.
fn text_and_true<'n>(text: &'n Node) -> Option<Never<'n>> {
    (!is_literal(text)).then_some(Never::TextAndBoolean { text })
}

/// Whether it is a literal that as a number is neither `0` nor `1`.
fn is_no_boolean(node: &Node) -> bool {
    let NodeKind::Literal(value) = &node.kind else { return false };
    let number = value.to_number();
    number != 0.0 && number != 1.0
}

/// `side` is known to read otherwise than the literal `other`.
fn word<'n>(side: (&'n Node, &Type), other: (&'n Node, &Type)) -> Option<Never<'n>> {
    let (Type::Text(words), NodeKind::Literal(Value::String(literal))) = (side.1, &other.0.kind)
    else {
        return None;
    };
    let never = || Never::Word { side: side.0, kind: side.1.clone(), literal: Arc::clone(literal) };
    (!is_literal(side.0) && !words.allow(literal)).then(never)
}
