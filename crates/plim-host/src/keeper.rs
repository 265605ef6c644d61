//! Starts the process that outlives `plim` just long enough to kill what its jobs started.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Mutex, PoisonError};

use crate::cell::Cell;
use crate::error::HostError;
use crate::room::Room;
use crate::sys;

/// The keeper: a process of its own under which all processes of all jobs run.
///
/// However `plim` ends, `kill -9` included, the keeper and its cells then kill everything that
/// descends from them, be it in another session or orphaned.
#[derive(Debug)]
pub struct Keeper {
    socket: Mutex<OwnedFd>,
}

impl Keeper {
    /// Forks the keeper.
    ///
    /// Call it first thing in `main`, while the process is small and has one thread: the keeper
    /// is a copy of it. Errors are those of `fork` and `socketpair`.
    pub fn start() -> io::Result<Self> {
        Ok(Self { socket: Mutex::new(sys::keep::start()?) })
    }

    /// Makes a cell for the processes of one job, and waits until its room is furnished.
    ///
    /// Errors: [`HostError::KeeperGone`] and [`HostError::CellGone`]. A room that cannot be made
    /// is no error; see [`Cell::isolation`].
    pub fn cell(&self, room: &Room) -> Result<Cell, HostError> {
        let keeper = self.socket.lock().unwrap_or_else(PoisonError::into_inner);
        let socket = sys::keep::ask_for_cell(keeper.as_fd(), room);
        drop(keeper);
        Cell::open(socket.map_err(|_| HostError::KeeperGone)?)
    }
}
