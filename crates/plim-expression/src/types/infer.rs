//! Infers the type of an expression from those of the contexts it reads.

use std::ops::Range;

use super::{Mistake, Type, Wrong, call, compare, truth};
use crate::{Node, NodeKind, Value};

/// Says of what type contexts are.
pub trait Contexts {
    /// The type of the context `name`, which is in lower case; [`Type::Any`] where nothing is known.
    fn context(&self, name: &str) -> Type;
}

/// The type of `node`, and what is wrong in it, which is added to `mistakes`.
pub fn infer<'n>(node: &'n Node, contexts: &dyn Contexts, mistakes: &mut Vec<Mistake<'n>>) -> Type {
    Inference { contexts, mistakes, alternatives: 0 }.node(node)
}

/// The same of a condition, of which only matters whether it is true.
pub fn infer_condition<'n>(
    node: &'n Node,
    contexts: &dyn Contexts,
    mistakes: &mut Vec<Mistake<'n>>,
) -> Type {
    Inference { contexts, mistakes, alternatives: 0 }.condition(node)
}

pub(super) struct Inference<'i, 'n> {
    contexts: &'i dyn Contexts,
    mistakes: &'i mut Vec<Mistake<'n>>,
    /// How many `||` the part that is looked at is an operand of.
    alternatives: usize,
}

