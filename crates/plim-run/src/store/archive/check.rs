//! Looks at an archive before anything of it is restored.

use std::{
    collections::HashSet,
    io::{self, Read},
    path::{Path, PathBuf},
};

use tar::{Archive, Entry, EntryType};

use super::{ArchiveError, LEADS_OUT, Roots};

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

/// True for the name of a folder of the job itself.
fn is_root(name: &Path) -> bool {
    name.components().count() == 1
}
