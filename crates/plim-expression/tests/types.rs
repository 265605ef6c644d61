//! What types say of an expression holds of its value.

use plim_expression::types::{Contexts, Type, Wrong, infer, truth};
use plim_expression::{Expression, Object, Value};
use proptest::prelude::*;
use proptest::sample::select;

/// Contexts of which all is known.
struct Known(Object);

impl Contexts for Known {
    fn context(&self, name: &str) -> Type {
        self.0.get(name).map_or(Type::Any, Type::of)
    }
}

/// Whether `value` is of type `kind`; what is false may stand in for anything, since `&&` gives it.
fn fits(value: &Value, kind: &Type) -> bool {
    if !value.is_truthy() {
        return true;
    }
    match (kind, value) {
        (Type::Any, _) | (Type::Boolean, Value::Boolean(_)) | (Type::Number, Value::Number(_)) => {
            true
        }
        (Type::Text(words), Value::String(text)) => words.allow(text),
        (Type::Array(item), Value::Array(items)) => items.iter().all(|value| fits(value, item)),
        (Type::Object(shape), Value::Object(object)) => object
            .iter()
            .all(|(name, value)| shape.get(name).is_some_and(|property| fits(value, property))),
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_value_is_of_the_type_that_was_inferred(contexts in contexts(), source in expression()) {
        let expression = Expression::parse(&source).unwrap();
        let kind = infer(expression.root(), &Known(contexts.clone()), &mut Vec::new());
        if let Ok(value) = expression.evaluate(&contexts) {
            prop_assert!(fits(&value, &kind), "`{source}` gives {value:?}, which is no {kind:?}");
        }
    }

    #[test]
    fn a_comparison_that_is_found_has_the_result_that_is_told(
        contexts in contexts(),
        left in leaf(),
        operator in select(vec!["==", "!=", "<", ">="]),
        right in leaf(),
    ) {
        let source = format!("{left} {operator} {right}");
        let expression = Expression::parse(&source).unwrap();
        let mut mistakes = Vec::new();
        infer(expression.root(), &Known(contexts.clone()), &mut mistakes);
        let result = expression.evaluate(&contexts).unwrap().is_truthy();
        for mistake in mistakes {
            if let Wrong::Comparison { holds, .. } = mistake.wrong {
                prop_assert_eq!(result, holds, "{}", source);
            }
        }
    }

    #[test]
    fn truth_is_that_of_the_value(contexts in contexts(), source in expression()) {
        let expression = Expression::parse(&source).unwrap();
        if let (Some(holds), Ok(value)) = (truth(expression.root()), expression.evaluate(&contexts)) {
            prop_assert_eq!(value.is_truthy(), holds, "{}", source);
        }
    }
}

/// One context, of a shape that the expressions ask for and sometimes do not find. Texts that are numbers are left out:
/// they are equal to booleans, which the messages say.
fn contexts() -> impl Strategy<Value = Object> {
    let scalar = || {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (1..9i32).prop_map(|number| Value::from(f64::from(number))),
            select(vec!["main", "true", "refs/x", "Linux"]).prop_map(Value::from),
        ]
    };
    let list = || proptest::collection::vec(scalar(), 0..3).prop_map(Value::from);
    let object = (scalar(), list()).prop_map(|(name, items)| {
        Value::from([("name", name), ("items", items)].into_iter().collect::<Object>())
    });
    let objects = proptest::collection::vec(object.clone(), 0..3).prop_map(Value::from);
    (scalar(), list(), object, objects).prop_map(|(one, list, object, objects)| {
        let entries = [("one", one), ("list", list), ("object", object), ("objects", objects)];
        let context: Object = entries.into_iter().collect();
        [("a", Value::from(context))].into_iter().collect()
    })
}

fn leaf() -> impl Strategy<Value = String> {
    let leaves = [
        "a.one",
        "a.list",
        "a.object",
        "a.objects",
        "a.object.name",
        "a.object.items[0]",
        "a.objects.*.name",
        "a.objects[0].name",
        "a.list[1]",
        "a.*",
        "'main'",
        "'x'",
        "''",
        "'TRUE'",
        "true",
        "false",
        "null",
        "0",
        "2",
        "NaN",
        "fromJSON('[\"main\", 1]')",
    ];
    select(leaves.map(str::to_owned).to_vec())
}

fn expression() -> impl Strategy<Value = String> {
    leaf().prop_recursive(4, 24, 3, |inner| {
        let operators = vec!["==", "!=", "<", "&&", "||"];
        prop_oneof![
            (inner.clone(), select(operators), inner.clone())
                .prop_map(|(left, operator, right)| format!("({left} {operator} {right})")),
            inner.clone().prop_map(|operand| format!("!{operand}")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("({a} && {b} || {c})")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("case({a}, {b}, {c})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("contains({a}, {b})")),
            inner.clone().prop_map(|value| format!("toJSON({value})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("format('{{0}} {{1}}', {a}, {b})")),
        ]
    })
}
