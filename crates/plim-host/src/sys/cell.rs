//! The cell: a small process that starts the steps of one job, tells how they ended, and kills
//! everything that descends from it when the job or `plim` ends.

use std::collections::BTreeMap;
use std::ffi::{CStr, OsStr};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{Mode, OFlags};
use rustix::process::Signal as Death;

use super::keep::{ignore_interruption, settle, wait_a_little};
use super::raw::{self, Bond, Pid, Program, Reaped, Stage};
use super::wire::{Reader, Writer};
use super::{mounts, socket, tree};
use crate::cell::LeftOver;
use crate::process::ExitStatus;
use crate::room::Room;

/// How long `SIGKILL` may take before a process is given up and reported.
const PATIENCE: Duration = Duration::from_secs(10);

/// What `plim` asks of a cell, on the socket of the cell.
pub(crate) mod ask {
    /// Start a program: file, folder, arguments, environment; stdout, stderr and status socket.
    pub(crate) const START: u8 = 1;
    /// Kill everything, tell what was left, end.
    pub(crate) const END: u8 = 2;
    /// On a status socket: send the signal of that number to the main process.
    pub(crate) const SIGNAL: u8 = 3;
    /// On a status socket: kill the main process and all that descends from it.
    pub(crate) const KILL_TREE: u8 = 4;
    /// Start a program at a terminal: as [`START`]; the terminal and the status socket.
    pub(crate) const START_AT_TERMINAL: u8 = 5;
}

/// What a cell answers.
pub(crate) mod tell {
    /// The cell is ready; how far the room could be made.
    pub(crate) const READY: u8 = 1;
    /// The cell ends, because its room could not be made, for this reason.
    pub(crate) const NO_ROOM: u8 = 6;
    /// On a status socket: the program runs under this number.
    pub(crate) const STARTED: u8 = 2;
    /// On a status socket: the program could not be started; stage and `errno`.
    pub(crate) const FAILED: u8 = 3;
    /// On a status socket: the main process ended with a code (0) or by a signal (1); whether no process of the job is
    /// left (1).
    pub(crate) const EXITED: u8 = 4;
    /// To the keeper: the base of the room is laid, but for these.
    pub(crate) const LAID: u8 = 7;
    /// Everything is dead; the list of what had been left behind.
    pub(crate) const ENDED: u8 = 5;
}

/// A step: its main process and the socket on which its end is told.
struct Step {
    main: Pid,
    alive: bool,
    status: OwnedFd,
    /// The orphans that were there before this step started, which are not its own.
    earlier: Vec<Pid>,
}

struct Cell {
    socket: OwnedFd,
    signals: OwnedFd,
    null: OwnedFd,
    steps: Vec<Step>,
    /// Whether nothing descends from this cell: it has no child, and started none since that was seen.
    childless: bool,
}

/// The life of a cell, from its fork to its end.
pub(crate) fn live(
    socket: OwnedFd,
    room: &Room,
    base: Base<'_>,
    keeper: rustix::process::Pid,
) -> io::Result<()> {
    // It comes first, because what it uses is closed when the cell settles.
    let ground = base.ground(room);
    let socket = settle(socket, c"plim-cell")?;
    rustix::process::set_parent_process_death_signal(Some(Death::USR2))?;
    if rustix::process::getppid() != Some(keeper) {
        return Ok(());
    }
    let isolation = match ground.and_then(|ground| mounts::apply(room, ground)) {
        Ok(isolation) => isolation,
        Err(reason) => {
            let mut packet = Writer::new(tell::NO_ROOM);
            packet.text(OsStr::new(&reason));
            return socket::send(socket.as_fd(), packet.bytes(), &[]);
        }
    };
    let mut ready = Writer::new(tell::READY);
    isolation.write(&mut ready);
    socket::send(socket.as_fd(), ready.bytes(), &[])?;
    let mut cell = Cell {
        signals: raw::signal_descriptor(&[libc::SIGCHLD, libc::SIGUSR2])?,
        null: rustix::fs::open("/dev/null", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?,
        socket,
        steps: Vec::new(),
        childless: true,
    };
    let asked = cell.serve(keeper);
    let left = cell.kill_everything();
    if matches!(asked, Ok(Ending::Asked)) {
        cell.tell_ended(&left)?;
    }
    Ok(())
}

/// Where a cell has the base of its room from.
pub(crate) enum Base<'a> {
    /// Its room has none.
    None,
    /// It is laid already.
    Laid(&'a mounts::Laid),
    /// The cell lays it, and shows it to the keeper on this socket.
    Lay(OwnedFd),
}

impl Base<'_> {
    fn ground(self, room: &Room) -> Result<Option<mounts::Ground>, String> {
        match (self, &room.base) {
            (Self::Laid(laid), _) => mounts::Ground::join(laid).map(Some),
            (Self::Lay(keeper), Some(base)) => {
                let share = |failures: &[String]| show(keeper.as_fd(), failures);
                mounts::Ground::lay(base, share).map(Some)
            }
            _ => Ok(None),
        }
    }
}

