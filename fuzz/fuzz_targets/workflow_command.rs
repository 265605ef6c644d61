//! Fuzzes what becomes of the lines that a step prints.
#![no_main]

#[path = "../properties/workflow_command.rs"]
mod property;

libfuzzer_sys::fuzz_target!(|input: &[u8]| property::holds(input));
