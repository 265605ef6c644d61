//! A client of an ecosystem: the program that a person would type, kept from writing outside of Plimsoll's folders.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use plim_host::{Command, Environment, HostError, Tool, which};

use super::{Setup, SetupError};

/// What building a tool may take.
const PATIENCE: Duration = Duration::from_hours(1);

/// What saying a version may take.
const MOMENT: Duration = Duration::from_mins(1);

/// A program of the user, and its environment.
pub(super) struct Client<'a> {
    program: PathBuf,
    name: String,
    environment: &'a Environment,
    /// Where it keeps what it downloads.
    downloads: PathBuf,
}

impl<'a> Client<'a> {
    /// Finds a client in the user's `PATH`. Errors: a clause.
    pub(super) fn find(
        name: &str,
        environment: &'a Environment,
        cache: &Path,
    ) -> Result<Self, String> {
        let path = environment.get("PATH").unwrap_or_default();
        let program = which(name, path, Path::new("/"));
        let program = program.ok_or_else(|| format!("there is no `{name}` here to get it with"))?;
        let downloads = cache.join("downloads").join(name);
        Ok(Self { program, name: name.to_owned(), environment, downloads })
    }

    /// Runs it in `folder` with more variables, and returns what it wrote.
    ///
    /// Errors: [`SetupError::Client`] with the end of what it said.
    pub(super) fn run(
        &self,
        arguments: &[OsString],
        variables: &[(&str, OsString)],
        folder: &Path,
    ) -> Result<Vec<u8>, SetupError> {
        let make = fs::create_dir_all(&self.downloads);
        make.map_err(HostError::file("make", &self.downloads))?;
        let mut command = Command::new(&self.program, folder).arguments(arguments.iter().cloned());
        for (name, value) in self.environment.iter() {
            command = command.variable(name, value);
        }
        for (name, value) in self.own() {
            command = command.variable(name, value);
        }
        for (name, value) in variables {
            command = command.variable(*name, value);
        }
        Tool::new(command).timeout(PATIENCE).succeed().map_err(|source| SetupError::Client {
            program: self.name.clone(),
            source: Box::new(source),
        })
    }

    /// Where clients keep downloads: in Plimsoll's folder, and not in the user's.
    fn own(&self) -> [(&'static str, OsString); 5] {
        let downloads = || self.downloads.clone().into_os_string();
        [
            ("npm_config_cache", downloads()),
            ("PIP_CACHE_DIR", downloads()),
            ("CARGO_HOME", downloads()),
            ("UV_CACHE_DIR", downloads()),
            // Clients that can ask do not.
            ("CI", "true".into()),
        ]
    }
}

impl Setup<'_> {
    /// What a program says that was just made.
    ///
    /// Errors: [`SetupError::Client`].
    pub(super) fn ask(&self, program: &Path, arguments: &[&str]) -> Result<String, SetupError> {
        // Programs of a tool find one another, as `npm` finds its `node`.
        let own = program.parent().unwrap_or(program).as_os_str().to_owned();
        let path = self.environment.get("PATH").unwrap_or_default();
        let path = [own, path.to_owned()].join(":".as_ref());
        let mut command = Command::new(program, "/").arguments(arguments.iter().copied());
        for (name, value) in self.environment.iter() {
            command = command.variable(name, value);
        }
        let said = Tool::new(command.variable("PATH", path)).timeout(MOMENT).succeed();
        let said = said.map_err(|source| SetupError::Client {
            program: program.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            source: Box::new(source),
        })?;
        Ok(String::from_utf8_lossy(&said).into_owned())
    }
}
