//! Checks an archive, and restores it.

use std::{
    collections::HashSet,
    fs::{self, File, FileTimes, OpenOptions, Permissions},
    io::{self, Read},
    os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use tar::{Archive, Entry, EntryType};

use super::{ArchiveError, Roots, file};

/// What was restored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// Files, folders and links.
    pub entries: u64,
    /// The latest time of change among them.
    pub newest: Option<SystemTime>,
}

/// Looks at every entry without writing anything; `bytes` is what all files may take together.
///
/// Errors: [`ArchiveError::Damaged`]; [`ArchiveError::Hostile`] for a path, link or kind of file that
/// could land outside `roots`; [`ArchiveError::Cancelled`].
pub fn check(
    archive: impl Read,
    roots: &Roots,
    bytes: u64,
    cancelled: &dyn Fn() -> bool,
) -> Result<(), ArchiveError> {
    let mut check = Check {
        roots,
        left: bytes,
        files: HashSet::new(),
        links: HashSet::new(),
        seen: HashSet::new(),
    };
    let mut decoder = zstd::Decoder::new(archive).map_err(ArchiveError::Damaged)?;
    let mut archive = Archive::new(&mut decoder);
    for entry in archive.entries().map_err(ArchiveError::Damaged)? {
        if cancelled() {
            return Err(ArchiveError::Cancelled);
        }
        let mut entry = entry.map_err(ArchiveError::Damaged)?;
        check.entry(&entry)?;
        io::copy(&mut entry, &mut io::sink()).map_err(ArchiveError::Damaged)?;
    }
    // What follows the end of the archive must be whole, too, or a part of it was lost.
    io::copy(&mut decoder, &mut io::sink()).map_err(ArchiveError::Damaged)?;
    Ok(())
}

struct Check<'a> {
    roots: &'a Roots,
    left: u64,
    files: HashSet<PathBuf>,
    links: HashSet<PathBuf>,
    /// Folders that were looked at on the disk.
    seen: HashSet<PathBuf>,
}

impl Check<'_> {
    fn entry<R: Read>(&mut self, entry: &Entry<'_, R>) -> Result<(), ArchiveError> {
        let name = entry.path().map_err(ArchiveError::Damaged)?.into_owned();
        let hostile = |reason| ArchiveError::Hostile { entry: name.display().to_string(), reason };
        let path = self.roots.path_of(&name).ok_or_else(|| hostile(LEADS_OUT))?;
        if name.ancestors().skip(1).any(|above| self.links.contains(above)) {
            return Err(hostile("it lies behind a link of the same archive"));
        }
        self.kind(entry, &name, &path)?.map_or(Ok(()), |reason| Err(hostile(reason)))?;
        let parent = if is_root(&name) { &path } else { path.parent().unwrap_or(&path) };
        if self.seen.insert(parent.to_owned()) {
            let inside = self.roots.bounds.check_target(parent);
            inside.map_err(|_| hostile("a link on the disk leads it out of the job's folders"))?;
        }
        Ok(())
    }

    /// What is wrong with an entry of its kind, if anything is.
    fn kind<R: Read>(
        &mut self,
        entry: &Entry<'_, R>,
        name: &Path,
        path: &Path,
    ) -> Result<Option<&'static str>, ArchiveError> {
        let target = entry.link_name().map_err(ArchiveError::Damaged)?;
        let wrong = match entry.header().entry_type() {
            EntryType::Directory => None,
            _ if is_root(name) => Some("it would replace a folder of the job"),
            EntryType::Regular => {
                self.files.insert(name.to_owned());
                match self.left.checked_sub(entry.size()) {
                    Some(left) => {
                        self.left = left;
                        None
                    }
                    None => Some("it is larger than the archive says"),
                }
            }
            EntryType::Link => {
                let known = target.is_some_and(|target| self.files.contains(&*target));
                (!known).then_some("it is a hard link to something that is not in the archive")
            }
            EntryType::Symlink => {
                self.links.insert(name.to_owned());
                let inside = target.is_some_and(|target| self.roots.may_link(path, &target));
                (!inside).then_some("it is a link that leads out of the job's folders")
            }
            _ => Some("it is a device, a pipe or of an unknown kind"),
        };
        Ok(wrong)
    }
}

