//! What a hostile expression cannot do.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;

use plim_expression::{Condition, ErrorKind, Expression, MAX_LENGTH, Object, Template, Value};

fn refused(source: &str) -> String {
    let error = Expression::parse(source).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Parsing);
    error.message
}

#[test]
fn two_mebibytes_of_anything_give_one_error() {
    for part in ["(", "!", "a.", "a[", "format(", "'", "1 && ", "case(1,", "é", "&", "${{ "] {
        let source = part.repeat(2 * 1024 * 1024 / part.len());
        assert!(refused(&source).contains("GitHub allows 21000"), "{part}");
        assert!(Condition::parse(&source).is_err());
        assert!(Template::parse(&format!("${{{{ {source} }}}}")).is_err());
    }
}

#[test]
fn length_is_counted_in_utf_16_units() {
    let quoted = |text: &str, count: usize| format!("'{}'", text.repeat(count));
    assert!(Expression::parse(&quoted("é", MAX_LENGTH - 2)).is_ok());
    assert!(Expression::parse(&quoted("😀", (MAX_LENGTH - 2) / 2)).is_ok());
    assert!(Expression::parse(&quoted("😀", (MAX_LENGTH - 2) / 2 + 1)).is_err());
}

#[test]
fn the_deepest_nesting_that_fits_is_refused_and_not_built() {
    for (open, inner, close) in
        [("(", "a", ")"), ("!", "a", ""), ("a[", "a", "]"), ("join(", "a", ")"), ("a.", "a", "")]
    {
        let count = (MAX_LENGTH - inner.len()) / (open.len() + close.len());
        let source = format!("{}{inner}{}", open.repeat(count), close.repeat(count));
        match open {
            // Parentheses alone add no level to the tree.
            "(" => assert!(Expression::parse(&source).is_ok()),
            _ => assert!(refused(&source).contains("50 levels"), "{open}"),
        }
    }
}

#[test]
fn a_long_chain_is_one_level() {
    for operator in ["&&", "||"] {
        let chain = vec!["1"; 5000].join(operator);
        assert_eq!(Expression::parse(&chain).unwrap().root().children().count(), 5000);
        let nested = format!("{}1{}", format!("1{operator}(").repeat(4000), ")".repeat(4000));
        assert_eq!(Expression::parse(&nested).unwrap().root().children().count(), 4001);
    }
}

#[test]
fn texts_cannot_grow_without_bound() {
    let mut source = "'xxxxxxxxxxxxxxxx'".to_owned();
    for _ in 0..40 {
        source = format!("format('{{0}}{{0}}{{0}}{{0}}{{0}}{{0}}{{0}}{{0}}', {source})");
    }
    let error = Expression::parse(&source).unwrap().evaluate(&Object::new()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Evaluation);
    assert!(error.message.contains("10240 KiB"), "{}", error.message);
}

#[test]
fn work_cannot_be_repeated_without_bound() {
    let big = Value::from("aB".repeat(4096));
    let scope: Object = [("a", big)].into_iter().collect();
    let chain = vec!["contains(format('{0}{0}',a),'zz')"; 500].join("||");
    let expression = Expression::parse(&chain).unwrap();
    assert!(expression.evaluate(&scope).is_ok());
    let error = expression.evaluate_within(&scope, 64 * 1024).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Evaluation);
}

#[test]
fn an_object_of_many_keys_is_found_at_once() {
    let mut json = String::from("{");
    for i in 0..20_000 {
        write!(json, "\"Key{i}\": {i},").unwrap();
    }
    json.push_str("\"last\": 1}");
    let scope: Object = [("a", Value::parse_json(&json).unwrap())].into_iter().collect();
    let value = Expression::parse("a.kEY19999").unwrap().evaluate(&scope).unwrap();
    assert_eq!(&*value.to_text(), "19999");
}
