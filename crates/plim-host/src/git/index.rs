//! Reads from an index of ours which paths are tracked.

use std::fs;
use std::path::{Path, PathBuf};

use super::path_of;
use super::repository::ObjectFormat;

/// The mode of a submodule.
const SUBMODULE: u32 = 0o160_000;
/// Bytes before the first entry: signature, version and count.
const HEADER: usize = 12;
/// The numbers at the start of an entry, four bytes each, of which the seventh is the mode.
const NUMBERS: usize = 10;
const MODE: usize = 6;

/// A tracked path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Relative to the tree.
    pub(super) path: PathBuf,
    /// Whether it is the commit of another repository, and its path a folder.
    pub(super) is_submodule: bool,
}

/// Reads the index `file`; `None` when it is missing, broken, or of a version that git writes only
/// when asked to.
pub(super) fn read(file: &Path, format: ObjectFormat) -> Option<Vec<Entry>> {
    parse(&fs::read(file).ok()?, format)
}

fn parse(index: &[u8], format: ObjectFormat) -> Option<Vec<Entry>> {
    let header = index.get(..HEADER)?;
    if &header[..4] != b"DIRC" || number(header, 1)? != 2 {
        return None;
    }
    let mut rest = &index[HEADER..];
    let mut entries = Vec::new();
    for _ in 0..number(header, 2)? {
        let (entry, length) = parse_entry(rest, format)?;
        entries.push(entry);
        rest = rest.get(length..)?;
    }
    Some(entries)
}

/// Reads one entry: the numbers, the object, two bytes of flags, the path, and as many zero bytes,
/// at least one, as make its length a multiple of eight.
fn parse_entry(bytes: &[u8], format: ObjectFormat) -> Option<(Entry, usize)> {
    let object = match format {
        ObjectFormat::Sha1 => 20,
        ObjectFormat::Sha256 => 32,
    };
    let start = NUMBERS * 4 + object + 2;
    let path = bytes.get(start..)?;
    let path = &path[..path.iter().position(|byte| *byte == 0)?];
    let is_submodule = number(bytes, MODE)? == SUBMODULE;
    let length = (start + path.len() + 8) / 8 * 8;
    Some((Entry { path: path_of(path), is_submodule }, length))
}

/// The number at `place`, counted in numbers of four bytes, the highest byte first.
fn number(bytes: &[u8], place: usize) -> Option<u32> {
    let bytes = bytes.get(place * 4..place * 4 + 4)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use plim_test::sandbox::Repository;
    use proptest::prelude::*;

    #[test]
    fn tracked_paths_of_every_length_are_listed() {
        for (name, format) in [("sha1", ObjectFormat::Sha1), ("sha256", ObjectFormat::Sha256)] {
            let repository = Repository::with_format(name);
            for length in 1..20 {
                repository.write("n".repeat(length), "x");
            }
            repository.commit("first");
            let entries = read(&repository.at(".git/index"), format).unwrap();
            let paths: Vec<_> = (1..20).map(|length| PathBuf::from("n".repeat(length))).collect();
            assert_eq!(entries.into_iter().map(|entry| entry.path).collect::<Vec<_>>(), paths);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn any_bytes_are_read_or_refused(count in 0..5_u32, bytes: Vec<u8>) {
            let header = [b"DIRC".as_slice(), &2_u32.to_be_bytes(), &count.to_be_bytes()].concat();
            parse(&[header, bytes].concat(), ObjectFormat::Sha1);
        }
    }
}
