//! Tells how much room a disk has.

use std::path::Path;

use crate::error::HostError;

/// Bytes of a file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskSpace {
    /// What this user may still write.
    pub free: u64,
    /// All there is.
    pub total: u64,
}

/// Looks at the file system that holds `path`.
///
/// Errors: [`HostError::File`] when `path` does not exist.
pub fn disk_space(path: &Path) -> Result<DiskSpace, HostError> {
    let found = rustix::fs::statvfs(path).map_err(std::io::Error::from);
    let found = found.map_err(HostError::file("look at the disk of", path))?;
    let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
    Ok(DiskSpace { free: bytes(found.f_bavail), total: bytes(found.f_blocks) })
}
