//! A job's own Python; ignored where there is none that makes environments.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by a panic, and looks for a program as a user would"
)]

mod support;

use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};
use support::Harbour;

fn main() -> ExitCode {
    let name = "python_lives_in_an_environment_of_its_job";
    let trial = Trial::test(name, || {
        python_lives_in_an_environment_of_its_job();
        Ok::<_, Failed>(())
    });
    let trials = vec![trial.with_ignored_flag(!makes_environments())];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn makes_environments() -> bool {
    let made = Command::new("python3").args(["-c", "import venv, ensurepip"]).output();
    made.is_ok_and(|output| output.status.success())
}

fn python_lives_in_an_environment_of_its_job() {
    let harbour = Harbour::with_steps(
        "
        - uses: actions/setup-python@v5
          with: {python-version: 3.x}
        - run: python -c 'import sys; print(sys.prefix == \"'$pythonLocation'\")'
        ",
    );
    harbour.run().passed().prints("True");
}
