//! Caches of a repository: what jobs keep for later runs, found by key, scope and version.
//!
//! An entry is an archive and a small description beside it, in the user's cache folder. It exists when
//! its description does, which is written last and never replaced, so two runs at once are safe: of two
//! that save one key, the first to finish wins, as on GitHub.

mod evict;
mod keys;

use std::{
    fmt,
    fs::{self, File},
    io::{self, BufReader, BufWriter, Seek, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};

use plim_host::Clock;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

pub use evict::{BUDGET, Evicted};
pub use keys::{KeyError, Scopes, Wanted, check_key, check_keys, version};

use super::{
    archive::{self, ArchiveError, Restored, Roots, Written},
    artifacts::{Hashing, digest},
};
use crate::hash_files::hexadecimal;

/// The largest archive that is kept: that of GitHub, and all of the [`BUDGET`].
pub const LARGEST: u64 = BUDGET;

/// The caches of one repository.
#[derive(Debug)]
pub struct Caches {
    folder: PathBuf,
    clock: Clock,
    budget: u64,
}

/// What is known of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CacheEntry {
    /// What it is found by.
    pub key: String,
    /// Of which paths it is, hashed.
    pub version: String,
    /// The reference that wrote it.
    pub scope: String,
    /// When it was written, in nanoseconds since 1970.
    pub created: u64,
    /// Bytes of the archive.
    pub size: u64,
    /// Bytes of the files in it.
    pub unpacked: u64,
    /// `sha256:` and hexadecimal digits, of the archive.
    pub digest: String,
    /// The file name of the archive.
    archive: String,
}

/// Why a cache could not be saved or restored.
#[derive(Debug)]
pub enum CacheError {
    /// The archive could not be made or restored.
    Archive(ArchiveError),
    /// A file of the store could not be read or written.
    File {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The archive is larger than [`LARGEST`].
    TooLarge {
        /// Bytes.
        size: u64,
    },
}

impl fmt::Display for CacheError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Archive(error) => error.fmt(f),
            Self::File { doing, path, source } => {
                write!(f, "cannot {doing} `{}`: {source}", path.display())
            }
            Self::TooLarge { size } => write!(
                f,
                "cache size of ~{} MB ({size} B) is over the 10GB limit, not saving cache",
                size / (1024 * 1024)
            ),
        }
    }
}

impl std::error::Error for CacheError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Archive(error) => Some(error),
            Self::File { source, .. } => Some(source),
            Self::TooLarge { .. } => None,
        }
    }
}

impl From<ArchiveError> for CacheError {
    fn from(error: ArchiveError) -> Self {
        Self::Archive(error)
    }
}

impl CacheError {
    /// What to do about it.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Archive(ArchiveError::File { source, .. }) | Self::File { source, .. }
                if source.kind() == io::ErrorKind::StorageFull =>
            {
                Some("free some space on that disk")
            }
            Self::Archive(ArchiveError::Hostile { .. }) => {
                Some("the entry was removed; find out which step saved it before you run again")
            }
            Self::TooLarge { .. } => Some("keep fewer paths, or split them over several keys"),
            Self::Archive(_) | Self::File { .. } => None,
        }
    }
}

/// What came of opening an entry.
#[derive(Debug)]
pub enum Opened {
    /// It is whole.
    Whole(OpenedCache),
    /// It was cut short, changed or gone, for this reason, and has been removed.
    Lost(String),
}

/// An entry whose archive was held against its digest.
#[derive(Debug)]
pub struct OpenedCache {
    archive: File,
    unpacked: u64,
}

impl Caches {
    pub(crate) fn new(folder: PathBuf, clock: Clock) -> Self {
        Self { folder, clock, budget: BUDGET }
    }

    /// With another budget than [`BUDGET`], in bytes.
    #[must_use]
    pub fn with_budget(mut self, bytes: u64) -> Self {
        self.budget = bytes;
        self
    }

