//! Starts the processes of one job and ends them all.

use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::pipe::{PipeFlags, pipe_with};

use crate::command::Command;
use crate::error::HostError;
use crate::keeper::Bond;
use crate::process::Process;
use crate::pty::Pty;
use crate::room::Isolation;
use crate::sys::cell::{ask, tell};
use crate::sys::raw::Stage;
use crate::sys::socket;
use crate::sys::wire::{Reader, Writer};

/// A file that is still being written cannot be executed; who wrote it usually is about to close.
const BUSY_RETRIES: u32 = 8;

/// More than any system takes; it need not be sent to learn that.
const MOST_BYTES: usize = 32 << 20;

/// The processes of one job.
///
/// Dropping it kills them, as [`end`](Self::end) does, without waiting for it.
#[derive(Debug)]
pub struct Cell {
    /// Closed before the keeper may be: the fields of a value are dropped in their order.
    socket: Mutex<OwnedFd>,
    isolation: Isolation,
    keeper: Arc<Bond>,
}

/// A process that was still there when its job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOver {
    /// Its number.
    pub pid: i32,
    /// The name of its program, at most 15 bytes.
    pub name: String,
    /// Whether it survived being killed, as a process of another user does.
    pub alive: bool,
}

impl Cell {
    /// Waits until the cell at the other end of `socket` is ready; the inner error is the reason
    /// why its room could not be made.
    pub(crate) fn open(
        socket: OwnedFd,
        keeper: Arc<Bond>,
    ) -> Result<Result<Self, String>, HostError> {
        let packet = socket::receive(socket.as_fd()).ok().flatten().ok_or(HostError::CellGone)?;
        let ready = read_ready(&packet.bytes).map_err(|_| HostError::CellGone)?;
        Ok(ready.map(|isolation| Self { socket: Mutex::new(socket), isolation, keeper }))
    }

    /// Says that this cell has no room, for this reason.
    pub(crate) fn without_room(self, reason: String) -> Self {
        Self { isolation: Isolation::None(reason), ..self }
    }

    /// How far the room of this cell could be made.
    pub fn isolation(&self) -> &Isolation {
        &self.isolation
    }

    /// Starts a program in a session of its own, without a terminal, with an empty stdin.
    ///
    /// Several may run at once. Errors: those of finding and executing the file, of entering the
    /// folder, [`HostError::TooLarge`], [`HostError::ZeroByte`], and [`HostError::CellGone`].
    pub fn spawn(&self, command: &Command) -> Result<Process, HostError> {
        command.check()?;
        if command.size() > MOST_BYTES {
            let file = command.file()?;
            let (size, largest) = (command.size(), command.largest());
            return Err(HostError::TooLarge { file, size, largest });
        }
        let packet = request(ask::START, command)?;
        let mut pause = Duration::from_millis(1);
        for _ in 0..BUSY_RETRIES {
            match self.start(command, &packet) {
                Err(HostError::Execute { source, .. }) if is_busy(&source) => thread::sleep(pause),
                other => return other,
            }
            pause *= 2;
        }
        self.start(command, &packet)
    }

    fn start(&self, command: &Command, packet: &[u8]) -> Result<Process, HostError> {
        let pipe = || pipe_with(PipeFlags::CLOEXEC).map_err(io::Error::from);
        let descriptors = HostError::system("open a pipe to a program");
        let streams = pipe().and_then(|out| Ok((out, pipe()?, socket::pair()?)));
        let ((stdout, out), (stderr, err), (status, theirs)) = streams.map_err(descriptors)?;
        let cell = self.socket.lock().unwrap_or_else(PoisonError::into_inner);
        let given = [out.as_fd(), err.as_fd(), theirs.as_fd()];
        socket::send(cell.as_fd(), packet, &given).map_err(|_| HostError::CellGone)?;
        drop((cell, out, err, theirs));
        let answer = socket::receive(status.as_fd()).ok().flatten().ok_or(HostError::CellGone)?;
        let pid = read_answer(&answer.bytes, command)?;
        Ok(Process::new(pid, stdout, stderr, status))
    }

