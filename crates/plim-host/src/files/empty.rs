//! Empties a folder, so that it is as one that was just made.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use rustix::fs::llistxattr;
use rustix::process::geteuid;

use super::remove_tree;
use crate::error::HostError;

/// Makes `path` a folder that is empty but for the folder `keep`, if that is there.
///
/// One that is there with just `mode`, ours, and without attributes, stays: to make another costs more on some file
/// systems than to look. Anything else is removed first. Errors: [`HostError::File`].
pub fn empty_folder(path: &Path, mode: u32, keep: Option<&str>) -> Result<(), HostError> {
    if !is_as_made(path, mode) {
        remove_tree(path)?;
        return fs::create_dir_all(path).map_err(HostError::file("make the folder", path));
    }
    let failed = HostError::file("empty", path);
    let entries: io::Result<Vec<_>> = fs::read_dir(path).and_then(Iterator::collect);
    for entry in entries.map_err(failed)? {
        let is_kept = || keep.is_some_and(|name| entry.file_name() == name);
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && is_kept() => {}
            Ok(kind) if !kind.is_dir() && fs::remove_file(entry.path()).is_ok() => {}
            _ => remove_tree(&entry.path())?,
        }
    }
    Ok(())
}

fn is_as_made(path: &Path, mode: u32) -> bool {
    let Ok(found) = fs::symlink_metadata(path) else { return false };
    let is_plain = || match llistxattr(path, &mut [0_u8; 0]) {
        Ok(length) => length == 0,
        Err(error) => error == rustix::io::Errno::NOTSUP,
    };
    let own_mode = found.permissions().mode() & 0o7777;
    found.is_dir() && own_mode == mode && found.uid() == geteuid().as_raw() && is_plain()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn number(path: &Path) -> u64 {
        fs::symlink_metadata(path).unwrap().ino()
    }

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn a_folder_as_it_was_made_stays_and_what_is_in_it_goes() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("folder");
        fs::create_dir_all(folder.join("inner/deep")).unwrap();
        fs::create_dir(folder.join("kept")).unwrap();
        fs::write(folder.join("file"), "").unwrap();
        symlink("/", folder.join("link")).unwrap();
        let before = number(&folder);
        empty_folder(&folder, mode(&folder), Some("kept")).unwrap();
        let left: Vec<_> =
            fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!((number(&folder), left), (before, vec!["kept".into()]));
    }

    #[test]
    fn anything_else_is_made_anew() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("folder");
        empty_folder(&folder, 0o755, None).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o1777)).unwrap();
        fs::create_dir(folder.join("kept")).unwrap();
        empty_folder(&folder, 0o755, Some("kept")).unwrap();
        assert!(mode(&folder) != 0o1777 && fs::read_dir(&folder).unwrap().next().is_none());
        fs::remove_dir(&folder).unwrap();
        symlink(place.path(), &folder).unwrap();
        empty_folder(&folder, 0o755, None).unwrap();
        assert!(fs::symlink_metadata(&folder).unwrap().is_dir());
    }
}
