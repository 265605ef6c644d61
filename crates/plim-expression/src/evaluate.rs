//! Computes the value of an expression's tree.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::error::{ErrorKind, ExpressionError};
use crate::function::{BuiltIn, Function};
use crate::memory::{Budget, Exhausted, Memory};
use crate::node::{Comparison, Node, NodeKind};
use crate::{Object, Scope, Value, case, compare, format, json, lenient_json};

/// The value of `root`, which was parsed from `source`, within `limit` bytes of memory.
pub(crate) fn evaluate(
    root: &Node,
    source: &str,
    scope: &dyn Scope,
    limit: usize,
) -> Result<Value, ExpressionError> {
    let mut evaluation = Evaluation { source, scope, memory: Memory::new(limit) };
    evaluation.node(root, 0).map(|outcome| outcome.value)
}

struct Evaluation<'a> {
    source: &'a str,
    scope: &'a dyn Scope,
    memory: Memory,
}

/// The value of a node. A filtered array (`a.*`) applies a further index to each of its items.
struct Outcome {
    value: Value,
    filtered: bool,
}

impl From<Value> for Outcome {
    fn from(value: Value) -> Self {
        Outcome { value, filtered: false }
    }
}

impl From<bool> for Outcome {
    fn from(boolean: bool) -> Self {
        Value::Boolean(boolean).into()
    }
}

/// Why a function has no value, before it is known where it is called.
enum Failure {
    Said(String),
    Placed(ExpressionError),
    Exhausted,
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Failure::Said(message)
    }
}

impl From<ExpressionError> for Failure {
    fn from(error: ExpressionError) -> Self {
        Failure::Placed(error)
    }
}

impl From<Exhausted> for Failure {
    fn from(Exhausted: Exhausted) -> Self {
        Failure::Exhausted
    }
}

