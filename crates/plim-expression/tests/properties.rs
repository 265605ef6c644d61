//! What holds of every text and of every expression.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use plim_expression::{BuiltIn, Expression, Object, Value};
use proptest::prelude::*;

#[path = "../../../fuzz/properties/expression.rs"]
mod property;

#[test]
fn the_seeds_of_the_fuzz_target_hold() {
    plim_test::seeds::replay("expression", property::holds);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_text_is_read_without_a_panic(text in any::<String>()) {
        property::holds(text.as_bytes());
    }

    #[test]
    fn any_sequence_of_tokens_is_read_without_a_panic(tokens in tokens()) {
        property::holds(tokens.as_bytes());
    }

    #[test]
    fn any_template_is_read_without_a_panic(parts in proptest::collection::vec(part(), 0..6)) {
        property::holds(parts.concat().as_bytes());
    }

    #[test]
    fn every_expression_of_the_grammar_parses_and_has_a_value_or_an_error(source in expression()) {
        prop_assert!(Expression::parse(&source).is_ok(), "{}", source);
        property::holds(source.as_bytes());
    }

    #[test]
    fn a_number_is_read_as_it_is_printed(number in any::<f64>()) {
        let text = Value::from(number).to_text();
        let read = Value::from(&*text).to_number();
        let close = (read - number).abs() <= number.abs() * 1e-14;
        prop_assert!(close || text.parse() == Ok(read) || number.is_nan(), "{number} as {text}");
        prop_assert_eq!(Value::from(read).to_text(), text);
    }

    #[test]
    fn what_to_json_writes_from_json_reads(json in json()) {
        let contexts: Object = [("a", json.clone())].into_iter().collect();
        let expression = Expression::parse("fromJSON(toJSON(a))").unwrap();
        let back = expression.evaluate(&contexts).unwrap();
        prop_assert!(json.deep_eq(&back), "{:?} came back as {:?}", json, back);
    }

    #[test]
    fn an_object_is_a_map_of_folded_keys(keys in proptest::collection::vec("[a-cA-Cé É]{0,3}", 0..40)) {
        let mut object = Object::new();
        let mut model: Vec<(String, f64)> = Vec::new();
        for (i, key) in keys.iter().enumerate() {
            let value = i as f64;
            let known = model.iter().position(|(known, _)| known.to_lowercase() == key.to_lowercase());
            match known {
                Some(place) if i % 3 == 0 => {
                    model.remove(place);
                    prop_assert!(object.remove(key).is_some());
                }
                Some(place) => {
                    model[place].1 = value;
                    object.insert(key.as_str(), value);
                }
                None => {
                    model.push((key.clone(), value));
                    object.insert(key.as_str(), value);
                }
            }
        }
        let entries: Vec<_> = object.iter().map(|(k, v)| (k.to_string(), v.to_number())).collect();
        prop_assert_eq!(entries, model);
    }
}

fn tokens() -> impl Strategy<Value = String> {
    let token = proptest::sample::select(vec![
        "(", ")", "[", "]", ",", ".", "*", "!", "==", "!=", "<", ">=", "&&", "||", " ", "a",
        "github", "'", "'x'", "1", "-1", "0x", ".5", "null", "true", "NaN", "format(", "join",
        "case(", "always()", "${{", "}}", "\n", "é",
    ]);
    proptest::collection::vec(token, 0..30).prop_map(|tokens| tokens.concat())
}

fn part() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z '{}$]{0,8}",
        expression().prop_map(|expression| format!("${{{{ {expression} }}}}")),
    ]
}

/// An expression that the grammar allows, at most a few levels deep.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        proptest::sample::select(vec![
            "null",
            "true",
            "false",
            "NaN",
            "-Infinity",
            "0x1f",
            "1e21",
            "-0"
        ])
        .prop_map(str::to_owned),
        any::<f64>().prop_filter("a literal", |n| n.is_finite()).prop_map(|n| format!("{n:e}")),
        "[a-z{}0-9' é]{0,6}".prop_map(|text| format!("'{}'", text.replace('\'', "''"))),
        proptest::sample::select(vec!["a", "github", "github.event.labels", "x_-1"])
            .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        let operators = vec!["==", "!=", "<", "<=", ">", ">=", "&&", "||"];
        prop_oneof![
            (inner.clone(), proptest::sample::select(operators), inner.clone())
                .prop_map(|(left, operator, right)| format!("{left} {operator} {right}")),
            inner.clone().prop_map(|operand| format!("!{operand}")),
            inner.clone().prop_map(|operand| format!("({operand})")),
            (inner.clone(), inner.clone())
                .prop_map(|(object, index)| format!("({object})[{index}]")),
            inner.clone().prop_map(|object| format!("({object}).*.name[*]")),
            call(inner),
        ]
    })
}

fn call(
    argument: impl Strategy<Value = String> + Clone + 'static,
) -> impl Strategy<Value = String> {
    let function = proptest::sample::select(BuiltIn::ALL.to_vec());
    (function, proptest::collection::vec(argument, 5)).prop_map(|(function, arguments)| {
        let (least, most) = function.arity();
        let count = if most > 5 { 5 } else { least };
        format!("{}({})", function.name(), arguments[..count].join(", "))
    })
}

/// Values whose numbers have few digits, as `toJSON` keeps fifteen.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(|number| Value::from(f64::from(number) / 8.0)),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 30, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((any::<String>(), inner), 0..5)
                .prop_map(|entries| Value::from(entries.into_iter().collect::<Object>())),
        ]
    })
}