    /// Starts a program at a terminal, which is all its streams and controls its session.
    ///
    /// Errors: as [`spawn`](Self::spawn).
    pub fn spawn_at(&self, command: &Command, pty: &Pty) -> Result<Process, HostError> {
        command.check()?;
        let packet = request(ask::START_AT_TERMINAL, command)?;
        let (status, theirs) =
            socket::pair().map_err(HostError::system("open a socket to a program"))?;
        let cell = self.socket.lock().unwrap_or_else(PoisonError::into_inner);
        socket::send(cell.as_fd(), &packet, &[pty.inner(), theirs.as_fd()])
            .map_err(|_| HostError::CellGone)?;
        drop((cell, theirs));
        let answer = socket::receive(status.as_fd()).ok().flatten().ok_or(HostError::CellGone)?;
        Ok(Process::at_terminal(read_answer(&answer.bytes, command)?, status))
    }

    /// Kills everything that descends from this cell and returns what had been left behind: all
    /// but the main processes that were started here.
    ///
    /// Errors: [`HostError::CellGone`] when the cell had been killed; the keeper then kills what
    /// descends from it.
    pub fn end(self) -> Result<Vec<LeftOver>, HostError> {
        let Self { socket, keeper: _keeper, .. } = self;
        let socket = socket.into_inner().unwrap_or_else(PoisonError::into_inner);
        let end = Writer::new(ask::END);
        socket::send(socket.as_fd(), end.bytes(), &[]).map_err(|_| HostError::CellGone)?;
        let packet = socket::receive(socket.as_fd()).ok().flatten().ok_or(HostError::CellGone)?;
        read_ended(&packet.bytes).map_err(|_| HostError::CellGone)
    }
}

fn is_busy(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::ExecutableFileBusy
}

fn request(kind: u8, command: &Command) -> Result<Vec<u8>, HostError> {
    let mut packet = Writer::new(kind);
    packet.c_text(&[command.file()?.as_os_str()]).c_text(&[command.directory.as_os_str()]);
    let (line, variables) = (command.line(), command.variables());
    packet.count(line.len());
    for argument in line {
        packet.c_text(&[argument]);
    }
    packet.count(variables.len());
    for (name, value) in variables {
        packet.c_text(&[name, OsStr::new("="), value]);
    }
    Ok(packet.into_bytes())
}

fn read_ready(bytes: &[u8]) -> io::Result<Result<Isolation, String>> {
    match Reader::open(bytes)? {
        (tell::READY, mut reader) => Isolation::read(&mut reader).map(Ok),
        (tell::NO_ROOM, mut reader) => Ok(Err(reader.text()?.to_string_lossy().into_owned())),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

fn read_answer(bytes: &[u8], command: &Command) -> Result<i32, HostError> {
    let (kind, mut reader) = Reader::open(bytes).map_err(|_| HostError::CellGone)?;
    let first = reader.number().map_err(|_| HostError::CellGone)?;
    if kind == tell::STARTED {
        return Ok(first);
    }
    let code = reader.number().map_err(|_| HostError::CellGone)?;
    Err(start_error(command, first, io::Error::from_raw_os_error(code)))
}

/// Turns the stage and reason of a failed start into an error that names what it concerns.
pub(crate) fn start_error(command: &Command, stage: i32, source: io::Error) -> HostError {
    let file = command.file().unwrap_or_else(|_| (&command.program).into());
    if source.kind() == io::ErrorKind::ArgumentListTooLong {
        return HostError::TooLarge { file, size: command.size(), largest: command.largest() };
    }
    match stage {
        stage if stage == Stage::Directory as i32 => {
            HostError::Directory { directory: command.directory.clone(), source }
        }
        stage if stage == Stage::Execute as i32 => HostError::Execute { file, source },
        _ => HostError::Fork(source),
    }
}

fn read_ended(bytes: &[u8]) -> io::Result<Vec<LeftOver>> {
    let (tell::ENDED, mut reader) = Reader::open(bytes)? else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    (0..reader.count()?).map(|_| read_left_over(&mut reader)).collect()
}

fn read_left_over(reader: &mut Reader<'_>) -> io::Result<LeftOver> {
    let pid = reader.number()?;
    let alive = reader.number()? != 0;
    Ok(LeftOver { pid, name: reader.text()?.to_string_lossy().into_owned(), alive })
}
