//! Copies a folder, sharing blocks where the file system can and never sharing files.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::{
    AtFlags, CWD, Mode, OFlags, Timespec, Timestamps, copy_file_range, ioctl_ficlone,
};
use rustix::io::Errno;

use crate::error::HostError;

/// What was copied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Regular files.
    pub files: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// Files whose blocks are shared with the original until one of them is written.
    pub shared: u64,
    /// Sockets, pipes and devices, which are left out.
    pub left_out: Vec<PathBuf>,
}

/// Copies the file or folder `from` to `to`, with permissions, times and symbolic links as they
/// are.
///
/// Folders that exist are filled up, files that exist are replaced. Blocks are shared where the
/// file system can (`FICLONE`); hard links are never made, so writing a copy changes no original.
/// Errors: [`HostError::File`] with the first path that could not be read or written.
pub fn copy_tree(from: &Path, to: &Path) -> Result<Copied, HostError> {
    let mut copier = Copier { copied: Copied::default(), may_share: true };
    copier.copy(from, to)?;
    Ok(copier.copied)
}

struct Copier {
    copied: Copied,
    /// False once the two places have shown that they cannot share blocks.
    may_share: bool,
}

impl Copier {
    fn copy(&mut self, from: &Path, to: &Path) -> Result<(), HostError> {
        let metadata = fs::symlink_metadata(from).map_err(HostError::file("read", from))?;
        let kind = metadata.file_type();
        if kind.is_dir() {
            self.copy_folder(from, to)?;
        } else if kind.is_file() {
            self.copy_file(from, to).map_err(HostError::file("copy", from))?;
            self.copied.files += 1;
            self.copied.bytes += metadata.len();
        } else if kind.is_symlink() {
            copy_link(from, to).map_err(HostError::file("copy", from))?;
        } else {
            self.copied.left_out.push(from.to_owned());
            return Ok(());
        }
        copy_times(&metadata, to).map_err(HostError::file("set the time of", to))
    }

    fn copy_folder(&mut self, from: &Path, to: &Path) -> Result<(), HostError> {
        match fs::create_dir(to) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && to.is_dir() => {}
            other => other.map_err(HostError::file("make", to))?,
        }
        let read = |error| HostError::file("read", from)(error);
        for entry in fs::read_dir(from).map_err(read)? {
            let entry = entry.map_err(read)?;
            self.copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        // Last, because a folder that may not be written could not be filled.
        let mode = fs::metadata(from).map_err(read)?.permissions();
        fs::set_permissions(to, mode).map_err(HostError::file("set the permissions of", to))
    }

    fn copy_file(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let source = File::from(rustix::fs::open(from, flags, Mode::empty())?);
        remove_file(to)?;
        let target = File::options().write(true).create_new(true).open(to)?;
        if !self.share(&source, &target)? {
            copy_bytes(&source, &target)?;
        }
        let mode = source.metadata()?.mode() & 0o7777;
        target.set_permissions(fs::Permissions::from_mode(mode))
    }

    fn share(&mut self, source: &File, target: &File) -> io::Result<bool> {
        if !self.may_share {
            return Ok(false);
        }
        match ioctl_ficlone(target, source) {
            Ok(()) => {
                self.copied.shared += 1;
                Ok(true)
            }
            Err(Errno::NOSPC) => Err(Errno::NOSPC.into()),
            Err(_) => {
                self.may_share = false;
                Ok(false)
            }
        }
    }
}

/// Lets the kernel move the bytes, or moves them itself where the kernel cannot.
fn copy_bytes(mut source: &File, mut target: &File) -> io::Result<()> {
    const AT_ONCE: usize = 1 << 30;
    loop {
        match copy_file_range(source, None, target, None, AT_ONCE) {
            // Some files, as in `/proc`, claim to be empty until they are read.
            Ok(0) => break,
            Ok(_) | Err(Errno::INTR) => {}
            Err(Errno::NOSPC) => return Err(Errno::NOSPC.into()),
            Err(_) => break,
        }
    }
    io::copy(&mut source, &mut target).map(|_| ())
}

fn copy_link(from: &Path, to: &Path) -> io::Result<()> {
    remove_file(to)?;
    symlink(fs::read_link(from)?, to)
}

fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn copy_times(metadata: &fs::Metadata, to: &Path) -> io::Result<()> {
    let time = |tv_sec, tv_nsec| Timespec { tv_sec, tv_nsec };
    let times = Timestamps {
        last_access: time(metadata.atime(), metadata.atime_nsec()),
        last_modification: time(metadata.mtime(), metadata.mtime_nsec()),
    };
    Ok(rustix::fs::utimensat(CWD, to, &times, AtFlags::SYMLINK_NOFOLLOW)?)
}
