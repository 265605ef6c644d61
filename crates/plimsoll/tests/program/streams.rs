//! Streams that are closed, full, slow or a terminal.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

use plim_test::sandbox::Sandbox;

use crate::support::{full_disk, plim, repository, run, said};

fn many_jobs() -> String {
    let jobs: String = (0..3000)
        .map(|i| format!("  job{i}:\n    runs-on: ubuntu-latest\n    steps: [{{ run: echo }}]\n"))
        .collect();
    format!("on: push\njobs:\n{jobs}")
}

#[test]
fn a_reader_that_has_read_enough_ends_the_program_quietly() {
    let (repository, home) = (repository(&many_jobs()), Sandbox::new());
    let mut command = plim(repository.path(), home.path());
    command.args(["run", "-l"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::with_capacity(16, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said = said(child.wait_with_output().unwrap()).ended(0);
    assert_eq!((line.as_str(), said.stderr.as_str()), (".github/workflows/ci.yml on push\n", ""));
}

#[test]
fn results_that_cannot_be_written_are_told() {
    let (repository, home) = (
        repository("on: push\njobs:\n  a: { runs-on: ubuntu-latest, steps: [{ run: echo }] }\n"),
        Sandbox::new(),
    );
    for arguments in
        [&["run", "-l"][..], &["run", "-n"], &["run"], &["run", "--format", "json"], &["runs"]]
    {
        let mut command = plim(repository.path(), home.path());
        let said = said(command.args(arguments).stdout(full_disk()).output().unwrap()).ended(1);
        assert!(
            said.stderr.contains("cannot write results to standard output"),
            "{arguments:?}: {}",
            said.stderr
        );
    }
}

#[test]
fn progress_that_cannot_be_written_harms_nothing() {
    let (repository, home) = (
        repository("on: push\njobs:\n  a: { runs-on: ubuntu-latest, steps: [{ run: echo }] }\n"),
        Sandbox::new(),
    );
    let mut command = plim(repository.path(), home.path());
    let said =
        said(command.args(["run"]).stderr(full_disk()).stdout(Stdio::piped()).output().unwrap());
    assert!(said.ended(0).stdout.contains("passed 1"));
}

#[test]
fn closed_streams_harm_nothing() {
    let (repository, home) = (
        repository("on: push\njobs:\n  a: { runs-on: ubuntu-latest, steps: [{ run: echo }] }\n"),
        Sandbox::new(),
    );
    #[expect(clippy::disallowed_methods, reason = "only a shell can close what a child inherits")]
    let mut shell = std::process::Command::new("sh");
    crate::support::around(&mut shell, repository.path(), home.path());
    shell.args(["-c", "exec \"$0\" run 0<&- 1>&- 2>&-", env!("CARGO_BIN_EXE_plim")]);
    assert_eq!(shell.status().unwrap().code(), Some(0));
    let state = run(repository.path(), &["runs", "--format", "concise"]).ended(0).stdout;
    assert!(state.ends_with(": passed\n"), "{state}");
}
