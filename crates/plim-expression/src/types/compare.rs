//! Finds comparisons whose result is the same whatever is compared.

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
    let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
    let never = kinds(left_type, right_type)
        .or_else(|| number_and_text((left, left_type), (right, right_type)))
        .or_else(|| equality.then(|| unequal((left, left_type), (right, right_type)))?)?;
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

/// Lists and objects equal only themselves, which cannot be written down.
fn kinds<'n>(left: &Type, right: &Type) -> Option<Never<'n>> {
    let compound = left.is_compound() || right.is_compound();
    let unlike = !matches!(
        (left, right),
        (Type::Any | Type::Null, _)
            | (_, Type::Any | Type::Null)
            | (Type::Array(_), Type::Array(_))
            | (Type::Object(_), Type::Object(_))
    );
    let both = || Never::Kinds { left: left.clone(), right: right.clone() };
    (compound && unlike).then(both)
}

/// A number or boolean and a literal text that is no number: neither is the one more than the other, nor equal.
fn number_and_text<'n>(
    (left, left_type): (&'n Node, &Type),
    (right, right_type): (&'n Node, &Type),
) -> Option<Never<'n>> {
    let number = |node: &Node, kind: &Type, other: &Type| match (&node.kind, kind, other) {
        (NodeKind::Literal(value), _, Type::Boolean) if !matches!(value, Value::Boolean(_)) => {
            let number = value.to_number();
            number != 0.0 && number != 1.0
        }
        (NodeKind::Literal(value), Type::Text(_), Type::Number) => value.to_number().is_nan(),
        _ => false,
    };
    let never = number(left, left_type, right_type) || number(right, right_type, left_type);
    never.then(|| Never::Kinds { left: left_type.clone(), right: right_type.clone() })
}

fn unequal<'n>(left: (&'n Node, &Type), right: (&'n Node, &Type)) -> Option<Never<'n>> {
    match (left.1, right.1) {
        (Type::Text(_), Type::Boolean) if !is_literal(left.0) => {
            Some(Never::TextAndBoolean { text: left.0 })
        }
        (Type::Boolean, Type::Text(_)) if !is_literal(right.0) => {
            Some(Never::TextAndBoolean { text: right.0 })
        }
        (Type::Text(one), Type::Text(other)) => word(left, right)
            .or_else(|| word(right, left))
            .or_else(|| one.excludes(other).then_some(Never::Disjoint)),
        _ => None,
    }
}

/// `side` is known to read otherwise than the literal `other`.
fn word<'n>(side: (&'n Node, &Type), other: (&'n Node, &Type)) -> Option<Never<'n>> {
    let (Type::Text(words), NodeKind::Literal(Value::String(literal))) = (side.1, &other.0.kind)
    else {
        return None;
    };
    let never = Never::Word { side: side.0, kind: side.1.clone(), literal };
    (!is_literal(side.0) && !words.allow(literal)).then_some(never)
}
