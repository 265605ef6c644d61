//! Tells whether a stream is a terminal, and asks a person at it.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::AsFd;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::kill_current_process_group;
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcgetwinsize, tcsetattr,
};

use crate::error::HostError;
use crate::process::Stream;
use crate::waker::Waker;

/// Columns and rows of a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TerminalSize {
    /// Characters in a line.
    pub columns: u16,
    /// Lines.
    pub rows: u16,
}

/// Whether our own `stream` is a terminal.
pub fn is_terminal(stream: Stream) -> bool {
    match stream {
        Stream::Stdout => io::stdout().is_terminal(),
        Stream::Stderr => io::stderr().is_terminal(),
    }
}

/// The size of the terminal that our own `stream` is; `None` when it is none or has no size.
pub fn terminal_size(stream: Stream) -> Option<TerminalSize> {
    let size = match stream {
        Stream::Stdout => tcgetwinsize(io::stdout().as_fd()),
        Stream::Stderr => tcgetwinsize(io::stderr().as_fd()),
    };
    let size = size.ok().filter(|size| size.ws_col > 0 && size.ws_row > 0)?;
    Some(TerminalSize { columns: size.ws_col, rows: size.ws_row })
}

/// Whether a person types what is hidden or what is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Echo {
    /// The typed text is seen.
    Shown,
    /// The typed text is not seen, as for a password.
    Hidden,
}

/// Writes `question` to the terminal that controls this process and reads one line of answer.
///
/// `None` when there is no terminal, or the person ends the input. Errors: [`HostError::System`]
/// when the terminal cannot be read or its echo not be changed.
pub fn ask(question: &str, echo: Echo) -> Result<Option<String>, HostError> {
    let Ok(terminal) = OpenOptions::new().read(true).write(true).open("/dev/tty") else {
        return Ok(None);
    };
    ask_at(terminal, question, echo).map_err(HostError::system("ask at the terminal"))
}

/// Asks as [`ask`] does with what is typed being seen, until `waker` is woken: then there is no answer.
///
/// Errors: as [`ask`].
pub fn ask_until(question: &str, waker: &Waker) -> Result<Option<String>, HostError> {
    let Ok(terminal) = OpenOptions::new().read(true).write(true).open("/dev/tty") else {
        return Ok(None);
    };
    let asked = write!(&terminal, "{question}").and_then(|()| wait_for_line(&terminal, waker));
    if !asked.map_err(HostError::system("ask at the terminal"))? {
        return Ok(None);
    }
    ask_at(terminal, "", Echo::Shown).map_err(HostError::system("ask at the terminal"))
}

/// Waits until a line was typed; false when `waker` was woken before.
fn wait_for_line(terminal: &File, waker: &Waker) -> io::Result<bool> {
    loop {
        let mut waiting = [PollFd::new(waker, PollFlags::IN), PollFd::new(terminal, PollFlags::IN)];
        match poll(&mut waiting, None) {
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
            Ok(_) => return Ok(waiting[0].revents().is_empty()),
        }
    }
}

fn ask_at(terminal: File, question: &str, echo: Echo) -> io::Result<Option<String>> {
    // Before the question: a quick typist answers as soon as it is there.
    let hidden = (echo == Echo::Hidden).then(|| Hidden::begin(&terminal)).transpose()?;
    write!(&terminal, "{question}")?;
    let answer = read_line(&terminal)?;
    if hidden.is_some() {
        drop(hidden);
        writeln!(&terminal)?;
    }
    if answer.ends_with(&[INTERRUPT]) {
        // The signal that the terminal would have sent, now that it shows again what is typed.
        kill_current_process_group(rustix::process::Signal::INT)?;
        return Ok(None);
    }
    let text = String::from_utf8_lossy(&answer);
    Ok((!answer.is_empty()).then(|| text.trim_end_matches(['\n', '\r']).to_owned()))
}

/// What Ctrl-C types.
const INTERRUPT: u8 = 3;

/// Reads what a person types until the line ends, the input ends, or Ctrl-C.
fn read_line(mut terminal: &File) -> io::Result<Vec<u8>> {
    let (mut answer, mut buffer) = (vec![], [0; 1024]);
    while !answer.ends_with(b"\n") && !answer.ends_with(&[INTERRUPT]) {
        match terminal.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => answer.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(answer)
}

/// Keeps typed text from being seen until dropped.
struct Hidden<'a> {
    terminal: &'a File,
    former: rustix::termios::Termios,
}

impl<'a> Hidden<'a> {
    /// Ctrl-C ends the line instead of the process, which would leave the terminal as it is now.
    fn begin(terminal: &'a File) -> io::Result<Self> {
        let former = tcgetattr(terminal)?;
        let mut changed = former.clone();
        changed.local_modes.remove(LocalModes::ECHO | LocalModes::ISIG);
        changed.special_codes[SpecialCodeIndex::VEOL] = INTERRUPT;
        tcsetattr(terminal, OptionalActions::Flush, &changed)?;
        Ok(Self { terminal, former })
    }
}

impl Drop for Hidden<'_> {
    fn drop(&mut self) {
        // There is nobody to tell: the terminal that would show it is the one that failed.
        let _ = tcsetattr(self.terminal, OptionalActions::Flush, &self.former);
    }
}
