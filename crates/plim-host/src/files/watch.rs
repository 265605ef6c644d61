//! Tells when something in a folder was made, replaced or removed.

use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::inotify::{self, CreateFlags, WatchFlags};

use crate::process::time_until;
use crate::waker::Waker;

/// How long a wait takes at most where the system tells nothing, because all its watches are in use.
const GLANCE: Duration = Duration::from_millis(100);

/// Watches the entries of a folder from when it is made.
#[derive(Debug)]
pub struct FolderWatch {
    /// `None` where the system has no watch left.
    told: Option<OwnedFd>,
}

impl FolderWatch {
    /// Watches `folder`, which must be there.
    pub fn new(folder: &Path) -> Self {
        let told = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).and_then(|told| {
            let changes = WatchFlags::CREATE | WatchFlags::MOVED_TO | WatchFlags::DELETE;
            inotify::add_watch(&told, folder, changes).map(|_| told)
        });
        Self { told: told.ok() }
    }

    /// Waits until an entry changed since the last wait, or until `waker` is woken.
    ///
    /// It may return without either: whoever waits looks again in any case.
    pub fn wait(&self, waker: &Waker) {
        let Some(told) = &self.told else {
            let until = time_until(Instant::now() + GLANCE);
            // Whatever ends it, the caller looks again.
            let _ = poll(&mut [PollFd::new(waker, PollFlags::IN)], Some(&until));
            return;
        };
        let both = [told.as_fd(), waker.as_fd()];
        let mut both = both.map(|one| PollFd::from_borrowed_fd(one, PollFlags::IN));
        let _ = poll(&mut both, None);
        // What was told is not read: that something was is all that counts.
        while rustix::io::read(told, &mut [0_u8; 4096]).is_ok_and(|length| length > 0) {}
    }
}
