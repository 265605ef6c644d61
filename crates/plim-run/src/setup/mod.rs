//! Gets what planned jobs miss, through the ordinary clients of each ecosystem, into Plimsoll's own folders.
//!
//! Everything is made aside, asked for its version, and moved to its place when it is what was wanted: nothing half
//! written is ever used, and nothing outside of Plimsoll's cache is written.

mod cargo;
mod catalogue;
mod client;
mod error;
mod needs;
mod npm;
mod pip;
mod rustup;
mod uv;

use std::{
    fs,
    path::{Path, PathBuf},
};

use plim_host::{Clock, Environment, HostError, files::remove_tree};

pub use error::SetupError;
pub use needs::{Needs, needs};

use crate::{
    actions::{ActionName, ActionStore, Fetcher},
    history::bytes_below,
    toolbox::{Found, Toolbox, Version},
    want::Want,
};
use catalogue::{Row, Source};
use client::Client;

/// Whether it is known here how to get a want; the client for it may still be missing.
pub fn is_known(want: &Want) -> bool {
    match want {
        Want::Action { .. } | Want::Toolchain { .. } => true,
        Want::Tool { name, .. } => catalogue::row(name).is_some(),
    }
}

/// What gets things, and where to.
#[derive(Clone, Debug)]
pub struct Setup<'a> {
    /// Of the user: clients are found in its `PATH` and configured by the rest.
    pub environment: &'a Environment,
    /// Plimsoll's folder for what can be made again.
    pub cache: &'a Path,
    /// Where actions come from.
    pub template: &'a str,
    /// Tells when an action was fetched.
    pub clock: &'a Clock,
}

/// A thing that could be got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What.
    pub want: Want,
    /// Where it would come from; the error is why it cannot be had, as a clause.
    pub from: Result<String, String>,
    /// Bytes that it takes, where the source says so.
    pub bytes: Option<u64>,
}

/// How the size of a thing is found out before it is got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sizes {
    /// Its source is asked, which may use the network.
    Asked,
    /// Only what clients keep of earlier answers is read; nothing leaves this machine.
    Kept,
}

/// A thing that was got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Got {
    /// The version, or the commit of an action.
    pub version: String,
    /// Where it is.
    pub place: PathBuf,
    /// Bytes that it takes.
    pub bytes: u64,
}

/// Something on its way to the tool cache.
struct Getting<'a> {
    setup: &'a Setup<'a>,
    row: &'a Row,
    /// The request as it was written; `None` is content with any version.
    version: Option<&'a str>,
    /// A folder that is gone in the end; what belongs to the tool goes to `root` in it.
    aside: &'a Path,
    root: PathBuf,
}

