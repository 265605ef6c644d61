//! Actions of other repositories, kept on this machine by what they hold.
//!
//! The store has a folder for each tree of files, named by the hash of all that is in it, and a record for each
//! repository that says which tag, branch or commit led to which commit, when, and to which tree. Records are replaced
//! whole and trees appear by a rename, so two processes can write at once and nobody ever sees half of something. Jobs
//! get copies, and a copy is hashed before it is used: what was changed or cut short is refused.

mod error;
mod fetch;
mod name;
mod record;
mod resolve;
mod tree;
mod unpack;
mod used;

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use plim_host::{
    HostError, Waker,
    files::{Lock, LockKind, copy_tree, remove_tree},
};

pub use error::ActionStoreError;
pub use fetch::{Fetched, Fetcher, TEMPLATE, check_template};
pub use name::{ActionName, NameError};
pub use record::Stored;
pub use resolve::{References, Resolver};
pub use tree::{Measure, measure};
pub use used::{Used, used, used_through};

use record::Record;

/// Actions of other repositories; cloning it is cheap.
#[derive(Clone, Debug)]
pub struct ActionStore {
    folder: PathBuf,
}

/// What was removed, or would be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// What each removed reference was.
    pub stored: Vec<Stored>,
    /// Bytes of the trees that nothing needs any more.
    pub bytes: u64,
}

impl ActionStore {
    /// The store in `folder`, which does not have to exist.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The store of a user whose folder for what can be made again is `cache`.
    pub fn of_cache(cache: &Path) -> Self {
        Self::new(cache.join("actions"))
    }

    /// What `name` stands for in the store; a whole commit id also finds what a tag or branch led to.
    ///
    /// Errors: [`ActionStoreError::Record`] for a record that cannot be read.
    pub fn find(&self, name: &ActionName) -> Result<Option<Stored>, ActionStoreError> {
        let record = Record::read(&self.record_file(name))?;
        Ok(record.find(&name.reference).cloned())
    }

