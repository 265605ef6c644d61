//! Tells whether a stream is a terminal, and asks a person at it.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::os::fd::AsFd;

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcgetwinsize, tcsetattr};

use crate::error::HostError;
use crate::process::Stream;

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

fn ask_at(mut terminal: File, question: &str, echo: Echo) -> io::Result<Option<String>> {
    write!(terminal, "{question}")?;
    let hidden = (echo == Echo::Hidden).then(|| Hidden::begin(&terminal)).transpose()?;
    let mut answer = String::new();
    let read = BufReader::new(&terminal).read_line(&mut answer)?;
    if hidden.is_some() {
        drop(hidden);
        writeln!(&terminal)?;
    }
    Ok((read > 0).then(|| answer.trim_end_matches(['\n', '\r']).to_owned()))
}

/// Keeps typed text from being seen until dropped.
struct Hidden<'a> {
    terminal: &'a File,
    former: rustix::termios::Termios,
}

impl<'a> Hidden<'a> {
    fn begin(terminal: &'a File) -> io::Result<Self> {
        let former = tcgetattr(terminal)?;
        let mut changed = former.clone();
        changed.local_modes.remove(LocalModes::ECHO);
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
