//! Starts small shell programs in a cell and collects what they do.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::time::{Duration, Instant};

use plim_host::{Cell, Command, ExitStatus, Happened, Keeper, Process, Room, Stream, Waker};

/// Far longer than anything here takes.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// What a process did until it and its streams were finished.
#[derive(Debug, Default)]
pub(crate) struct Whole {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) status: Option<ExitStatus>,
}

/// A cell of a keeper of its own; the keeper ends when both are dropped.
pub(crate) fn cell() -> Cell {
    Keeper::start().unwrap().cell(&Room::default()).unwrap()
}

/// `sh -c SCRIPT` in `/` with a plain `PATH`.
pub(crate) fn sh(script: &str) -> Command {
    Command::new("sh", "/").arguments(["-c", script]).variable("PATH", "/usr/bin:/bin")
}

/// Follows `process` to its end.
pub(crate) fn finish(process: &mut Process) -> Whole {
    let mut whole = Whole::default();
    follow(process, |event| match event {
        Happened::Output { stream: Stream::Stdout, bytes } => {
            whole.stdout.push_str(&String::from_utf8_lossy(bytes));
            false
        }
        Happened::Output { stream: Stream::Stderr, bytes } => {
            whole.stderr.push_str(&String::from_utf8_lossy(bytes));
            false
        }
        Happened::Exited(status) => {
            whole.status = Some(*status);
            false
        }
        _ => false,
    });
    whole
}

/// Runs a shell script in `cell` to its end.
pub(crate) fn run(cell: &Cell, script: &str) -> Whole {
    finish(&mut cell.spawn(&sh(script)).unwrap())
}

/// Hands every event to `stop` until it returns true or nothing more will happen.
pub(crate) fn follow(process: &mut Process, mut stop: impl FnMut(&Happened<'_>) -> bool) {
    let waker = Waker::new().unwrap();
    let end = Instant::now() + LONG;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let event = process.next(Some(end), &waker, &mut buffer).unwrap();
        assert_ne!(event, Happened::Deadline, "nothing happened for a minute");
        if stop(&event) || event == Happened::Finished {
            return;
        }
    }
}

/// Reads lines of stdout until one has been completed, and returns it.
pub(crate) fn first_line(process: &mut Process) -> String {
    let mut text = String::new();
    follow(process, |event| {
        if let Happened::Output { stream: Stream::Stdout, bytes } = event {
            text.push_str(&String::from_utf8_lossy(bytes));
        }
        text.contains('\n')
    });
    text.trim_end().to_owned()
}

/// Whether process `pid` is there and has not ended.
pub(crate) fn is_alive(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
    stat.is_ok_and(|stat| !stat.rsplit(')').next().unwrap_or_default().starts_with(" Z"))
}

/// Waits until `condition` holds; fails after a minute.
pub(crate) fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let end = Instant::now() + LONG;
    while !condition() {
        assert!(Instant::now() < end, "{what} did not come true within a minute");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Copies the running test program to `to`.
///
/// Another program does it: what this one has open for writing is held open for a moment by every
/// process that it forks meanwhile, and a file that is open for writing cannot be executed.
pub(crate) fn copy_this_program(to: &std::path::Path) {
    let mut copy = std::process::Command::new("cp");
    copy.arg(std::env::current_exe().unwrap()).arg(to);
    assert!(copy.status().unwrap().success());
}