impl<'n> Inference<'_, 'n> {
    pub(super) fn node(&mut self, node: &'n Node) -> Type {
        match &node.kind {
            NodeKind::Literal(value) => literal(value),
            NodeKind::NamedValue(name) => self.contexts.context(name),
            NodeKind::Wildcard => Type::Any,
            NodeKind::Index { object, index } => self.index(object, index).kind,
            NodeKind::Dereference { .. } => self.read(node).kind,
            NodeKind::Call { function, arguments, .. } => {
                let types: Vec<Type> =
                    arguments.iter().map(|argument| self.node(argument)).collect();
                call::check(function, arguments, &types, self.mistakes)
            }
            NodeKind::Not(operand) => {
                self.condition(operand);
                Type::Boolean
            }
            NodeKind::And(operands) => self.and(operands, false),
            NodeKind::Or(operands) => self.or(operands, false),
            NodeKind::Compare { comparison, left, right } => {
                let types = (self.node(left), self.node(right));
                let mistake =
                    compare::check(node, *comparison, (left, &types.0), (right, &types.1));
                self.mistakes.extend(mistake);
                Type::Boolean
            }
        }
    }

    /// The type of a part of which only matters whether it is true.
    fn condition(&mut self, node: &'n Node) -> Type {
        match &node.kind {
            NodeKind::And(operands) => return self.and(operands, true),
            NodeKind::Or(operands) => return self.or(operands, true),
            _ => {}
        }
        let kind = self.node(node);
        if let Type::Text(words) = &kind
            && is_read(node)
            && words.allow("false")
        {
            let wrong = Wrong::TextAsCondition { text: node, words: words.clone() };
            self.mistakes.push(Mistake { span: node.span.clone(), optional: false, wrong });
        }
        kind
    }

    /// The type of what is read of an object, and whether a `*` stands before it.
    fn read(&mut self, node: &'n Node) -> Filtered {
        match &node.kind {
            NodeKind::Dereference { object, name, name_span } => {
                let of = self.read(object);
                let span = name_span.clone();
                of.map(|kind| self.property(object, kind, name, span))
            }
            NodeKind::Index { object, index } => self.index(object, index),
            _ => Filtered { kind: self.node(node), items: false },
        }
    }

    fn index(&mut self, object: &'n Node, index: &'n Node) -> Filtered {
        let of = self.read(object);
        match &index.kind {
            NodeKind::Wildcard => of.all(),
            NodeKind::Literal(Value::String(name)) => {
                let span = index.span.clone();
                of.map(|kind| self.property(object, kind, name, span))
            }
            _ => {
                // What is computed may itself be wrong.
                self.node(index);
                of.map(|kind| match kind {
                    Type::Array(item) => (*item).clone(),
                    _ => Type::Any,
                })
            }
        }
    }

    fn property(
        &mut self,
        object: &'n Node,
        kind: Type,
        name: &'n str,
        span: Range<usize>,
    ) -> Type {
        let wrong = match kind {
            Type::Any | Type::Null => return Type::Any,
            Type::Object(shape) => match shape.get(name) {
                Some(property) => return property.clone(),
                None => Wrong::Property { object, name, shape },
            },
            kind => Wrong::NoObject { object, name, kind },
        };
        let optional = self.alternatives > 0;
        self.mistakes.push(Mistake { span, optional, wrong });
        Type::Any
    }

    /// `a && b` is `b` or something false.
    fn and(&mut self, operands: &'n [Node], condition: bool) -> Type {
        let types: Vec<Type> = self.operands(operands, condition).collect();
        match types.last() {
            Some(last) if last.is_compound() => last.clone(),
            _ => Type::joined(types),
        }
    }

    /// `a || b` is either; of an `&&` in it only the last operand, since what is false is passed over.
    fn or(&mut self, operands: &'n [Node], condition: bool) -> Type {
        let mut joined: Option<Type> = None;
        self.alternatives += 1;
        for (at, operand) in operands.iter().enumerate() {
            let (value, kind) = self.operand(operand, condition);
            self.lost_value(value, &kind, operand, &operands[at + 1..]);
            joined = Some(joined.map_or_else(|| kind.clone(), |all| all.join(&kind)));
        }
        self.alternatives -= 1;
        joined.unwrap_or_default()
    }

    /// The types of the operands of `&&`; of all but the last only matters whether they are true.
    fn operands(&mut self, operands: &'n [Node], condition: bool) -> impl Iterator<Item = Type> {
        let last = operands.len().saturating_sub(1);
        operands.iter().enumerate().map(move |(at, operand)| {
            if condition || at < last { self.condition(operand) } else { self.node(operand) }
        })
    }

    /// What an operand of `||` gives, when it gives something.
    fn operand(&mut self, operand: &'n Node, condition: bool) -> (&'n Node, Type) {
        let NodeKind::And(parts) = &operand.kind else {
            let kind = if condition { self.condition(operand) } else { self.node(operand) };
            return (operand, kind);
        };
        let last = self.operands(parts, condition).last().unwrap_or_default();
        (parts.last().unwrap_or(operand), last)
    }

    fn lost_value(&mut self, value: &'n Node, kind: &Type, operand: &Node, rest: &'n [Node]) {
        let Some(fallback) = rest.first() else { return };
        let ternary = matches!(operand.kind, NodeKind::And(_));
        let always = match truth(value) {
            Some(false) if ternary => true,
            None if matches!(kind, Type::Boolean) && is_read(value) => false,
            _ => return,
        };
        // Nothing is lost when what comes instead is false as well, or may be.
        let gives_something = match truth(fallback) {
            // The text `false` says the same as what is lost.
            Some(true) => always || !reads_false(fallback),
            Some(false) => false,
            None => always && !matches!(fallback.kind, NodeKind::And(_)),
        };
        if gives_something && rest.len() == 1 {
            let span = value.span.clone();
            let wrong = Wrong::LostValue { value, fallback, always };
            self.mistakes.push(Mistake { span, optional: true, wrong });
        }
    }
}

/// A type, or what `*` makes of it: the items of a list, of each of which properties are read.
struct Filtered {
    kind: Type,
    items: bool,
}

impl Filtered {
    fn map(self, change: impl FnOnce(Type) -> Type) -> Filtered {
        match self.kind {
            Type::Array(item) if self.items => {
                Filtered { kind: Type::array(change((*item).clone())), items: true }
            }
            kind => Filtered { kind: change(kind), items: false },
        }
    }

    fn all(self) -> Filtered {
        let item = match self.kind {
            Type::Array(item) if self.items => match &*item {
                Type::Array(inner) => (**inner).clone(),
                _ => Type::Any,
            },
            Type::Array(item) => (*item).clone(),
            Type::Object(shape) => Type::joined(shape.types().cloned()),
            _ => Type::Any,
        };
        Filtered { kind: Type::array(item), items: true }
    }
}

fn literal(value: &Value) -> Type {
    match value {
        // How it reads is seen where it stands, and keeping it would cost each literal a list.
        Value::String(_) => Type::TEXT,
        value => Type::of(value),
    }
}

fn is_read(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Dereference { .. } | NodeKind::Index { .. })
}

fn reads_false(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::Literal(Value::String(text)) if text.eq_ignore_ascii_case("false"))
}
