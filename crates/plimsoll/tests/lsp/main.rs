//! `plim lsp` as an editor speaks with it.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test starts the program as an editor would, and fails by a panic"
)]

mod editor;
mod findings;
mod session;
mod words;
