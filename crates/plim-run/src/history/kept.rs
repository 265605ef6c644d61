//! Where what can be made again is kept: workspaces and caches, outside of the repository.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::JobKey;

/// The folders of one repository below Plimsoll's cache folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// A folder for each leg, locked by the file `lock` in it while the leg runs.
    pub workspaces: PathBuf,
    /// What `actions/cache` saved.
    pub caches: PathBuf,
}

impl Kept {
    /// The folders of the repository at `root` below `cache_folder`; neither has to exist.
    pub fn of(root: &Path, cache_folder: &Path) -> Self {
        let id = source_id(root);
        let workspaces = cache_folder.join("work").join(&id);
        Self { workspaces, caches: cache_folder.join("caches").join(id) }
    }
}

impl Kept {
    /// The folder of one leg: stable, short, and without characters that build tools trip over.
    pub fn leg(&self, key: &JobKey) -> PathBuf {
        let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '.' };
        let name: String = key.0.chars().map(plain).collect();
        self.workspaces.join(name.trim_end_matches('.'))
    }
}

/// Names the repository at `root` on this machine: its folder, and a hash of the whole path.
///
/// Two roots never share workspaces, and a person still sees whose they are.
pub(crate) fn source_id(root: &Path) -> String {
    let hash = Sha256::digest(root.as_os_str().as_encoded_bytes());
    let hash: String = hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let name = root.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let name: String =
        name.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect();
    format!("{name}-{hash}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_roots_of_one_name_share_nothing() {
        let (a, b) = (
            Kept::of(Path::new("/a/repo"), Path::new("/c")),
            Kept::of(Path::new("/b/repo"), Path::new("/c")),
        );
        assert!(a.workspaces != b.workspaces && a.caches != b.caches);
        assert!(a.workspaces.starts_with("/c/work") && a.caches.starts_with("/c/caches"));
        assert!(a.caches.to_string_lossy().contains("repo-"));
    }
}
