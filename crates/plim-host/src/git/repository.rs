//! Writes the folder of a repository of ours, file by file, which is quicker than asking git to.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::error::HostError;
use crate::files::replace;

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

impl Skeleton<'_> {
    /// Makes the folder, or makes it so where it is not; objects that are there stay.
    ///
    /// Errors: [`HostError::File`].
    pub(super) fn write(&self, folder: &Path) -> Result<(), HostError> {
        for part in ["objects/info", "objects/pack", "refs/heads", "refs/tags", "info"] {
            let part = folder.join(part);
            fs::create_dir_all(&part).map_err(HostError::file("make", &part))?;
        }
        settle(&folder.join("config"), self.settings().as_bytes())?;
        settle(&folder.join("objects/info/alternates"), &self.alternate_lines()?)?;
        settle(&folder.join("shallow"), self.shallow.as_bytes())?;
        settle(&folder.join("packed-refs"), packed(self.refs).as_bytes())?;
        settle(&folder.join("HEAD"), format!("{}\n", self.head).as_bytes())
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

/// Writes a file unless it holds just that; one that would be empty is removed.
pub(super) fn settle(path: &Path, content: &[u8]) -> Result<(), HostError> {
    match fs::read(path) {
        Ok(present) if present == content && !content.is_empty() => Ok(()),
        Ok(_) if content.is_empty() => {
            fs::remove_file(path).map_err(HostError::file("remove", path))
        }
        Err(_) if content.is_empty() => Ok(()),
        _ => replace(path, content),
    }
}

fn packed(refs: &[(String, String)]) -> String {
    refs.iter().map(|(name, id)| format!("{id} {name}\n")).collect()
}

/// A value as a configuration file takes it.
pub(super) fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
