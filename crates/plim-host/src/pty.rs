//! Lends the terminal of this process to a program in a cell, by way of a terminal of the program's own.
//!
//! The program gets a pseudo-terminal that controls its session, so that its shell can manage jobs and Ctrl-C reaches
//! it and not us; what a person types here is handed to it, and what it writes is shown here.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{
    OptionalActions, Termios, Winsize, tcgetattr, tcgetwinsize, tcsetattr, tcsetwinsize,
};

use crate::error::HostError;
use crate::process::{ExitStatus, Process, time_until};
use crate::waker::Waker;

/// How often it is looked whether the person made the window larger or smaller.
const GLANCE: Duration = Duration::from_millis(250);

/// A pseudo-terminal for one program.
#[derive(Debug)]
pub struct Pty {
    /// Our end.
    outer: File,
    /// The end of the program.
    inner: OwnedFd,
}

/// Whether a person can be reached at a terminal that controls this process.
pub fn has_terminal() -> bool {
    controlling().is_ok()
}

impl Pty {
    /// Makes one, as large as the terminal that controls this process.
    ///
    /// Errors: [`HostError::System`] when there are no pseudo-terminals to be had.
    pub fn open() -> Result<Self, HostError> {
        Self::make().map_err(HostError::system("make a terminal for the shell"))
    }

    fn make() -> io::Result<Self> {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let outer = openpt(flags)?;
        grantpt(&outer)?;
        unlockpt(&outer)?;
        let inner = ioctl_tiocgptpeer(&outer, flags)?;
        if let Ok(size) = controlling().and_then(|terminal| Ok(tcgetwinsize(terminal)?)) {
            tcsetwinsize(&outer, size)?;
        }
        Ok(Self { outer: File::from(outer), inner })
    }

    /// What becomes the streams of the program.
    pub(crate) fn inner(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }

    /// Lends the terminal to `process`, which was started at this one, until it ends; it is killed once `waker` is
    /// woken.
    ///
    /// Errors: [`HostError::System`] when there is no terminal or it fails, [`HostError::CellGone`].
    pub fn attend(self, process: &mut Process, waker: &Waker) -> Result<ExitStatus, HostError> {
        let Self { outer, inner } = self;
        // As long as we hold it, too, we would not see that everybody else has closed it.
        drop(inner);
        let lent = HostError::system("lend the terminal");
        let terminal = controlling().map_err(lent)?;
        let lent = HostError::system("lend the terminal");
        let _raw = Raw::begin(&terminal).map_err(lent)?;
        let (typed, open, deserted, size) = (Vec::new(), true, false, None);
        Loan { terminal: &terminal, outer, typed, open, deserted, size }.run(process, waker)
    }
}

fn controlling() -> io::Result<File> {
    OpenOptions::new().read(true).write(true).open("/dev/tty")
}

/// The terminal while it is lent.
struct Loan<'a> {
    terminal: &'a File,
    outer: File,
    /// What was typed and not yet taken.
    typed: Vec<u8>,
    /// Whether more can be typed.
    open: bool,
    /// Nobody has the other end open any more.
    deserted: bool,
    size: Option<Winsize>,
}

/// What there is to do.
#[derive(Default)]
struct Ready {
    typed: bool,
    takes: bool,
    wrote: bool,
    ended: bool,
    woken: bool,
}

