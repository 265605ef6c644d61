//! The command line, from which help, completions and man pages are made, too.

mod actions;
mod check;
mod lsp;
mod pin;
mod run;
mod setup;
mod value;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub(crate) use actions::{ActionsArgs, ActionsCommand, FetchArgs, RemoveArgs};
pub(crate) use check::{CheckArgs, CheckFormat, DenyArg, ExplainArgs};
pub(crate) use lsp::LspArgs;
pub(crate) use pin::PinArgs;
pub(crate) use run::{RunArgs, RunFormat};
pub(crate) use setup::SetupArgs;
pub(crate) use value::{Pair, SecretName, is_action};

/// Runs a repository's workflow files on this machine, exactly as GitHub would.
#[derive(Debug, Parser)]
#[command(
    name = "plim",
    bin_name = "plim",
    version,
    propagate_version = true,
    max_term_width = 100,
    after_help = crate::exit::help(),
    subcommand_required = true,
    arg_required_else_help = true,
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Global {
    /// Act as if started in DIR
    #[arg(short = 'C', long = "directory", value_name = "DIR", global = true)]
    pub(crate) directory: Option<PathBuf>,
    /// When to use colours
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto", value_enum)]
    pub(crate) color: ColorChoice,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On terminals that show them, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Full,
    /// One line each
    Concise,
    /// For programs
    Json,
}

/// How results are printed, for commands that print one thing.
#[derive(Debug, Args)]
pub(crate) struct FormatArg {
    /// How results are printed
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "full",
        value_enum,
        help_heading = "Everywhere"
    )]
    pub(crate) format: Format,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Run(Box<RunArgs>),
    Check(CheckArgs),
    Pin(PinArgs),
    Explain(ExplainArgs),
    Lsp(LspArgs),
    Eval(EvalArgs),
    Runs(RunsArgs),
    Setup(SetupArgs),
    Actions(ActionsArgs),
    Clean(CleanArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

/// Evaluate an expression and print its value as JSON
///
/// Without `${{ }}`. A value that is no JSON, such as NaN, is printed as the text that a workflow sees.
/// An expression that cannot be read or evaluated prints `{"kind", "message", "position"}`, the position in
/// characters from 1, and exits with 1.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  plim eval \"contains('Hello', 'ell')\"
  plim eval 'github.ref' --contexts contexts.json
  echo '{\"matrix\": {\"os\": \"linux\"}}' | plim eval 'matrix.os' --contexts -")]
pub(crate) struct EvalArgs {
    /// The expression, without `${{ }}`
    #[arg(value_name = "EXPRESSION", allow_hyphen_values = true)]
    pub(crate) expression: String,
    /// A JSON object of contexts by name, such as {"github": {"ref": "refs/heads/main"}}; `-` reads stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) contexts: Option<PathBuf>,
}

/// List the runs that are kept, show one, or print its logs
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  plim runs                            lists them, newest first
  plim runs show latest                shows the newest with its jobs and steps
  plim runs log latest test            prints the log of its job `test`
  plim runs log 20261121-075800 test 3 prints the log of the job's step 3"
)]
pub(crate) struct RunsArgs {
    #[command(subcommand)]
    pub(crate) command: Option<RunsCommand>,
    #[command(flatten)]
    pub(crate) format: FormatArg,
}

/// What to show of past runs.
#[derive(Debug, Subcommand)]
pub(crate) enum RunsCommand {
    /// Show a run: its jobs, steps, annotations and artifacts
    Show {
        /// The run's id, the beginning of it, or `latest`
        #[arg(value_name = "ID", default_value = "latest")]
        id: String,
        #[command(flatten)]
        format: FormatArg,
    },
    /// Print the logs of a run, of one of its jobs, or of one step
    Log {
        /// The run's id, the beginning of it, or `latest`
        #[arg(value_name = "ID")]
        id: String,
        /// The job, by its id, key or name
        #[arg(value_name = "JOB")]
        job: Option<String>,
        /// The step, by its number or name
        #[arg(value_name = "STEP", requires = "job")]
        step: Option<String>,
    },
}

/// Remove old runs, caches and workspaces, and say how much that freed
///
/// Without options, every run but the newest goes. What is in use stays.
#[derive(Debug, Args)]
pub(crate) struct CleanArgs {
    /// Keep the newest N runs
    #[arg(long, value_name = "N", conflicts_with = "all")]
    pub(crate) keep: Option<usize>,
    /// Remove all runs, caches and workspaces of this repository
    #[arg(long)]
    pub(crate) all: bool,
    /// Remove the caches that `actions/cache` saved
    #[arg(long)]
    pub(crate) caches: bool,
    /// Remove the workspaces of jobs, so that the next run builds from the beginning
    #[arg(long)]
    pub(crate) workspaces: bool,
    /// Remove the tools and toolchains that `plim setup` got for all repositories, and what it left unfinished
    #[arg(long)]
    pub(crate) tools: bool,
    /// Only say what would be removed
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) format: FormatArg,
}

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  plim completions bash > ~/.local/share/bash-completion/completions/plim
  plim completions zsh > ~/.zfunc/_plim
  plim completions fish > ~/.config/fish/completions/plim.fish")]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    pub(crate) shell: Shell,
}

/// Print a manual page
#[derive(Debug, Args)]
#[command(
    hide = true,
    after_help = "\
Examples:
  plim man | man -l -
  plim man run > plim-run.1"
)]
pub(crate) struct ManArgs {
    /// The command; without one, `plim` itself
    #[arg(value_name = "COMMAND", num_args = 0..)]
    pub(crate) command: Vec<String>,
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_definitions_hold_together() {
        Cli::command().debug_assert();
    }

    /// Words that a command line of ours may hold, and some that it may not.
    fn words() -> impl Strategy<Value = Vec<String>> {
        let flags: Vec<String> = Cli::command()
            .get_subcommands()
            .flat_map(|command| command.get_arguments())
            .filter_map(|argument| argument.get_long().map(|name| format!("--{name}")))
            .chain(Cli::command().get_subcommands().map(|command| command.get_name().to_owned()))
            .collect();
        let word = prop_oneof![
            prop::sample::select(flags),
            "-[a-zA-Z]{1,2}",
            "[A-Za-z0-9:=,./@*-]{0,8}",
            any::<String>(),
        ];
        prop::collection::vec(word, 0..8)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn any_words_are_arguments_or_a_slip_that_is_told(words in words()) {
            let all = std::iter::once("plim".to_owned()).chain(words);
            if let Err(error) = Cli::try_parse_from(all) {
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }
}
