//! Concurrency groups: one at a time within a run and between the runs on this machine.
//!
//! A group is a lock file under the user's cache folder. Beside it stand the name of the one that
//! waits (a newer one takes its place) and the request that the one in progress stop.

use std::{
    fs,
    path::{Path, PathBuf},
};

use plim_host::{
    HostError, Waker,
    files::{self, FolderWatch, Lock, LockKind, LockRequest},
};
use sha2::{Digest, Sha256};

use super::cancel::{Cancellation, Urgency};

/// What a workflow or job asks of its group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) group: String,
    pub(crate) cancel_in_progress: bool,
    /// More than one may wait.
    pub(crate) queue: bool,
}

/// Holds a group until it is dropped.
pub(crate) struct Held {
    files: Files,
    _lock: Lock,
}

/// How the waiting ended.
pub(crate) enum Turn {
    /// It is ours.
    Held(Held),
    /// A newer one took our place, or we were asked to stop.
    Replaced,
}

#[derive(Clone)]
struct Files {
    lock: PathBuf,
    waiting: PathBuf,
    stop: PathBuf,
}

impl Files {
    fn of(folder: &Path, repository: &str, group: &str) -> Self {
        // Groups are compared without regard to case, and may hold any character.
        let name = Sha256::digest(format!("{repository}\0{}", group.to_lowercase()));
        let name: String = name.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let file = |end: &str| folder.join(format!("{name}.{end}"));
        Self { lock: file("lock"), waiting: file("waiting"), stop: file("stop") }
    }
}

/// Waits for a group. `id` names the one that waits, uniquely on this machine.
pub(crate) fn wait(
    folder: &Path,
    repository: &str,
    request: &Request,
    id: &str,
    cancellation: &Cancellation,
) -> Result<Turn, HostError> {
    fs::create_dir_all(folder).map_err(HostError::file("make the folder", folder))?;
    let files = Files::of(folder, repository, &request.group);
    match Lock::take(&files.lock, LockKind::Exclusive, id) {
        Err(HostError::Locked { .. }) => {}
        lock => return Ok(Turn::Held(take(files, lock?))),
    }
    // From here on nothing that others do is missed.
    let (waker, watch) = (Waker::new()?, FolderWatch::new(folder));
    let _cancelled = cancellation.watch(&waker);
    if !request.queue {
        files::replace(&files.waiting, id.as_bytes())?;
    }
    if request.cancel_in_progress {
        files::replace(&files.stop, id.as_bytes())?;
    }
    let mut asked = LockRequest::new(&files.lock, LockKind::Exclusive, id, &waker)?;
    loop {
        waker.reset();
        if cancellation.is_requested() || (!request.queue && is_replaced(&files, id)) {
            return Ok(Turn::Replaced);
        }
        if let Some(lock) = asked.given()? {
            return Ok(Turn::Held(take(files, lock)));
        }
        watch.wait(&waker);
    }
}

/// The group is ours: nobody waits in our place any more, and old requests to stop do not concern us.
fn take(files: Files, lock: Lock) -> Held {
    for file in [&files.waiting, &files.stop] {
        let _ = fs::remove_file(file);
    }
    Held { files, _lock: lock }
}

fn is_replaced(files: &Files, id: &str) -> bool {
    // A missing file means that the one in our place has got the group: then we wait on.
    fs::read(&files.waiting).is_ok_and(|now| now != id.as_bytes())
}

impl Held {
    /// True once a newer one has asked that this one stop.
    pub(crate) fn is_unwanted(&self) -> bool {
        self.files.stop.exists()
    }

    /// Waits, until `done`, for a newer one to ask that this one stop, and then calls `stop`.
    ///
    /// Errors: [`HostError::System`] when it cannot be waited for.
    pub(crate) fn watch(&self, done: &Cancellation, stop: &dyn Fn()) -> Result<(), HostError> {
        let waker = Waker::new()?;
        let _done = done.watch(&waker);
        let folder = self.files.stop.parent().unwrap_or(Path::new("."));
        let watch = FolderWatch::new(folder);
        while !done.is_requested() {
            if self.is_unwanted() {
                stop();
                done.request(Urgency::Cancel, "told");
                return Ok(());
            }
            watch.wait(&waker);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn request(cancel_in_progress: bool) -> Request {
        Request { group: "deploy".into(), cancel_in_progress, queue: false }
    }

    fn hold(folder: &Path) -> Held {
        match wait(folder, "o/r", &request(false), "first", &Cancellation::default()).unwrap() {
            Turn::Held(held) => held,
            Turn::Replaced => panic!("nobody else is there"),
        }
    }

    #[test]
    fn a_newer_one_takes_the_place_of_the_one_that_waits() {
        let folder = tempfile::tempdir().unwrap();
        let held = hold(folder.path());
        std::thread::scope(|scope| {
            let older = scope.spawn(|| {
                wait(folder.path(), "o/r", &request(false), "second", &Cancellation::default())
            });
            let files = Files::of(folder.path(), "o/r", "deploy");
            while !fs::read(&files.waiting).is_ok_and(|id| id == b"second") {
                std::thread::sleep(Duration::from_millis(1));
            }
            let newer = scope.spawn(|| {
                wait(folder.path(), "o/r", &request(false), "third", &Cancellation::default())
            });
            assert!(matches!(older.join().unwrap().unwrap(), Turn::Replaced));
            drop(held);
            assert!(matches!(newer.join().unwrap().unwrap(), Turn::Held(_)));
        });
    }

    #[test]
    fn cancel_in_progress_asks_the_holder_to_stop() {
        let folder = tempfile::tempdir().unwrap();
        let held = hold(folder.path());
        assert!(!held.is_unwanted());
        let stop = Cancellation::default();
        std::thread::scope(|scope| {
            let newer = scope.spawn(|| wait(folder.path(), "o/r", &request(true), "second", &stop));
            while !held.is_unwanted() {
                std::thread::sleep(Duration::from_millis(1));
            }
            drop(held);
            assert!(matches!(newer.join().unwrap().unwrap(), Turn::Held(_)));
        });
    }

    #[test]
    fn groups_of_other_repositories_are_other_groups() {
        let folder = tempfile::tempdir().unwrap();
        let _held = hold(folder.path());
        let other = wait(folder.path(), "o/x", &request(false), "other", &Cancellation::default());
        assert!(matches!(other.unwrap(), Turn::Held(_)));
    }
}
