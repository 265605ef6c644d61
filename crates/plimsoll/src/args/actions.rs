//! The arguments of `plim actions`.

use clap::{Args, Subcommand};

use super::FormatArg;

/// Fetch, list and remove actions of other repositories
///
/// Runs take actions that are not built in from a store on this machine and never use the network for them; this
/// command fills it. A tag or branch is recorded with the commit that it led to, and runs use just that commit.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  plim actions fetch                      fetches what the workflows of this repository use
  plim actions fetch actions/labeler@v5   fetches one, and what it uses itself
  plim actions fetch --from 'file:///srv/mirrors/{owner}/{repo}.git'
  plim actions                            lists what is there
  plim actions remove actions/labeler"
)]
pub(crate) struct ActionsArgs {
    #[command(subcommand)]
    pub(crate) command: Option<ActionsCommand>,
    #[command(flatten)]
    pub(crate) format: FormatArg,
}

/// What to do with actions.
#[derive(Debug, Subcommand)]
pub(crate) enum ActionsCommand {
    Fetch(FetchArgs),
    /// List what is there: commit, size, when and from where it was fetched
    List {
        #[command(flatten)]
        format: FormatArg,
    },
    Remove(RemoveArgs),
}

/// Fetch actions and reusable workflows with git, without prompts or credentials
///
/// Without names, everything that the workflows of this repository use and that is not built in, and what those use in
/// turn. A tag or branch that has moved since it was fetched is told, and kept as it was.
#[derive(Debug, Args)]
pub(crate) struct FetchArgs {
    /// Actions as `uses` names them, such as actions/labeler@v5 or `https://code.forgejo.org/actions/cache@v4`
    #[arg(value_name = "ACTION")]
    pub(crate) actions: Vec<String>,
    /// Where repositories are: an address with {owner} and {repo} in it, and {host} or {server} if wanted
    #[arg(long, value_name = "URL", default_value = plim_run::actions::TEMPLATE)]
    pub(crate) from: String,
    /// Follow tags and branches that have moved
    #[arg(long)]
    pub(crate) update: bool,
    /// Fetch also what is built in; it is used where a built-in action refuses an input
    #[arg(long)]
    pub(crate) built_in: bool,
    /// Only say what would be fetched; the network is not used
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) format: FormatArg,
}

/// Remove actions, and the files that nothing needs any more
#[derive(Debug, Args)]
pub(crate) struct RemoveArgs {
    /// OWNER/REPO, or OWNER/REPO@REF for one reference only
    #[arg(value_name = "ACTION", required_unless_present = "all")]
    pub(crate) actions: Vec<String>,
    /// Remove all of them
    #[arg(long, conflicts_with = "actions")]
    pub(crate) all: bool,
    /// Only say what would be removed
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) format: FormatArg,
}
