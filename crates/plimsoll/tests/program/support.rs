//! Runs the program in a world of its own: a home, a clean environment, and nobody at a terminal.

use std::{
    ffi::OsStr,
    fs::File,
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

use plim_test::sandbox::{Repository, Sandbox};

/// What the program said and how it ended.
pub(crate) struct Said {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: Option<i32>,
}

/// A command that runs the program in `folder`, at home in `home`.
#[expect(
    clippy::disallowed_methods,
    reason = "the test starts what it tests, outside of any terminal"
)]
pub(crate) fn plim(folder: &Path, home: &Path) -> Command {
    // A session of its own has no controlling terminal, so nothing can be asked.
    let mut command = Command::new("setsid");
    command.args(["--wait", env!("CARGO_BIN_EXE_plim")]);
    around(&mut command, folder, home);
    command
}

/// Gives `command` the environment of a person's shell, and nothing of this test's.
#[expect(clippy::disallowed_methods, reason = "programs are found where the test finds them")]
pub(crate) fn around(command: &mut Command, folder: &Path, home: &Path) {
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.current_dir(folder).env_clear().env("PATH", path).env("HOME", home).env("TZ", "UTC");
    command.env("LANG", "C.UTF-8").env("TERM", "xterm").stdin(Stdio::null());
}

/// Runs the program with `arguments` to its end.
pub(crate) fn run<A: AsRef<OsStr>>(folder: &Path, arguments: &[A]) -> Said {
    let home = Sandbox::new();
    said(plim(folder, home.path()).args(arguments).output().unwrap())
}

/// Runs the program with `arguments` and `input` on standard input.
pub(crate) fn run_with_input(folder: &Path, arguments: &[&str], input: &str) -> Said {
    let home = Sandbox::new();
    let mut command = plim(folder, home.path());
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    said(child.wait_with_output().unwrap())
}

pub(crate) fn said(output: Output) -> Said {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { stdout: text(output.stdout), stderr: text(output.stderr), code: output.status.code() }
}

/// A file that takes nothing: a full disk.
pub(crate) fn full_disk() -> Stdio {
    File::options().write(true).open("/dev/full").unwrap().into()
}

/// A repository with the workflow `ci.yml`.
pub(crate) fn repository(workflow: &str) -> Repository {
    let repository = Repository::new();
    repository.write(".github/workflows/ci.yml", workflow);
    repository.commit("first");
    repository
}

impl Said {
    /// Fails unless the program ended with `code`.
    pub(crate) fn ended(self, code: i32) -> Self {
        let Self { stdout, stderr, .. } = &self;
        assert_eq!(self.code, Some(code), "stdout:\n{stdout}\nstderr:\n{stderr}");
        self
    }
}
