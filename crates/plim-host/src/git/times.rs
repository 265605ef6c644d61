//! Makes sure that a file that is written now is newer than everything built before.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

use rustix::time::{ClockId, clock_gettime};

/// How deep into a build folder we look for a sign that its files come from the future.
const GLANCE: usize = 3;

/// Waits until files that are written get a time later than `now`, as the file system tells it.
///
/// File systems take the time of the last tick of the system's clock, up to 10 ms ago, so a file
/// written right after a build could have the same time as what was built.
pub(super) fn next_tick() -> SystemTime {
    let start = coarse();
    loop {
        let now = coarse();
        // A clock that was set back has moved on as well.
        if now != start {
            return now;
        }
        thread::sleep(Duration::from_micros(500));
    }
}

fn coarse() -> SystemTime {
    let time = clock_gettime(ClockId::RealtimeCoarse);
    let seconds = Duration::from_secs(u64::try_from(time.tv_sec).unwrap_or_default());
    let nanoseconds = Duration::from_nanos(u64::try_from(time.tv_nsec).unwrap_or_default());
    SystemTime::UNIX_EPOCH + seconds + nanoseconds
}

/// The latest time of anything in the build folders, when that is later than `now`: the clock was
/// set back, or files were unpacked that come from elsewhere.
///
/// A whole look at a large build folder takes longer than all else, so it is taken only when one
/// at its upper folders, whose times change with their entries, shows such a time.
pub(super) fn newest_beyond(folders: &[PathBuf], now: SystemTime) -> Option<SystemTime> {
    let glance = folders.iter().filter_map(|folder| newest(folder, GLANCE)).max();
    glance.filter(|newest| *newest > now)?;
    folders.iter().filter_map(|folder| newest(folder, usize::MAX)).max()
}

/// The latest time of `path` and of what is inside it, down to `depth` levels.
fn newest(path: &Path, depth: usize) -> Option<SystemTime> {
    let metadata = fs::symlink_metadata(path).ok()?;
    let own = metadata.modified().ok();
    if !metadata.is_dir() || depth == 0 {
        return own;
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.filter_map(|entry| newest(&entry.path(), depth - 1)).max().max(own)
}
