//! Sandboxes, conformance data and fixed clocks for the tests of the other crates.

pub mod conformance;
pub mod sandbox;
pub mod seeds;
