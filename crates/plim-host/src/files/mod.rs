//! Does to files and folders what the standard library does not, or not safely.

mod copy;
mod empty;
mod lock;
mod remove;
mod space;
mod times;
mod watch;
mod write;

pub use copy::{Copied, copy_tree};
pub use empty::empty_folder;
pub use lock::{Lock, LockKind, LockRequest};
pub(crate) use remove::make_writable;
pub use remove::remove_tree;
pub use space::{DiskSpace, disk_space};
pub use times::{modified, set_modified};
pub use watch::FolderWatch;
pub use write::{replace, write_durably};
