//! The arguments of `plim run`.

use std::{num::NonZeroUsize, path::PathBuf};

use clap::{Args, ValueEnum};

use super::value::{self, ActionArg, Pair, SecretName};

const EXAMPLES: &str = "\
Examples:
  plim run                          what this commit would trigger
  plim run -n                       what would run, in which order, and what would not
  plim run ci.yml -j test           the job `test` and what it needs
  plim run -j test --matrix os=ubuntu-latest
  plim run release.yml -e workflow_dispatch --input version=1.2.3
  plim run -s NPM_TOKEN --env-file .env
  plim run --failed                 what failed last time; what passed is reused
  plim run --shell                  a shell where it fails, in the step's own surroundings
  plim run --watch -j test          the job `test`, again after every change
  plim run --format json | jq .     every event, one in a line";

/// Run the workflows that an event would trigger, on this machine
///
/// Without arguments, every workflow runs that this commit would bring to life: `push`, or `pull_request`
/// on a branch other than the default one. Each job works in a copy of the repository with a private home;
/// your working tree, credentials and remotes stay untouched, and nothing is published.
///
/// A person at a terminal is first asked whether to get what blocked jobs miss, as `plim setup` would; never with `CI`
/// set.
#[derive(Debug, Default, Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{}", crate::exit::help()))]
pub(crate) struct RunArgs {
    /// Workflows by name, file name or path; none means all that are triggered
    #[arg(value_name = "WORKFLOW")]
    pub(crate) workflows: Vec<String>,

    /// The event; without it each workflow runs by the event that would bring it to life here
    #[arg(short, long, value_name = "NAME", help_heading = "What triggers")]
    pub(crate) event: Option<String>,
    /// A JSON file laid over the event's payload
    #[arg(long, value_name = "FILE", help_heading = "What triggers")]
    pub(crate) payload: Option<PathBuf>,
    /// Run also what branch, tag, path and type filters would leave out
    #[arg(long, help_heading = "What triggers")]
    pub(crate) ignore_filters: bool,
    /// An input of `workflow_dispatch` or `workflow_call`; can be repeated
    #[arg(long, value_name = "K=V", value_parser = value::pair, help_heading = "What triggers")]
    pub(crate) input: Vec<Pair>,

