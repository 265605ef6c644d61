//! The `plim` command: arguments, configuration, rendering, exit codes.

fn main() {}
