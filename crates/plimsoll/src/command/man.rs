//! `plim man`: a manual page, from the definitions of the arguments.

use clap::CommandFactory;
use plim_diag::{Code, Diagnostic, closest};

use crate::{
    args::{Cli, ManArgs},
    exit::Exit,
    output::Output,
    refusal::Refusal,
};

pub(super) fn run(arguments: &ManArgs, stdout: &mut Output) -> Result<Exit, Refusal> {
    let mut command = Cli::command();
    command.build();
    for name in &arguments.command {
        let found = command.find_subcommand(name).cloned();
        command = found.ok_or_else(|| unknown(&command, name))?;
    }
    let mut page = Vec::new();
    let written = clap_mangen::Man::new(command).render(&mut page);
    debug_assert!(written.is_ok(), "a vector takes all that is written");
    stdout.add(&String::from_utf8_lossy(&page));
    Ok(Exit::Passed)
}

fn unknown(command: &clap::Command, name: &str) -> Refusal {
    let names = command.get_subcommands().map(clap::Command::get_name);
    let help = closest(name, names).map(|near| format!("did you mean `{near}`?"));
    let message = format!("`{}` has no command `{name}`", command.get_name());
    Refusal::usage(Diagnostic::error(Code("unknown-command"), message).maybe_help(help))
}
