//! What needs something that not every machine has: ignored visibly where it is not to be had.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by a panic, and looks for programs as a user would"
)]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};
use support::Harbour;

fn main() -> ExitCode {
    let trial = |name: &'static str, check: fn(), is_able: bool| {
        let run = move || {
            check();
            Ok::<_, Failed>(())
        };
        Trial::test(name, run).with_ignored_flag(!is_able)
    };
    let (pythons, mounts) = (succeeds(PYTHON), succeeds(MOUNT));
    let trials = vec![
        trial("python_lives_in_an_environment_of_its_job", python, pythons),
        trial("jobs_cannot_change_the_tool_cache", tool_cache, mounts),
        trial("actions_of_others_write_into_a_layer_of_the_tool_cache", layer, mounts),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// A Python that makes environments.
const PYTHON: &[&str] = &["python3", "-c", "import venv, ensurepip"];
/// Mounts that only our own processes see.
const MOUNT: &[&str] = &["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"];

fn succeeds(command: &[&str]) -> bool {
    let ended = Command::new(command[0]).args(&command[1..]).output();
    ended.is_ok_and(|output| output.status.success())
}

fn python() {
    let harbour = Harbour::with_steps(
        "
        - uses: actions/setup-python@v5
          with: {python-version: 3.x}
        - run: python -c 'import sys; print(sys.prefix == \"'$pythonLocation'\")'
        ",
    );
    harbour.run().passed().prints("True");
}

fn tool_cache() {
    let harbour = Harbour::with_steps(
        "
        - run: |
            tools=$(dirname \"$(dirname \"$(dirname \"$(dirname \"$(command -v frob)\")\")\")\")
            echo x 2>/dev/null > \"$tools/planted\" || echo refused
        ",
    );
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    let place = harbour.home().join(".cache/plimsoll/tools/frob/1.2.3").join(architecture);
    let program = place.join("bin/frob");
    fs::create_dir_all(place.join("bin")).unwrap();
    fs::write(&program, "#!/bin/sh\necho frob 1.2.3\n").unwrap();
    fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    fs::write(place.with_extension("complete"), "").unwrap();
    harbour.run().passed().prints("refused");
}

fn layer() {
    let steps = "- run: mkdir -p \"$RUNNER_TOOL_CACHE/mine\" && echo written";
    let harbour = Harbour::with_steps(steps);
    harbour.run().passed().prints("written");
    assert!(!harbour.home().join(".cache/plimsoll/tools/mine").exists());
}
