//! Replays the seeds of the fuzz targets of what a step writes and prints.
#![expect(clippy::panic, reason = "a test fails by panicking")]

#[path = "../../../fuzz/properties/environment_file.rs"]
mod environment_file;
#[path = "../../../fuzz/properties/workflow_command.rs"]
mod workflow_command;

#[test]
fn the_seeds_of_environment_files_hold() {
    plim_test::seeds::replay("environment_file", environment_file::holds);
}

#[test]
fn the_seeds_of_workflow_commands_hold() {
    plim_test::seeds::replay("workflow_command", workflow_command::holds);
}
