//! Writes a file so that nobody ever sees half of it.

use std::fs::{File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::NamedTempFile;

use crate::error::HostError;

/// Puts `content` at `path` in one step, and returns when it is sure to survive a power cut.
///
/// Readers see the former content or the new one. Costs some milliseconds on most disks. Errors:
/// [`HostError::File`]; `path` is then as it was.
pub fn write_durably(path: &Path, content: &[u8]) -> Result<(), HostError> {
    let write = || {
        let file = temporary(path, content)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        File::open(folder_of(path))?.sync_all()
    };
    write().map_err(HostError::file("write", path))
}

/// Puts `content` at `path` in one step; a power cut may leave the former content or an empty
/// file. For what can be made again.
///
/// Errors: [`HostError::File`]; `path` is then as it was.
pub fn replace(path: &Path, content: &[u8]) -> Result<(), HostError> {
    let write = || temporary(path, content)?.persist(path).map_err(io::Error::from);
    write().map(|_| ()).map_err(HostError::file("write", path))
}

fn temporary(path: &Path, content: &[u8]) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    let mut file = builder
        .prefix(".plim-")
        .permissions(Permissions::from_mode(0o644))
        .tempfile_in(folder_of(path))?;
    file.write_all(content)?;
    Ok(file)
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
