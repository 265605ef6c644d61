//! Artifacts of a run: files that its jobs hand to one another and to the user.
//!
//! Each is a zip file as GitHub stores it (or one file as it is) and a manifest beside it. An artifact
//! exists when its manifest does, which is written last.

use std::{
    collections::HashSet,
    fmt,
    fs::{self, File},
    io::{self, BufWriter, Read, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;
use plim_host::Clock;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::hash_files::hexadecimal;

/// Days that an artifact is kept unless `retention-days` says otherwise, as on GitHub.
pub const DEFAULT_RETENTION_DAYS: u32 = 90;

/// The artifacts of one run.
#[derive(Debug)]
pub struct Artifacts {
    folder: PathBuf,
    clock: Clock,
    /// Names that are being written, and the last number given.
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    names: HashSet<String>,
    last: Option<u64>,
}

/// What is known of an artifact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Artifact {
    /// Counts up within the run, from 1.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// How it is stored.
    pub form: Form,
    /// Bytes as stored.
    pub size: u64,
    /// `sha256:` and hexadecimal digits, of what is stored.
    pub digest: String,
    /// How many files are in it.
    pub files: u64,
    /// When it was stored, in RFC 3339.
    pub created: String,
    /// When it may be removed, in RFC 3339.
    pub expires: String,
}

/// How an artifact is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// As a zip file.
    Zip,
    /// As the one file that it is.
    Raw,
}

/// Why an artifact could not be stored or found.
#[derive(Debug)]
pub enum ArtifactError {
    /// One of this name exists, or is being stored.
    Exists {
        /// The name.
        name: String,
    },
    /// A file of the store could not be read or written.
    File {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl fmt::Display for ArtifactError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists { name } => {
                write!(f, "an artifact named `{name}` already exists in this run")
            }
            Self::File { doing, path, source } => {
                write!(f, "cannot {doing} `{}`: {source}", path.display())
            }
        }
    }
}

impl std::error::Error for ArtifactError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Exists { .. } => None,
            Self::File { source, .. } => Some(source),
        }
    }
}

impl ArtifactError {
    /// What to do about it.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Exists { .. } => {
                Some("give each artifact a name of its own, or set `overwrite: true`")
            }
            Self::File { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                Some("free some space on that disk")
            }
            Self::File { .. } => None,
        }
    }
}

impl Artifacts {
    pub(crate) fn new(folder: PathBuf, clock: Clock) -> Self {
        Self { folder, clock, open: Mutex::default() }
    }