impl Evaluation<'_> {
    fn node(&mut self, node: &Node, depth: usize) -> Result<Outcome, ExpressionError> {
        let failed = |failure| self.placed(failure, node);
        let outcome = match &node.kind {
            NodeKind::Literal(value) => value.clone().into(),
            NodeKind::Wildcard => Value::from("*").into(),
            NodeKind::NamedValue(name) => self.named_value(name).map_err(failed)?.into(),
            NodeKind::Index { object, index } => self.index(object, index, depth)?,
            NodeKind::Dereference { object, name, .. } => {
                let object = self.node(object, depth + 1)?;
                let key = Value::String(Arc::clone(name));
                select(&object, &Selector::Key(key))
            }
            NodeKind::Call { function, arguments, .. } => self
                .call(function, arguments, depth + 1)
                .map_err(|failure| self.placed(failure, node))?,
            NodeKind::Not(operand) => (!self.node(operand, depth + 1)?.value.is_truthy()).into(),
            NodeKind::And(operands) => self.chain(operands, false, depth + 1)?,
            NodeKind::Or(operands) => self.chain(operands, true, depth + 1)?,
            NodeKind::Compare { comparison, left, right } => {
                let left = self.node(left, depth + 1)?.value;
                let right = self.node(right, depth + 1)?.value;
                holds(*comparison, &left, &right).into()
            }
        };
        let held = self.memory.hold(&outcome.value, depth);
        held.map_err(|exhausted| self.placed(exhausted.into(), node))?;
        Ok(outcome)
    }

    fn value(&mut self, node: &Node, depth: usize) -> Result<Value, ExpressionError> {
        self.node(node, depth).map(|outcome| outcome.value)
    }

    fn named_value(&self, name: &str) -> Result<Value, Failure> {
        let missing = || Failure::Said(format!("there is no context `{name}` here"));
        self.scope.context(name).ok_or_else(missing)
    }

    fn index(
        &mut self,
        object: &Node,
        index: &Node,
        depth: usize,
    ) -> Result<Outcome, ExpressionError> {
        let object = self.node(object, depth + 1)?;
        let selector = match index.kind {
            NodeKind::Wildcard => Selector::All,
            // The index of what is no collection is not even evaluated.
            _ if object.value.is_primitive() => return Ok(Value::Null.into()),
            _ => Selector::Key(self.value(index, depth + 1)?),
        };
        Ok(select(&object, &selector))
    }

    /// The first operand that decides `&&` or `||`, or the last one.
    fn chain(
        &mut self,
        operands: &[Node],
        decisive: bool,
        depth: usize,
    ) -> Result<Outcome, ExpressionError> {
        let mut outcome = Outcome::from(Value::Null);
        for operand in operands {
            outcome = self.node(operand, depth)?;
            if outcome.value.is_truthy() == decisive {
                break;
            }
        }
        Ok(outcome)
    }

    fn call(
        &mut self,
        function: &Function,
        arguments: &[Node],
        depth: usize,
    ) -> Result<Outcome, Failure> {
        let function = match function {
            Function::BuiltIn(function) => *function,
            Function::Extension(name) => return self.extension(name, arguments, depth),
        };
        // The parser has checked the number of arguments.
        let Some((first, rest)) = arguments.split_first() else {
            return Err(Failure::Said(format!("`{}` lacks its arguments", function.name())));
        };
        Ok(match function {
            BuiltIn::Case => return self.case(arguments, depth),
            BuiltIn::Contains => self.contains(first, rest, depth)?.into(),
            BuiltIn::StartsWith => self.texts(first, rest, depth, case::starts_with)?.into(),
            BuiltIn::EndsWith => self.texts(first, rest, depth, case::ends_with)?.into(),
            BuiltIn::Format => self.format(first, rest, depth)?.into(),
            BuiltIn::Join => self.join(first, rest, depth)?.into(),
            BuiltIn::ToJson => {
                let value = self.value(first, depth)?;
                Value::from(json::print(&value, &mut Budget::new(self.memory.limit()))?).into()
            }
            BuiltIn::FromJson => {
                let text = self.value(first, depth)?.to_text();
                let unreadable = |error| format!("`fromJSON` cannot read its text: {error}");
                lenient_json::read(&text).map_err(unreadable)?.into()
            }
        })
    }

    fn extension(
        &mut self,
        name: &str,
        arguments: &[Node],
        depth: usize,
    ) -> Result<Outcome, Failure> {
        let arguments: Result<Vec<_>, _> =
            arguments.iter().map(|argument| self.value(argument, depth)).collect();
        let missing = || Err(format!("there is no function `{name}` here"));
        Ok(self.scope.call(name, &arguments?).unwrap_or_else(missing)?.into())
    }

    fn case(&mut self, arguments: &[Node], depth: usize) -> Result<Outcome, Failure> {
        let (pairs, otherwise) = arguments.as_chunks::<2>();
        for [condition, value] in pairs {
            match self.value(condition, depth)? {
                Value::Boolean(true) => return Ok(self.node(value, depth)?),
                Value::Boolean(false) => {}
                other => {
                    let kind = other.kind();
                    return Err(Failure::Said(format!(
                        "a condition of `case` must be a Boolean and is of kind {kind}"
                    )));
                }
            }
        }
        match otherwise {
            [otherwise] => Ok(self.node(otherwise, depth)?),
            _ => Ok(Value::Null.into()),
        }
    }

    fn contains(&mut self, search: &Node, item: &[Node], depth: usize) -> Result<bool, Failure> {
        let search_value = self.value(search, depth)?;
        match &search_value {
            Value::Array(items) if !items.is_empty() => {
                let item = self.argument(item, depth)?;
                Ok(items.iter().any(|known| compare::equal(&item, known)))
            }
            Value::Array(_) | Value::Object(_) => Ok(false),
            text => {
                let part = self.argument(item, depth)?;
                Ok(part.is_primitive() && case::contains(&text.to_text(), &part.to_text()))
            }
        }
    }

    /// Whether `holds` for the texts of two values; never for arrays and objects.
    fn texts(
        &mut self,
        left: &Node,
        right: &[Node],
        depth: usize,
        holds: fn(&str, &str) -> bool,
    ) -> Result<bool, Failure> {
        let left = self.value(left, depth)?;
        if !left.is_primitive() {
            return Ok(false);
        }
        let right = self.argument(right, depth)?;
        Ok(right.is_primitive() && holds(&left.to_text(), &right.to_text()))
    }

    /// The first of `rest`, or `null`.
    fn argument(&mut self, rest: &[Node], depth: usize) -> Result<Value, ExpressionError> {
        rest.first().map_or(Ok(Value::Null), |node| self.value(node, depth))
    }

    /// Arguments that the text does not mention are not evaluated.
    fn format(&mut self, text: &Node, arguments: &[Node], depth: usize) -> Result<Value, Failure> {
        let text = self.value(text, depth)?.to_text();
        let pieces = format::pieces(&text, arguments.len())?;
        let mut texts: Vec<Option<Arc<str>>> = vec![None; arguments.len()];
        let mut result = String::new();
        let mut budget = Budget::new(self.memory.limit());
        for piece in pieces {
            let part = match &piece {
                format::Piece::Literal(literal) => literal,
                format::Piece::Argument(number) => match &mut texts[*number] {
                    Some(text) => &**text,
                    none => {
                        let argument = self.value(&arguments[*number], depth)?;
                        &**none.insert(argument.to_text())
                    }
                },
            };
            budget.take(part)?;
            result.push_str(part);
        }
        Ok(Value::from(result))
    }

    fn join(&mut self, items: &Node, separator: &[Node], depth: usize) -> Result<Value, Failure> {
        let items = match self.value(items, depth)? {
            Value::Array(items) => items,
            Value::Object(_) => return Ok(Value::empty()),
            primitive => return Ok(Value::String(primitive.to_text())),
        };
        let separator = match separator {
            [separator] if items.len() > 1 => self.value(separator, depth)?,
            _ => Value::from(","),
        };
        let separator = if separator.is_primitive() { separator.to_text() } else { ",".into() };
        Ok(Value::from(joined(&items, &separator, self.memory.limit())?))
    }

    fn placed(&self, failure: Failure, node: &Node) -> ExpressionError {
        let message = match failure {
            Failure::Placed(error) => return error,
            Failure::Said(message) => message,
            Failure::Exhausted => {
                let kibibytes = self.memory.limit() / 1024;
                format!("the values of the expression need more than {kibibytes} KiB of memory")
            }
        };
        ExpressionError::new(ErrorKind::Evaluation, message).at(self.source, node.span.start)
    }
}

