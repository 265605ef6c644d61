//! Fuzzes the expression language.
#![no_main]

#[path = "../properties/expression.rs"]
mod property;

libfuzzer_sys::fuzz_target!(|input: &[u8]| property::holds(input));
