//! Wakes a thread that waits for a process.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use rustix::event::{EventfdFlags, eventfd};

use crate::error::HostError;

/// Ends the wait of [`Process::next`](crate::Process::next) from another thread.
///
/// Clones wake the same waits. Once woken it stays so until [`reset`](Self::reset).
#[derive(Clone, Debug)]
pub struct Waker {
    event: Arc<OwnedFd>,
}

impl Waker {
    /// Makes one that has not been woken.
    ///
    /// Errors: [`HostError::System`] when the process has no descriptor left.
    pub fn new() -> Result<Self, HostError> {
        let event = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK);
        let event = event.map_err(|error| HostError::system("make a waker")(error.into()))?;
        Ok(Self { event: Arc::new(event) })
    }

    /// Ends all waits, those to come included.
    pub fn wake(&self) {
        // It can only fail when the counter is full, and then it is awake already.
        let _ = rustix::io::write(&*self.event, &1_u64.to_ne_bytes());
    }

    /// Lets waits wait again; returns whether it had been woken.
    pub fn reset(&self) -> bool {
        rustix::io::read(&*self.event, &mut [0_u8; 8]).is_ok()
    }
}

impl AsFd for Waker {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.event.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_wakes_the_same_wait_until_reset() {
        let waker = Waker::new().unwrap();
        assert!(!waker.reset());
        waker.clone().wake();
        waker.wake();
        assert!(waker.reset());
        assert!(!waker.reset());
    }
}
