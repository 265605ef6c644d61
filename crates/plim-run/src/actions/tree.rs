//! The hash of a folder: of the path, kind and content of all that is in it.

use std::{
    fs::{self, File},
    io,
    os::unix::{ffi::OsStrExt, fs::PermissionsExt},
    path::{Path, PathBuf},
};

use plim_host::HostError;
use sha2::{Digest, Sha256};

use super::ActionStoreError;
use crate::hash_files::hexadecimal;

/// What a folder holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    /// SHA-256, in hexadecimal digits, over a line for each file and link in the order of their paths: the kind (file,
    /// program or link), the SHA-256 of the content or target, and the path. Folders without files do not count.
    pub digest: String,
    /// How many files and links.
    pub files: u64,
    /// Bytes in them.
    pub bytes: u64,
}

/// Reads all of `folder`; links are not followed.
///
/// Errors: what cannot be read, and what is neither a file, a folder nor a link.
pub fn measure(folder: &Path) -> Result<Measure, ActionStoreError> {
    let mut paths = Vec::new();
    collect(folder, Path::new(""), &mut paths)?;
    paths.sort_unstable_by(|a, b| a.as_os_str().as_bytes().cmp(b.as_os_str().as_bytes()));
    let (mut whole, mut bytes) = (Sha256::new(), 0);
    for path in &paths {
        let (kind, digest, size) = entry(&folder.join(path))?;
        whole.update(format!("{kind} {digest} "));
        whole.update(path.as_os_str().as_bytes());
        whole.update([0]);
        bytes += size;
    }
    let files = paths.len() as u64;
    Ok(Measure { digest: hexadecimal(&whole.finalize()), files, bytes })
}

fn collect(root: &Path, path: &Path, paths: &mut Vec<PathBuf>) -> Result<(), ActionStoreError> {
    let folder = root.join(path);
    let read = |error| ActionStoreError::from(HostError::file("read", &folder)(error));
    for entry in fs::read_dir(&folder).map_err(read)? {
        let entry = entry.map_err(read)?;
        let inner = path.join(entry.file_name());
        if entry.file_type().map_err(read)?.is_dir() {
            collect(root, &inner, paths)?;
        } else {
            paths.push(inner);
        }
    }
    Ok(())
}

/// Kind, digest and size of a file or link.
fn entry(path: &Path) -> Result<(&'static str, String, u64), ActionStoreError> {
    let read = |error| HostError::file("read", path)(error);
    let metadata = fs::symlink_metadata(path).map_err(read)?;
    if metadata.is_symlink() {
        let target = fs::read_link(path).map_err(read)?;
        let target = target.as_os_str().as_bytes();
        return Ok(("link", hexadecimal(&Sha256::digest(target)), target.len() as u64));
    }
    if !metadata.is_file() {
        let odd = io::Error::new(io::ErrorKind::InvalidData, "it is no file");
        return Err(read(odd).into());
    }
    let kind = if metadata.permissions().mode() & 0o111 == 0 { "file" } else { "program" };
    let mut hash = Sha256::new();
    let size = File::open(path).and_then(|mut file| io::copy(&mut file, &mut Feed(&mut hash)));
    Ok((kind, hexadecimal(&hash.finalize()), size.map_err(read)?))
}

struct Feed<'a>(&'a mut Sha256);

impl io::Write for Feed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use plim_test::sandbox::Sandbox;

    use super::*;

    #[test]
    fn everything_that_could_change_what_runs_changes_the_hash() {
        let digest = |prepare: &dyn Fn(&Sandbox)| {
            let world = Sandbox::new();
            world.write("tree/a", "text").symlink("tree/b", "a").folder("tree/c");
            prepare(&world);
            measure(&world.at("tree")).unwrap().digest
        };
        let plain = digest(&|_| {});
        assert_eq!(
            plain,
            digest(&|world| {
                world.folder("tree/empty");
            })
        );
        let changes: [&dyn Fn(&Sandbox); 5] = [
            &|world| {
                world.write("tree/a", "tex");
            },
            &|world| {
                world.chmod("tree/a", 0o755);
            },
            &|world| {
                world.remove("tree/b").symlink("tree/b", "c");
            },
            &|world| {
                world.remove("tree/b").write("tree/b", "a");
            },
            &|world| {
                world.write("tree/c/d", "");
            },
        ];
        for (number, change) in changes.into_iter().enumerate() {
            assert_ne!(plain, digest(change), "{number}");
        }
    }
}
