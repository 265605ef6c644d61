//! Builds the tree of an expression from its tokens.
//!
//! Operators wait on a stack until their right side is complete, so that no nesting in the source
//! becomes nesting of calls here. A part that lies deeper than GitHub allows is dropped at once.

use std::ops::Range;
use std::sync::Arc;

use crate::error::{ErrorKind, ExpressionError};
use crate::expression::MAX_DEPTH;
use crate::function::{BuiltIn, Function};
use crate::lexer::{Lexer, Token, TokenKind, abridged};
use crate::node::{Comparison, Node, NodeKind};
use crate::{Names, Value};

/// Parses `source`; an expression without any token is `null`.
pub(crate) fn parse(source: &str, names: &Names) -> Result<Node, ExpressionError> {
    let mut parser = Parser {
        source,
        names,
        lexer: Lexer::new(source),
        operands: Vec::new(),
        waiting: Vec::new(),
        too_deep: false,
    };
    parser.run()
}

struct Parser<'s> {
    source: &'s str,
    names: &'s Names,
    lexer: Lexer<'s>,
    operands: Vec<Operand>,
    waiting: Vec<Waiting>,
    too_deep: bool,
}

struct Operand {
    node: Node,
    /// The bytes of the node with the parentheses around it.
    outer: Range<usize>,
    depth: usize,
}

/// What waits for operands still to come.
enum Waiting {
    Not { start: usize },
    Compare(Comparison),
    And,
    Or,
    Group { start: usize },
    Index,
    Call { function: Function, arity: (usize, usize), name: Range<usize>, first: usize },
}

impl Waiting {
    /// How tightly the operator binds; `None` for a bracket.
    fn precedence(&self) -> Option<u8> {
        match self {
            Waiting::Not { .. } => Some(16),
            Waiting::Compare(Comparison::Equal | Comparison::NotEqual) => Some(10),
            Waiting::Compare(_) => Some(11),
            Waiting::And => Some(6),
            Waiting::Or => Some(5),
            Waiting::Group { .. } | Waiting::Index | Waiting::Call { .. } => None,
        }
    }
}