impl Setup<'_> {
    /// Says where a want would come from, and how many bytes it takes as far as `sizes` lets that be found out.
    pub fn offer(&self, want: &Want, sizes: Sizes) -> Offer {
        let (from, bytes) = match want {
            Want::Action { .. } => {
                (self.action(want).map(|name| self.fetcher(&self.store()).address(&name)), None)
            }
            Want::Toolchain { .. } => (self.client("rustup").map(|_| "rustup".to_owned()), None),
            Want::Tool { name, version } => match catalogue::row(name) {
                None => (Err(catalogue::reason(name)), None),
                Some(row) => {
                    let from = self.client(row.source.program()).map(|_| row.shown());
                    let size = || npm::size(self, row, version.as_deref(), sizes);
                    let bytes = (from.is_ok() && row.source == Source::Npm).then(size).flatten();
                    (from, bytes)
                }
            },
        };
        Offer { want: want.clone(), from, bytes }
    }

    /// Gets a want and puts it where runs find it.
    ///
    /// Errors: every [`SetupError`]; then nothing of it is there.
    pub fn get(&self, want: &Want) -> Result<Got, SetupError> {
        match want {
            Want::Action { .. } => {
                let name =
                    self.action(want).map_err(|reason| SetupError::unavailable(want, reason))?;
                let store = self.store();
                let fetched = self.fetcher(&store).fetch(&name)?;
                let stored = fetched.stored();
                Ok(Got {
                    version: stored.commit.clone(),
                    place: store.folder_of(stored),
                    bytes: stored.bytes,
                })
            }
            Want::Toolchain { .. } => rustup::get(self, want),
            Want::Tool { name, version } => self.tool(want, name, version.as_deref()),
        }
    }

    fn tool(&self, want: &Want, name: &str, version: Option<&str>) -> Result<Got, SetupError> {
        let row = catalogue::row(name)
            .ok_or_else(|| SetupError::unavailable(want, catalogue::reason(name)))?;
        let aside = self.aside()?;
        let root = aside.path().join("root");
        let getting = Getting { setup: self, row, version, aside: aside.path(), root };
        match row.source {
            Source::Npm => npm::get(&getting)?,
            Source::Pip => pip::get(&getting)?,
            Source::Cargo => cargo::get(&getting)?,
            Source::Uv => uv::get(&getting)?,
        }
        let found = getting.check(want)?;
        self.settle(want, row, &found, &getting.root)
    }

    /// Moves what was checked to its place, and looks whether runs find it there.
    fn settle(
        &self,
        want: &Want,
        row: &Row,
        version: &Version,
        root: &Path,
    ) -> Result<Got, SetupError> {
        let toolbox = self.toolbox();
        let place = toolbox.place(row.tool, version);
        let place = place
            .ok_or_else(|| SetupError::unavailable(want, "there is no folder for it".into()))?;
        let marker = Toolbox::marker(&place);
        let parent = place.parent().unwrap_or(&place);
        fs::create_dir_all(parent).map_err(HostError::file("make", parent))?;
        remove_tree(&marker)?;
        remove_tree(&place)?;
        fs::rename(root, &place).map_err(HostError::file("move to its place", &place))?;
        fs::write(&marker, "").map_err(HostError::file("write", &marker))?;
        // A toolbox that has not looked before.
        match self.toolbox().has(want) {
            Found::Here(()) => {
                let bytes = bytes_below(&place);
                Ok(Got { version: version.to_string(), place, bytes })
            }
            Found::Other(found) => {
                remove_tree(&marker)?;
                remove_tree(&place)?;
                Err(SetupError::Wrong { want: want.to_string(), found })
            }
            Found::Nothing => {
                remove_tree(&marker)?;
                remove_tree(&place)?;
                Err(SetupError::Wrong { want: want.to_string(), found: "nothing".to_owned() })
            }
        }
    }

    /// The name of an action, or why there is none.
    fn action(&self, want: &Want) -> Result<ActionName, String> {
        plim_host::which("git", self.environment.get("PATH").unwrap_or_default(), Path::new("/"))
            .ok_or("there is no `git` here")?;
        ActionName::of_want(want).ok_or_else(|| "it names no repository".to_owned())
    }

    fn store(&self) -> ActionStore {
        ActionStore::of_cache(self.cache)
    }

    fn fetcher<'f>(&'f self, store: &'f ActionStore) -> Fetcher<'f> {
        let (template, environment, clock) = (self.template, self.environment, self.clock);
        Fetcher { store, template, environment, clock, update: false }
    }

    fn toolbox(&self) -> Toolbox {
        Toolbox::new(self.environment, Some(self.cache))
    }

    /// A client by the name of its program; the error is a clause.
    fn client(&self, program: &str) -> Result<Client<'_>, String> {
        Client::find(program, self.environment, self.cache)
    }

    /// A new folder beside the tools, which is gone when it is dropped.
    fn aside(&self) -> Result<tempfile::TempDir, SetupError> {
        let folder = self.cache.join("tools-unfinished");
        let made = fs::create_dir_all(&folder).and_then(|()| tempfile::tempdir_in(&folder));
        Ok(made.map_err(HostError::file("make a folder in", &folder))?)
    }
}

impl Getting<'_> {
    /// Asks the tool for its version; it must say one, and where a version was asked for that one.
    fn check(&self, want: &Want) -> Result<Version, SetupError> {
        let program = self.root.join("bin").join(self.row.program());
        let said = self.setup.ask(&program, self.row.arguments())?;
        let version = Version::said(&said);
        let wrong = |found: String| SetupError::Wrong { want: want.to_string(), found };
        let version = version.ok_or_else(|| wrong(said.trim().to_owned()))?;
        let is_met = self.version.is_none_or(|asked| self.row.meets(asked, &version));
        if is_met { Ok(version) } else { Err(wrong(version.to_string())) }
    }
}

#[cfg(test)]
mod tests;
