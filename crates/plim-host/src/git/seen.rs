//! Remembers how the files of a workspace were when it was handed to a job.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::path_of;
use crate::error::HostError;
use crate::files::replace;

/// Inode, time of change of the inode, time of change of the content: seconds and nanoseconds.
///
/// Git remembers the same but compares whole seconds only, and forgets what it knew when it looks.
type Print = [i64; 5];

/// The prints of all tracked files.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Seen(BTreeMap<PathBuf, Print>);

impl Seen {
    /// Looks at these files of `tree`; one that is missing has no print.
    pub(super) fn look<'a>(tree: &Path, paths: impl Iterator<Item = &'a Path>) -> Self {
        let look = |path: &Path| {
            Some((path.to_owned(), print(&fs::symlink_metadata(tree.join(path)).ok()?)))
        };
        Self(paths.filter_map(look).collect())
    }

    /// Whether the file was touched in no way since, be it only renamed away and back.
    pub(super) fn is_untouched(&self, path: &Path, file: &Metadata) -> bool {
        self.0.get(path) == Some(&print(file))
    }

    /// Reads what [`write`](Self::write) wrote; nothing when that is missing or broken.
    pub(super) fn read(file: &Path) -> Self {
        fs::read(file).ok().and_then(|content| Self::parse(&content)).unwrap_or_default()
    }

    fn parse(mut content: &[u8]) -> Option<Self> {
        let mut seen = BTreeMap::new();
        while !content.is_empty() {
            let end = content.iter().position(|byte| *byte == 0)?;
            let path = path_of(&content[..end]);
            let (numbers, rest) = content[end + 1..].split_at_checked(size_of::<Print>())?;
            let mut print = Print::default();
            for (value, bytes) in print.iter_mut().zip(numbers.as_chunks::<8>().0) {
                *value = i64::from_le_bytes(*bytes);
            }
            seen.insert(path, print);
            content = rest;
        }
        Some(Self(seen))
    }

    /// Writes all prints to `file`.
    pub(super) fn write(&self, file: &Path) -> Result<(), HostError> {
        let mut content = Vec::new();
        for (path, print) in &self.0 {
            content.extend(path.as_os_str().as_bytes());
            content.push(0);
            content.extend(print.iter().flat_map(|number| number.to_le_bytes()));
        }
        replace(file, &content)
    }
}

fn print(file: &Metadata) -> Print {
    let inode = file.ino().cast_signed();
    [inode, file.ctime(), file.ctime_nsec(), file.mtime(), file.mtime_nsec()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use plim_test::sandbox::Sandbox;
    use proptest::prelude::*;

    #[test]
    fn a_file_that_was_renamed_away_and_back_was_touched() {
        let sandbox = Sandbox::new();
        sandbox.write("file", "1").write("still", "1");
        let paths = ["file", "still", "missing"].map(Path::new);
        let seen = Seen::look(sandbox.path(), paths.into_iter());
        seen.write(&sandbox.at("seen")).unwrap();
        assert_eq!(Seen::read(&sandbox.at("seen")), seen);
        // The times of files move on with the ticks of the system's clock.
        super::super::times::next_tick();
        fs::rename(sandbox.at("file"), sandbox.at("other")).unwrap();
        fs::rename(sandbox.at("other"), sandbox.at("file")).unwrap();
        let untouched = |path: &str| {
            seen.is_untouched(Path::new(path), &fs::metadata(sandbox.at(path)).unwrap())
        };
        assert!(!untouched("file") && untouched("still"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        #[test]
        fn any_content_is_read_or_refused(content: Vec<u8>) {
            Seen::parse(&content);
        }
    }
}
