//! Reaches the world: processes, files, clock, network, git and environment.
