//! Keys of one mapping differ, and letter case does not make a difference.

use std::collections::HashMap;

/// Whether two keys are the same to GitHub (`StringComparer.OrdinalIgnoreCase`).
pub(super) fn same(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right)
        || (!(left.is_ascii() && right.is_ascii())
            && left.chars().map(upper).eq(right.chars().map(upper)))
}

/// For every key the index of an earlier key that is the same, if there is one.
///
/// Keys that hold an expression are left alone: GitHub does not compare them, two may well give different keys.
pub(super) fn repeated(keys: &[&str]) -> Vec<(usize, usize)> {
    if keys.len() > SMALL {
        return repeated_among_many(keys);
    }
    let compared = |key: &str| !key.contains("${{");
    let first = |at: usize| (0..at).find(|&before| same(keys[before], keys[at]));
    let all = 1..keys.len().max(1);
    all.filter(|&at| compared(keys[at])).filter_map(|at| Some((first(at)?, at))).collect()
}

/// Up to so many keys, comparing each with each is faster than hashing.
pub(super) const SMALL: usize = 16;

fn repeated_among_many(keys: &[&str]) -> Vec<(usize, usize)> {
    let mut seen = HashMap::with_capacity(keys.len());
    let mut found = vec![];
    for (at, key) in keys.iter().enumerate().filter(|(_, key)| !key.contains("${{")) {
        let folded: String = key.chars().map(upper).collect();
        let first = *seen.entry(folded).or_insert(at);
        if first != at {
            found.push((first, at));
        }
    }
    found
}

/// The simple upper case of .NET's ordinal comparison: one character for one, and none becomes an ASCII letter.
fn upper(character: char) -> char {
    let mut mapped = character.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(single), None) if character.is_ascii() || !single.is_ascii() => single,
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letter_case_does_not_count() {
        assert!(same("My-Job", "MY-JOB") && same("é", "É"));
        assert!(!same("ſ", "s") && !same("ı", "I") && !same("ß", "SS") && !same("a", "b"));
    }

    #[test]
    fn repeats_name_the_first_of_them() {
        assert_eq!(repeated(&["a", "b", "A", "a"]), [(0, 2), (0, 3)]);
        assert_eq!(repeated(&["${{ insert }}", "${{ insert }}"]), []);
        assert_eq!(repeated(&[]), []);
    }

    #[test]
    fn many_keys_give_the_same_answer() {
        let names: Vec<String> = (0..40).map(|i| format!("k{}", i % 30)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let expected: Vec<_> = (30..40).map(|at| (at - 30, at)).collect();
        assert_eq!(repeated(&names), expected);
    }
}
