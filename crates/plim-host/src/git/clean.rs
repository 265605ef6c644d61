//! Removes from a workspace what is not of its commit, but for build folders.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::{path_of, split_zero};
use crate::error::HostError;
use crate::files::remove_tree;

/// The name and the first bytes of the file that marks a folder whose content can be made again,
/// after the cache directory tagging specification.
const TAG: &str = "CACHEDIR.TAG";
const SIGNATURE: &[u8] = b"Signature: 8a477f597d28d172789f06886806bc55";

/// What git says of a workspace.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Litter {
    /// Whether a tracked file, or the index, differs from the commit.
    pub(super) changed: bool,
    /// What is neither tracked nor ignored.
    untracked: Vec<PathBuf>,
    /// What is ignored.
    ignored: Vec<PathBuf>,
}

impl Litter {
    /// Reads `git status --porcelain=v2 -z --ignored=matching`.
    pub(super) fn parse(output: &[u8]) -> Self {
        let mut litter = Self::default();
        for entry in split_zero(output) {
            match entry {
                [b'?', b' ', path @ ..] => litter.untracked.push(path_of(path)),
                [b'!', b' ', path @ ..] => litter.ignored.push(path_of(path)),
                [b'#', ..] => {}
                _ => litter.changed = true,
            }
        }
        litter
    }

    /// Removes it from the workspace `tree`, except ignored folders with a tag and what is ignored
    /// inside such a folder; returns the folders that were kept.
    pub(super) fn remove(&self, tree: &Path) -> Result<Vec<PathBuf>, HostError> {
        let (kept, rest) = self.sort_out(tree);
        for path in self.untracked.iter().chain(rest) {
            remove_tree(&tree.join(path))?;
        }
        remove_empty(tree, Path::new(""), &kept);
        Ok(kept)
    }

    /// The folders that [`remove`](Self::remove) would keep.
    pub(super) fn folders_kept(&self, tree: &Path) -> Vec<PathBuf> {
        self.sort_out(tree).0
    }

    /// Separates the folders to keep from the ignored paths that lie in none.
    fn sort_out(&self, tree: &Path) -> (Vec<PathBuf>, Vec<&PathBuf>) {
        let mut known = BTreeMap::new();
        let (mut kept, mut rest) = (Vec::new(), Vec::new());
        for path in &self.ignored {
            match tagged_folder(tree, path, &mut known) {
                Some(folder) if kept.contains(&folder) => {}
                Some(folder) => kept.push(folder),
                None => rest.push(path),
            }
        }
        (kept, rest)
    }
}

/// Removes the folders at `path` of `tree` in which there is no file, which git does not see;
/// returns whether anything is left there. What cannot be removed does no harm.
fn remove_empty(tree: &Path, path: &Path, kept: &[PathBuf]) -> bool {
    let folder = tree.join(path);
    let Ok(entries) = fs::read_dir(&folder) else { return true };
    let mut holds = false;
    for entry in entries.flatten() {
        let inside = path.join(entry.file_name());
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let is_looked_into = is_folder && inside != Path::new(".git") && !kept.contains(&inside);
        holds |= !is_looked_into || remove_empty(tree, &inside, kept);
    }
    holds || path.as_os_str().is_empty() || fs::remove_dir(folder).is_err()
}

/// The outermost folder on the way to `path`, itself included, that has a tag.
fn tagged_folder(tree: &Path, path: &Path, known: &mut BTreeMap<PathBuf, bool>) -> Option<PathBuf> {
    let mut ways: Vec<_> = path.ancestors().filter(|way| !way.as_os_str().is_empty()).collect();
    ways.reverse();
    let tagged = ways
        .into_iter()
        .find(|way| *known.entry((*way).to_owned()).or_insert_with(|| has_tag(&tree.join(way))));
    tagged.map(Path::to_owned)
}

fn has_tag(folder: &Path) -> bool {
    let file = folder.join(TAG);
    // A link could lead to the tag of another folder.
    let is_real = |path: &Path| fs::symlink_metadata(path).is_ok_and(|found| !found.is_symlink());
    let mut start = [0; SIGNATURE.len()];
    is_real(folder)
        && is_real(&file)
        && fs::File::open(file).and_then(|mut file| file.read_exact(&mut start)).is_ok()
        && start == SIGNATURE
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_tracked_files_count_as_changed() {
        let litter = Litter::parse(b"# branch.oid 1\0? new/\0! target/\0");
        assert!(!litter.changed);
        assert_eq!(litter.untracked, [PathBuf::from("new/")]);
        assert!(Litter::parse(b"1 .M N... 1 2 3 4 5 file\0").changed);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        #[test]
        fn any_output_is_read(output: Vec<u8>) {
            Litter::parse(&output);
        }
    }
}
