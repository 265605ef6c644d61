//! Runs the program as a person or a script does.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod arguments;
mod documents;
mod streams;
mod support;
mod terminal;