impl Parser<'_> {
    fn run(&mut self) -> Result<Node, ExpressionError> {
        let mut last = None;
        while let Some(token) = self.lexer.next()? {
            self.push(&token)?;
            last = Some(token);
        }
        self.check_end(last.as_ref())?;
        self.reduce(0);
        if self.too_deep {
            let message = format!(
                "the expression nests deeper than GitHub allows, which is {MAX_DEPTH} levels"
            );
            return Err(ExpressionError::new(ErrorKind::Parsing, message));
        }
        let nothing = Node { kind: NodeKind::Literal(Value::Null), span: 0..0 };
        Ok(self.operands.pop().map_or(nothing, |operand| operand.node))
    }

    fn push(&mut self, token: &Token) -> Result<(), ExpressionError> {
        let Token { kind, span } = token;
        match kind {
            TokenKind::Literal(value) => self.leaf(NodeKind::Literal(value.clone()), span),
            TokenKind::NamedValue => self.named_value(span)?,
            TokenKind::Function => self.function(span)?,
            TokenKind::Property => self.property(span),
            TokenKind::Wildcard => self.wildcard(span),
            TokenKind::Dereference | TokenKind::ArgumentsStart => {}
            TokenKind::Not => self.waiting.push(Waiting::Not { start: span.start }),
            TokenKind::Compare(comparison) => self.operator(Waiting::Compare(*comparison)),
            TokenKind::And => self.operator(Waiting::And),
            TokenKind::Or => self.operator(Waiting::Or),
            TokenKind::GroupStart => self.waiting.push(Waiting::Group { start: span.start }),
            TokenKind::IndexStart => self.waiting.push(Waiting::Index),
            TokenKind::Separator => self.reduce(0),
            TokenKind::GroupEnd | TokenKind::IndexEnd | TokenKind::ArgumentsEnd => {
                self.reduce(0);
                self.close(span.end)?;
            }
        }
        Ok(())
    }

    fn named_value(&mut self, span: &Range<usize>) -> Result<(), ExpressionError> {
        let name = &self.source[span.clone()];
        if !self.names.allows_context(name) {
            let mut message = format!("there is no context `{}` here", abridged(name));
            let known: Vec<_> = self.names.allowed_contexts().into_iter().flatten().collect();
            if !known.is_empty() {
                message = format!("{message}; there are `{}`", known.join("`, `"));
            }
            return Err(self.error(message, span.start));
        }
        self.leaf(NodeKind::NamedValue(name.to_ascii_lowercase().into()), span);
        Ok(())
    }

    fn function(&mut self, span: &Range<usize>) -> Result<(), ExpressionError> {
        let name = &self.source[span.clone()];
        let Some((function, arity)) = self.names.find(name) else {
            let message = format!("there is no function `{}` here", abridged(name));
            return Err(self.error(message, span.start));
        };
        let first = self.operands.len();
        self.waiting.push(Waiting::Call { function, arity, name: span.clone(), first });
        Ok(())
    }

    fn property(&mut self, span: &Range<usize>) {
        let Some(object) = self.operands.pop() else { return };
        let outer = object.outer.start..span.end;
        let depth = object.depth + 1;
        let name = Arc::from(&self.source[span.clone()]);
        let kind =
            NodeKind::Dereference { object: Box::new(object.node), name, name_span: span.clone() };
        self.complete(kind, outer, depth);
    }

    /// The `*` after a dot filters at once; the one in brackets is an operand like any other.
    fn wildcard(&mut self, span: &Range<usize>) {
        self.leaf(NodeKind::Wildcard, span);
        if self.source[..span.start].trim_end().ends_with('.') {
            self.index(span.end);
        }
    }

    fn operator(&mut self, operator: Waiting) {
        self.reduce(operator.precedence().unwrap_or(0));
        self.waiting.push(operator);
    }

    /// Applies the waiting operators that bind at least as tightly as `precedence`.
    fn reduce(&mut self, precedence: u8) {
        while let Some(operator) = self
            .waiting
            .pop_if(|waiting| waiting.precedence().is_some_and(|waiting| waiting >= precedence))
        {
            self.apply(operator);
        }
    }

    fn apply(&mut self, operator: Waiting) {
        let Some(right) = self.operands.pop() else { return };
        if let Waiting::Not { start } = operator {
            let outer = start..right.outer.end;
            return self.complete(NodeKind::Not(Box::new(right.node)), outer, right.depth + 1);
        }
        let Some(left) = self.operands.pop() else { return };
        let outer = left.outer.start..right.outer.end;
        match operator {
            Waiting::Compare(comparison) => {
                let depth = left.depth.max(right.depth) + 1;
                let (left, right) = (Box::new(left.node), Box::new(right.node));
                self.complete(NodeKind::Compare { comparison, left, right }, outer, depth);
            }
            Waiting::And => self.chain(left, right, outer, NodeKind::And, |kind| match kind {
                NodeKind::And(operands) => Ok(operands),
                other => Err(other),
            }),
            _ => self.chain(left, right, outer, NodeKind::Or, |kind| match kind {
                NodeKind::Or(operands) => Ok(operands),
                other => Err(other),
            }),
        }
    }

    /// Joins two operands of `&&` or `||`; operands that are such a chain themselves become part of it.
    fn chain(
        &mut self,
        left: Operand,
        right: Operand,
        outer: Range<usize>,
        joined: fn(Vec<Node>) -> NodeKind,
        operands_of: fn(NodeKind) -> Result<Vec<Node>, NodeKind>,
    ) {
        let mut operands = Vec::new();
        let mut depth = 0;
        for Operand { node, depth: own, .. } in [left, right] {
            match operands_of(node.kind) {
                Ok(inner) if operands.is_empty() => {
                    operands = inner;
                    depth = own - 1;
                }
                Ok(mut inner) => {
                    operands.append(&mut inner);
                    depth = depth.max(own - 1);
                }
                Err(kind) => {
                    operands.push(Node { kind, span: node.span });
                    depth = depth.max(own);
                }
            }
        }
        self.complete(joined(operands), outer, depth + 1);
    }

    fn close(&mut self, end: usize) -> Result<(), ExpressionError> {
        match self.waiting.pop() {
            Some(Waiting::Group { start }) => {
                if let Some(operand) = self.operands.last_mut() {
                    operand.outer = start..end;
                }
            }
            Some(Waiting::Index) => self.index(end),
            Some(Waiting::Call { function, arity, name, first }) => {
                return self.call(function, arity, name, first, end);
            }
            Some(_) | None => {}
        }
        Ok(())
    }

    fn index(&mut self, end: usize) {
        let (Some(index), Some(object)) = (self.operands.pop(), self.operands.pop()) else {
            return;
        };
        let depth = object.depth.max(index.depth) + 1;
        let outer = object.outer.start..end;
        let (object, index) = (Box::new(object.node), Box::new(index.node));
        self.complete(NodeKind::Index { object, index }, outer, depth);
    }

    fn call(
        &mut self,
        function: Function,
        (minimum, maximum): (usize, usize),
        name_span: Range<usize>,
        first: usize,
        end: usize,
    ) -> Result<(), ExpressionError> {
        let operands = self.operands.split_off(first);
        let count = operands.len();
        if count < minimum || count > maximum {
            let message = wrong_count(&function, minimum, maximum, count);
            return Err(self.error(message, name_span.start));
        }
        if function == Function::BuiltIn(BuiltIn::Case) && count.is_multiple_of(2) {
            let message = format!(
                "`case` takes pairs and one value for all else, which is an odd number of arguments, not {count}"
            );
            return Err(self.error(message, name_span.start));
        }
        let depth = operands.iter().map(|operand| operand.depth).max().unwrap_or(0) + 1;
        let arguments = operands.into_iter().map(|operand| operand.node).collect();
        let outer = name_span.start..end;
        self.complete(NodeKind::Call { function, name_span, arguments }, outer, depth);
        Ok(())
    }

    fn leaf(&mut self, kind: NodeKind, span: &Range<usize>) {
        self.complete(kind, span.clone(), 1);
    }

    fn complete(&mut self, kind: NodeKind, span: Range<usize>, depth: usize) {
        let kind = if depth > MAX_DEPTH {
            self.too_deep = true;
            NodeKind::Literal(Value::Null)
        } else {
            kind
        };
        let node = Node { kind, span: span.clone() };
        self.operands.push(Operand { node, outer: span, depth });
    }

    fn check_end(&self, last: Option<&Token>) -> Result<(), ExpressionError> {
        let Some(Token { kind, span }) = last else { return Ok(()) };
        let unfinished = self.lexer.is_open()
            || matches!(
                kind,
                TokenKind::Dereference
                    | TokenKind::Not
                    | TokenKind::And
                    | TokenKind::Or
                    | TokenKind::Compare(_)
            );
        if unfinished {
            let message = format!(
                "the expression ends too early, after `{}`",
                abridged(&self.source[span.clone()])
            );
            return Err(self.error(message, span.start));
        }
        Ok(())
    }

    fn error(&self, message: String, offset: usize) -> ExpressionError {
        ExpressionError::new(ErrorKind::Parsing, message).at(self.source, offset)
    }
}

fn wrong_count(function: &Function, minimum: usize, maximum: usize, count: usize) -> String {
    let s = |number: usize| if number == 1 { "" } else { "s" };
    let takes = match (minimum, maximum) {
        (0, 0) => "no arguments".to_owned(),
        (least, most) if least == most => format!("{least} argument{}", s(least)),
        (least, most) if count < least => {
            format!("at least {least} argument{} and at most {most}", s(least))
        }
        (_, most) => format!("at most {most} argument{}", s(most)),
    };
    format!("`{function}` takes {takes}, not {count}")
}
