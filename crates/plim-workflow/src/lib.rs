//! Reads workflows and actions with the place of everything in them.
