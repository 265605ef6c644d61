//! Fetches actions of other repositories into the store; nothing else of this crate uses the network.

use std::fs;

use plim_host::{
    Clock, Environment, HostError,
    files::remove_tree,
    git::{Remote, RemoteRef},
};

use super::{ActionName, ActionStore, ActionStoreError, Stored, record::Record, tree, unpack};

/// Where actions come from unless the user says otherwise.
pub const TEMPLATE: &str = "{server}/{owner}/{repo}";

/// Fetches into a store.
#[derive(Clone, Debug)]
pub struct Fetcher<'a> {
    /// Where to.
    pub store: &'a ActionStore,
    /// Addresses, see [`check_template`].
    pub template: &'a str,
    /// For `PATH`, and how the network is reached.
    pub environment: &'a Environment,
    /// Tells when something was fetched.
    pub clock: &'a Clock,
    /// Whether a tag or branch that has moved is followed.
    pub update: bool,
}

/// What came of fetching.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// It was not there and is now.
    New(Stored),
    /// It was there, and means the same commit still.
    Present(Stored),
    /// It was there but its files were not what was fetched; now they are.
    Mended(Stored),
    /// It means another commit now, and the store has that.
    Updated {
        /// The commit before.
        old: String,
        /// What is there now.
        stored: Stored,
    },
    /// It means another commit now, and the store keeps the old one.
    Moved {
        /// What is there.
        stored: Stored,
        /// The commit that it means now.
        now: String,
    },
}

impl Fetched {
    /// What is in the store now.
    pub fn stored(&self) -> &Stored {
        match self {
            Self::New(stored)
            | Self::Present(stored)
            | Self::Mended(stored)
            | Self::Updated { stored, .. }
            | Self::Moved { stored, .. } => stored,
        }
    }
}

/// Checks a template: `{owner}` and `{repo}` must be in it; `{host}` and `{server}` may be.
///
/// Errors: [`ActionStoreError::Template`].
pub fn check_template(template: &str) -> Result<(), ActionStoreError> {
    if template.contains("{owner}") && template.contains("{repo}") {
        Ok(())
    } else {
        Err(ActionStoreError::Template { template: template.to_owned() })
    }
}

/// The address of an action's repository by `template`.
pub(super) fn address(template: &str, name: &ActionName) -> String {
    let parts = [
        ("{server}", &*name.server),
        ("{host}", name.host()),
        ("{owner}", &*name.owner),
        ("{repo}", &*name.repository),
    ];
    parts.iter().fold(template.to_owned(), |text, (key, value)| text.replace(key, value))
}

impl Fetcher<'_> {
    /// The address of an action's repository.
    pub fn address(&self, name: &ActionName) -> String {
        address(self.template, name)
    }

    /// Puts an action's repository into the store, or looks whether what is there is still what its name means.
    ///
    /// A commit that is there and whole asks nothing of the network. Errors: every [`ActionStoreError`]; the store is
    /// as before then.
    pub fn fetch(&self, name: &ActionName) -> Result<Fetched, ActionStoreError> {
        let known = self.store.find(name)?;
        let whole = known.filter(|stored| self.store.is_whole(stored));
        if let Some(stored) = whole.as_ref().filter(|_| name.is_pinned()) {
            return Ok(Fetched::Present(self.recorded(name, stored.clone())?));
        }
        let place = self.store.temporary()?;
        let address = self.address(name);
        let remote = Remote::open(&place.path().join("git"), &address, self.environment)?;
        let meant = self.meant(&remote, name, &address)?;
        let known = self.store.find(name)?;
        match (whole, known) {
            (Some(stored), _) if stored.commit == meant.commit => Ok(Fetched::Present(stored)),
            (Some(stored), _) if !self.update => Ok(Fetched::Moved { stored, now: meant.commit }),
            (Some(old), _) => {
                let stored = self.take(&remote, name, &meant.name, place.path())?;
                Ok(Fetched::Updated { old: old.commit, stored })
            }
            // What a run has used is brought back as it was, if it can be had still.
            (None, Some(broken)) if !self.update => {
                let wanted =
                    if broken.commit == meant.commit { &meant.name } else { &broken.commit };
                self.take(&remote, name, wanted, place.path()).map(Fetched::Mended)
            }
            (None, Some(_)) => {
                self.take(&remote, name, &meant.name, place.path()).map(Fetched::Mended)
            }
            (None, None) => self.take(&remote, name, &meant.name, place.path()).map(Fetched::New),
        }
    }

    /// What a name means at the remote now.
    fn meant(
        &self,
        remote: &Remote,
        name: &ActionName,
        address: &str,
    ) -> Result<RemoteRef, ActionStoreError> {
        if name.is_pinned() {
            let commit = name.reference.to_ascii_lowercase();
            return Ok(RemoteRef { name: commit.clone(), commit });
        }
        let found = remote.find(&name.reference).map_err(|error| self.unreachable(name, error))?;
        found.ok_or_else(|| ActionStoreError::NoReference {
            name: name.clone(),
            address: address.to_owned(),
        })
    }

    fn unreachable(&self, name: &ActionName, source: HostError) -> ActionStoreError {
        let address = self.address(name);
        ActionStoreError::Unreachable { name: name.clone(), address, source: Box::new(source) }
    }

    /// Fetches `wanted`, unpacks it aside, and records it.
    fn take(
        &self,
        remote: &Remote,
        name: &ActionName,
        wanted: &str,
        place: &std::path::Path,
    ) -> Result<Stored, ActionStoreError> {
        let commit = remote.fetch(wanted).map_err(|error| self.unreachable(name, error))?;
        let (archive, files) = (place.join("archive.tar"), place.join("files"));
        remote.archive(&commit, &archive)?;
        let refused = |reason| ActionStoreError::Unsafe { name: name.clone(), reason };
        unpack::unpack(&archive, &files).map_err(refused)?;
        let measure = tree::measure(&files)?;
        let stored = Stored {
            name: name.clone(),
            commit,
            tree: measure.digest,
            fetched: self.now(),
            from: self.address(name),
            files: measure.files,
            bytes: measure.bytes,
        };
        let _lock = self.store.lock()?;
        self.settle(&stored, &files)?;
        self.record(&stored)?;
        Ok(stored)
    }

    /// Moves unpacked files to their place, unless they are there and whole.
    fn settle(&self, stored: &Stored, files: &std::path::Path) -> Result<(), ActionStoreError> {
        let place = self.store.folder_of(stored);
        if self.store.is_whole(stored) {
            return Ok(());
        }
        let trees = self.store.trees();
        fs::create_dir_all(&trees).map_err(HostError::file("make", &trees))?;
        remove_tree(&place)?;
        Ok(fs::rename(files, &place).map_err(HostError::file("move to its place", &place))?)
    }

    fn record(&self, stored: &Stored) -> Result<(), ActionStoreError> {
        let file = self.store.record_file(&stored.name);
        let mut record = Record::read(&file)?;
        record.put(stored.clone());
        record.write(&file)
    }

    /// A commit that was found by a tag gets a line of its own, so that it stays when the tag goes.
    fn recorded(&self, name: &ActionName, stored: Stored) -> Result<Stored, ActionStoreError> {
        if stored.name.reference == name.reference {
            return Ok(stored);
        }
        let own = Stored { name: name.clone(), ..stored };
        let _lock = self.store.lock()?;
        self.record(&own)?;
        Ok(own)
    }

    fn now(&self) -> String {
        jiff::Timestamp::try_from(self.clock.now()).map(|now| now.to_string()).unwrap_or_default()
    }
}
