//! Plans and executes workflows on this machine.