    /// Everything that is there, by name.
    ///
    /// Errors: a folder or record that cannot be read.
    pub fn list(&self) -> Result<Vec<Stored>, ActionStoreError> {
        let mut all = Vec::new();
        for file in self.record_files()? {
            all.extend(Record::read(&file)?.references);
        }
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    /// Where the files of an action's repository are, for reading only; they may have been changed.
    pub fn folder_of(&self, stored: &Stored) -> PathBuf {
        self.trees().join(&stored.tree)
    }

    /// Copies the files of an action's repository to `to`, which must not exist, and hashes the copy.
    ///
    /// Errors: [`ActionStoreError::Damaged`] when it is not what was fetched; nothing is left at `to` then.
    pub fn copy(&self, stored: &Stored, to: &Path) -> Result<(), ActionStoreError> {
        let parent = to.parent().unwrap_or(to);
        fs::create_dir_all(parent).map_err(HostError::file("make", parent))?;
        let copied = copy_tree(&self.folder_of(stored), to).map_err(ActionStoreError::from);
        let measured = copied.and_then(|_| tree::measure(to));
        match measured {
            Ok(measure) if measure.digest == stored.tree => Ok(()),
            _ => {
                remove_tree(to)?;
                Err(ActionStoreError::Damaged { name: stored.name.clone() })
            }
        }
    }

    /// Whether the files of an action's repository are what was fetched.
    pub fn is_whole(&self, stored: &Stored) -> bool {
        tree::measure(&self.folder_of(stored)).is_ok_and(|found| found.digest == stored.tree)
    }

    /// Removes what `is_wanted` chooses, and the trees that nothing needs then; with `dry_run` only says what that is.
    ///
    /// A record that cannot be read is removed with all that it speaks of when `is_wanted` chooses its repository.
    /// Errors: what cannot be read or removed.
    pub fn remove(
        &self,
        is_wanted: &dyn Fn(&ActionName) -> bool,
        dry_run: bool,
    ) -> Result<Removed, ActionStoreError> {
        if !self.folder.is_dir() {
            return Ok(Removed::default());
        }
        let _lock = self.lock()?;
        let (mut removed, mut kept) = (Removed::default(), Vec::new());
        for file in self.record_files()? {
            let record = match Record::read(&file) {
                Ok(record) => record,
                Err(_) if is_wanted(&self.named_by(&file)) => {
                    if !dry_run {
                        remove_tree(&file)?;
                    }
                    continue;
                }
                Err(error) => return Err(error),
            };
            let (gone, stay): (Vec<_>, Vec<_>) =
                record.references.into_iter().partition(|one| is_wanted(&one.name));
            if !dry_run && !gone.is_empty() {
                Record { references: stay.clone(), ..Record::default() }.write(&file)?;
            }
            removed.stored.extend(gone);
            kept.extend(stay.into_iter().map(|one| one.tree));
        }
        removed.bytes = self.sweep(&kept, dry_run)?;
        Ok(removed)
    }

    /// Removes the trees that are not `kept`; returns their bytes.
    fn sweep(&self, kept: &[String], dry_run: bool) -> Result<u64, ActionStoreError> {
        let mut bytes = 0;
        for folder in entries(&self.trees())? {
            let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if kept.contains(&name) {
                continue;
            }
            bytes += crate::history::bytes_below(&folder);
            if !dry_run {
                remove_tree(&folder)?;
            }
        }
        Ok(bytes)
    }

    fn trees(&self) -> PathBuf {
        self.folder.join("trees")
    }

    fn records(&self) -> PathBuf {
        self.folder.join("records")
    }

    fn record_file(&self, name: &ActionName) -> PathBuf {
        let [host, owner, repository] = name.key();
        self.records().join(host).join(owner).join(format!("{repository}.json"))
    }

    fn record_files(&self) -> Result<Vec<PathBuf>, ActionStoreError> {
        let mut files = Vec::new();
        for host in entries(&self.records())? {
            for owner in entries(&host)? {
                let found = entries(&owner)?;
                files.extend(
                    found.into_iter().filter(|file| file.extension() == Some("json".as_ref())),
                );
            }
        }
        files.sort_unstable();
        Ok(files)
    }

    /// The repository that a record is about, by the place where the record is.
    fn named_by(&self, file: &Path) -> ActionName {
        let relative = file.strip_prefix(self.records()).unwrap_or(file).with_extension("");
        let mut parts = relative.iter().map(|part| part.to_string_lossy().into_owned());
        let mut next = || parts.next().unwrap_or_default();
        ActionName::plain(&next(), &next(), &next())
    }

    /// Holds the store against other writers, for the moment that it takes to record something.
    fn lock(&self) -> Result<Lock, ActionStoreError> {
        fs::create_dir_all(&self.folder).map_err(HostError::file("make", &self.folder))?;
        let path = self.folder.join("lock");
        let holder = "another `plim` that writes actions";
        Ok(Lock::wait(&path, LockKind::Exclusive, holder, &Waker::new()?, |_| {})?)
    }

    /// A new folder in the store that is gone when it is dropped, and with a later fetch when this process is killed.
    fn temporary(&self) -> Result<tempfile::TempDir, ActionStoreError> {
        const OLD: Duration = Duration::from_hours(24);
        let folder = self.folder.join("unfinished");
        let made = fs::create_dir_all(&folder).and_then(|()| tempfile::tempdir_in(&folder));
        let made = made.map_err(HostError::file("make a folder in", &folder))?;
        for left in entries(&folder)? {
            let age = fs::metadata(&left).and_then(|found| found.modified());
            if age.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > OLD)) {
                remove_tree(&left)?;
            }
        }
        Ok(made)
    }
}

/// What is in a folder, in order; nothing when it is missing.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, ActionStoreError> {
    let read = match fs::read_dir(folder) {
        Ok(read) => read,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(HostError::file("read", folder)(error).into()),
    };
    let mut found: Vec<PathBuf> = read.flatten().map(|entry| entry.path()).collect();
    found.sort_unstable();
    Ok(found)
}

#[cfg(test)]
mod tests;
