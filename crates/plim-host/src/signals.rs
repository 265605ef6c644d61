//! Receives the signals by which a person or the system asks `plim` to end.

use std::os::fd::AsFd;
use std::thread;

use rustix::event::{PollFd, PollFlags, poll};

use crate::error::HostError;
use crate::process::Signal;
use crate::sys::raw;

/// What is received, and the signal it is told as.
const RECEIVED: [(i32, Signal); 3] = [
    (libc::SIGINT, Signal::Interrupt),
    (libc::SIGTERM, Signal::Terminate),
    (libc::SIGHUP, Signal::HangUp),
];

/// The receiver of termination signals.
#[derive(Debug)]
pub struct Signals;

impl Signals {
    /// Calls `receive` from a thread of its own for each `SIGINT`, `SIGTERM` and `SIGHUP`, which
    /// no longer end the process then.
    ///
    /// Call it in `main` before any other thread is started, because a thread that was there
    /// before still takes the signals. Two equal signals that arrive at once may count as one.
    /// Errors: [`HostError::System`].
    pub fn install(receive: impl FnMut(Signal) + Send + 'static) -> Result<(), HostError> {
        let watch = HostError::system("watch for signals");
        Self::start(receive).map_err(watch)
    }

    fn start(mut receive: impl FnMut(Signal) + Send + 'static) -> std::io::Result<()> {
        let numbers = RECEIVED.map(|(number, _)| number);
        raw::block_some(&numbers)?;
        let descriptor = raw::signal_descriptor(&numbers)?;
        let listen = move || {
            loop {
                let waited = poll(&mut [PollFd::new(&descriptor, PollFlags::IN)], None);
                while let Some(number) = raw::next_signal(descriptor.as_fd()) {
                    let known = RECEIVED.iter().find(|(received, _)| *received == number);
                    known.map(|(_, signal)| *signal).into_iter().for_each(&mut receive);
                }
                if waited.is_err_and(|error| error != rustix::io::Errno::INTR) {
                    return;
                }
            }
        };
        thread::Builder::new().name("signals".into()).spawn(listen)?;
        Ok(())
    }
}