    /// Only this job and what it needs
    #[arg(short, long, value_name = "ID", help_heading = "What runs")]
    pub(crate) job: Option<String>,
    /// Only this job, without what it needs
    #[arg(long, value_name = "ID", conflicts_with = "job", help_heading = "What runs")]
    pub(crate) only: Option<String>,
    /// Run also jobs that are heavy: those that took longer than `[run] heavy`, and first builds beyond `[run] cold`
    #[arg(long, help_heading = "What runs")]
    pub(crate) all: bool,
    /// Run again what failed or did not run in the last run of the same request; what passed is reused while
    /// files, workflow, event, inputs, variables, names of secrets and rights are the same. With `-n`, says which
    #[arg(long, conflicts_with = "list", help_heading = "What runs")]
    pub(crate) failed: bool,
    /// Only legs with this matrix value; several values of one key are alternatives
    #[arg(long, value_name = "K=V|K:V", value_parser = value::matrix, help_heading = "What runs")]
    pub(crate) matrix: Vec<Pair>,
    /// Run jobs for these runner labels here, such as 'self-hosted*=host'
    #[arg(long, value_name = "GLOB=host", value_parser = value::runner, help_heading = "What runs")]
    pub(crate) runner: Vec<String>,
    /// Use the action in DIR for `uses: OWNER/REPO@REF`
    #[arg(long, value_name = "OWNER/REPO[@REF]=DIR", value_parser = value::action, help_heading = "What runs")]
    pub(crate) action: Vec<ActionArg>,
    /// How many jobs run at once; without it one for each processor, but no more than one for each 2 GiB of memory
    #[arg(long, value_name = "N", help_heading = "What runs")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// At the first step that fails, open a shell that sees what the step saw; afterwards retry the step, go
    /// on as failed, or abort
    #[arg(long, conflicts_with_all = ["dry_run", "list", "watch"], help_heading = "What a person does")]
    pub(crate) shell: bool,
    /// Open such a shell before STEP, by its id, name or number
    #[arg(
        long = "break",
        value_name = "[JOB/]STEP",
        conflicts_with_all = ["dry_run", "list", "watch"],
        help_heading = "What a person does"
    )]
    pub(crate) break_before: Vec<String>,
    /// Open such a shell after STEP, however it ended
    #[arg(
        long,
        value_name = "[JOB/]STEP",
        conflicts_with_all = ["dry_run", "list", "watch"],
        help_heading = "What a person does"
    )]
    pub(crate) break_after: Vec<String>,
    /// Let these shells have the variables of the step that hold secrets
    #[arg(long, help_heading = "What a person does")]
    pub(crate) shell_secrets: bool,
    /// Run again whenever a file changes that git does not ignore: the workflows whose `paths` it matches. A
    /// change while a run goes on cancels that run first; Ctrl-C ends
    #[arg(long, conflicts_with_all = ["dry_run", "list", "failed"], help_heading = "What a person does")]
    pub(crate) watch: bool,
    /// Keep the workspaces as the jobs leave them, and say where they are
    #[arg(long, help_heading = "What runs")]
    pub(crate) keep_workspace: bool,

    /// A secret: the value of variable K, or asked for at the terminal. `K=V` is refused, because others
    /// can read command lines
    #[arg(short, long, value_name = "K", value_parser = secret, help_heading = "What jobs get")]
    pub(crate) secret: Vec<SecretName>,
    /// Secrets from lines of K=V; others must not be able to read the file
    #[arg(long, value_name = "FILE", help_heading = "What jobs get")]
    pub(crate) secret_file: Vec<PathBuf>,
    /// A value of the `vars` context
    #[arg(long, value_name = "K=V", value_parser = value::pair, help_heading = "What jobs get")]
    pub(crate) var: Vec<Pair>,
    /// Values of the `vars` context from lines of K=V
    #[arg(long, value_name = "FILE", help_heading = "What jobs get")]
    pub(crate) var_file: Vec<PathBuf>,
    /// An environment variable for every step
    #[arg(long, value_name = "K=V", value_parser = value::pair, help_heading = "What jobs get")]
    pub(crate) env: Vec<Pair>,
    /// Environment variables for every step from lines of K=V
    #[arg(long, value_name = "FILE", help_heading = "What jobs get")]
    pub(crate) env_file: Vec<PathBuf>,

    /// Hand your own credentials of NAME, such as cargo, npm, docker, gh, git or ssh, to the jobs
    #[arg(
        long,
        value_name = "NAME",
        value_parser = value::credentials(),
        hide_possible_values = true,
        help_heading = "What jobs may do"
    )]
    pub(crate) credentials: Vec<String>,
    /// Let steps use sudo and the system's package manager
    #[arg(long, help_heading = "What jobs may do")]
    pub(crate) allow_sudo: bool,
    /// Let JOB publish, push, deploy or release
    #[arg(long, value_name = "JOB", help_heading = "What jobs may do")]
    pub(crate) allow_publish: Vec<String>,
    /// Approve the environment NAME without being asked
    #[arg(long, value_name = "NAME", help_heading = "What jobs may do")]
    pub(crate) approve: Vec<String>,

    /// Only show what would run, in which order, and why what will not
    #[arg(short = 'n', long, help_heading = "What is shown")]
    pub(crate) dry_run: bool,
    /// Only list workflows, their events and jobs
    #[arg(short, long, conflicts_with = "dry_run", help_heading = "What is shown")]
    pub(crate) list: bool,
    /// Show every line of every log
    #[arg(short, long, help_heading = "What is shown")]
    pub(crate) verbose: bool,
    /// How progress and results are printed
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "full",
        value_enum,
        help_heading = "What is shown"
    )]
    pub(crate) format: RunFormat,
}

/// How a run is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum RunFormat {
    /// For people: progress, then failures and a summary
    #[default]
    Full,
    /// One line for each finished job and failed step
    Concise,
    /// One event in a line
    Json,
    /// One XML document at the end
    Junit,
}

#[expect(clippy::unnecessary_wraps, reason = "a parser of clap's may fail")]
fn secret(text: &str) -> Result<SecretName, String> {
    Ok(SecretName(text.to_owned()))
}