const LEADS_OUT: &str = "it leads out of the job's folders";

/// True for the name of a folder of the job itself.
fn is_root(name: &Path) -> bool {
    name.components().count() == 1
}

/// Restores an archive that was [checked](check). Files that exist are replaced; a time later than `now`
/// becomes `now`.
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

impl Extraction<'_> {
    fn entry<R: Read>(&mut self, entry: &mut Entry<'_, R>) -> Result<(), ArchiveError> {
        let name = entry.path().map_err(ArchiveError::Damaged)?.into_owned();
        let hostile = |reason| ArchiveError::Hostile { entry: name.display().to_string(), reason };
        let path = self.roots.path_of(&name).ok_or_else(|| hostile(LEADS_OUT))?;
        let time = modified(entry).min(self.now);
        let mode = entry.header().mode().map_err(ArchiveError::Damaged)? & 0o777;
        let kind = entry.header().entry_type();
        if kind == EntryType::Directory {
            return self.folder(path, mode, time);
        }
        if let Some(parent) = path.parent() {
            self.roots.bounds.make_folder(parent).map_err(|_| hostile(LEADS_OUT))?;
        }
        let link =
            entry.link_name().map_err(ArchiveError::Damaged)?.map(|target| target.into_owned());
        make_way(&path).map_err(file("replace", &path))?;
        match (kind, link) {
            (EntryType::Regular, _) => write_file(&path, entry, mode, time),
            (EntryType::Symlink, Some(target)) => symlink(target, &path),
            (EntryType::Link, Some(target)) => {
                let target = self.roots.path_of(&target).ok_or_else(|| hostile(LEADS_OUT))?;
                fs::hard_link(target, &path)
            }
            _ => return Err(hostile("it is of an unknown kind")),
        }
        .map_err(file("write", &path))?;
        if kind == EntryType::Symlink {
            let kept = plim_host::files::set_modified(&path, time);
            kept.map_err(|error| {
                file("set the time of", &path)(io::Error::other(error.to_string()))
            })?;
        }
        self.count(time);
        Ok(())
    }

    fn folder(&mut self, path: PathBuf, mode: u32, time: SystemTime) -> Result<(), ArchiveError> {
        if fs::symlink_metadata(&path).is_ok_and(|metadata| !metadata.is_dir()) {
            fs::remove_file(&path).map_err(file("replace", &path))?;
        }
        let made = self.roots.bounds.make_folder(&path);
        made.map_err(|error| file("make the folder", &path)(io::Error::other(error.to_string())))?;
        let writable = fs::set_permissions(&path, Permissions::from_mode(mode | 0o700));
        writable.map_err(file("set the permissions of", &path))?;
        self.folders.push((path, mode, time));
        self.count(time);
        Ok(())
    }

    fn count(&mut self, time: SystemTime) {
        self.restored.entries += 1;
        self.restored.newest = self.restored.newest.max(Some(time));
    }

    fn finish(self) -> Result<Restored, ArchiveError> {
        for (path, mode, time) in self.folders.into_iter().rev() {
            let kept = plim_host::files::set_modified(&path, time);
            kept.map_err(|error| {
                file("set the time of", &path)(io::Error::other(error.to_string()))
            })?;
            let set = fs::set_permissions(&path, Permissions::from_mode(mode));
            set.map_err(file("set the permissions of", &path))?;
        }
        Ok(self.restored)
    }
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
            // Go's module cache takes the right to write from its folders.
            let parent = path.parent().unwrap_or(path);
            fs::set_permissions(parent, Permissions::from_mode(0o700))?;
            fs::remove_file(path)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn write_file(path: &Path, content: &mut impl Read, mode: u32, time: SystemTime) -> io::Result<()> {
    let create = || OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file: File = match create() {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            let parent = path.parent().unwrap_or(path);
            fs::set_permissions(parent, Permissions::from_mode(0o700))?;
            create()?
        }
        other => other?,
    };
    io::copy(content, &mut file)?;
    file.set_permissions(Permissions::from_mode(mode))?;
    file.set_times(FileTimes::new().set_modified(time))
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
