//! Restores an archive.

use std::{
    fs::{self, File, FileTimes, OpenOptions, Permissions},
    io::{self, Read, Seek, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use tar::{Archive, Entry, EntryType};

use super::{ArchiveError, LEADS_OUT, Roots, file};

/// What was restored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// Files, folders and links.
    pub entries: u64,
    /// The latest time of change among those that were not there already, just so.
    pub newest: Option<SystemTime>,
    /// Whether one of those lies in the workspace.
    pub in_workspace: bool,
}

/// Restores an archive that was [checked](super::check). Files that exist are replaced, unless they hold
/// just that and are no older; a time later than `now` becomes `now`.
///
/// Errors: [`ArchiveError::File`] for what cannot be written, [`ArchiveError::Damaged`],
/// [`ArchiveError::Hostile`] and [`ArchiveError::Cancelled`]; some files may then have been restored.
pub fn extract(
    archive: impl Read,
    roots: &Roots,
    now: SystemTime,
    cancelled: &dyn Fn() -> bool,
) -> Result<Restored, ArchiveError> {
    let decoder = zstd::Decoder::new(archive).map_err(ArchiveError::Damaged)?;
    let mut archive = Archive::new(decoder);
    let mut extraction =
        Extraction { roots, now, restored: Restored::default(), folders: Vec::new() };
    for entry in archive.entries().map_err(ArchiveError::Damaged)? {
        if cancelled() {
            return Err(ArchiveError::Cancelled);
        }
        extraction.entry(&mut entry.map_err(ArchiveError::Damaged)?)?;
    }
    extraction.finish()
}

struct Extraction<'a> {
    roots: &'a Roots,
    now: SystemTime,
    restored: Restored,
    /// Permissions and times of folders, set once nothing is written into them any more.
    folders: Vec<(PathBuf, u32, SystemTime)>,
}

/// Where an entry goes, and with what permissions and time.
struct Place {
    path: PathBuf,
    mode: u32,
    time: SystemTime,
}

impl Extraction<'_> {
    fn entry<R: Read>(&mut self, entry: &mut Entry<'_, R>) -> Result<(), ArchiveError> {
        let name = entry.path().map_err(ArchiveError::Damaged)?.into_owned();
        let hostile = |reason| ArchiveError::Hostile { entry: name.display().to_string(), reason };
        let path = self.roots.path_of(&name).ok_or_else(|| hostile(LEADS_OUT))?;
        let time = modified(entry).min(self.now);
        let mode = entry.header().mode().map_err(ArchiveError::Damaged)? & 0o777;
        let place = Place { path, mode, time };
        let is_new = match entry.header().entry_type() {
            EntryType::Directory => self.folder(&place)?,
            kind => {
                let parent = place.path.parent().unwrap_or(&place.path);
                self.roots.bounds.make_folder(parent).map_err(|_| hostile(LEADS_OUT))?;
                match (kind, self.target(entry)?) {
                    (EntryType::Regular, _) => place.file(entry),
                    (EntryType::Symlink, Some((said, _))) => place.symbolic_link(&said),
                    (EntryType::Link, Some((_, Some(target)))) => place.hard_link(&target),
                    _ => return Err(hostile("it is of an unknown kind")),
                }
                .map_err(file("write", &place.path))?
            }
        };
        self.restored.entries += 1;
        if is_new {
            self.restored.newest = self.restored.newest.max(Some(time));
            self.restored.in_workspace |= name.starts_with("workspace");
        }
        Ok(())
    }

    /// What a link says, and where that is if it is the name of another entry.
    fn target<R: Read>(
        &self,
        entry: &Entry<'_, R>,
    ) -> Result<Option<(PathBuf, Option<PathBuf>)>, ArchiveError> {
        let said = entry.link_name().map_err(ArchiveError::Damaged)?;
        Ok(said.map(|said| (said.to_path_buf(), self.roots.path_of(&said))))
    }

    fn folder(&mut self, place: &Place) -> Result<bool, ArchiveError> {
        let Place { path, mode, time } = place;
        let found = fs::symlink_metadata(path);
        let is_there = found.as_ref().is_ok_and(|found| found.is_dir());
        if found.is_ok() && !is_there {
            fs::remove_file(path).map_err(file("replace", path))?;
        }
        let made = self.roots.bounds.make_folder(path);
        made.map_err(|error| file("make the folder", path)(io::Error::other(error.to_string())))?;
        let writable = fs::set_permissions(path, Permissions::from_mode(mode | 0o700));
        writable.map_err(file("set the permissions of", path))?;
        self.folders.push((path.clone(), *mode, *time));
        Ok(!is_there)
    }

    fn finish(self) -> Result<Restored, ArchiveError> {
        for (path, mode, time) in self.folders.into_iter().rev() {
            set_time(&path, time).map_err(file("set the time of", &path))?;
            let set = fs::set_permissions(&path, Permissions::from_mode(mode));
            set.map_err(file("set the permissions of", &path))?;
        }
        Ok(self.restored)
    }
}