    /// Where they are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// All artifacts, the newest first; of several tries at one name there is only the last.
    ///
    /// Errors: [`ArtifactError::File`].
    pub fn list(&self) -> Result<Vec<Artifact>, ArtifactError> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(file("read", &self.folder)(source)),
        };
        let mut artifacts = Vec::new();
        for entry in entries {
            let path = entry.map_err(file("read", &self.folder))?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                artifacts.extend(read_manifest(&path)?);
            }
        }
        artifacts.sort_by_key(|artifact: &Artifact| std::cmp::Reverse(artifact.id));
        Ok(artifacts)
    }

    /// The artifact of this name.
    ///
    /// Errors: [`ArtifactError::File`].
    pub fn find(&self, name: &str) -> Result<Option<Artifact>, ArtifactError> {
        read_manifest(&self.manifest(name))
    }

    /// The file that holds what is stored.
    pub fn path(&self, artifact: &Artifact) -> PathBuf {
        self.stored(&artifact.name, artifact.form)
    }

    /// Removes an artifact; true when there was one.
    ///
    /// Errors: [`ArtifactError::File`].
    pub fn remove(&self, name: &str) -> Result<bool, ArtifactError> {
        let removed = remove_file(&self.manifest(name))?;
        for form in [Form::Zip, Form::Raw] {
            remove_file(&self.stored(name, form))?;
        }
        Ok(removed)
    }

    /// Takes over an artifact that an earlier run stored: a run that repeats only some jobs needs what the others
    /// had stored. `earlier` is the folder of that run's artifacts. It must be the one with this `digest` and whole,
    /// and this run must have none of its name; otherwise `None`.
    ///
    /// Errors: [`ArtifactError::File`].
    pub fn inherit(
        &self,
        earlier: &Path,
        name: &str,
        digest: &str,
    ) -> Result<Option<Artifact>, ArtifactError> {
        let earlier = Self::new(earlier.to_owned(), self.clock.clone());
        let Some(artifact) = earlier.find(name)?.filter(|artifact| artifact.digest == digest)
        else {
            return Ok(None);
        };
        let from = earlier.path(&artifact);
        if self.find(name)?.is_some() || hash_of(&from).as_deref() != Some(digest) {
            return Ok(None);
        }
        fs::create_dir_all(&self.folder).map_err(file("make the folder", &self.folder))?;
        // The manifest comes last, as when it was stored.
        for (from, to) in
            [(from, self.path(&artifact)), (earlier.manifest(name), self.manifest(name))]
        {
            fs::copy(&from, to).map_err(file("copy", &from))?;
        }
        Ok(Some(artifact))
    }

    /// Gives no number to an artifact that one in `earlier` has, since outputs of jobs name artifacts by number.
    ///
    /// Errors: [`ArtifactError::File`].
    pub fn number_after(&self, earlier: &Path) -> Result<(), ArtifactError> {
        let earlier = Self::new(earlier.to_owned(), self.clock.clone());
        let last = earlier.list()?.first().map(|artifact| artifact.id);
        self.open.lock().unwrap_or_else(PoisonError::into_inner).last = last;
        Ok(())
    }

    /// Begins to store an artifact; with `overwrite` one of the same name is replaced at the end. Nobody
    /// sees it before [`Upload::finish`], and nothing stays of it when the upload is dropped before.
    ///
    /// Errors: [`ArtifactError::Exists`], [`ArtifactError::File`].
    pub fn upload(
        &self,
        name: &str,
        form: Form,
        overwrite: bool,
    ) -> Result<Upload<'_>, ArtifactError> {
        let reservation = self.reserve(name)?;
        if !overwrite && self.find(name)?.is_some() {
            return Err(ArtifactError::Exists { name: name.to_owned() });
        }
        fs::create_dir_all(&self.folder).map_err(file("make the folder", &self.folder))?;
        let temporary = tempfile::Builder::new()
            .prefix(".upload-")
            .tempfile_in(&self.folder)
            .map_err(file("write to", &self.folder))?;
        let content = Hashing { inner: BufWriter::new(temporary), hash: Sha256::new(), length: 0 };
        Ok(Upload { reservation, form, content })
    }

    fn reserve(&self, name: &str) -> Result<Reservation<'_>, ArtifactError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if !open.names.insert(name.to_owned()) {
            return Err(ArtifactError::Exists { name: name.to_owned() });
        }
        Ok(Reservation { artifacts: self, name: name.to_owned() })
    }

    fn next_id(&self) -> Result<u64, ArtifactError> {
        let stored = self.list()?.first().map_or(0, |artifact| artifact.id);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let next = open.last.unwrap_or(0).max(stored) + 1;
        open.last = Some(next);
        Ok(next)
    }

    fn manifest(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.json"))
    }

    fn stored(&self, name: &str, form: Form) -> PathBuf {
        let extension = match form {
            Form::Zip => "zip",
            Form::Raw => "raw",
        };
        self.folder.join(format!("{name}.{extension}"))
    }
}

/// Keeps a name for one upload.
#[derive(Debug)]
struct Reservation<'a> {
    artifacts: &'a Artifacts,
    name: String,
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        let mut open = self.artifacts.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.names.remove(&self.name);
    }
}

/// An artifact that is being stored.
#[derive(Debug)]
pub struct Upload<'a> {
    reservation: Reservation<'a>,
    form: Form,
    /// Takes the bytes of the artifact.
    pub content: Hashing<BufWriter<NamedTempFile>>,
}

