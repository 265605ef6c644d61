//! Locks a file against other runs, and tells who holds it.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{FlockOperation, flock};

use crate::error::HostError;
use crate::waker::Waker;

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
        match Self::take(path, kind, holder) {
            Err(HostError::Locked { holder, .. }) => waiting(&holder),
            other => return other,
        }
        let ready = Waker::new()?;
        let mut request = LockRequest::new(path, kind, holder, &ready)?;
        let mut both = [PollFd::new(waker, PollFlags::IN), PollFd::new(&ready, PollFlags::IN)];
        while poll(&mut both, None).is_err() {}
        let given = request.given()?;
        given.ok_or_else(|| HostError::Locked { path: path.to_owned(), holder: who(path) })
    }

    /// The locked file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Tries once; the inner error is who holds it.
    fn attempt(path: &Path, kind: LockKind, holder: &str) -> io::Result<Result<Self, String>> {
        loop {
            let mut file = open(path)?;
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

/// A lock that is waited for, until dropped.
///
/// A thread of its own blocks until the system gives the lock, so that nothing is looked at again and again. When the
/// request is dropped before, that thread gives the lock back as soon as it gets it.
#[derive(Debug)]
pub struct LockRequest {
    state: Arc<Mutex<Wait>>,
    path: PathBuf,
    kind: LockKind,
    holder: String,
    ready: Waker,
}

/// How far waiting for a lock is.
#[derive(Debug)]
enum Wait {
    /// The lock is another's.
    Blocked,
    /// This file holds it, or waiting failed.
    Over(io::Result<File>),
    /// Nobody waits any more.
    Gone,
}

impl LockRequest {
    /// Asks for the lock at `path` as [`Lock::take`] does, and wakes `ready` once [`given`](Self::given) has something
    /// to say.
    ///
    /// Errors: [`HostError::File`].
    pub fn new(
        path: &Path,
        kind: LockKind,
        holder: &str,
        ready: &Waker,
    ) -> Result<Self, HostError> {
        let (state, path) = (Arc::new(Mutex::new(Wait::Blocked)), path.to_owned());
        let (holder, ready) = (holder.to_owned(), ready.clone());
        let request = Self { state, path, kind, holder, ready };
        request.block()?;
        Ok(request)
    }

    /// The lock, once it is ours; nothing before that.
    ///
    /// Errors: [`HostError::File`] when it could not be waited for.
    pub fn given(&mut self) -> Result<Option<Lock>, HostError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Wait::Over(ended) = &mut *state else { return Ok(None) };
        let ended = std::mem::replace(ended, Err(io::ErrorKind::Other.into()));
        let failed = |error| HostError::file("lock", &self.path)(error);
        let mut file = ended.map_err(failed)?;
        if is_same(&file, &self.path) {
            write_holder(&mut file, &self.holder).map_err(failed)?;
            return Ok(Some(Lock { file, path: self.path.clone() }));
        }
        // Somebody removed the file while we waited.
        *state = Wait::Blocked;
        drop(state);
        self.block()?;
        Ok(None)
    }

    fn block(&self) -> Result<(), HostError> {
        let file = open(&self.path).map_err(HostError::file("lock", &self.path))?;
        let (state, ready) = (Arc::clone(&self.state), self.ready.clone());
        let operation = match self.kind {
            LockKind::Exclusive => FlockOperation::LockExclusive,
            LockKind::Shared => FlockOperation::LockShared,
        };
        thread::spawn(move || {
            let locked = rustix::io::retry_on_intr(|| flock(&file, operation));
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            if matches!(*state, Wait::Blocked) {
                *state = Wait::Over(locked.map(|()| file).map_err(Into::into));
                ready.wake();
            }
        });
        Ok(())
    }
}

impl Drop for LockRequest {
    fn drop(&mut self) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = Wait::Gone;
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The file stays: to remove it would let two hold "the" lock, one on each file.
        let _ = self.file.set_len(0);
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

fn is_same(file: &File, path: &Path) -> bool {
    let (Ok(ours), Ok(there)) = (file.metadata(), path.metadata()) else { return false };
    (ours.dev(), ours.ino()) == (there.dev(), there.ino())
}

fn who(path: &Path) -> String {
    File::open(path)
        .map_or_else(|_| "another process".to_owned(), |mut file| read_holder(&mut file))
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
