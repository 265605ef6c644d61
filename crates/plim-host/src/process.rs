//! Follows a started program: what it writes, how it ends, and how to end it.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::error::HostError;
use crate::sys::cell::{ask, tell};
use crate::sys::socket;
use crate::sys::wire::{Reader, Writer};
use crate::waker::Waker;

/// A program that a [`Cell`](crate::Cell) started.
///
/// Dropping it while it runs kills it, with all that descends from it.
#[derive(Debug)]
pub struct Process {
    pid: i32,
    stdout: Option<OwnedFd>,
    stderr: Option<OwnedFd>,
    status: OwnedFd,
    exited: Option<ExitStatus>,
    /// Whether no process of the job was left when it ended.
    alone: bool,
    /// The stream read last: the other one goes first when both have something.
    last: Stream,
}

/// One of the two streams that a program writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stream {
    /// Descriptor 1.
    Stdout,
    /// Descriptor 2.
    Stderr,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExitStatus {
    /// It returned this code.
    Code(i32),
    /// This signal killed it.
    Signal(i32),
}

/// A signal to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Signal {
    /// `SIGINT`, as Ctrl-C sends.
    Interrupt,
    /// `SIGTERM`.
    Terminate,
    /// `SIGKILL`.
    Kill,
    /// `SIGHUP`.
    HangUp,
}

/// What a wait for a process ended with.
#[derive(Debug, PartialEq, Eq)]
pub enum Happened<'a> {
    /// The program, or something it started, wrote these bytes.
    Output {
        /// Where.
        stream: Stream,
        /// What; at least one byte.
        bytes: &'a [u8],
    },
    /// Nobody holds that stream open any more. Told once for each.
    Closed(Stream),
    /// The main process ended. Told once; output may still follow, until both streams are closed.
    Exited(ExitStatus),
    /// The main process has ended and both streams are closed: nothing more will happen.
    Finished,
    /// The deadline passed.
    Deadline,
    /// The waker was woken; it is not reset.
    Woken,
}

impl ExitStatus {
    /// Whether it returned 0.
    pub fn is_success(self) -> bool {
        self == Self::Code(0)
    }

    /// The code as a shell gives it: 128 and the number of the signal for a killed process.
    pub fn shell_code(self) -> i32 {
        match self {
            Self::Code(code) => code,
            Self::Signal(signal) => 128 + signal,
        }
    }
}

impl fmt::Display for ExitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "returned {code}"),
            Self::Signal(signal) => write!(f, "was killed by signal {signal}"),
        }
    }
}

impl Signal {
    /// The number of the signal.
    pub fn number(self) -> i32 {
        match self {
            Self::Interrupt => libc::SIGINT,
            Self::Terminate => libc::SIGTERM,
            Self::Kill => libc::SIGKILL,
            Self::HangUp => libc::SIGHUP,
        }
    }
}

/// What is ready to be looked at.
struct Ready {
    status: bool,
    stdout: bool,
    stderr: bool,
    woken: bool,
}

impl Process {
    pub(crate) fn new(pid: i32, stdout: OwnedFd, stderr: OwnedFd, status: OwnedFd) -> Self {
        let (stdout, stderr) = (Some(stdout), Some(stderr));
        Self { pid, stdout, stderr, status, exited: None, alone: false, last: Stream::Stderr }
    }

    /// One whose streams are a terminal and not ours to read.
    pub(crate) fn at_terminal(pid: i32, status: OwnedFd) -> Self {
        let (stdout, stderr) = (None, None);
        Self { pid, stdout, stderr, status, exited: None, alone: false, last: Stream::Stderr }
    }