/// Each answers whether something is there now that was not, or an older one.
impl Place {
    fn file(&self, content: &mut impl Read) -> io::Result<bool> {
        let present = fs::symlink_metadata(&self.path).ok().filter(fs::Metadata::is_file);
        let Some(present) = present else { return self.write(io::empty(), content).map(|()| true) };
        let mut old = File::open(&self.path)?;
        let compared = compare(&mut old, content)?;
        let is_older = present.modified().is_ok_and(|present| present < self.time);
        let Some(difference) = compared.difference else {
            self.finish(&old)?;
            return Ok(is_older);
        };
        // What was equal is not in the archive's stream any more, but in the old file it still is.
        old.rewind()?;
        let equal = old.take(compared.equal).chain(difference.as_slice());
        self.write(equal, content).map(|()| true)
    }

    fn write(&self, beginning: impl Read, content: &mut impl Read) -> io::Result<()> {
        make_way(&self.path)?;
        let create =
            || OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.path);
        let mut file = match create() {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                make_writable(&self.path)?;
                create()?
            }
            other => other?,
        };
        io::copy(&mut beginning.chain(content), &mut file)?;
        file.flush()?;
        self.finish(&file)
    }

    fn finish(&self, file: &File) -> io::Result<()> {
        file.set_permissions(Permissions::from_mode(self.mode))?;
        file.set_times(FileTimes::new().set_modified(self.time))
    }

    fn symbolic_link(&self, target: &Path) -> io::Result<bool> {
        if fs::read_link(&self.path).is_ok_and(|present| present == target) {
            return Ok(false);
        }
        make_way(&self.path)?;
        symlink(target, &self.path)?;
        set_time(&self.path, self.time).map(|()| true)
    }

    fn hard_link(&self, target: &Path) -> io::Result<bool> {
        let identity =
            |path: &Path| fs::symlink_metadata(path).map(|found| (found.dev(), found.ino()));
        if identity(&self.path).ok() == Some(identity(target)?) {
            return Ok(false);
        }
        make_way(&self.path)?;
        fs::hard_link(target, &self.path).map(|()| true)
    }
}

/// How far a file is like what an archive holds.
struct Compared {
    /// Bytes that are equal.
    equal: u64,
    /// What was read of the archive beyond them; nothing when all is equal.
    difference: Option<Vec<u8>>,
}

fn compare(old: &mut impl Read, new: &mut impl Read) -> io::Result<Compared> {
    let mut equal = 0;
    let (mut ours, mut theirs) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    loop {
        let length = fill(new, &mut theirs)?;
        let present = fill(old, &mut ours[..length.max(1)])?;
        if ours[..present] != theirs[..length] {
            theirs.truncate(length);
            return Ok(Compared { equal, difference: Some(theirs) });
        }
        if length == 0 {
            return Ok(Compared { equal, difference: None });
        }
        equal += length as u64;
    }
}

/// Reads until the buffer is full or there is no more.
fn fill(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match from.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn set_time(path: &Path, time: SystemTime) -> io::Result<()> {
    plim_host::files::set_modified(path, time).map_err(|error| io::Error::other(error.to_string()))
}

/// Removes what stands at `path`, but no folder that holds something.
fn make_way(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            make_writable(path)?;
            fs::remove_file(path)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Go's module cache takes the right to write from its folders.
fn make_writable(path: &Path) -> io::Result<()> {
    fs::set_permissions(path.parent().unwrap_or(path), Permissions::from_mode(0o700))
}

/// The time of an entry, to the nanosecond where the archive has it.
fn modified<R: Read>(entry: &mut Entry<'_, R>) -> SystemTime {
    let whole = Duration::from_secs(entry.header().mtime().unwrap_or(0));
    let fine = entry.pax_extensions().ok().flatten().and_then(|extensions| {
        let mut times = extensions.flatten().filter(|extension| extension.key() == Ok("mtime"));
        times.next().and_then(|extension| extension.value().ok().and_then(parse_time))
    });
    SystemTime::UNIX_EPOCH.checked_add(fine.unwrap_or(whole)).unwrap_or(SystemTime::UNIX_EPOCH)
}

fn parse_time(text: &str) -> Option<Duration> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let nanoseconds: u32 = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    Some(Duration::new(seconds.parse().ok()?, nanoseconds))
}
