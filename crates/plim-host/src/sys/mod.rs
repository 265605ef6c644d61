//! Holds what differs by system; today that is Linux.

pub(crate) mod cell;
pub(crate) mod keep;
mod mounts;
pub(crate) mod raw;
pub(crate) mod socket;
mod tree;
pub(crate) mod wire;