fn joined(items: &[Value], separator: &str, limit: usize) -> Result<String, Exhausted> {
    let mut budget = Budget::new(limit);
    let mut text = String::new();
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            budget.take(separator)?;
            text.push_str(separator);
        }
        let item = item.to_text();
        budget.take(&item)?;
        text.push_str(&item);
    }
    Ok(text)
}

fn holds(comparison: Comparison, left: &Value, right: &Value) -> bool {
    let order = || compare::order(left, right);
    match comparison {
        Comparison::Equal => compare::equal(left, right),
        Comparison::NotEqual => !compare::equal(left, right),
        Comparison::Less => order() == Some(Ordering::Less),
        Comparison::Greater => order() == Some(Ordering::Greater),
        Comparison::LessOrEqual => compare::equal(left, right) || order() == Some(Ordering::Less),
        Comparison::GreaterOrEqual => {
            compare::equal(left, right) || order() == Some(Ordering::Greater)
        }
    }
}

/// What an index picks.
enum Selector {
    All,
    Key(Value),
}

fn select(object: &Outcome, selector: &Selector) -> Outcome {
    match (&object.value, selector) {
        (Value::Array(items), selector) if object.filtered => {
            filtered(items.iter().flat_map(|item| picked(item, selector)).collect())
        }
        (value, Selector::All) => filtered(all(value)),
        (value, Selector::Key(key)) => one(value, key).unwrap_or_default().into(),
    }
}

fn filtered(items: Vec<Value>) -> Outcome {
    Outcome { value: Value::from(items), filtered: true }
}

/// What `selector` picks from an item of a filtered array; items that lack it give nothing.
fn picked(item: &Value, selector: &Selector) -> Vec<Value> {
    match selector {
        Selector::All => all(item),
        Selector::Key(key) => one(item, key).into_iter().collect(),
    }
}

fn all(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.to_vec(),
        Value::Object(object) => object.iter().map(|(_, value)| value.clone()).collect(),
        _ => Vec::new(),
    }
}

fn one(value: &Value, key: &Value) -> Option<Value> {
    match value {
        Value::Array(items) => item(items, key),
        Value::Object(object) => property(object, key),
        _ => None,
    }
}

fn item(items: &[Value], key: &Value) -> Option<Value> {
    let number = key.to_number();
    // A cast of what is too large for an index saturates, and of NaN is 0.
    if number.is_nan() || number < 0.0 {
        return None;
    }
    items.get(number.floor() as usize).cloned()
}

fn property(object: &Object, key: &Value) -> Option<Value> {
    match key {
        Value::Array(_) | Value::Object(_) => None,
        Value::String(name) => object.get(name).cloned(),
        other => object.get(&other.to_text()).cloned(),
    }
}