/// Tells the keeper that a base is laid and waits until it has taken hold of it.
fn show(keeper: BorrowedFd<'_>, failures: &[String]) {
    let mut laid = Writer::new(tell::LAID);
    laid.texts(failures);
    // A keeper that is gone takes this cell along; one that cannot take hold lets the next cell lay its own.
    if socket::send(keeper, laid.bytes(), &[]).is_ok() {
        let _ = socket::receive(keeper);
    }
}

/// Why a cell ends.
enum Ending {
    Asked,
    Abandoned,
}

impl Cell {
    fn serve(&mut self, keeper: rustix::process::Pid) -> io::Result<Ending> {
        loop {
            let woken = self.wait()?;
            if woken.signals {
                self.reap();
                // A step may send the signal too, so it is the parent that counts.
                if rustix::process::getppid() != Some(keeper) {
                    return Ok(Ending::Abandoned);
                }
            }
            self.obey_steps(&woken.steps);
            if woken.socket {
                match socket::receive(self.socket.as_fd())? {
                    None => return Ok(Ending::Abandoned),
                    Some(packet) if packet.bytes.first() == Some(&ask::END) => {
                        return Ok(Ending::Asked);
                    }
                    Some(packet) => self.start(packet)?,
                }
            }
        }
    }

    fn wait(&self) -> io::Result<Woken> {
        let mut waiting = vec![
            PollFd::new(&self.socket, PollFlags::IN),
            PollFd::new(&self.signals, PollFlags::IN),
        ];
        waiting.extend(self.steps.iter().map(|step| PollFd::new(&step.status, PollFlags::IN)));
        ignore_interruption(poll(&mut waiting, None))?;
        let mut ready = waiting.iter().map(|one| !one.revents().is_empty());
        let socket = ready.next().unwrap_or(false);
        let signals = ready.next().unwrap_or(false);
        let steps = self.steps.iter().zip(ready).filter(|(_, ready)| *ready);
        Ok(Woken { socket, signals, steps: steps.map(|(step, _)| step.main).collect() })
    }

    /// Starts what a packet describes, and tells on its own socket how that went.
    fn start(&mut self, packet: socket::Packet) -> io::Result<()> {
        let request = Request::read(&packet.bytes)?;
        let mut given = packet.descriptors;
        let status = given.pop().ok_or(io::ErrorKind::InvalidData)?;
        let earlier = self.orphans();
        let streams = match (request.bond, given.as_slice()) {
            (Bond::Terminal, [terminal]) => [terminal.as_fd(); 3],
            (Bond::Session, [stdout, stderr]) => {
                [self.null.as_fd(), stdout.as_fd(), stderr.as_fd()]
            }
            _ => return Err(io::ErrorKind::InvalidData.into()),
        };
        let started = raw::start(&request.program(streams));
        self.childless &= started.is_err();
        drop(given);
        let answer = match &started {
            Ok(pid) => Writer::new(tell::STARTED).number(*pid).bytes().to_vec(),
            Err((stage, error)) => failure(*stage, error),
        };
        // When `plim` no longer listens, the poll on the status socket finds out.
        let _ = socket::send(status.as_fd(), &answer, &[]);
        if let Ok(main) = started {
            self.steps.push(Step { main, alive: true, status, earlier });
        }
        Ok(())
    }

    /// The children that are not the main process of a step: the cell adopted them.
    fn orphans(&self) -> Vec<Pid> {
        if self.childless {
            return Vec::new();
        }
        let mut children = tree::children(own_pid());
        children.retain(|pid| !self.steps.iter().any(|step| step.alive && step.main == *pid));
        children
    }

    /// Takes the status of every child that ended, and tells it for main processes; returns
    /// whether children are left.
    fn reap(&mut self) -> bool {
        while raw::next_signal(self.signals.as_fd()).is_some() {}
        let mut ended = Vec::new();
        self.childless = loop {
            match raw::reap_any() {
                Reaped::Child(pid, status) => ended.push((pid, status)),
                Reaped::NoneYet => break false,
                Reaped::NoChild => break true,
            }
        };
        for (pid, status) in ended {
            self.note_exit(pid, status);
        }
        !self.childless
    }

    fn note_exit(&mut self, pid: Pid, status: ExitStatus) {
        let alone = self.childless;
        if let Some(step) = self.steps.iter_mut().find(|step| step.alive && step.main == pid) {
            step.alive = false;
            // When `plim` no longer listens, the poll on the status socket finds out.
            let _ = socket::send(step.status.as_fd(), &exit(status, alone), &[]);
        }
    }

    /// Does what the status sockets of the steps ask; a step nobody listens to is killed.
    fn obey_steps(&mut self, mains: &[Pid]) {
        for &main in mains {
            let Some(place) = self.steps.iter().position(|step| step.main == main) else {
                continue;
            };
            let packet = socket::receive(self.steps[place].status.as_fd()).ok().flatten();
            let request = packet.as_ref().and_then(|packet| Reader::open(&packet.bytes).ok());
            match request {
                Some((ask::SIGNAL, mut reader)) => {
                    if let (true, Ok(number)) = (self.steps[place].alive, reader.number()) {
                        let _ = raw::kill(main, number);
                    }
                }
                Some((ask::KILL_TREE, _)) => self.kill_step(place),
                Some(_) => {}
                None => {
                    if self.steps[place].alive {
                        self.kill_step(place);
                    }
                    self.steps.remove(place);
                }
            }
        }
    }

