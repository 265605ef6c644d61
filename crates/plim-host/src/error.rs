//! Says what of the world did not do what was asked.

use std::error::Error;
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Something asked of the system that it did not do.
#[derive(Debug)]
pub enum HostError {
    /// The process that watches over all others is gone.
    KeeperGone,
    /// The process that watches over those of one job is gone, and they with it.
    CellGone,
    /// A bare name was in no folder of `PATH`.
    ProgramNotFound {
        /// The name.
        program: OsString,
        /// The `PATH` it was looked for in.
        path: OsString,
    },
    /// The file of a program could not be executed.
    Execute {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The working folder of a program could not be entered.
    Directory {
        /// The folder.
        directory: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Arguments and environment together, or one of them, are larger than the system takes.
    TooLarge {
        /// The file of the program.
        file: PathBuf,
        /// Bytes of all arguments and variables.
        size: usize,
        /// The largest of them, such as ``variable `A` ``, and its bytes.
        largest: (String, usize),
    },
    /// A name, argument, variable or folder holds a zero byte.
    ZeroByte {
        /// The text.
        text: OsString,
    },
    /// No process could be made.
    Fork(io::Error),
    /// A program ran longer than it was given.
    TimedOut {
        /// The program.
        program: OsString,
        /// What it was given.
        limit: Duration,
    },
    /// A program wrote more than was expected of it.
    TooMuchOutput {
        /// The program.
        program: OsString,
        /// How many bytes were expected at most.
        limit: usize,
    },
    /// A program reported failure.
    Failed {
        /// The program and its arguments.
        command: String,
        /// How it ended.
        status: crate::process::ExitStatus,
        /// What it said about it.
        message: String,
    },
    /// Something could not be done to a file or folder.
    File {
        /// What was tried, such as "write".
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A lock is held by someone else.
    Locked {
        /// The lock file.
        path: PathBuf,
        /// Who says to hold it, as it wrote into the file.
        holder: String,
    },
    /// The system refused something that has no file.
    System {
        /// What was tried, such as "watch for signals".
        doing: &'static str,
        /// Why.
        source: io::Error,
    },
    /// A program or a repository said something that could not be understood.
    Unexpected {
        /// What was asked.
        asked: String,
        /// What came.
        answer: String,
    },
}

impl HostError {
    /// Wraps the failure of `doing` on `path`.
    pub fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File { doing, path: path.to_owned(), source }
    }

    /// Wraps the failure of `doing` on something that is no file.
    pub fn system(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::System { doing, source }
    }

    /// What the user can do about it, as an instruction.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::KeeperGone | Self::CellGone => {
                Some("see whether a step or the system killed it, then run again".into())
            }
            Self::ProgramNotFound { program, .. } => {
                Some(format!("install `{}`, or add its folder to `PATH`", program.display()))
            }
            Self::Execute { file, source } => execute_help(file, source),
            Self::Directory { directory, .. } => {
                Some(format!("make `{}` a folder that you may enter", directory.display()))
            }
            Self::TooLarge { largest, .. } => Some(format!("pass {} in a file instead", largest.0)),
            Self::Locked { path, .. } => {
                Some(format!("wait for the other run to end; its lock is `{}`", path.display()))
            }
            Self::File { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                Some("free some space on that disk".into())
            }
            Self::TimedOut { .. }
            | Self::TooMuchOutput { .. }
            | Self::Failed { .. }
            | Self::File { .. }
            | Self::System { .. }
            | Self::Fork(_)
            | Self::ZeroByte { .. }
            | Self::Unexpected { .. } => None,
        }
    }
}

fn execute_help(file: &Path, source: &io::Error) -> Option<String> {
    let file = file.display();
    match source.kind() {
        io::ErrorKind::PermissionDenied => Some(format!("make it executable: `chmod +x {file}`")),
        io::ErrorKind::NotFound => {
            Some(format!("see that `{file}` exists, and the interpreter that its first line names"))
        }
        _ if source.raw_os_error() == Some(libc::ENOEXEC) => {
            Some(format!("begin `{file}` with a line such as `#!/bin/sh`"))
        }
        _ => None,
    }
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeeperGone => write!(f, "the process that watches over all jobs is gone"),
            Self::CellGone => write!(f, "the process that watches over this job is gone"),
            Self::ProgramNotFound { program, path } => {
                let (program, path) = (program.display(), path.display());
                write!(f, "`{program}` is in no folder of `PATH` (`{path}`)")
            }
            Self::Execute { file, source } => {
                write!(f, "could not execute `{}`: {source}", file.display())
            }
            Self::Directory { directory, source } => {
                write!(f, "could not enter `{}`: {source}", directory.display())
            }
            Self::TooLarge { file, size, largest } => {
                let (name, bytes) = largest;
                write!(f, "arguments and environment of `{}` are too large: ", file.display())?;
                write!(f, "{size} bytes, of which {name} takes {bytes}")
            }
            Self::ZeroByte { text } => {
                write!(f, "`{}` holds a zero byte", text.to_string_lossy().replace('\0', "\\0"))
            }
            Self::Fork(source) => write!(f, "could not make a process: {source}"),
            Self::TimedOut { program, limit } => {
                let (program, seconds) = (program.display(), limit.as_secs_f32());
                write!(f, "`{program}` did not end within {seconds} s")
            }
            Self::TooMuchOutput { program, limit } => {
                write!(f, "`{}` wrote more than {limit} bytes", program.display())
            }
            Self::Failed { command, status, message } => {
                write!(f, "`{command}` {status}")?;
                if message.is_empty() { Ok(()) } else { write!(f, ": {message}") }
            }
            Self::File { doing, path, source } => {
                write!(f, "could not {doing} `{}`: {source}", path.display())
            }
            Self::Locked { path, holder } => {
                write!(f, "`{}` is locked by {holder}", path.display())
            }
            Self::System { doing, source } => write!(f, "could not {doing}: {source}"),
            Self::Unexpected { asked, answer } => {
                write!(f, "{asked} gave something unexpected: `{answer}`")
            }
        }
    }
}

impl Error for HostError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Execute { source, .. }
            | Self::Directory { source, .. }
            | Self::File { source, .. }
            | Self::System { source, .. }
            | Self::Fork(source) => Some(source),
            _ => None,
        }
    }
}