impl Upload<'_> {
    /// Makes the artifact visible.
    ///
    /// Errors: [`ArtifactError::File`].
    pub fn finish(self, files: u64, retention_days: u32) -> Result<Artifact, ArtifactError> {
        let Self { reservation, form, content } = self;
        let artifacts = reservation.artifacts;
        let path = artifacts.stored(&reservation.name, form);
        let created = Timestamp::try_from(artifacts.clock.now()).unwrap_or_default();
        let kept = jiff::SignedDuration::from_hours(24 * i64::from(retention_days));
        let artifact = Artifact {
            id: artifacts.next_id()?,
            name: reservation.name.clone(),
            form,
            size: content.length,
            digest: format!("sha256:{}", hexadecimal(&content.hash.finalize())),
            files,
            created: created.to_string(),
            expires: created.checked_add(kept).unwrap_or(Timestamp::MAX).to_string(),
        };
        artifacts.remove(&reservation.name)?;
        let temporary =
            content.inner.into_inner().map_err(|error| file("write", &path)(error.into_error()))?;
        temporary.persist(&path).map_err(|error| file("write", &path)(error.error))?;
        let manifest = serde_json::to_vec_pretty(&artifact).map_err(io::Error::from);
        let written = manifest
            .and_then(|manifest| write_whole(&artifacts.manifest(&artifact.name), &manifest));
        written.map_err(file("write the manifest of", &path))?;
        Ok(artifact)
    }
}

/// The digest of a stored file; `None` when it cannot be read.
fn hash_of(path: &Path) -> Option<String> {
    let mut hashing = Hashing { inner: io::sink(), hash: Sha256::new(), length: 0 };
    io::copy(&mut File::open(path).ok()?, &mut hashing).ok()?;
    Some(format!("sha256:{}", hexadecimal(&hashing.hash.finalize())))
}

fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let mut temporary = NamedTempFile::new_in(folder)?;
    temporary.write_all(content)?;
    temporary.persist(path)?;
    Ok(())
}

fn read_manifest(path: &Path) -> Result<Option<Artifact>, ArtifactError> {
    match File::open(path) {
        Ok(manifest) => {
            let artifact = serde_json::from_reader(io::BufReader::new(manifest));
            artifact.map(Some).map_err(|error| file("read", path)(error.into()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(file("read", path)(error)),
    }
}

fn remove_file(path: &Path) -> Result<bool, ArtifactError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(file("remove", path)(error)),
    }
}

fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ArtifactError {
    let path = path.to_owned();
    move |source| ArtifactError::File { doing, path, source }
}

/// Counts and hashes what goes through it.
#[derive(Debug)]
pub struct Hashing<T> {
    pub(crate) inner: T,
    pub(crate) hash: Sha256,
    pub(crate) length: u64,
}

impl<T> Hashing<T> {
    /// Nothing went through yet.
    pub fn new(inner: T) -> Self {
        Self { inner, hash: Sha256::new(), length: 0 }
    }

    fn count(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.length += bytes.len() as u64;
    }
}

impl<T: Write> Write for Hashing<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.count(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<T: Read> Read for Hashing<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count(&buffer[..read]);
        Ok(read)
    }
}

