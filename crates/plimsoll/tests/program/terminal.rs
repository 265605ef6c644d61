//! A person at a terminal: the live view, Ctrl-C, and secrets that are typed.

use std::{
    ffi::OsStr,
    fs::File,
    io::{ErrorKind, Read, Write},
    os::unix::ffi::OsStrExt,
    process::{Child, Command, ExitStatus},
};

use plim_test::sandbox::{Repository, Sandbox};
use rustix::{
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize},
};

use crate::support::{around, repository};

const TWO: &str = "
on: push
jobs:
  quick:
    runs-on: ubuntu-latest
    steps: [{ run: 'echo quick; sleep 0.3' }]
  slow:
    runs-on: ubuntu-latest
    steps: [{ run: 'sleep 0.6; echo slow' }]
";

/// A terminal of 80 columns and 24 rows, and the program at it.
struct Seat {
    terminal: File,
    /// Kept open, so that what is read does not end before the program does.
    other_end: File,
    child: Child,
    shown: String,
    _home: Sandbox,
}

impl Seat {
    #[expect(clippy::disallowed_methods, reason = "the test starts what it tests")]
    fn take(repository: &Repository, arguments: &[&str]) -> Self {
        let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&terminal).unwrap();
        unlockpt(&terminal).unwrap();
        let name = ptsname(&terminal, vec![]).unwrap();
        let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&terminal, size).unwrap();
        let path = OsStr::from_bytes(name.as_bytes());
        let open = || File::options().read(true).write(true).open(path).unwrap();
        let home = Sandbox::new();
        // The terminal of standard input becomes the one that controls the program.
        let mut command = Command::new("setsid");
        around(&mut command, repository.path(), home.path());
        command.args(["--wait", "--ctty", env!("CARGO_BIN_EXE_plim")]).args(arguments);
        command.stdin(open()).stdout(open()).stderr(open());
        let (other_end, child) = (open(), command.spawn().unwrap());
        let terminal = File::from(terminal);
        Self { terminal, other_end, child, shown: String::new(), _home: home }
    }

    /// Reads until `text` is shown.
    fn wait_for(&mut self, text: &str) {
        let mut buffer = [0; 4096];
        while !self.shown.contains(text) {
            let count = self.terminal.read(&mut buffer).unwrap();
            assert!(count > 0, "`{text}` is not shown:\n{}", self.shown);
            self.shown.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
    }

    fn type_in(&mut self, text: &str) {
        self.terminal.write_all(text.as_bytes()).unwrap();
    }

    fn echoes(&self) -> bool {
        tcgetattr(&self.other_end).unwrap().local_modes.contains(LocalModes::ECHO)
    }

    /// What was shown to the end, and how the program ended.
    fn leave(mut self) -> (String, ExitStatus) {
        let status = self.child.wait().unwrap();
        rustix::io::ioctl_fionbio(&self.terminal, true).unwrap();
        let mut rest = vec![];
        match self.terminal.read_to_end(&mut rest) {
            Err(error) if error.kind() != ErrorKind::WouldBlock => panic!("{error}"),
            _ => self.shown.push_str(&String::from_utf8_lossy(&rest)),
        }
        (self.shown, status)
    }
}

#[test]
fn a_live_view_is_drawn_and_taken_away_again() {
    let repository = repository(TWO);
    let mut seat = Seat::take(&repository, &["run"]);
    seat.wait_for("2 running");
    seat.wait_for("1 running");
    seat.wait_for("passed 2");
    let (shown, status) = seat.leave();
    assert_eq!(status.code(), Some(0), "{shown}");
    let live = shown.rfind("running").unwrap();
    assert!(shown[live..].contains("\u{1b}[J"), "what was drawn is wiped:\n{shown:?}");
    assert!(shown.contains("\u{1b}[32m✓"), "a terminal gets colours:\n{shown:?}");
}

#[test]
fn no_colours_are_shown_where_nobody_wants_them() {
    let repository = repository(TWO);
    let mut seat = Seat::take(&repository, &["run", "-n", "--color", "never"]);
    seat.wait_for("ready 2");
    let (shown, _) = seat.leave();
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
}

