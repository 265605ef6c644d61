//! The arguments of `plim check` and `plim explain`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use plim_audit::{Tier, external::Checker};
use plim_diag::Severity;
use plim_workflow::Forge;

use super::{Format, FormatArg};

const EXAMPLES: &str = "\
Examples:
  plim check                         all workflows and actions of this repository
  plim check .github/workflows/ci.yml
  plim check --tier pedantic --deny warning
  plim check --base origin/main      only what this branch brings
  plim check --with shellcheck       also what shellcheck finds in scripts
  plim check --format sarif > plim.sarif
  plim check --graph workflows.svg   a picture of what the jobs do, with the findings on it
  plim check --secrets               which jobs need which secrets, and on which events
  plim explain unknown-key           why a rule exists, and what to do";

/// Find defects in workflows and actions, without running anything
///
/// Without arguments, everything of this repository is checked: workflows, actions below `.github` and in the root,
/// `dependabot.yml`. Neither git nor a network is needed, and nothing in the folder is run. Errors are what the forge
/// rejects or what provably cannot work; with one of them, the exit code is 1.
#[derive(Debug, Default, Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{}", crate::exit::help()))]
pub(crate) struct CheckArgs {
    /// Files and folders; folders are searched for workflows and actions
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Read one file from standard input, and take it for PATH
    #[arg(long, value_name = "PATH", conflicts_with = "paths")]
    pub(crate) stdin: Option<PathBuf>,

    /// Whose findings to show: `default`, also those of `pedantic`, or of all rules
    #[arg(long, value_name = "TIER", value_enum, help_heading = "Which rules")]
    pub(crate) tier: Option<TierArg>,
    /// Only this rule, whatever its tier; can be repeated
    #[arg(long, value_name = "CODE", value_delimiter = ',', help_heading = "Which rules")]
    pub(crate) select: Vec<String>,
    /// Not this rule; can be repeated
    #[arg(long, value_name = "CODE", value_delimiter = ',', help_heading = "Which rules")]
    pub(crate) ignore: Vec<String>,
    /// Only what the change brings since REF, a branch or a commit: since its common ancestor with `HEAD`
    #[arg(long, value_name = "REF", help_heading = "Which rules")]
    pub(crate) base: Option<String>,
    /// Ask these installed programs, too: `shellcheck`, `python` and `node` judge scripts of their languages
    #[arg(
        long,
        value_name = "TOOL",
        value_enum,
        value_delimiter = ',',
        help_heading = "Which rules"
    )]
    pub(crate) with: Vec<ToolArg>,
    /// The forge that the files are for; without it, their folder tells
    #[arg(long, value_name = "FORGE", value_enum, help_heading = "Which rules")]
    pub(crate) forge: Option<ForgeArg>,

    /// Mend what has one right answer; everything else stays byte for byte as it is
    #[arg(long, conflicts_with = "stdin", help_heading = "Mending")]
    pub(crate) fix: bool,
    /// Show what `--fix` would change, and write nothing
    #[arg(long, help_heading = "Mending")]
    pub(crate) diff: bool,
    /// Also make fixes that may change more than the defect; look at them
    #[arg(long, help_heading = "Mending")]
    pub(crate) unsafe_fixes: bool,

    /// Draw the workflows with what was found in them: FILE.svg, or for Mermaid FILE.mmd or FILE.md
    #[arg(long, value_name = "FILE", conflicts_with = "stdin", help_heading = "Looking")]
    pub(crate) graph: Option<PathBuf>,
    /// Instead of findings, list every secret with the jobs and events that need it
    #[arg(long, conflicts_with_all = ["graph", "fix", "diff", "base"], help_heading = "Looking")]
    pub(crate) secrets: bool,

    /// Also exit with 1 when there are findings of this weight
    #[arg(long, value_name = "SEVERITY", value_enum)]
    pub(crate) deny: Option<DenyArg>,
    /// How findings are printed
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "full",
        value_enum,
        help_heading = "Everywhere"
    )]
    pub(crate) format: CheckFormat,
}

/// Say why a rule exists and what to do about it, or list all rules
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  plim explain
  plim explain condition-always-true")]
pub(crate) struct ExplainArgs {
    /// The rule; without one, all are listed
    #[arg(value_name = "CODE")]
    pub(crate) code: Option<String>,
    /// Write a page for each rule into DIR
    #[arg(long, value_name = "DIR", hide = true, conflicts_with = "code")]
    pub(crate) write: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) format: FormatArg,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For people, with source lines
    #[default]
    Full,
    /// One line each
    Concise,
    /// For programs: one object
    Json,
    /// For code scanning: SARIF 2.1.0
    Sarif,
    /// Annotations in the log of a GitHub workflow
    Github,
}

impl CheckFormat {
    /// How errors of the command itself are printed.
    pub(crate) fn of_errors(self) -> Format {
        match self {
            Self::Concise => Format::Concise,
            Self::Json => Format::Json,
            Self::Full | Self::Sarif | Self::Github => Format::Full,
        }
    }
}

/// A tier of rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum TierArg {
    /// What everyone should see
    #[default]
    Default,
    /// Also what is usually, not always, a defect
    Pedantic,
    /// Every rule
    OptIn,
}

impl From<TierArg> for Tier {
    fn from(tier: TierArg) -> Self {
        match tier {
            TierArg::Default => Self::Default,
            TierArg::Pedantic => Self::Pedantic,
            TierArg::OptIn => Self::OptIn,
        }
    }
}

/// A program that judges scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ToolArg {
    /// Scripts of bash and `sh`
    Shellcheck,
    /// Whether scripts of `shell: python` can be read
    Python,
    /// Whether scripts of `shell: node` and of `actions/github-script` can be read
    Node,
}

impl From<ToolArg> for Checker {
    fn from(tool: ToolArg) -> Self {
        match tool {
            ToolArg::Shellcheck => Self::ShellCheck,
            ToolArg::Python => Self::Python,
            ToolArg::Node => Self::Node,
        }
    }
}

/// A forge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ForgeArg {
    /// GitHub
    Github,
    /// Gitea
    Gitea,
    /// Forgejo
    Forgejo,
}

impl From<ForgeArg> for Forge {
    fn from(forge: ForgeArg) -> Self {
        match forge {
            ForgeArg::Github => Self::GitHub,
            ForgeArg::Gitea => Self::Gitea,
            ForgeArg::Forgejo => Self::Forgejo,
        }
    }
}

/// The lightest finding that fails a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DenyArg {
    /// Warnings, too
    Warning,
    /// All findings
    Note,
}

impl From<DenyArg> for Severity {
    fn from(deny: DenyArg) -> Self {
        match deny {
            DenyArg::Warning => Self::Warning,
            DenyArg::Note => Self::Note,
        }
    }
}