    /// Kills a step: its main process, what descends from it, and the orphans it left.
    fn kill_step(&mut self, place: usize) {
        const ROUNDS: usize = 200;
        for _ in 0..ROUNDS {
            let victims = self.processes_of(&self.steps[place]);
            if victims.is_empty() {
                return;
            }
            for pid in victims {
                let _ = raw::kill(pid, libc::SIGKILL);
            }
            wait_a_little(&self.signals);
            self.reap();
        }
    }

    /// The living processes of a step.
    ///
    /// An orphan is taken for the step's own when it is in its session, or came while no other
    /// step ran that could have left it.
    fn processes_of(&self, step: &Step) -> Vec<Pid> {
        let alone = !self.steps.iter().any(|other| other.alive && other.main != step.main);
        let orphans = self.orphans().into_iter().filter(|pid| {
            let own = |stat: tree::Stat| alone || stat.session == step.main;
            !step.earlier.contains(pid) && tree::stat(*pid).is_some_and(own)
        });
        let main = step.alive.then_some(step.main);
        let tree = main.into_iter().chain(orphans).flat_map(tree::with_descendants);
        tree.filter(|pid| is_alive(*pid)).collect()
    }

    /// Kills all that descends from the cell until nothing is left; returns what was not a step's
    /// main process, and what could not be killed.
    fn kill_everything(&mut self) -> Vec<LeftOver> {
        let mut found = BTreeMap::new();
        let end = Instant::now() + PATIENCE;
        while self.reap() && Instant::now() < end {
            for (pid, stat) in self.living() {
                let _ = raw::kill(pid, libc::SIGKILL);
                found.insert(pid, stat.name);
            }
            wait_a_little(&self.signals);
        }
        let left = found.into_iter().filter(|(pid, _)| !self.is_main(*pid) || is_alive(*pid));
        left.map(|(pid, name)| LeftOver { pid, name, alive: is_alive(pid) }).collect()
    }

    fn is_main(&self, pid: Pid) -> bool {
        self.steps.iter().any(|step| step.main == pid)
    }

    fn living(&self) -> Vec<(Pid, tree::Stat)> {
        let descendants = tree::with_descendants(own_pid()).into_iter().skip(1);
        let stats = descendants.filter_map(|pid| Some((pid, tree::stat(pid)?)));
        stats.filter(|(_, stat)| !stat.ended).collect()
    }

    fn tell_ended(&self, left: &[LeftOver]) -> io::Result<()> {
        let mut packet = Writer::new(tell::ENDED);
        packet.count(left.len());
        for one in left {
            packet.number(one.pid).number(i32::from(one.alive)).text(OsStr::new(&one.name));
        }
        socket::send(self.socket.as_fd(), packet.bytes(), &[])
    }
}

struct Woken {
    socket: bool,
    signals: bool,
    steps: Vec<Pid>,
}

fn own_pid() -> Pid {
    std::process::id().cast_signed()
}

fn is_alive(pid: Pid) -> bool {
    tree::stat(pid).is_some_and(|stat| !stat.ended)
}

fn failure(stage: Stage, error: &io::Error) -> Vec<u8> {
    let mut packet = Writer::new(tell::FAILED);
    packet.number(stage as i32).number(error.raw_os_error().unwrap_or(libc::EIO));
    packet.bytes().to_vec()
}

fn exit(status: ExitStatus, alone: bool) -> Vec<u8> {
    let (kind, number) = match status {
        ExitStatus::Code(code) => (0, code),
        ExitStatus::Signal(signal) => (1, signal),
    };
    let mut packet = Writer::new(tell::EXITED);
    packet.number(kind).number(number).number(i32::from(alone));
    packet.into_bytes()
}

/// A program to start, as it came over the socket.
struct Request<'a> {
    file: &'a CStr,
    directory: &'a CStr,
    arguments: Vec<&'a CStr>,
    environment: Vec<&'a CStr>,
    bond: Bond,
}

impl<'a> Request<'a> {
    fn read(bytes: &'a [u8]) -> io::Result<Self> {
        let (kind, mut reader) = Reader::open(bytes)?;
        let bond = match kind {
            ask::START => Bond::Session,
            ask::START_AT_TERMINAL => Bond::Terminal,
            _ => return Err(io::ErrorKind::InvalidData.into()),
        };
        Ok(Self {
            file: reader.c_text()?,
            directory: reader.c_text()?,
            arguments: reader.c_texts()?,
            environment: reader.c_texts()?,
            bond,
        })
    }

    fn program<'p>(&'p self, streams: [BorrowedFd<'p>; 3]) -> Program<'p> {
        Program {
            file: self.file,
            arguments: &self.arguments,
            environment: &self.environment,
            directory: self.directory,
            streams,
            bond: self.bond,
        }
    }
}
