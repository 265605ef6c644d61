//! Locks a file against other runs, and tells who holds it.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{FlockOperation, flock};

use crate::error::HostError;
use crate::process::time_until;
use crate::waker::Waker;

/// How often a held lock is tried again.
const PAUSE: Duration = Duration::from_millis(20);

/// Whether others may hold a lock at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockKind {
    /// Nobody else.
    Exclusive,
    /// All who ask for a shared one, too.
    Shared,
}

/// A lock on a file, held until dropped or until this process ends, however it ends.
///
/// It binds only those who ask for it (`flock`).
#[derive(Debug)]
pub struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Takes the lock at `path`, making the file when it is missing, and writes `holder` into it
    /// so that others can be told who has it, such as "`plim run` (process 12)".
    ///
    /// Errors: [`HostError::Locked`] when another has it, [`HostError::File`] otherwise.
    pub fn take(path: &Path, kind: LockKind, holder: &str) -> Result<Self, HostError> {
        let lock = HostError::file("lock", path);
        match Self::attempt(path, kind, holder) {
            Ok(Ok(lock)) => Ok(lock),
            Ok(Err(holder)) => Err(HostError::Locked { path: path.to_owned(), holder }),
            Err(error) => Err(lock(error)),
        }
    }

    /// Takes the lock at `path` as [`take`](Self::take) does, waiting until it is free.
    ///
    /// Calls `waiting` once, with who holds it, before the first wait. Errors:
    /// [`HostError::Locked`] when `waker` is woken before the lock is free.
    pub fn wait(
        path: &Path,
        kind: LockKind,
        holder: &str,
        waker: &Waker,
        waiting: impl FnOnce(&str),
    ) -> Result<Self, HostError> {
        let mut waiting = Some(waiting);
        loop {
            match Self::take(path, kind, holder) {
                Err(HostError::Locked { path, holder }) => {
                    if let Some(waiting) = waiting.take() {
                        waiting(&holder);
                    }
                    if is_woken_within(waker, PAUSE) {
                        return Err(HostError::Locked { path, holder });
                    }
                }
                other => return other,
            }
        }
    }

    /// The locked file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Tries once; the inner error is who holds it.
    fn attempt(path: &Path, kind: LockKind, holder: &str) -> io::Result<Result<Self, String>> {
        loop {
            let mut options = OpenOptions::new();
            let mut file =
                options.read(true).write(true).create(true).truncate(false).open(path)?;
            let operation = match kind {
                LockKind::Exclusive => FlockOperation::NonBlockingLockExclusive,
                LockKind::Shared => FlockOperation::NonBlockingLockShared,
            };
            match flock(&file, operation) {
                Err(rustix::io::Errno::WOULDBLOCK) => return Ok(Err(read_holder(&mut file))),
                other => other?,
            }
            if !is_same(&file, path) {
                // Somebody removed the file between our opening and locking it.
                continue;
            }
            write_holder(&mut file, holder)?;
            return Ok(Ok(Self { file, path: path.to_owned() }));
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The file stays: to remove it would let two hold "the" lock, one on each file.
        let _ = self.file.set_len(0);
    }
}

fn is_same(file: &File, path: &Path) -> bool {
    let (Ok(ours), Ok(there)) = (file.metadata(), path.metadata()) else { return false };
    (ours.dev(), ours.ino()) == (there.dev(), there.ino())
}

fn read_holder(file: &mut File) -> String {
    let mut holder = String::new();
    match file.read_to_string(&mut holder) {
        Ok(_) if !holder.trim().is_empty() => holder.trim().to_owned(),
        _ => "another process".to_owned(),
    }
}

fn write_holder(file: &mut File, holder: &str) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(holder.as_bytes())
}

fn is_woken_within(waker: &Waker, pause: Duration) -> bool {
    let timeout = time_until(Instant::now() + pause);
    poll(&mut [PollFd::new(waker, PollFlags::IN)], Some(&timeout)).is_ok_and(|ready| ready > 0)
}
