//! The arguments of `plim setup`.

use clap::Args;

use super::FormatArg;

/// Get what jobs miss: actions, tools, toolchains and components
///
/// Plans as `plim run -n` does, lists what the planned jobs miss, from where each thing would come and how many jobs it
/// helps, asks once, and gets it with npm, pip, cargo, rustup and git into Plimsoll's own cache and nowhere else. What
/// comes is asked for its version before any run uses it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  plim setup -n        what is missing, and where it would come from
  plim setup           asks, and gets it
  plim setup --yes ci.yml")]
pub(crate) struct SetupArgs {
    /// Workflows by name, file name or path; none means all that are triggered
    #[arg(value_name = "WORKFLOW")]
    pub(crate) workflows: Vec<String>,
    /// The event; without it each workflow is planned for the event that would bring it to life here
    #[arg(short, long, value_name = "NAME")]
    pub(crate) event: Option<String>,
    /// Only what this job and what it needs miss
    #[arg(short, long, value_name = "ID")]
    pub(crate) job: Option<String>,
    /// Where actions come from, as for `plim actions fetch`
    #[arg(long, value_name = "URL", default_value = plim_run::actions::TEMPLATE)]
    pub(crate) from: String,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Only list what is missing
    #[arg(short = 'n', long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) format: FormatArg,
}
