//! Keeps the caches within their budget.

use std::{
    fs, io,
    path::Path,
    time::{Duration, SystemTime},
};

use plim_host::{
    HostError,
    files::{Lock, LockKind},
};

use super::{CacheEntry, CacheError, Caches, file};

/// Bytes that the caches of one repository may take: GitHub's own limit, so that what thrashes there
/// thrashes here, too.
pub const BUDGET: u64 = 10 * 1024 * 1024 * 1024;

/// How old a file that belongs to no entry must be before it is removed: longer than any save takes.
const STRAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What was removed to make room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evicted {
    /// Entries.
    pub entries: u64,
    /// Bytes of their archives.
    pub bytes: u64,
}

impl Caches {
    /// Removes the entries that were not used for longest until the rest is within the budget, and files
    /// that a killed run left; `spared` stays whatever it takes. Nothing happens while another run does
    /// the same.
    ///
    /// Errors: [`CacheError::File`].
    pub fn evict(&self, spared: Option<&CacheEntry>) -> Result<Evicted, CacheError> {
        let path = self.folder.join("lock");
        let _lock = match Lock::take(&path, LockKind::Exclusive, "`plim`, making room for caches") {
            Ok(lock) => lock,
            Err(HostError::Locked { .. }) => return Ok(Evicted::default()),
            Err(error) => return Err(file("lock", &path)(io::Error::other(error.to_string()))),
        };
        let mut entries = self.list()?;
        self.remove_strays(&entries)?;
        entries.sort_by_cached_key(|entry| self.used(entry));
        let mut total: u64 = entries.iter().map(|entry| entry.size).sum();
        let mut evicted = Evicted::default();
        for entry in entries.iter().filter(|entry| Some(*entry) != spared) {
            if total <= self.budget {
                break;
            }
            self.remove(entry)?;
            total -= entry.size;
            evicted.entries += 1;
            evicted.bytes += entry.size;
        }
        Ok(evicted)
    }

    fn used(&self, entry: &CacheEntry) -> SystemTime {
        let time = fs::metadata(self.description(entry)).and_then(|metadata| metadata.modified());
        time.unwrap_or(SystemTime::UNIX_EPOCH)
    }

    fn remove_strays(&self, entries: &[CacheEntry]) -> Result<(), CacheError> {
        for found in fs::read_dir(&self.folder).map_err(file("read", &self.folder))? {
            let found = found.map_err(file("read", &self.folder))?;
            let name = found.file_name().to_string_lossy().into_owned();
            let known = name == "lock"
                || entries.iter().any(|entry| {
                    entry.archive == name
                        || self.description(entry).file_name() == Some(&found.file_name())
                });
            if !known && self.is_old(&found.path()) {
                fs::remove_file(found.path()).map_err(file("remove", &found.path()))?;
            }
        }
        Ok(())
    }

    fn is_old(&self, path: &Path) -> bool {
        let changed = fs::symlink_metadata(path).and_then(|metadata| metadata.modified());
        changed.is_ok_and(|time| self.clock.now().duration_since(time).is_ok_and(|age| age > STRAY))
    }
}
