//! The type of `matrix`: the values of its axes, and what `include` adds.

use plim_expression::types::{Shape, Type};
use plim_workflow::{Job, Key, Text, Token, TokenKind};

/// The `matrix` context of `job`; without a matrix it has no properties.
pub(super) fn matrix(job: &Job) -> Type {
    let Some(strategy) = &job.strategy else { return Type::object::<&str>([]) };
    if strategy.whole.is_some() {
        return Type::Any;
    }
    match strategy.matrix.as_ref().map(|matrix| &matrix.kind) {
        None => Type::object::<&str>([]),
        Some(TokenKind::Mapping(axes)) => of_axes(axes),
        Some(_) => Type::Any,
    }
}

fn of_axes(axes: &[(Key, Token)]) -> Type {
    let mut properties = Vec::new();
    let mut included = Vec::new();
    for (key, value) in axes {
        match name(key) {
            None => return Type::Any,
            Some("include") => included.push(value),
            Some("exclude") => {}
            Some(axis) => properties.push((axis, items(value))),
        }
    }
    let axes = Type::object(properties);
    included.into_iter().fold(axes, |known, include| extended(&known, include))
}

/// What is known of a matrix when `include` adds to it.
fn extended(known: &Type, include: &Token) -> Type {
    match items(include) {
        added @ Type::Object(_) => known.join(&added),
        Type::Null => known.clone(),
        // Anything may come out of an expression.
        _ => open(known),
    }
}

/// The same with any other properties.
fn open(known: &Type) -> Type {
    let Type::Object(shape) = known else { return Type::Any };
    let others = Shape::open::<&str>([], Type::Any);
    // An axis may get more values from what is not known.
    let loosened = Shape::closed(shape.names().map(|name| (name, Type::Any)));
    Type::Object(std::sync::Arc::new(loosened.join(&others)))
}

/// The type of the items of an axis.
fn items(axis: &Token) -> Type {
    match &axis.kind {
        TokenKind::Sequence(items) => Type::joined(items.iter().map(of_token)),
        TokenKind::Text(text) => match constant(text) {
            Some(Type::Array(item)) => (*item).clone(),
            _ => Type::Any,
        },
        _ => Type::Any,
    }
}

/// What an expression gives that reads no context: `fromJSON('[1, 2]')`.
fn constant(text: &Text) -> Option<Type> {
    let mut expressions = text.template.expressions();
    let (expression, _) = expressions.next()?;
    if text.template.segments.len() != 1 || expression.contexts().next().is_some() {
        return None;
    }
    let value = expression.evaluate(&plim_expression::Object::new()).ok()?;
    Some(Type::of(&value))
}

fn of_token(token: &Token) -> Type {
    match &token.kind {
        TokenKind::Null => Type::Null,
        TokenKind::Boolean(_) => Type::Boolean,
        TokenKind::Number(_) => Type::Number,
        TokenKind::Text(text) => of_text(text),
        TokenKind::Sequence(items) => Type::array(Type::joined(items.iter().map(of_token))),
        TokenKind::Mapping(pairs) => {
            let named = pairs.iter().map(|(key, value)| Some((name(key)?, of_token(value))));
            match named.collect::<Option<Vec<_>>>() {
                Some(properties) => Type::object(properties),
                None => Type::Any,
            }
        }
    }
}

fn of_text(text: &Text) -> Type {
    match text.template.is_literal() {
        Some(literal) => Type::one_of([literal]),
        None if text.template.segments.len() == 1 => constant(text).unwrap_or_default(),
        None => Type::TEXT,
    }
}

fn name(key: &Key) -> Option<&str> {
    match key {
        Key::Text(text) => text.template.is_literal(),
        Key::Insert(_) => None,
    }
}
