//! Fuzzes the YAML tree.
#![no_main]

#[path = "../properties/yaml.rs"]
mod property;

libfuzzer_sys::fuzz_target!(|input: &[u8]| property::holds(input));
