//! Writes an archive.

use std::{
    collections::HashMap,
    fs::{self, Metadata},
    io::{self, Read, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use tar::{Builder, EntryType, Header};

use super::{ArchiveError, Roots, file};

/// How hard zstd tries: its own default, as `zstdmt` in the toolkit.
const LEVEL: i32 = 3;

/// What an archive was made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Files, folders and links.
    pub entries: u64,
    /// Bytes of files, before compression.
    pub bytes: u64,
    /// What cannot be kept: sockets, pipes, devices, and links that lead out of the job's folders.
    pub left_out: Vec<PathBuf>,
}

/// Writes `paths`, folders with all that is in them, to `output`. Symbolic links are kept as links, and
/// hard links among the files too.
///
/// Errors: [`ArchiveError::File`] for what cannot be read or lies outside `roots`, and
/// [`ArchiveError::Cancelled`] once `cancelled` answers true.
pub fn write(
    paths: &[PathBuf],
    roots: &Roots,
    output: impl Write,
    cancelled: &dyn Fn() -> bool,
) -> Result<Written, ArchiveError> {
    let failed = |error: io::Error| ArchiveError::File {
        doing: "write",
        path: "the archive".into(),
        source: error,
    };
    let mut encoder = zstd::Encoder::new(output, LEVEL).map_err(failed)?;
    encoder.include_checksum(true).map_err(failed)?;
    let mut writer = Writer {
        roots,
        cancelled,
        builder: Builder::new(encoder),
        linked: HashMap::new(),
        written: Written::default(),
    };
    for path in outermost(paths) {
        writer.add(path)?;
    }
    let mut encoder = writer.builder.into_inner().map_err(failed)?;
    encoder.flush().map_err(failed)?;
    encoder.finish().map_err(failed)?;
    Ok(writer.written)
}

/// The paths that do not lie in another one.
fn outermost(paths: &[PathBuf]) -> impl Iterator<Item = &PathBuf> {
    let covered =
        |path: &Path| path.ancestors().skip(1).any(|above| paths.iter().any(|one| one == above));
    paths.iter().filter(move |path| !covered(path))
}

struct Writer<'a, W: Write> {
    roots: &'a Roots,
    cancelled: &'a dyn Fn() -> bool,
    builder: Builder<W>,
    /// Files with several names that are already in, by device and number.
    linked: HashMap<(u64, u64), PathBuf>,
    written: Written,
}

impl<W: Write> Writer<'_, W> {
    fn add(&mut self, path: &Path) -> Result<(), ArchiveError> {
        if (self.cancelled)() {
            return Err(ArchiveError::Cancelled);
        }
        let outside = || io::Error::other("it lies outside of what this job may use");
        let name = self.roots.name_of(path).ok_or_else(|| file("keep", path)(outside()))?;
        let metadata = fs::symlink_metadata(path).map_err(file("read", path))?;
        let kind = metadata.file_type();
        if kind.is_dir() {
            self.add_folder(path, &name, &metadata)
        } else if kind.is_file() {
            self.add_file(path, &name, &metadata)
        } else if kind.is_symlink() {
            self.add_link(path, &name, &metadata)
        } else {
            self.written.left_out.push(path.to_owned());
            Ok(())
        }
    }

    fn add_folder(
        &mut self,
        path: &Path,
        name: &Path,
        metadata: &Metadata,
    ) -> Result<(), ArchiveError> {
        let real = fs::canonicalize(path).map_err(file("read", path))?;
        if !self.roots.bounds.hold(&real) {
            return Err(file("keep", path)(io::Error::other(
                "a link leads out of the job's folders",
            )));
        }
        self.entry(path, name, metadata, EntryType::Directory, &mut io::empty())?;
        let mut names: Vec<_> = fs::read_dir(path)
            .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.file_name())).collect())
            .map_err(file("read", path))?;
        names.sort();
        names.iter().try_for_each(|name| self.add(&path.join(name)))
    }

    fn add_file(
        &mut self,
        path: &Path,
        name: &Path,
        metadata: &Metadata,
    ) -> Result<(), ArchiveError> {
        if metadata.nlink() > 1 {
            let identity = (metadata.dev(), metadata.ino());
            if let Some(first) = self.linked.get(&identity).cloned() {
                return self.entry_to(path, name, metadata, EntryType::Link, &first);
            }
            self.linked.insert(identity, name.to_owned());
        }
        let opened = self.roots.bounds.open(path);
        let opened =
            opened.map_err(|error| file("keep", path)(io::Error::other(error.to_string())))?;
        let metadata = opened.metadata().map_err(file("read", path))?;
        let mut content = Exactly { inner: opened, left: metadata.len() };
        self.written.bytes += metadata.len();
        self.entry(path, name, &metadata, EntryType::Regular, &mut content)
    }

    fn add_link(
        &mut self,
        path: &Path,
        name: &Path,
        metadata: &Metadata,
    ) -> Result<(), ArchiveError> {
        let target = fs::read_link(path).map_err(file("read", path))?;
        if !self.roots.may_link(path, &target) {
            self.written.left_out.push(path.to_owned());
            return Ok(());
        }
        self.entry_to(path, name, metadata, EntryType::Symlink, &target)
    }

    fn entry(
        &mut self,
        path: &Path,
        name: &Path,
        metadata: &Metadata,
        kind: EntryType,
        content: &mut dyn Read,
    ) -> Result<(), ArchiveError> {
        let mut header = header(metadata, kind);
        self.time(metadata).map_err(file("keep", path))?;
        self.written.entries += 1;
        self.builder.append_data(&mut header, name, content).map_err(file("keep", path))
    }

    fn entry_to(
        &mut self,
        path: &Path,
        name: &Path,
        metadata: &Metadata,
        kind: EntryType,
        target: &Path,
    ) -> Result<(), ArchiveError> {
        let mut header = header(metadata, kind);
        header.set_size(0);
        self.time(metadata).map_err(file("keep", path))?;
        self.written.entries += 1;
        self.builder.append_link(&mut header, name, target).map_err(file("keep", path))
    }

    /// Tar itself keeps whole seconds only.
    fn time(&mut self, metadata: &Metadata) -> io::Result<()> {
        let (seconds, nanoseconds) = (metadata.mtime(), metadata.mtime_nsec());
        if nanoseconds == 0 || seconds < 0 {
            return Ok(());
        }
        let time = format!("{seconds}.{nanoseconds:09}");
        self.builder.append_pax_extensions([("mtime", time.as_bytes())])
    }
}

fn header(metadata: &Metadata, kind: EntryType) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(metadata.mode() & 0o777);
    header.set_mtime(u64::try_from(metadata.mtime()).unwrap_or(0));
    header.set_size(if kind == EntryType::Regular { metadata.len() } else { 0 });
    header
}

/// Reads as many bytes as the header says: a file that grows is cut, one that shrinks is an error.
struct Exactly<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Exactly<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        if most == 0 {
            return Ok(0);
        }
        match self.inner.read(&mut buffer[..most])? {
            0 => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it became shorter meanwhile")),
            read => {
                self.left -= read as u64;
                Ok(read)
            }
        }
    }
}
