//! Starts the process that outlives `plim` just long enough to kill what its jobs started.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, PoisonError};

use crate::cell::Cell;
use crate::error::HostError;
use crate::room::Room;
use crate::sys::{self, raw::Pid};

/// The keeper: a process of its own under which all processes of all jobs run.
///
/// However `plim` ends, `kill -9` included, the keeper and its cells then kill everything that
/// descends from them, be it in another session or orphaned. It ends with the last of this value
/// and its cells.
#[derive(Clone, Debug)]
pub struct Keeper {
    bond: Arc<Bond>,
}

/// What keeps the keeper going; every cell holds it, too.
#[derive(Debug)]
pub(crate) struct Bond {
    /// Closed before the keeper is waited for, because that is how it learns that it is over.
    socket: Mutex<Option<OwnedFd>>,
    pid: Pid,
}

impl Keeper {
    /// Forks the keeper.
    ///
    /// Call it first thing in `main`, while the process is small and has one thread: the keeper
    /// is a copy of it. Errors are those of `fork` and `socketpair`.
    pub fn start() -> io::Result<Self> {
        let (pid, socket) = sys::keep::start()?;
        Ok(Self { bond: Arc::new(Bond { socket: Mutex::new(Some(socket)), pid }) })
    }

    /// Makes a cell for the processes of one job, and waits until its room is furnished.
    ///
    /// Errors: [`HostError::KeeperGone`] and [`HostError::CellGone`]. A room that cannot be made
    /// is no error; see [`Cell::isolation`].
    pub fn cell(&self, room: &Room) -> Result<Cell, HostError> {
        match self.ask_for_cell(room)? {
            Ok(cell) => Ok(cell),
            Err(reason) => {
                let open = Room { allow_setuid: room.allow_setuid, ..Room::default() };
                let cell = self.ask_for_cell(&open)?.map_err(|_| HostError::CellGone)?;
                Ok(cell.without_room(reason))
            }
        }
    }

    fn ask_for_cell(&self, room: &Room) -> Result<Result<Cell, String>, HostError> {
        let keeper = self.bond.socket.lock().unwrap_or_else(PoisonError::into_inner);
        let socket = keeper.as_ref().ok_or(HostError::KeeperGone)?;
        let socket = sys::keep::ask_for_cell(socket.as_fd(), room);
        drop(keeper);
        Cell::open(socket.map_err(|_| HostError::KeeperGone)?, Arc::clone(&self.bond))
    }
}

impl Drop for Bond {
    /// Lets the keeper end and waits for it, so that nothing of a run is left when `plim` returns
    /// and the time that its processes took is counted as the time of `plim`.
    fn drop(&mut self) {
        drop(self.socket.get_mut().unwrap_or_else(PoisonError::into_inner).take());
        // It can have ended already; then there is nothing to wait for.
        let _ = sys::raw::wait_for(self.pid);
    }
}
