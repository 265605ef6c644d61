//! The world as this process finds it: folder, environment, clock, and the two streams for people.

use std::{
    fs,
    path::{Path, PathBuf},
};

use plim_diag::{Code, Diagnostic};
use plim_host::{Folders, Host, Stream, is_terminal};
use plim_run::history::FOLDER;
use plim_workflow::Forge;

use crate::{args::Global, refusal::Refusal, render::paint::Paint};

/// What commands work with.
pub(crate) struct World {
    pub(crate) host: Host,
    /// `-C`, or where the process was started; absolute.
    pub(crate) directory: PathBuf,
    /// Colours of results.
    pub(crate) stdout: Paint,
    /// Colours of progress and errors.
    pub(crate) stderr: Paint,
}

impl World {
    /// Looks around.
    ///
    /// Errors: a folder that is not there.
    pub(crate) fn of_this_process(global: &Global) -> Result<Self, Refusal> {
        let wanted = global.directory.as_deref().unwrap_or(Path::new("."));
        let directory = fs::canonicalize(wanted).map_err(|error| {
            let message = format!("cannot work in `{}`: {error}", wanted.display());
            Refusal::usage(Diagnostic::error(Code("directory"), message))
        })?;
        let host = Host::of_this_process();
        let paint = |stream| Paint::choose(global.color, &host.environment, is_terminal(stream));
        let (stdout, stderr) = (paint(Stream::Stdout), paint(Stream::Stderr));
        Ok(Self { host, directory, stdout, stderr })
    }

    /// The nearest folder upwards that holds workflows or runs of them.
    ///
    /// Errors: there is none.
    pub(crate) fn root(&self) -> Result<PathBuf, Refusal> {
        let is_root = |folder: &&Path| {
            let has = |name: &str| folder.join(name).is_dir();
            has(&format!("{FOLDER}/runs")) || Forge::ALL.iter().any(|forge| has(forge.workflows()))
        };
        let root = self.directory.ancestors().find(is_root);
        root.map(Path::to_owned).ok_or_else(|| {
            let message = format!(
                "neither `{}` nor a folder above it holds workflows",
                self.directory.display()
            );
            let help = "change to a repository with `.github/workflows`, or name one with `-C`";
            Refusal::usage(Diagnostic::error(Code("no-workflows"), message).help(help))
        })
    }

    /// Where what can be made again is kept, for all repositories; `None` without a home.
    pub(crate) fn cache(&self) -> Option<PathBuf> {
        self.folders().as_ref().map(cache_folder)
    }

    /// The user's own folders; `None` without a home.
    pub(crate) fn folders(&self) -> Option<Folders> {
        Folders::of(&self.host.environment)
    }

    /// A path as it was given, seen from the folder that commands work in.
    pub(crate) fn path(&self, given: &Path) -> PathBuf {
        self.directory.join(given)
    }
}

/// Where what can be made again is kept, for all repositories.
pub(crate) fn cache_folder(folders: &Folders) -> PathBuf {
    folders.cache.join("plimsoll")
}

/// Colours of errors that come before there is a world.
pub(crate) fn stderr_paint(global: &Global) -> Paint {
    let environment = Host::of_this_process().environment;
    Paint::choose(global.color, &environment, is_terminal(Stream::Stderr))
}
