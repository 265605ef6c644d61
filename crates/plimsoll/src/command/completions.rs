//! `plim completions`: a completion script for a shell, from the definitions of the arguments.

use clap::CommandFactory;

use crate::{
    args::{Cli, CompletionsArgs},
    exit::Exit,
    output::Output,
    refusal::Refusal,
};

#[expect(clippy::unnecessary_wraps, reason = "commands have one form")]
pub(super) fn run(arguments: &CompletionsArgs, stdout: &mut Output) -> Result<Exit, Refusal> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "plim", &mut script);
    stdout.add(&String::from_utf8_lossy(&script));
    Ok(Exit::Passed)
}
