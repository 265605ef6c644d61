//! Writes the folder of a repository of ours, file by file, which is quicker than asking git to.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::error::HostError;
use crate::files::{remove_tree, replace};

/// How objects are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ObjectFormat {
    Sha1,
    Sha256,
}

/// What a repository's folder holds.
pub(super) struct Skeleton<'a> {
    pub(super) format: ObjectFormat,
    /// Whether it is without a working tree.
    pub(super) bare: bool,
    /// What comes after the settings that every repository has.
    pub(super) config: &'a str,
    /// The object folders of others from which it reads.
    pub(super) alternates: &'a [PathBuf],
    /// The commits at which history ends, one in a line.
    pub(super) shallow: &'a str,
    /// `ref: NAME` or the name of a commit.
    pub(super) head: &'a str,
    /// Names and what they name.
    pub(super) refs: &'a [(String, String)],
}

/// The folders that every repository has.
const FOLDERS: [&str; 5] = ["info", "objects/info", "objects/pack", "refs/heads", "refs/tags"];

/// Files and what they hold, by their paths in the repository's folder.
pub(super) type Files = BTreeMap<PathBuf, Vec<u8>>;

impl Skeleton<'_> {
    /// Makes the folder, or makes it so where it is not; what is there besides stays.
    ///
    /// Errors: [`HostError::File`].
    pub(super) fn write(&self, folder: &Path) -> Result<(), HostError> {
        make_folders(folder)?;
        for (path, content) in self.files()? {
            settle(&folder.join(path), &content)?;
        }
        Ok(())
    }

    /// The files of the repository; an empty one is to be absent.
    ///
    /// Errors: [`HostError::Unexpected`] for a path of objects that git cannot be told about.
    pub(super) fn files(&self) -> Result<Files, HostError> {
        let files = [
            ("config", self.settings().into_bytes()),
            ("objects/info/alternates", self.alternate_lines()?),
            ("shallow", self.shallow.into()),
            ("packed-refs", packed(self.refs).into_bytes()),
            ("HEAD", format!("{}\n", self.head).into_bytes()),
        ];
        Ok(files.into_iter().map(|(path, content)| (path.into(), content)).collect())
    }

    fn settings(&self) -> String {
        let (version, extension) = match self.format {
            ObjectFormat::Sha1 => (0, ""),
            ObjectFormat::Sha256 => (1, "[extensions]\n\tobjectFormat = sha256\n"),
        };
        format!(
            "[core]\n\trepositoryFormatVersion = {version}\n\tfileMode = true\n\tbare = {}\n\
             \tlogAllRefUpdates = {}\n{extension}{}",
            self.bare, !self.bare, self.config
        )
    }

    fn alternate_lines(&self) -> Result<Vec<u8>, HostError> {
        let mut lines = Vec::new();
        for path in self.alternates {
            let bytes = path.as_os_str().as_bytes();
            // Git reads a path to the end of the line, and takes these two starts for its own.
            if bytes.contains(&b'\n') || bytes.starts_with(b"#") || bytes.starts_with(b"\"") {
                let asked = "a path that git can be told about".into();
                return Err(HostError::Unexpected { asked, answer: path.display().to_string() });
            }
            lines.extend(bytes);
            lines.push(b'\n');
        }
        Ok(lines)
    }
}

fn make_folders(folder: &Path) -> Result<(), HostError> {
    for part in FOLDERS {
        let part = folder.join(part);
        fs::create_dir_all(&part).map_err(HostError::file("make", &part))?;
    }
    Ok(())
}

/// Writes a file unless it holds just that; one that would be empty is removed.
pub(super) fn settle(path: &Path, content: &[u8]) -> Result<(), HostError> {
    match fs::read(path) {
        Ok(present) if present == content && !content.is_empty() => Ok(()),
        Ok(_) if content.is_empty() => remove_tree(path),
        Err(_) if content.is_empty() => Ok(()),
        _ => replace(path, content),
    }
}

/// Makes `folder` a repository of these files and nothing else.
///
/// What is so already is not written: to replace a file or to remove a folder takes milliseconds
/// on some file systems, to look at it takes microseconds. Errors: [`HostError::File`].
pub(super) fn impose(folder: &Path, files: &Files) -> Result<(), HostError> {
    remove_others(folder, Path::new(""), files)?;
    make_folders(folder)?;
    for (path, content) in files.iter().filter(|(_, content)| !content.is_empty()) {
        let path = folder.join(path);
        if !path.exists() {
            fs::write(&path, content).map_err(HostError::file("write", &path))?;
        }
    }
    Ok(())
}

/// Removes what is at `path` of the repository, and below, unless it is as `files` say.
fn remove_others(folder: &Path, path: &Path, files: &Files) -> Result<(), HostError> {
    let place = folder.join(path);
    let Ok(metadata) = fs::symlink_metadata(&place) else { return Ok(()) };
    if metadata.is_dir() && is_ours(path, files) {
        let entries = fs::read_dir(&place).map_err(HostError::file("read", &place))?;
        for entry in entries {
            let name = entry.map_err(HostError::file("read", &place))?.file_name();
            remove_others(folder, &path.join(name), files)?;
        }
        return Ok(());
    }
    let wanted = files.get(path).filter(|content| !content.is_empty());
    let is_so = metadata.is_file()
        && wanted.is_some_and(|content| fs::read(&place).is_ok_and(|present| present == *content));
    if is_so { Ok(()) } else { remove_tree(&place) }
}

/// Whether a folder at `path` is one of those that a repository has.
fn is_ours(path: &Path, files: &Files) -> bool {
    let folders = FOLDERS.iter().map(Path::new);
    folders.chain(files.keys().filter_map(|file| file.parent())).any(|one| one.starts_with(path))
}

fn packed(refs: &[(String, String)]) -> String {
    refs.iter().map(|(name, id)| format!("{id} {name}\n")).collect()
}

/// A value as a configuration file takes it.
pub(super) fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
