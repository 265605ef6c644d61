//! Reads and sets when a file was changed last, to the nanosecond.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, UTIME_OMIT, utimensat};

use crate::error::HostError;

/// When the file, folder or symbolic link `path` was changed last.
///
/// Errors: [`HostError::File`].
pub fn modified(path: &Path) -> Result<SystemTime, HostError> {
    let metadata = fs::symlink_metadata(path).and_then(|metadata| metadata.modified());
    metadata.map_err(HostError::file("read the time of", path))
}

/// Sets when the file, folder or symbolic link `path` was changed last.
///
/// Errors: [`HostError::File`].
pub fn set_modified(path: &Path, time: SystemTime) -> Result<(), HostError> {
    set(path, time).map_err(HostError::file("set the time of", path))
}

fn set(path: &Path, time: SystemTime) -> io::Result<()> {
    let keep = Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT };
    let times = Timestamps { last_access: keep, last_modification: since_epoch(time) };
    Ok(utimensat(CWD, path, &times, AtFlags::SYMLINK_NOFOLLOW)?)
}

fn since_epoch(time: SystemTime) -> Timespec {
    let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => Timespec { tv_sec: seconds(after), tv_nsec: after.subsec_nanos().into() },
        // Before 1970 the nanoseconds still count forward.
        Err(before) => match before.duration() {
            whole if whole.subsec_nanos() == 0 => Timespec { tv_sec: -seconds(whole), tv_nsec: 0 },
            part => Timespec {
                tv_sec: -seconds(part) - 1,
                tv_nsec: (1_000_000_000 - part.subsec_nanos()).into(),
            },
        },
    }
}
