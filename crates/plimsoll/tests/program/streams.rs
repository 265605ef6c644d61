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

const ONE: &str = "
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps: [{ run: 'echo first; sleep ${{ vars.SECONDS }}' }]
";

#[test]
fn a_history_that_cannot_be_kept_is_one_warning() {
    let (repository, home, elsewhere) = (repository(ONE), Sandbox::new(), Sandbox::new());
    repository.symlink(".plimsoll", elsewhere.path());
    let mut command = plim(repository.path(), home.path());
    let said = said(command.args(["run", "--var", "SECONDS=0"]).output().unwrap()).ended(0);
    assert_eq!(said.stderr.matches("this run is not kept").count(), 1, "{}", said.stderr);
    assert!(said.stdout.contains("passed 1"), "{}", said.stdout);
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[test]
fn a_run_that_is_killed_can_be_read_and_is_marked() {
    let (repository, home) = (repository(ONE), Sandbox::new());
    let mut command = plim(repository.path(), home.path());
    command.args(["run", "--format", "json", "--var", "SECONDS=60"]).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut lines = lines.filter(|line| line.contains("\"text\":\"first\""));
    lines.next().unwrap();
    let going_on = run(repository.path(), &["runs", "--format", "concise"]).ended(0).stdout;
    assert!(going_on.ends_with(": running\n"), "{going_on}");
    // `setsid` became the program: it only forks where it leads a group already.
    child.kill().unwrap();
    child.wait().unwrap();
    let killed = run(repository.path(), &["runs", "--format", "concise"]).ended(0).stdout;
    assert!(killed.ends_with(": interrupted\n"), "{killed}");
    let log = run(repository.path(), &["runs", "log", "latest", "a"]).ended(0).stdout;
    assert!(log.contains("\nfirst\n"), "{log}");
    let shown = run(repository.path(), &["runs", "show"]).ended(0).stdout;
    assert!(shown.contains("a did not end") && shown.contains("interrupted"), "{shown}");
}

#[test]
fn errors_in_a_workflow_file_keep_a_run_from_passing() {
    let (repository, home) = (repository(ONE), Sandbox::new());
    repository.write(".github/workflows/broken.yml", "on: push\njobs: 1\n");
    let mut command = plim(repository.path(), home.path());
    let arguments = ["run", "--format", "json", "--var", "SECONDS=0"];
    let said = said(command.args(arguments).output().unwrap()).ended(1);
    let last = said.stdout.lines().last().unwrap();
    assert!(last.starts_with("{\"event\":\"run-finished\",\"result\":\"failed\""), "{last}");
    assert!(said.stdout.starts_with("{\"event\":\"run-started\""), "{}", said.stdout);
    run(repository.path(), &["run", "ci.yml", "--var", "SECONDS=0"]).ended(0);
}
