//! The `plim` command: arguments, configuration, rendering, exit codes.

mod args;
mod command;
mod dotenv;
mod estimate;
mod exit;
mod output;
mod refusal;
mod render;
mod request;
mod retry;
mod run;
#[cfg(test)]
mod schema;
mod secrets;
mod settings;
mod view;
mod visit;
mod watch;
mod world;

use std::process::ExitCode;

use clap::Parser;

use crate::{args::Cli, output::Output, world::World};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let world = World::of_this_process(&cli.global);
    let format = command::format(&cli.command);
    let mut stdout = Output::stdout();
    let ended = world.and_then(|world| command::run(cli.command, &world, &mut stdout));
    let exit = ended.unwrap_or_else(|refusal| {
        stdout.flush();
        let paint = world::stderr_paint(&cli.global);
        say(&refusal.render(format, paint));
        refusal.exit
    });
    written(exit, &mut stdout).into()
}

/// Help and version are results; anything else that clap has to say is a usage error.
fn usage(error: &clap::Error) -> ExitCode {
    // Nobody is left to tell when the stream is gone.
    let _ = error.print();
    if error.use_stderr() { exit::Exit::Usage.into() } else { exit::Exit::Passed.into() }
}

/// A result that could not be written is not delivered, however well the command ended.
fn written(exit: exit::Exit, stdout: &mut Output) -> exit::Exit {
    match stdout.finish() {
        Ok(()) => exit,
        Err(error) => {
            say(&format!("error[output]: cannot write results to standard output: {error}\n"));
            if exit == exit::Exit::Passed { exit::Exit::Failed } else { exit }
        }
    }
}

fn say(text: &str) {
    let mut stderr = Output::stderr();
    stderr.add(text);
    stderr.flush();
}
