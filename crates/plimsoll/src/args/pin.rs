//! The arguments of `plim pin`.

use std::path::PathBuf;

use clap::Args;

use super::FormatArg;

/// Write the commits of actions instead of their tags, and keep both in `plimsoll.lock`
///
/// Asks the repository of each action that the lock does not know which commit its tag leads to, writes
/// `uses: owner/repo@COMMIT # v4.2.2`, and keeps everything else byte for byte. Images get the digest that the lock knows
/// for them. What cannot be resolved is told with its place and left as it is. With `pins = "tag"` under `[check]`, tags
/// that name a version stay.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  plim pin                 pins what is not pinned yet
  plim pin -n              shows what that would change
  plim pin --update        follows the tags to where they lead now
  plim pin --check         needs no network: tags, commits and comments agree with the lock
  plim pin --from 'file:///srv/mirrors/{{owner}}/{{repo}}.git'\n\n{}", crate::exit::help()))]
pub(crate) struct PinArgs {
    /// Files and folders; without them, everything of this repository
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Where repositories are: an address with {owner} and {repo} in it, and {host} or {server} if wanted
    #[arg(long, value_name = "URL", default_value = plim_run::actions::TEMPLATE)]
    pub(crate) from: String,
    /// Ask again, and follow tags and branches that have moved
    #[arg(long)]
    pub(crate) update: bool,
    /// Only hold everything against the lock; the network is not used
    #[arg(long, conflicts_with_all = ["update", "dry_run"])]
    pub(crate) check: bool,
    /// Ask as without, show what would change, and write nothing
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) format: FormatArg,
}