/// The digest of a file as GitHub writes it.
///
/// Errors: when it cannot be read.
pub fn digest(path: &Path) -> io::Result<String> {
    let mut file = Hashing::new(File::open(path)?);
    io::copy(&mut file, &mut io::sink())?;
    Ok(format!("sha256:{}", hexadecimal(&file.hash.finalize())))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use plim_test::sandbox::Sandbox;

    use super::*;

    fn artifacts(world: &Sandbox) -> Artifacts {
        let clock = Clock::fixed(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000));
        Artifacts::new(world.at("run/artifacts"), clock)
    }

    fn store(artifacts: &Artifacts, name: &str, content: &str) -> Result<Artifact, ArtifactError> {
        let mut upload = artifacts.upload(name, Form::Raw, false)?;
        upload.content.write_all(content.as_bytes()).unwrap();
        upload.finish(1, 90)
    }

    #[test]
    fn an_artifact_is_kept_with_its_digest() {
        let world = Sandbox::new();
        let artifacts = artifacts(&world);
        assert_eq!(artifacts.list().unwrap(), []);
        let stored = store(&artifacts, "a b", "abc").unwrap();
        let abc = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!((stored.id, stored.size, stored.digest.as_str()), (1, 3, abc));
        assert_eq!(stored.created, "2023-11-14T22:13:20Z");
        assert_eq!(stored.expires, "2024-02-12T22:13:20Z");
        assert_eq!(artifacts.find("a b").unwrap().as_ref(), Some(&stored));
        assert_eq!(digest(&artifacts.path(&stored)).unwrap(), abc);
        store(&artifacts, "second", "").unwrap();
        let names: Vec<_> =
            artifacts.list().unwrap().into_iter().map(|one| (one.id, one.name)).collect();
        assert_eq!(names, [(2, "second".to_owned()), (1, "a b".to_owned())]);
    }

    #[test]
    fn a_name_can_be_taken_once_until_it_is_removed() {
        let world = Sandbox::new();
        let artifacts = artifacts(&world);
        let open = artifacts.upload("x", Form::Zip, false).unwrap();
        assert!(matches!(store(&artifacts, "x", ""), Err(ArtifactError::Exists { .. })));
        drop(open);
        store(&artifacts, "x", "1").unwrap();
        assert!(matches!(store(&artifacts, "x", ""), Err(ArtifactError::Exists { .. })));
        assert!(artifacts.remove("x").unwrap());
        assert!(!artifacts.remove("x").unwrap());
        store(&artifacts, "x", "2").unwrap();
        assert_eq!(world.read("run/artifacts/x.raw"), "2");
    }

    #[test]
    fn a_run_can_take_over_what_an_earlier_one_stored() {
        let world = Sandbox::new();
        let earlier = artifacts(&world);
        let clock = Clock::fixed(SystemTime::UNIX_EPOCH);
        let later = Artifacts::new(world.at("later/artifacts"), clock);
        let take = |name, digest: &str| {
            later.inherit(earlier.folder(), name, digest).unwrap().map(|artifact| artifact.id)
        };
        assert_eq!(take("a", "sha256:0"), None);
        let a = store(&earlier, "a", "old").unwrap();
        let b = store(&earlier, "b", "old").unwrap();
        later.number_after(earlier.folder()).unwrap();
        assert_eq!(store(&later, "b", "new").unwrap().id, 3);
        assert_eq!(take("a", "sha256:0"), None, "one that was stored over it");
        assert_eq!(take("a", &a.digest), Some(1));
        assert_eq!(take("b", &b.digest), None, "this run has one of its name");
        assert_eq!(world.read("later/artifacts/a.raw"), "old");
        assert_eq!(world.read("later/artifacts/b.raw"), "new");
        assert_eq!(store(&later, "c", "").unwrap().id, 4);
    }

    #[test]
    fn a_damaged_artifact_is_not_taken_over() {
        let world = Sandbox::new();
        let earlier = artifacts(&world);
        let later =
            Artifacts::new(world.at("later/artifacts"), Clock::fixed(SystemTime::UNIX_EPOCH));
        let stored = store(&earlier, "a", "whole").unwrap();
        fs::write(earlier.path(&stored), "cut").unwrap();
        assert_eq!(later.inherit(earlier.folder(), "a", &stored.digest).unwrap(), None);
        assert_eq!(later.list().unwrap(), []);
    }

    #[test]
    fn an_upload_that_is_given_up_leaves_nothing() {
        let world = Sandbox::new();
        let artifacts = artifacts(&world);
        let mut upload = artifacts.upload("x", Form::Zip, false).unwrap();
        upload.content.write_all(b"half").unwrap();
        drop(upload);
        assert_eq!(artifacts.list().unwrap(), []);
        assert_eq!(fs::read_dir(world.at("run/artifacts")).unwrap().count(), 0);
    }
}
