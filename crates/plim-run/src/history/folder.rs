//! The folder `.plimsoll` of a repository, which keeps itself out of its commits.

use std::{fs, io, path::Path};

use super::HistoryError;

/// The name of the folder in a repository's root.
pub const FOLDER: &str = ".plimsoll";

/// The first line of a `.gitignore` that is ours to replace.
const SIGNATURE: &str = "# Written by plim. What is listed with `!` belongs to the repository.";

/// Names in the folder that are part of the repository and therefore not ignored.
const TRACKED: [&str; 2] = ["/triage.toml", "/evidence/"];

/// Makes the folder and its folder of runs, ignored by git from the first moment on.
///
/// Errors: [`HistoryError::Foreign`] when one of them is a link or a file, [`HistoryError::File`].
pub(crate) fn prepare(root: &Path) -> Result<(), HistoryError> {
    let folder = root.join(FOLDER);
    own(&folder)?;
    ignore(&folder)?;
    own(&folder.join("runs"))
}

/// Makes `folder` unless it is there; a repository could have committed a link in its place.
fn own(folder: &Path) -> Result<(), HistoryError> {
    match fs::create_dir(folder) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => check(folder),
        Err(error) => Err(HistoryError::file("make", folder)(error)),
    }
}

/// Checks that `folder`, if it is there, is a folder and no link to one.
pub(crate) fn check(folder: &Path) -> Result<(), HistoryError> {
    match fs::symlink_metadata(folder) {
        Ok(there) if there.is_dir() => Ok(()),
        Ok(_) => Err(HistoryError::Foreign { path: folder.to_owned() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(HistoryError::file("read", folder)(error)),
    }
}

/// Writes `.gitignore`, unless it is as it should be or somebody wrote one of their own.
fn ignore(folder: &Path) -> Result<(), HistoryError> {
    let path = folder.join(".gitignore");
    let wanted = ignored();
    match fs::read_to_string(&path) {
        Ok(text) if text == wanted || !text.starts_with(SIGNATURE) => Ok(()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(HistoryError::file("read", &path)(error))
        }
        _ => plim_host::files::replace(&path, wanted.as_bytes())
            .map_err(|error| HistoryError::file("write", &path)(io::Error::other(error))),
    }
}

/// Everything is ignored but what is named, so that what is added later is not committed by accident.
fn ignored() -> String {
    let tracked: String = TRACKED.iter().map(|name| format!("!{name}\n")).collect();
    format!("{SIGNATURE}\n/*\n{tracked}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_ignores_itself_but_not_what_belongs_to_the_repository() {
        let root = tempfile::tempdir().unwrap();
        prepare(root.path()).unwrap();
        let text = fs::read_to_string(root.path().join(".plimsoll/.gitignore")).unwrap();
        assert!(text.ends_with("\n/*\n!/triage.toml\n!/evidence/\n"), "{text}");
        prepare(root.path()).unwrap();
    }

    #[test]
    fn somebody_elses_list_stays_and_our_old_one_is_renewed() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join(".plimsoll/.gitignore");
        prepare(root.path()).unwrap();
        fs::write(&path, format!("{SIGNATURE}\n*\n")).unwrap();
        prepare(root.path()).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), ignored());
        fs::write(&path, "mine\n").unwrap();
        prepare(root.path()).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine\n");
    }

    #[test]
    fn a_link_in_place_of_a_folder_is_refused() {
        let (root, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::os::unix::fs::symlink(elsewhere.path(), root.path().join(FOLDER)).unwrap();
        assert!(matches!(prepare(root.path()), Err(HistoryError::Foreign { .. })));
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    }
}
