//! Fuzzes the readers of environment files.
#![no_main]

#[path = "../properties/environment_file.rs"]
mod property;

libfuzzer_sys::fuzz_target!(|input: &[u8]| property::holds(input));
