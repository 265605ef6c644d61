//! The keeper: a small process that starts a cell for each job and kills what a dead cell leaves.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::cell::{self, Base};
use super::raw::{self, Pid, Reaped};
use super::wire::{Reader, Writer};
use super::{mounts, socket, tree};
use crate::room::Room;

/// The packet that asks for a cell; its socket comes along.
const NEW_CELL: u8 = 1;
/// How long cells may take to kill their processes before the keeper kills the cells.
const PATIENCE: Duration = Duration::from_secs(15);

/// Forks the keeper and returns its number and the socket that leads to it.
pub(crate) fn start() -> io::Result<(Pid, OwnedFd)> {
    let (ours, theirs) = socket::pair()?;
    // The descriptor is moved into the child; this process drops its copy below.
    let copy = theirs.try_clone()?;
    let pid = raw::fork_into(move || {
        // Nobody is there to be told: when the keeper cannot begin, `plim` finds its socket closed.
        let _ = keep(copy);
    })?;
    drop(theirs);
    Ok((pid, ours))
}

/// Asks the keeper at `keeper` for a cell; returns the socket that leads to the cell.
pub(crate) fn ask_for_cell(keeper: BorrowedFd<'_>, room: &Room) -> io::Result<OwnedFd> {
    let (ours, theirs) = socket::pair()?;
    let mut packet = Writer::new(NEW_CELL);
    room.write(&mut packet);
    socket::send(keeper, packet.bytes(), &[theirs.as_fd()])?;
    Ok(ours)
}

fn keep(socket: OwnedFd) -> io::Result<()> {
    let socket = settle(socket, c"plim-keeper")?;
    let signals = raw::signal_descriptor(&[libc::SIGCHLD])?;
    let (mut cells, mut base) = (Vec::new(), None);
    while serve(&socket, &signals, &mut cells, &mut base)? {}
    finish(&signals, &mut cells);
    Ok(())
}

/// The base of the rooms of this run, and what it was made for.
struct KnownBase {
    room: Room,
    laid: mounts::Laid,
}

/// Makes a forked process independent of the terminal, the streams and the folder of `plim`.
pub(super) fn settle(socket: OwnedFd, name: &std::ffi::CStr) -> io::Result<OwnedFd> {
    // Blocked rather than ignored: what is ignored would be passed on to the programs started.
    raw::block_signals()?;
    raw::reset_signals();
    let socket = raw::keep_only(socket)?;
    // A session of its own, so that Ctrl-C at the terminal does not reach it.
    rustix::process::setsid()?;
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    rustix::thread::set_name(name)?;
    rustix::process::chdir("/")?;
    Ok(socket)
}

/// Handles what has happened; false when `plim` is gone.
fn serve(
    socket: &OwnedFd,
    signals: &OwnedFd,
    cells: &mut Vec<Pid>,
    base: &mut Option<KnownBase>,
) -> io::Result<bool> {
    let mut waiting = [PollFd::new(socket, PollFlags::IN), PollFd::new(signals, PollFlags::IN)];
    ignore_interruption(poll(&mut waiting, None))?;
    let [asked, ended] = waiting.map(|one| !one.revents().is_empty());
    if ended {
        bury(signals, cells);
    }
    if asked {
        let Some(packet) = socket::receive(socket.as_fd())? else { return Ok(false) };
        if let Some(pid) = new_cell(packet, base) {
            cells.push(pid);
        }
    }
    Ok(true)
}

/// Forks a cell; when that fails the cell's socket closes, which `plim` sees.
fn new_cell(packet: socket::Packet, base: &mut Option<KnownBase>) -> Option<Pid> {
    let (kind, mut reader) = Reader::open(&packet.bytes).ok()?;
    let mut room = (kind == NEW_CELL).then(|| Room::read(&mut reader).ok())??;
    let socket = packet.descriptors.into_iter().next()?;
    match &room.base {
        None => fork_cell(socket, &room, Base::None),
        Some(wanted) => match base.as_ref().filter(|known| known.room == **wanted) {
            Some(known) => fork_cell(socket, &room, Base::Laid(&known.laid)),
            None => {
                let (ours, theirs) = socket::pair().ok()?;
                let pid = fork_cell(socket, &room, Base::Lay(theirs))?;
                if let (Some(laid), Some(wanted)) = (take_hold(&ours, pid), room.base.take()) {
                    *base = Some(KnownBase { room: *wanted, laid });
                }
                Some(pid)
            }
        },
    }
}

fn fork_cell(socket: OwnedFd, room: &Room, base: Base<'_>) -> Option<Pid> {
    let keeper = rustix::process::getpid();
    raw::fork_into(move || {
        let _ = cell::live(socket, room, base, keeper);
    })
    .ok()
}

/// Takes hold of the base that a new cell lays; the cell goes on when `ours` answers or is closed.
fn take_hold(ours: &OwnedFd, cell: Pid) -> Option<mounts::Laid> {
    let packet = socket::receive(ours.as_fd()).ok()??;
    let (cell::tell::LAID, mut reader) = Reader::open(&packet.bytes).ok()? else { return None };
    let failures = reader.texts().ok()?;
    let failures = failures.into_iter().map(|text| text.to_string_lossy().into_owned()).collect();
    let laid = mounts::Laid::by(cell, failures).ok();
    let _ = socket::send(ours.as_fd(), Writer::new(cell::tell::LAID).bytes(), &[]);
    laid
}

/// Reaps children; when one was a cell, kills the orphans it may have left to the keeper.
fn bury(signals: &OwnedFd, cells: &mut Vec<Pid>) {
    while raw::next_signal(signals.as_fd()).is_some() {}
    while let Reaped::Child(pid, _) = raw::reap_any() {
        cells.retain(|cell| *cell != pid);
    }
    kill_orphans(cells);
}

/// Kills every child that is not a cell, with its descendants; their death brings us back here.
fn kill_orphans(cells: &[Pid]) {
    let children = tree::children(std::process::id().cast_signed());
    for orphan in children.into_iter().filter(|child| !cells.contains(child)) {
        for pid in tree::with_descendants(orphan) {
            let _ = raw::kill(pid, libc::SIGKILL);
        }
    }
}

/// Waits until every cell has killed its processes, then kills whatever is left.
fn finish(signals: &OwnedFd, cells: &mut Vec<Pid>) {
    let end = Instant::now() + PATIENCE;
    while !cells.is_empty() && Instant::now() < end {
        wait_a_little(signals);
        bury(signals, cells);
    }
    cells.clear();
    while raw::reap_any() != Reaped::NoChild && Instant::now() < end + PATIENCE {
        kill_orphans(cells);
        wait_a_little(signals);
        bury(signals, cells);
    }
}

/// Waits until a child ends, at most 50 ms.
pub(super) fn wait_a_little(signals: &OwnedFd) {
    let pause = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
    // An error here only makes the wait shorter.
    let _ = poll(&mut [PollFd::new(signals, PollFlags::IN)], Some(&pause));
}

/// Takes a wait that a signal cut short for one in which nothing happened.
pub(super) fn ignore_interruption(result: rustix::io::Result<usize>) -> io::Result<usize> {
    match result {
        Err(rustix::io::Errno::INTR) => Ok(0),
        other => Ok(other?),
    }
}
