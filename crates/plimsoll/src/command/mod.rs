//! The commands, one file each.

mod actions;
mod check;
mod clean;
mod completions;
mod eval;
mod explain;
mod list;
mod lsp;
mod man;
mod pin;
mod run;
mod runs;
mod setup;

use crate::{
    args::{ActionsCommand, Command, Format, RunFormat, RunsCommand},
    exit::Exit,
    output::Output,
    refusal::Refusal,
    world::World,
};

/// Does what the command line says; results go to `stdout`.
pub(crate) fn run(command: Command, world: &World, stdout: &mut Output) -> Result<Exit, Refusal> {
    match command {
        Command::Run(arguments) => run::run(*arguments, world, stdout),
        Command::Check(arguments) => check::run(&arguments, world, stdout),
        Command::Pin(arguments) => pin::run(&arguments, world, stdout),
        Command::Explain(arguments) => explain::run(&arguments, world, stdout),
        Command::Lsp(_) => lsp::run(world),
        Command::Eval(arguments) => eval::run(&arguments, world, stdout),
        Command::Runs(arguments) => runs::run(arguments, world, stdout),
        Command::Setup(arguments) => setup::run(&arguments, world, stdout),
        Command::Actions(arguments) => actions::run(&arguments, world, stdout),
        Command::Clean(arguments) => clean::run(&arguments, world, stdout),
        Command::Completions(arguments) => completions::run(&arguments, stdout),
        Command::Man(arguments) => man::run(&arguments, stdout),
    }
}

pub(crate) fn format_of(format: RunFormat) -> Format {
    match format {
        RunFormat::Full | RunFormat::Junit => Format::Full,
        RunFormat::Concise => Format::Concise,
        RunFormat::Json => Format::Json,
    }
}

/// How errors of `command` are printed.
pub(crate) fn format(command: &Command) -> Format {
    match command {
        Command::Run(run) => format_of(run.format),
        Command::Runs(runs) => match &runs.command {
            Some(RunsCommand::Show { format, .. }) => format.format,
            _ => runs.format.format,
        },
        Command::Actions(actions) => match &actions.command {
            Some(ActionsCommand::Fetch(fetch)) => fetch.format.format,
            Some(ActionsCommand::List { format }) => format.format,
            Some(ActionsCommand::Remove(remove)) => remove.format.format,
            None => actions.format.format,
        },
        Command::Pin(pin) => pin.format.format,
        Command::Setup(setup) => setup.format.format,
        Command::Clean(clean) => clean.format.format,
        Command::Check(check) => check.format.of_errors(),
        Command::Explain(explain) => explain.format.format,
        Command::Eval(_) | Command::Lsp(_) | Command::Completions(_) | Command::Man(_) => {
            Format::Full
        }
    }
}
