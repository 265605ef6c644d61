//! Finds a program in the folders of a `PATH`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, accessat};

/// Finds the file that `program` names, as a shell would.
///
/// A name with a slash is taken relative to `directory`; any other is looked for in each folder of
/// `path` (separated by colons; an empty one means `directory`). Only regular files that this user
/// may execute count.
pub fn which(
    program: impl AsRef<OsStr>,
    path: impl AsRef<OsStr>,
    directory: &Path,
) -> Option<PathBuf> {
    let program = program.as_ref();
    if program.is_empty() {
        return None;
    }
    if program.as_bytes().contains(&b'/') {
        return Some(directory.join(program)).filter(|file| is_program(file));
    }
    let folders = path.as_ref().as_bytes().split(|byte| *byte == b':');
    let files = folders.map(|folder| directory.join(OsStr::from_bytes(folder)).join(program));
    files.into_iter().find(|file| is_program(file))
}

fn is_program(file: &Path) -> bool {
    file.is_file() && accessat(CWD, file, Access::EXEC_OK, AtFlags::EACCESS).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    fn folder_with(names: &[(&str, u32)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, mode) in names {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, "").unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(*mode)).unwrap();
        }
        folder
    }

    #[test]
    fn the_first_folder_with_an_executable_file_wins() {
        let folder = folder_with(&[("a/tool", 0o644), ("b/tool", 0o755), ("c/tool", 0o755)]);
        let found = which("tool", "a:b:c", folder.path());
        assert_eq!(found, Some(folder.path().join("b/tool")));
    }

    #[test]
    fn an_empty_folder_means_the_working_folder() {
        let folder = folder_with(&[("tool", 0o755)]);
        assert_eq!(which("tool", "", folder.path()), Some(folder.path().join("tool")));
    }

    #[test]
    fn a_name_with_a_slash_is_not_looked_up() {
        let folder = folder_with(&[("a/tool", 0o755)]);
        assert_eq!(which("./tool", "a", folder.path()), None);
        assert_eq!(which("a/tool", "", folder.path()), Some(folder.path().join("a/tool")));
    }

    #[test]
    fn a_folder_is_no_program() {
        let folder = folder_with(&[("a/tool/x", 0o755)]);
        assert_eq!(which("tool", "a", folder.path()), None);
    }
}