    /// Where they are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// All entries, the newest first. What cannot be read is passed over.
    ///
    /// Errors: [`CacheError::File`] when the folder cannot be read.
    pub fn list(&self) -> Result<Vec<CacheEntry>, CacheError> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(file("read", &self.folder)(error)),
        };
        let mut found = Vec::new();
        for entry in entries {
            let path = entry.map_err(file("read", &self.folder))?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                found.extend(read(&path));
            }
        }
        found.sort_by(|a, b| (b.created, &b.key).cmp(&(a.created, &a.key)));
        Ok(found)
    }

    /// The entries that answer what is wanted, the best first.
    ///
    /// Errors: [`CacheError::File`].
    pub fn find(&self, wanted: &Wanted<'_>) -> Result<Vec<CacheEntry>, CacheError> {
        Ok(wanted.choose(self.list()?))
    }

    /// Opens the archive of an entry and holds it against its digest; the entry counts as used now.
    ///
    /// Errors: [`CacheError::File`] when it cannot be removed after it turned out to be damaged.
    pub fn open(&self, entry: &CacheEntry) -> Result<Opened, CacheError> {
        let path = self.folder.join(&entry.archive);
        let whole = File::open(&path).and_then(|archive| {
            let is_whole =
                archive.metadata()?.len() == entry.size && digest(&path)? == entry.digest;
            if is_whole { Ok(archive) } else { Err(io::Error::other("it is not what was saved")) }
        });
        match whole {
            Ok(archive) => {
                self.touch(entry);
                Ok(Opened::Whole(OpenedCache { archive, unpacked: entry.unpacked }))
            }
            Err(error) => {
                self.remove(entry)?;
                Ok(Opened::Lost(error.to_string()))
            }
        }
    }

    /// Restores an opened entry: looks at all of it, then writes.
    ///
    /// Errors: [`CacheError::Archive`]. Nothing was written when it is [`ArchiveError::Hostile`].
    pub fn restore(
        &self,
        cache: OpenedCache,
        roots: &Roots,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Restored, CacheError> {
        let mut archive = cache.archive;
        archive::check(BufReader::new(&archive), roots, cache.unpacked, cancelled)?;
        archive.rewind().map_err(ArchiveError::Damaged)?;
        Ok(archive::extract(BufReader::new(&archive), roots, self.clock.now(), cancelled)?)
    }

    /// Saves `paths` under a key; nothing inside when another entry has that key, version and scope.
    ///
    /// Errors: those of [`CacheError`]; nothing is kept then.
    pub fn save(
        &self,
        keep: &Keep<'_>,
        paths: &[PathBuf],
        roots: &Roots,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Option<Saved>, CacheError> {
        let description = self.folder.join(format!("{}.json", keep.id()));
        if description.exists() {
            return Ok(None);
        }
        let (content, written) = self.pack(paths, roots, cancelled)?;
        let Hashing { inner, hash, length } = content;
        if length > LARGEST.min(self.budget) {
            return Err(CacheError::TooLarge { size: length });
        }
        let created = nanoseconds(self.clock.now());
        let entry = CacheEntry {
            key: keep.key.to_owned(),
            version: keep.version.to_owned(),
            scope: keep.scope.to_owned(),
            created,
            size: length,
            unpacked: written.bytes,
            digest: format!("sha256:{}", hexadecimal(&hash.finalize())),
            archive: format!("{}-{created:x}.tar.zst", keep.id()),
        };
        if !self.publish(&entry, inner, &description)? {
            return Ok(None);
        }
        self.evict(Some(&entry))?;
        Ok(Some(Saved { entry, written }))
    }

    /// Writes the archive where nobody looks for one.
    fn pack(
        &self,
        paths: &[PathBuf],
        roots: &Roots,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<(Hashing<NamedTempFile>, Written), CacheError> {
        fs::create_dir_all(&self.folder).map_err(file("make the folder", &self.folder))?;
        let temporary = tempfile::Builder::new().prefix(".save-").tempfile_in(&self.folder);
        let mut content = Hashing::new(temporary.map_err(file("write to", &self.folder))?);
        let mut output = BufWriter::with_capacity(256 * 1024, &mut content);
        let written = archive::write(paths, roots, &mut output, cancelled)?;
        output.flush().map_err(file("write to", &self.folder))?;
        drop(output);
        Ok((content, written))
    }

    /// Puts the archive in its place and then its description; false when another was faster.
    fn publish(
        &self,
        entry: &CacheEntry,
        temporary: NamedTempFile,
        description: &Path,
    ) -> Result<bool, CacheError> {
        let path = self.folder.join(&entry.archive);
        match temporary.persist_noclobber(&path) {
            Ok(_) => {}
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
            Err(error) => return Err(file("write", &path)(error.error)),
        }
        let text = serde_json::to_vec_pretty(entry).map_err(io::Error::from);
        let written = text.and_then(|text| {
            let mut temporary = NamedTempFile::new_in(&self.folder)?;
            temporary.write_all(&text)?;
            temporary.persist_noclobber(description).map_err(|error| error.error)
        });
        match written {
            Ok(_) => {
                self.touch(entry);
                Ok(true)
            }
            Err(error) => {
                fs::remove_file(&path).map_err(file("remove", &path))?;
                match error.kind() {
                    io::ErrorKind::AlreadyExists => Ok(false),
                    _ => Err(file("write", description)(error)),
                }
            }
        }
    }

    /// Removes an entry; it is no error when another run was faster.
    ///
    /// Errors: [`CacheError::File`].
    pub fn remove(&self, entry: &CacheEntry) -> Result<(), CacheError> {
        for path in [self.description(entry), self.folder.join(&entry.archive)] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(file("remove", &path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn description(&self, entry: &CacheEntry) -> PathBuf {
        let keep = Keep { key: &entry.key, version: &entry.version, scope: &entry.scope };
        self.folder.join(format!("{}.json", keep.id()))
    }

    /// Notes that an entry was used; when that fails it is only evicted earlier.
    fn touch(&self, entry: &CacheEntry) {
        let _ = plim_host::files::set_modified(&self.description(entry), self.clock.now());
    }
}

/// What an entry is saved under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep<'a> {
    /// What it will be found by.
    pub key: &'a str,
    /// Of which paths it is: [`version`].
    pub version: &'a str,
    /// The reference that writes it.
    pub scope: &'a str,
}

impl Keep<'_> {
    fn id(&self) -> String {
        let mut hash = Sha256::new();
        for part in [self.scope, self.version, self.key] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hexadecimal(&hash.finalize()[..20])
    }
}

/// An entry that was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// The entry.
    pub entry: CacheEntry,
    /// What it was made of.
    pub written: Written,
}

fn read(path: &Path) -> Option<CacheEntry> {
    let entry: CacheEntry = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    let is_name = !entry.archive.contains('/') && entry.archive.ends_with(".tar.zst");
    is_name.then_some(entry)
}

fn nanoseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> CacheError {
    let path = path.to_owned();
    move |source| CacheError::File { doing, path, source }
}

#[cfg(test)]
mod tests;
