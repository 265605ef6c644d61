//! Compares values as `==` and `<` do: JavaScript's loose rules, but texts ignore case.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::{Value, case};

/// Whether `left == right` holds.
///
/// Values of unlike kinds are made numbers first; NaN equals nothing; arrays and objects equal only
/// themselves. As the runner's `EvaluationResult.AbstractEqual`.
pub(crate) fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::String(left), Value::String(right)) => case::equal(left, right),
        (Value::Array(left), Value::Array(right)) => Arc::ptr_eq(left, right),
        (Value::Object(left), Value::Object(right)) => Arc::ptr_eq(left, right),
        _ => order(left, right) == Some(Ordering::Equal),
    }
}

/// The order of both values; `None` when neither `<` nor `>` can hold, nor `==` but for identity.
pub(crate) fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Boolean(left), Value::Boolean(right)) => Some(left.cmp(right)),
        (Value::String(left), Value::String(right)) => Some(case::compare(left, right)),
        (Value::Null, Value::Null) => None,
        _ if left.is_primitive() && right.is_primitive() => {
            left.to_number().partial_cmp(&right.to_number())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn semantic_28_unlike_kinds_are_compared_as_numbers_and_texts_without_case() {
        assert!(equal(&Value::from("Main"), &Value::from("mAIN")));
        assert!(equal(&Value::Null, &Value::from("")));
        assert!(equal(&Value::from(true), &Value::from(" 0x01 ")));
        assert!(!equal(&Value::from(f64::NAN), &Value::from(f64::NAN)));
        assert!(!equal(&Value::from("a"), &Value::from(0.0)));
    }

    #[test]
    fn semantic_28_arrays_and_objects_equal_only_themselves() {
        let array = Value::from(vec![Value::Null]);
        assert!(equal(&array, &array.clone()));
        assert!(!equal(&array, &Value::from(vec![Value::Null])));
    }
}
