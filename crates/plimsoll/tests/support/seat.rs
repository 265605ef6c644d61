//! A person at a terminal at which `plim` runs.

use std::{
    ffi::OsStr,
    fs::File,
    io::{Read, Write},
    os::{fd::AsFd, unix::ffi::OsStrExt},
    process::{Child, Command},
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize},
};

use super::Harbour;

/// So long anything may take on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// A terminal of 80 columns and 24 rows, and the program at it.
pub(crate) struct Seat {
    terminal: File,
    /// Kept open, so that what is read does not end before the program does.
    other_end: File,
    pub(crate) child: Child,
    pub(crate) shown: String,
    /// What was waited for already.
    past: usize,
}

impl Seat {
    pub(crate) fn take(harbour: &Harbour, arguments: &[&str]) -> Self {
        let terminal =
            openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&terminal).unwrap();
        unlockpt(&terminal).unwrap();
        let name = ptsname(&terminal, vec![]).unwrap();
        let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&terminal, size).unwrap();
        let path = OsStr::from_bytes(name.as_bytes());
        let open = || File::options().read(true).write(true).open(path).unwrap();
        // The terminal of standard input becomes the one that controls the program.
        let plain = harbour.command(arguments);
        let mut command = Command::new("setsid");
        command.args(["--wait", "--ctty"]).arg(plain.get_program()).args(plain.get_args());
        command.current_dir(harbour.root()).env_clear().env("TERM", "dumb");
        command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.stdin(open()).stdout(open()).stderr(open());
        let (other_end, child) = (open(), command.spawn().unwrap());
        let (terminal, shown) = (File::from(terminal), String::new());
        Self { terminal, other_end, child, shown, past: 0 }
    }

    /// Reads until `text` is shown after what was waited for before.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, text: &str) -> &mut Self {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.shown[self.past..].find(text) {
                self.past += at + text.len();
                return self;
            }
            let left = end.saturating_duration_since(Instant::now());
            assert!(self.read(left), "`{text}` is not shown:\n{}", self.shown);
        }
    }

    /// Reads something; false when nothing came in time.
    fn read(&mut self, patience: Duration) -> bool {
        let timeout = Timespec { tv_sec: patience.as_secs().cast_signed(), tv_nsec: 0 };
        let mut waiting = [PollFd::from_borrowed_fd(self.terminal.as_fd(), PollFlags::IN)];
        if poll(&mut waiting, Some(&timeout)).unwrap() == 0 {
            return false;
        }
        let mut buffer = [0; 4096];
        let count = self.terminal.read(&mut buffer).unwrap();
        self.shown.push_str(&String::from_utf8_lossy(&buffer[..count]));
        true
    }

    pub(crate) fn type_in(&mut self, text: &str) -> &mut Self {
        self.terminal.write_all(text.as_bytes()).unwrap();
        self
    }

    pub(crate) fn echoes(&self) -> bool {
        tcgetattr(&self.other_end).unwrap().local_modes.contains(LocalModes::ECHO)
    }

    pub(crate) fn resize(&self, columns: u16) {
        let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&self.terminal, size).unwrap();
    }

    /// What was shown to the end, and the exit code.
    pub(crate) fn leave(mut self) -> (String, Option<i32>) {
        let status = self.child.wait().unwrap();
        while self.read(Duration::ZERO) {}
        (self.shown, status.code())
    }
}