impl Loan<'_> {
    fn run(&mut self, process: &mut Process, waker: &Waker) -> Result<ExitStatus, HostError> {
        let failed = || HostError::system("hand the terminal on");
        let flags = fcntl_getfl(&self.outer).map_err(|error| failed()(error.into()))?;
        fcntl_setfl(&self.outer, flags | OFlags::NONBLOCK)
            .map_err(|error| failed()(error.into()))?;
        loop {
            self.follow_size();
            let ready = self.wait(process, waker).map_err(failed())?;
            if ready.woken {
                waker.reset();
                process.kill_tree()?;
            }
            if ready.typed {
                self.take_typed().map_err(failed())?;
            }
            if ready.takes {
                self.hand_typed().map_err(failed())?;
            }
            if ready.wrote {
                self.show().map_err(failed())?;
            }
            if ready.ended {
                let status = process.read_exit()?;
                self.show().map_err(failed())?;
                return Ok(status);
            }
        }
    }

    fn wait(&mut self, process: &Process, waker: &Waker) -> io::Result<Ready> {
        // Nothing more is taken from the person before what is here was handed on.
        let listens = self.open && self.typed.is_empty();
        let outer =
            if self.typed.is_empty() { PollFlags::IN } else { PollFlags::IN | PollFlags::OUT };
        let all = [
            Some((waker.as_fd(), PollFlags::IN)),
            Some((process.status(), PollFlags::IN)),
            (!self.deserted).then_some((self.outer.as_fd(), outer)),
            listens.then_some((self.terminal.as_fd(), PollFlags::IN)),
        ];
        let listed = all.iter().flatten();
        let mut waiting: Vec<_> =
            listed.map(|(one, flags)| PollFd::from_borrowed_fd(*one, *flags)).collect();
        match poll(&mut waiting, Some(&time_until(Instant::now() + GLANCE))) {
            Err(rustix::io::Errno::INTR) => return Ok(Ready::default()),
            other => drop(other?),
        }
        let mut found = waiting.iter().map(PollFd::revents);
        let mut next =
            |there: bool| if there { found.next() } else { None }.unwrap_or(PollFlags::empty());
        let [woken, ended, outer, typed] = all.map(|one| next(one.is_some()));
        // It stays so, and would be told again at once.
        self.deserted |= outer.contains(PollFlags::HUP) && !outer.contains(PollFlags::IN);
        Ok(Ready {
            woken: !woken.is_empty(),
            ended: !ended.is_empty(),
            wrote: outer.contains(PollFlags::IN),
            takes: outer.contains(PollFlags::OUT),
            typed: !typed.is_empty(),
        })
    }

    fn take_typed(&mut self) -> io::Result<()> {
        let mut buffer = [0; 4096];
        match (&mut &*self.terminal).read(&mut buffer) {
            // Without a person the shell is told what a closed window would tell it.
            Ok(0) => self.open = false,
            Ok(count) => self.typed.extend_from_slice(&buffer[..count]),
            Err(error) if is_passing(&error) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn hand_typed(&mut self) -> io::Result<()> {
        match self.outer.write(&self.typed) {
            Ok(count) => drop(self.typed.drain(..count)),
            Err(error) if is_passing(&error) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Shows what was written so far.
    fn show(&mut self) -> io::Result<()> {
        let mut buffer = [0; 16 * 1024];
        // Bounded, so that a program that never stops writing cannot keep what is typed waiting.
        for _ in 0..64 {
            match self.outer.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => (&mut &*self.terminal).write_all(&buffer[..count])?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Nothing there now, or (EIO) nobody has it open at the moment.
                Err(error) if is_passing(&error) || is_closed(&error) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn follow_size(&mut self) {
        let Ok(size) = tcgetwinsize(self.terminal) else { return };
        let same = |known: &Winsize| (known.ws_col, known.ws_row) == (size.ws_col, size.ws_row);
        if !self.size.as_ref().is_some_and(same) {
            // A size that cannot be told leaves the program with the former one.
            let _ = tcsetwinsize(&self.outer, size);
            self.size = Some(size);
        }
    }
}

fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock)
}

fn is_closed(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::EIO)
}

/// Hands on every key as it is typed, Ctrl-C included, until dropped.
struct Raw<'a> {
    terminal: &'a File,
    former: Termios,
}

impl<'a> Raw<'a> {
    fn begin(terminal: &'a File) -> io::Result<Self> {
        let former = tcgetattr(terminal)?;
        let mut raw = former.clone();
        raw.make_raw();
        tcsetattr(terminal, OptionalActions::Drain, &raw)?;
        Ok(Self { terminal, former })
    }
}

impl Drop for Raw<'_> {
    fn drop(&mut self) {
        // There is nobody to tell: the terminal that would show it is the one that failed.
        let _ = tcsetattr(self.terminal, OptionalActions::Drain, &self.former);
    }
}
