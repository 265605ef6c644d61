//! What a workflow command does.

use std::fmt;

use crate::event::Annotation;

/// One thing to do because of a command, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Show this line in the log, masked.
    Show(String),
    /// Set an output of the step.
    SetOutput {
        /// Never empty.
        name: String,
        /// Any text.
        value: String,
    },
    /// Keep a value for the `post` part of the action.
    SaveState {
        /// Never empty.
        name: String,
        /// Any text.
        value: String,
    },
    /// Mask this value and each line of it from now on.
    Mask(String),
    /// Put a folder before `PATH` in the following steps.
    AddPath(String),
    /// Set a variable in the following steps.
    SetEnvironment {
        /// Never empty.
        name: String,
        /// Any text.
        value: String,
    },
    /// A line that is shown when step debugging is on.
    Debug(String),
    /// An annotation, and a line of its level in the log.
    Annotate(Annotation),
    /// A group of lines begins.
    Group(String),
    /// The group ends.
    EndGroup,
    /// Add the problem matchers of this file, relative to the workspace.
    AddMatcher(String),
    /// Remove problem matchers.
    RemoveMatcher(Removal),
    /// The step fails, whatever its exit code.
    Fail(CommandError),
}

/// Which problem matchers go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removal {
    /// Those of this owner.
    Owner(String),
    /// Those whose owners this file names, relative to the workspace.
    File(String),
}

/// A command that cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandError {
    /// The line, or the name alone where the line is never shown.
    pub command: String,
    /// Why.
    pub kind: CommandErrorKind,
}

/// Why a command cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandErrorKind {
    /// `set-output`, `save-state` or `set-env` without `name=`.
    NoName,
    /// `add-path` without a folder.
    NoPath,
    /// `set-env` or `add-path`, which write into other steps, without the workflow's consent.
    Disabled,
    /// A token for `stop-commands` that anyone could print by accident.
    Token {
        /// What was given.
        token: String,
    },
    /// `echo` with something else than `on` or `off`.
    Echo {
        /// What was given.
        value: String,
    },
}

impl CommandError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self.kind {
            CommandErrorKind::NoName => "give the name as in `::set-output name=NAME::VALUE`",
            CommandErrorKind::NoPath => "give the folder after `::`",
            CommandErrorKind::Disabled => {
                "write to the file that `$GITHUB_ENV` or `$GITHUB_PATH` names, or set `ACTIONS_ALLOW_UNSECURE_COMMANDS: true`"
            }
            CommandErrorKind::Token { .. } => {
                "use a random text, or set `ACTIONS_ALLOW_UNSECURE_STOPCOMMAND_TOKENS: true`"
            }
            CommandErrorKind::Echo { .. } => "print `::echo::on` or `::echo::off`",
        }
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot follow the command `{}`: ", self.command)?;
        match &self.kind {
            CommandErrorKind::NoName => f.write_str("it has no `name`"),
            CommandErrorKind::NoPath => f.write_str("it names no folder"),
            CommandErrorKind::Disabled => f.write_str("it is disabled"),
            CommandErrorKind::Token { token } => {
                write!(f, "the token `{token}` is empty, `pause-logging` or itself a command")
            }
            CommandErrorKind::Echo { value } => write!(f, "`{value}` is neither `on` nor `off`"),
        }
    }
}

impl std::error::Error for CommandError {}
