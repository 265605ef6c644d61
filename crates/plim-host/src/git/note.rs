//! Notes what an index for snapshots was made of, so that the next snapshot begins there.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::path_of;
use crate::error::HostError;
use crate::files::replace;

/// A path to be looked at again, and whether the commit beneath holds it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Touched {
    pub(super) path: PathBuf,
    pub(super) in_commit: bool,
}

/// What of a commit decides over one that follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parent {
    pub(super) id: String,
    pub(super) tree: String,
    /// When it was committed, in seconds since 1970.
    pub(super) seconds: i64,
}

/// A snapshot: its tree and its commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Made {
    pub(super) tree: String,
    pub(super) commit: String,
}

/// What an index was made of, and into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Note {
    /// The commit beneath; `None` when there is none.
    pub(super) parent: Option<Parent>,
    /// The paths that were taken from the tree of files.
    pub(super) touched: BTreeSet<Touched>,
    /// The snapshot that came out.
    pub(super) made: Made,
}

impl Note {
    /// Reads what [`write`](Self::write) wrote; `None` when that is missing or broken.
    pub(super) fn read(file: &Path) -> Option<Self> {
        Self::parse(&fs::read(file).ok()?)
    }

    fn parse(content: &[u8]) -> Option<Self> {
        let mut parts = content.split(|byte| *byte == 0);
        let mut text = || String::from_utf8(parts.next()?.to_vec()).ok();
        let (id, tree, seconds) = (text()?, text()?, text()?.parse().ok()?);
        let made = Made { tree: text()?, commit: text()? };
        let touched = parts.filter_map(|part| {
            let (kind, path) = part.split_first()?;
            Some(Touched { path: path_of(path), in_commit: *kind == b'+' })
        });
        let touched = touched.collect();
        let parent = (!id.is_empty()).then_some(Parent { id, tree, seconds });
        Some(Self { parent, touched, made })
    }

    /// Writes it to `file`.
    pub(super) fn write(&self, file: &Path) -> Result<(), HostError> {
        replace(file, &self.content())
    }

    fn content(&self) -> Vec<u8> {
        let none = Parent { id: String::new(), tree: String::new(), seconds: 0 };
        let parent = self.parent.as_ref().unwrap_or(&none);
        let seconds = parent.seconds.to_string();
        let header = [&parent.id, &parent.tree, &seconds, &self.made.tree, &self.made.commit];
        let mut content = header.map(String::as_bytes).join(&0);
        for touched in &self.touched {
            content.extend([0, if touched.in_commit { b'+' } else { b'-' }]);
            content.extend(touched.path.as_os_str().as_bytes());
        }
        content
    }

    /// Whether the index leads to a snapshot on `commit` when the paths of both are looked at
    /// again. A path that was new and is not among `touched` any more may be ignored now, which
    /// looking at it would not show.
    pub(super) fn leads_to(&self, commit: Option<&str>, touched: &BTreeSet<Touched>) -> bool {
        let still = |one: &Touched| one.in_commit || touched.contains(one);
        self.parent.as_ref().map(|parent| parent.id.as_str()) == commit
            && self.touched.iter().all(still)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn note(parent: &str, paths: &[(&str, bool)]) -> Note {
        let touched =
            paths.iter().map(|&(path, in_commit)| Touched { path: path.into(), in_commit });
        let parent = Parent { id: parent.into(), tree: "t".into(), seconds: -5 };
        let made = Made { tree: "a".into(), commit: "b".into() };
        Note { parent: Some(parent), touched: touched.collect(), made }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for note in [Note::default(), note("p", &[("a\nb", true), ("c", false)])] {
            assert_eq!(Note::parse(&note.content()), Some(note));
        }
    }

    #[test]
    fn a_new_path_that_is_gone_from_the_list_leads_nowhere() {
        let former = note("p", &[("old", true), ("new", false)]);
        let leads = |commit, paths| former.leads_to(Some(commit), &note("", paths).touched);
        assert!(leads("p", &[("new", false)]));
        assert!(!leads("p", &[("old", true)]));
        assert!(!leads("q", &[("new", false)]));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        #[test]
        fn any_content_is_read_or_refused(content: Vec<u8>) {
            Note::parse(&content);
        }
    }
}
