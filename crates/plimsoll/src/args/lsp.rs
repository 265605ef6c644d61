//! The arguments of `plim lsp`.

use clap::Args;

/// Speak with an editor: findings while you type, what they mean, fixes and completion
///
/// A language server on standard input and output, for workflows, `action.yml` and `dependabot.yml`. It finds what
/// `plim check` finds, in what is being edited. Neither git nor a network is needed. Your editor starts it.
#[derive(Debug, Args)]
pub(crate) struct LspArgs {
    /// Accepted because many editors pass it; there is no other way to speak
    #[arg(long, hide = true)]
    pub(crate) stdio: bool,
}
