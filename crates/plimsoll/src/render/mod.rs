//! Turns values into what a person or a program reads.

pub(crate) mod diagnostic;
pub(crate) mod paint;
pub(crate) mod plan;
pub(crate) mod quantity;
pub(crate) mod text;
