//! The tree of a parsed expression.

use std::ops::Range;
use std::sync::Arc;

use crate::{Function, Value};

/// A part of an expression and where it is written.
#[derive(Clone, Debug)]
pub struct Node {
    /// What the part says.
    pub kind: NodeKind,
    /// Its bytes in the expression's source, without parentheses around it.
    pub span: Range<usize>,
}

/// What a part of an expression says.
#[derive(Clone, Debug)]
pub enum NodeKind {
    /// `null`, `true`, `12`, `'text'`.
    Literal(Value),
    /// A context: `github`. The name is in lower case, however it is written.
    NamedValue(Arc<str>),
    /// The `*` of `object[*]` and of `object.*`.
    Wildcard,
    /// `object[index]`; with [`NodeKind::Wildcard`] as the index also `object.*`.
    Index {
        /// What is indexed.
        object: Box<Node>,
        /// The key, the number of an item, or the wildcard.
        index: Box<Node>,
    },
    /// `object.name`.
    Dereference {
        /// What has the property.
        object: Box<Node>,
        /// The property as it is written.
        name: Arc<str>,
        /// The bytes of the name.
        name_span: Range<usize>,
    },
    /// `function(arguments)`.
    Call {
        /// What is called.
        function: Function,
        /// The bytes of the function's name.
        name_span: Range<usize>,
        /// The arguments in order.
        arguments: Vec<Node>,
    },
    /// `!operand`.
    Not(Box<Node>),
    /// `a && b && …`: at least two operands, none of which is another `And`.
    And(Vec<Node>),
    /// `a || b || …`: at least two operands, none of which is another `Or`.
    Or(Vec<Node>),
    /// `left == right` and its kin.
    Compare {
        /// How both sides are compared.
        comparison: Comparison,
        /// The left side.
        left: Box<Node>,
        /// The right side.
        right: Box<Node>,
    },
}

/// An operator that compares two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    /// The operator as it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Comparison::Equal => "==",
            Comparison::NotEqual => "!=",
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterOrEqual => ">=",
        }
    }
}

impl Node {
    /// The parts directly below this one, in the order they are written.
    pub fn children(&self) -> impl Iterator<Item = &Node> {
        let (first, second, rest): (Option<&Node>, Option<&Node>, &[Node]) = match &self.kind {
            NodeKind::Literal(_) | NodeKind::NamedValue(_) | NodeKind::Wildcard => {
                (None, None, &[])
            }
            NodeKind::Index { object, index } => (Some(object), Some(index), &[]),
            NodeKind::Dereference { object, .. } | NodeKind::Not(object) => {
                (Some(object), None, &[])
            }
            NodeKind::Call { arguments, .. } => (None, None, arguments),
            NodeKind::And(operands) | NodeKind::Or(operands) => (None, None, operands),
            NodeKind::Compare { left, right, .. } => (Some(left), Some(right), &[]),
        };
        first.into_iter().chain(second).chain(rest)
    }

    /// How many levels the tree has from here down.
    pub(crate) fn depth(&self) -> usize {
        1 + self.children().map(Node::depth).max().unwrap_or(0)
    }

    /// This part and all below it, each before what is below it.
    pub fn walk(&self) -> impl Iterator<Item = &Node> {
        let mut open = vec![self];
        std::iter::from_fn(move || {
            let node = open.pop()?;
            let from = open.len();
            open.extend(node.children());
            open[from..].reverse();
            Some(node)
        })
    }
}
