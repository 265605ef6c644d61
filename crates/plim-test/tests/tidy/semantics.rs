//! Each of the 46 semantics that naive programs get wrong has a test named after it.

use std::collections::{BTreeMap, BTreeSet};

use crate::assert_none;
use crate::tracked::{File, ending};

/// How many there are; a test that proves number 7 is named `semantic_07_…`.
const ALL: u8 = 46;

/// Those without a test so far. It only shrinks.
const MISSING: &[u8] = &[];

#[test]
fn every_semantic_has_a_test_named_after_it() {
    let sources = ending(".rs");
    let held = held(&sources);
    println!("semantics: {} of {ALL}", held.len());
    assert_none(&complaints(&held, MISSING));
}

/// The numbers that tests are named after, with those tests.
fn held(files: &[File]) -> BTreeMap<u8, Vec<&str>> {
    let mut held: BTreeMap<u8, Vec<&str>> = BTreeMap::new();
    for name in files.iter().flat_map(tests) {
        for number in numbers(name) {
            held.entry(number).or_default().push(name);
        }
    }
    held
}

fn complaints(held: &BTreeMap<u8, Vec<&str>>, missing: &[u8]) -> Vec<String> {
    let missing: BTreeSet<u8> = missing.iter().copied().collect();
    let absent = (1..=ALL).filter(|number| !held.contains_key(number) && !missing.contains(number));
    let absent = absent.map(|number| format!("no test is named `semantic_{number:02}_…`"));
    let proven = missing.iter().filter(|number| held.contains_key(number));
    let proven = proven.map(|number| format!("{number} has a test now: take it off `MISSING`"));
    let unknown = held.iter().filter(|(number, _)| !(1..=ALL).contains(*number));
    let unknown =
        unknown.map(|(number, tests)| format!("there is no semantic {number}: {tests:?}"));
    absent.chain(proven).chain(unknown).collect()
}

/// The names of the tests in a file that are run by an ordinary `cargo test`.
fn tests(file: &File) -> impl Iterator<Item = &str> {
    let mut attributes = Vec::new();
    file.text.lines().filter_map(move |line| {
        let line = line.trim();
        if line.starts_with("#[") || line.starts_with("///") {
            attributes.push(line);
            return None;
        }
        let name = line.strip_prefix("fn ").and_then(|rest| rest.split(['(', '<']).next());
        let is_test = attributes.contains(&"#[test]");
        let ignored = attributes.iter().any(|attribute| attribute.starts_with("#[ignore"));
        attributes.clear();
        name.filter(|_| is_test && !ignored)
    })
}

/// The numbers in `semantic_03_…` and in `semantic_20_and_21_…`.
fn numbers(name: &str) -> Vec<u8> {
    let Some(words) = name.strip_prefix("semantic_") else { return Vec::new() };
    let mut numbers = Vec::new();
    for part in words.split("_and_") {
        let digits = part.split('_').next().unwrap_or_default();
        match digits.parse() {
            Ok(number) if digits.len() == 2 => numbers.push(number),
            _ => break,
        }
        if part.len() > 2 {
            break;
        }
    }
    numbers
}

#[test]
fn a_name_tells_its_numbers() {
    assert_eq!(numbers("semantic_03_a_condition"), [3]);
    assert_eq!(numbers("semantic_20_and_21_post_parts"), [20, 21]);
    assert_eq!(numbers("semantic_20_backwards_and_21_times"), [20]);
    assert_eq!(numbers("a_semantic_03"), [0; 0]);
    assert_eq!(numbers("semantic_3_short"), [0; 0]);
}

#[test]
fn only_tests_that_run_count() {
    let text = "#[test]\nfn a() {}\n#[test]\n#[ignore]\nfn b() {}\nfn c() {}\n/// Says why.\n#[test]\nfn d() {}";
    assert_eq!(tests(&File::new("a.rs", text)).collect::<Vec<_>>(), ["a", "d"]);
}

#[test]
fn what_is_missing_or_listed_in_vain_is_found() {
    let mut held: BTreeMap<u8, Vec<&str>> = (1..=ALL).map(|number| (number, Vec::new())).collect();
    assert!(complaints(&held, &[]).is_empty());
    assert_eq!(complaints(&held, &[7]), ["7 has a test now: take it off `MISSING`"]);
    held.remove(&7);
    assert!(complaints(&held, &[7]).is_empty());
    assert_eq!(complaints(&held, &[]), ["no test is named `semantic_07_…`"]);
    held.insert(47, vec!["semantic_47_x"]);
    assert_eq!(complaints(&held, &[7]).len(), 1);
}
