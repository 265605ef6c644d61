//! Fuzzes the reader of workflows and actions.
#![no_main]

#[path = "../properties/workflow.rs"]
mod property;

libfuzzer_sys::fuzz_target!(|input: &[u8]| property::holds(input));
