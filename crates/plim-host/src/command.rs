//! Describes a program to start.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use crate::error::HostError;
use crate::which::which;

/// A program, what it is told, and where it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The program. A bare name is looked up in the `PATH` of `environment`; anything with a slash
    /// is taken as it is, relative to `directory`.
    pub program: OsString,
    /// What comes after the name of the program.
    pub arguments: Vec<OsString>,
    /// The complete environment: nothing is inherited. When a name comes twice the last one counts.
    pub environment: Vec<(OsString, OsString)>,
    /// The folder to start in.
    pub directory: PathBuf,
}

impl Command {
    /// A program without arguments and with an empty environment.
    pub fn new(program: impl Into<OsString>, directory: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            environment: Vec::new(),
            directory: directory.into(),
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn arguments<T: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = T>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Adds a variable to the environment.
    #[must_use]
    pub fn variable(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Finds the file to execute.
    ///
    /// Errors: [`HostError::ProgramNotFound`] when a bare name is in no folder of `PATH`.
    pub(crate) fn file(&self) -> Result<PathBuf, HostError> {
        if self.program.as_bytes().contains(&b'/') {
            return Ok(PathBuf::from(&self.program));
        }
        let path = self.value("PATH").unwrap_or_default();
        which(&self.program, path, &self.directory).ok_or_else(|| HostError::ProgramNotFound {
            program: self.program.clone(),
            path: path.to_owned(),
        })
    }

    fn value(&self, name: &str) -> Option<&OsStr> {
        let mut found = self.environment.iter().rev().filter(|(key, _)| key == name);
        found.next().map(|(_, value)| value.as_os_str())
    }

    /// The environment as it counts: every name once, in the order given.
    pub(crate) fn variables(&self) -> Vec<(&OsStr, &OsStr)> {
        let mut seen = std::collections::HashSet::with_capacity(self.environment.len());
        let all =
            self.environment.iter().map(|(name, value)| (name.as_os_str(), value.as_os_str()));
        let mut variables: Vec<_> = all.rev().filter(|(name, _)| seen.insert(*name)).collect();
        variables.reverse();
        variables
    }

    /// The environment as the system takes it: one `NAME=value` per name.
    pub(crate) fn block(&self) -> Vec<OsString> {
        let line = |(name, value): (&OsStr, &OsStr)| {
            let mut line = OsString::with_capacity(name.len() + value.len() + 1);
            for part in [name, OsStr::new("="), value] {
                line.push(part);
            }
            line
        };
        self.variables().into_iter().map(line).collect()
    }

    /// The program and its arguments as the system takes them.
    pub(crate) fn line(&self) -> Vec<&OsStr> {
        let arguments = self.arguments.iter().map(OsString::as_os_str);
        std::iter::once(self.program.as_os_str()).chain(arguments).collect()
    }

    /// Refuses texts that the system cannot take, because it ends each at its first zero byte.
    pub(crate) fn check(&self) -> Result<(), HostError> {
        let texts = self.line().into_iter().chain(
            self.environment.iter().flat_map(|(name, value)| [name.as_os_str(), value.as_os_str()]),
        );
        for text in texts.chain([self.directory.as_os_str()]) {
            if text.as_bytes().contains(&0) {
                return Err(HostError::ZeroByte { text: text.to_owned() });
            }
        }
        Ok(())
    }

    /// The name and size in bytes of the largest variable or argument, for errors about size.
    pub(crate) fn largest(&self) -> (String, usize) {
        let variables = self.environment.iter().map(|(name, value)| {
            (format!("variable `{}`", name.to_string_lossy()), name.len() + value.len() + 2)
        });
        let arguments = (1..).zip(&self.arguments);
        let arguments = arguments.map(|(i, text)| (format!("argument {i}"), text.len() + 1));
        variables.chain(arguments).max_by_key(|(_, size)| *size).unwrap_or_default()
    }

    /// How many bytes arguments and environment take.
    pub(crate) fn size(&self) -> usize {
        let variables = self.environment.iter().map(|(name, value)| name.len() + value.len() + 2);
        variables.sum::<usize>() + self.line().iter().map(|text| text.len() + 1).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_two_equal_names_counts() {
        let command = Command::new("x", "/").variable("A", "1").variable("B", "2");
        let command = command.variable("A", "3");
        assert_eq!(command.block(), ["B=2", "A=3"]);
    }

    #[test]
    fn a_zero_byte_is_refused_by_name() {
        let command = Command::new("x", "/").argument("a\0b");
        assert!(matches!(command.check(), Err(HostError::ZeroByte { .. })));
    }
}