#[test]
fn the_first_interrupt_ends_the_run_in_good_order() {
    let repository = repository(
        "on: push\njobs:\n  long:\n    runs-on: ubuntu-latest\n    steps:\n      - run: exec sleep 60\n      - run: echo tidied\n        if: always()\n",
    );
    let mut seat = Seat::take(&repository, &["run"]);
    seat.wait_for("sleep 60");
    seat.type_in("\u{3}");
    let (shown, status) = seat.leave();
    assert_eq!(status.code(), Some(130), "{shown}");
    assert!(shown.contains("tidied") && shown.contains("interrupted"), "{shown}");
}

const SECRET: &str = "
on: push
jobs:
  use:
    runs-on: ubuntu-latest
    steps:
      - run: echo \"it has ${#TOKEN} characters\"
        env: { TOKEN: '${{ secrets.TOKEN }}' }
";

#[test]
fn a_secret_is_typed_unseen() {
    let repository = repository(SECRET);
    let mut seat = Seat::take(&repository, &["run", "-s", "TOKEN"]);
    seat.wait_for("Secret TOKEN: ");
    assert!(!seat.echoes());
    seat.type_in("hunter2\n");
    seat.wait_for("it has 7 characters");
    let (shown, status) = seat.leave();
    assert_eq!(status.code(), Some(0), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn an_interrupted_question_leaves_the_terminal_as_it_was() {
    let repository = repository(SECRET);
    let mut seat = Seat::take(&repository, &["run", "-s", "TOKEN"]);
    seat.wait_for("Secret TOKEN: ");
    assert!(!seat.echoes());
    seat.type_in("half a sec\u{3}");
    seat.child.wait().unwrap();
    assert!(seat.echoes());
    let (shown, status) = seat.leave();
    assert_ne!(status.code(), Some(0), "{shown}");
    assert!(!shown.contains("half"), "{shown}");
}

const DEPLOYMENT: &str = "
on: push
jobs:
  use:
    runs-on: ubuntu-latest
    environment: staging
    steps: [{ run: echo approved it is }]
  other:
    runs-on: ubuntu-latest
    steps: [{ run: sleep 0.3 }]
";

#[test]
fn an_environment_is_asked_for_while_others_go_on() {
    let repository = repository(DEPLOYMENT);
    let mut seat = Seat::take(&repository, &["run", "-v"]);
    seat.wait_for("A job uses the environment `staging`. Approve? [y/N] ");
    let asked = seat.shown.len();
    seat.type_in("y\n");
    seat.wait_for("passed 2");
    let (shown, status) = seat.leave();
    assert_eq!(status.code(), Some(0), "{shown}");
    assert!(shown[asked..].contains("approved it is"), "{shown}");
}

#[test]
fn an_environment_that_is_not_approved_is_not_used() {
    let repository = repository(DEPLOYMENT);
    let mut seat = Seat::take(&repository, &["run"]);
    seat.wait_for("Approve? [y/N] ");
    seat.type_in("\n");
    seat.wait_for("passed 1");
    let (shown, status) = seat.leave();
    assert_eq!(status.code(), Some(3), "{shown}");
    assert!(shown.contains("--approve staging"), "{shown}");
}

const MISSING: &str = "
on: push
jobs:
  job:
    runs-on: ubuntu-latest
    steps: [{ uses: 'octo/act@v1' }]
";

#[test]
fn setup_asks_once_and_a_no_gets_nothing() {
    let repository = repository(MISSING);
    let mut seat = Seat::take(&repository, &["setup", "--from", "file:///nowhere/{owner}/{repo}"]);
    seat.wait_for("into Plimsoll's own cache? [y/N] ");
    seat.type_in("n\n");
    let (shown, status) = seat.leave();
    assert_eq!(status.code(), Some(1), "{shown}");
    assert!(shown.contains("octo/act@v1") && shown.contains("nothing was got"), "{shown}");
}
