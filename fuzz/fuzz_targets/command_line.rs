//! Fuzzes the readers of command lines: scripts of steps, shells, and what is found in them.
#![no_main]

#[path = "../properties/command_line.rs"]
mod property;

libfuzzer_sys::fuzz_target!(|input: &[u8]| property::holds(input));
