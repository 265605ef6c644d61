//! Writes a tree as an expression that parses to the same tree.

use std::fmt;

use crate::{Node, NodeKind, Value};

impl fmt::Display for Node {
    /// The expression in its plainest form: one blank around operators, no needless parentheses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            NodeKind::Literal(value) => literal(value, f),
            // In lower case these would be literals; only their capitals name a context.
            NodeKind::NamedValue(name) if matches!(&**name, "null" | "true" | "false") => {
                f.write_str(&name.to_ascii_uppercase())
            }
            NodeKind::NamedValue(name) => f.write_str(name),
            NodeKind::Wildcard => f.write_str("*"),
            NodeKind::Index { object, index } => {
                write!(f, "{}[{index}]", Grouped(object, Tightness::Indexed))
            }
            NodeKind::Dereference { object, name, .. } => {
                write!(f, "{}.{name}", Grouped(object, Tightness::Indexed))
            }
            NodeKind::Call { function, arguments, .. } => {
                write!(f, "{function}(")?;
                separated(arguments, ", ", Tightness::Or, f)?;
                f.write_str(")")
            }
            NodeKind::Not(operand) => write!(f, "!{}", Grouped(operand, Tightness::Not)),
            NodeKind::And(operands) => separated(operands, " && ", Tightness::Equal, f),
            NodeKind::Or(operands) => separated(operands, " || ", Tightness::And, f),
            NodeKind::Compare { comparison, left, right } => {
                let own = tightness(self);
                let (left, right) = (Grouped(left, own), Grouped(right, own.next()));
                write!(f, "{left} {} {right}", comparison.symbol())
            }
        }
    }
}

/// How tightly a node's own operator binds, loosest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tightness {
    Or,
    And,
    Equal,
    Order,
    Not,
    /// What an index or a property may follow without parentheses.
    Indexed,
}

impl Tightness {
    fn next(self) -> Tightness {
        match self {
            Tightness::Or => Tightness::And,
            Tightness::And => Tightness::Equal,
            Tightness::Equal => Tightness::Order,
            Tightness::Order => Tightness::Not,
            Tightness::Not | Tightness::Indexed => Tightness::Indexed,
        }
    }
}

fn tightness(node: &Node) -> Tightness {
    use crate::Comparison::{Equal, NotEqual};
    match &node.kind {
        NodeKind::Or(_) => Tightness::Or,
        NodeKind::And(_) => Tightness::And,
        NodeKind::Compare { comparison: Equal | NotEqual, .. } => Tightness::Equal,
        NodeKind::Compare { .. } => Tightness::Order,
        // A literal binds like an operand of `!`, since nothing can be indexed directly.
        NodeKind::Not(_) | NodeKind::Literal(_) => Tightness::Not,
        _ => Tightness::Indexed,
    }
}

/// A node in parentheses where it binds looser than the place needs.
struct Grouped<'n>(&'n Node, Tightness);

impl fmt::Display for Grouped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Grouped(node, needed) = self;
        if tightness(node) < *needed { write!(f, "({node})") } else { write!(f, "{node}") }
    }
}

fn separated(
    nodes: &[Node],
    separator: &str,
    needed: Tightness,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    for (i, node) in nodes.iter().enumerate() {
        if i > 0 {
            f.write_str(separator)?;
        }
        write!(f, "{}", Grouped(node, needed))?;
    }
    Ok(())
}

fn literal(value: &Value, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match value {
        Value::Null => f.write_str("null"),
        Value::Number(number) if number.is_infinite() => f.write_str(&value.to_text()),
        Value::Number(number) if number.abs() >= 1e15 => write!(f, "{number:e}"),
        // All digits, where the language's own form would round to fifteen.
        Value::Number(number) => write!(f, "{number}"),
        Value::String(text) => write!(f, "'{}'", text.replace('\'', "''")),
        other => f.write_str(&other.to_text()),
    }
}