    /// What becomes readable when the main process has ended.
    pub(crate) fn status(&self) -> BorrowedFd<'_> {
        self.status.as_fd()
    }

    /// The number of the main process.
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// How the main process ended, when [`next`](Self::next) has told so.
    pub fn exited(&self) -> Option<ExitStatus> {
        self.exited
    }

    /// Whether the main process has ended and no process of its job was left then: neither what it started, nor what
    /// runs beside it.
    pub fn was_last(&self) -> bool {
        self.alone
    }

    /// Waits until something happens: a wake-up first, then the end of the main process, then
    /// output of either stream in turn, then the deadline.
    ///
    /// `buffer` takes the bytes read and must not be empty. Errors: [`HostError::CellGone`] when
    /// the cell died before the process did, [`HostError::System`] when waiting or reading fails.
    pub fn next<'a>(
        &mut self,
        deadline: Option<Instant>,
        waker: &Waker,
        buffer: &'a mut [u8],
    ) -> Result<Happened<'a>, HostError> {
        loop {
            if self.is_finished() {
                return Ok(Happened::Finished);
            }
            let ready = self.wait(deadline, waker);
            let ready = ready.map_err(HostError::system("wait for a program"))?;
            if ready.woken {
                return Ok(Happened::Woken);
            }
            if ready.status {
                return self.read_exit().map(Happened::Exited);
            }
            if let Some(stream) = self.choose(&ready) {
                return self.read(stream, buffer);
            }
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return Ok(Happened::Deadline);
            }
        }
    }

    fn is_finished(&self) -> bool {
        self.exited.is_some() && self.stdout.is_none() && self.stderr.is_none()
    }

    fn wait(&self, deadline: Option<Instant>, waker: &Waker) -> io::Result<Ready> {
        let status = self.exited.is_none().then_some(&self.status);
        let all =
            [Some(waker.as_fd()), status.map(AsFd::as_fd), fd(&self.stdout), fd(&self.stderr)];
        let mut waiting = Vec::with_capacity(all.len());
        waiting
            .extend(all.iter().flatten().map(|one| PollFd::from_borrowed_fd(*one, PollFlags::IN)));
        let timeout = deadline.map(time_until);
        match poll(&mut waiting, timeout.as_ref()) {
            Err(rustix::io::Errno::INTR) => {}
            other => drop(other?),
        }
        let mut answers = waiting.iter().map(|one| !one.revents().is_empty());
        let [woken, status, stdout, stderr] =
            all.map(|one| one.is_some() && answers.next().unwrap_or(false));
        Ok(Ready { status, stdout, stderr, woken })
    }

    fn choose(&self, ready: &Ready) -> Option<Stream> {
        match (ready.stdout, ready.stderr) {
            (true, true) if self.last == Stream::Stdout => Some(Stream::Stderr),
            (true, _) => Some(Stream::Stdout),
            (false, true) => Some(Stream::Stderr),
            (false, false) => None,
        }
    }

    fn read<'a>(
        &mut self,
        stream: Stream,
        buffer: &'a mut [u8],
    ) -> Result<Happened<'a>, HostError> {
        self.last = stream;
        let source = match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        let Some(pipe) = source else { return Ok(Happened::Closed(stream)) };
        let read = rustix::io::retry_on_intr(|| rustix::io::read(&*pipe, &mut *buffer));
        let read = read.map_err(|error| HostError::system("read a program's output")(error.into()));
        match read? {
            0 => {
                *source = None;
                Ok(Happened::Closed(stream))
            }
            read => Ok(Happened::Output { stream, bytes: &buffer[..read] }),
        }
    }

    /// Takes how the main process ended, waiting for it.
    pub(crate) fn read_exit(&mut self) -> Result<ExitStatus, HostError> {
        let packet = socket::receive(self.status.as_fd()).ok().flatten();
        let exit = packet.and_then(|packet| parse_exit(&packet.bytes).ok());
        let (status, alone) = exit.ok_or(HostError::CellGone)?;
        (self.exited, self.alone) = (Some(status), alone);
        Ok(status)
    }

    /// Sends a signal to the main process, and only to it; nothing happens when it has ended.
    ///
    /// Errors: [`HostError::CellGone`].
    pub fn signal(&self, signal: Signal) -> Result<(), HostError> {
        self.ask(Writer::new(ask::SIGNAL).number(signal.number()))
    }

    /// Kills the main process and all that descends from it: also what changed its session or
    /// was orphaned, as far as no other running step may have left it. Works after the main
    /// process has ended, too. Its end is told by [`next`](Self::next) as any other.
    ///
    /// Errors: [`HostError::CellGone`].
    pub fn kill_tree(&self) -> Result<(), HostError> {
        self.ask(&Writer::new(ask::KILL_TREE))
    }

    fn ask(&self, packet: &Writer) -> Result<(), HostError> {
        socket::send(self.status.as_fd(), packet.bytes(), &[]).map_err(|_| HostError::CellGone)
    }
}

fn fd(stream: &Option<OwnedFd>) -> Option<BorrowedFd<'_>> {
    stream.as_ref().map(AsFd::as_fd)
}

fn parse_exit(bytes: &[u8]) -> io::Result<(ExitStatus, bool)> {
    let (kind, mut reader) = Reader::open(bytes)?;
    let (how, number) = (reader.number()?, reader.number()?);
    let status = match (kind, how) {
        (tell::EXITED, 0) => ExitStatus::Code(number),
        (tell::EXITED, 1) => ExitStatus::Signal(number),
        _ => return Err(io::ErrorKind::InvalidData.into()),
    };
    Ok((status, reader.number()? != 0))
}

/// The time left until `deadline`, as `poll` takes it.
pub(crate) fn time_until(deadline: Instant) -> Timespec {
    let left: Duration = deadline.saturating_duration_since(Instant::now());
    Timespec {
        tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(left.subsec_nanos()),
    }
}
