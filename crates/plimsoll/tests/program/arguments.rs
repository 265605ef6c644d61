//! What the command line takes, refuses and explains.

use plim_test::sandbox::Sandbox;

use crate::support::{repository, run, run_with_input};

const ECHO: &str = "
name: CI
on: [push, pull_request]
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: echo hello
  test:
    needs: build
    strategy:
      matrix:
        n: [1, 2]
    runs-on: ubuntu-latest
    steps:
      - run: echo ${{ matrix.n }}
";

fn nowhere() -> Sandbox {
    Sandbox::new()
}

#[test]
fn help_is_grouped_and_has_examples_and_exit_codes() {
    let folder = nowhere();
    let help = run(folder.path(), &["--help"]).ended(0).stdout;
    for part in
        ["Usage: plim", "run ", "eval ", "runs ", "clean ", "completions ", "130  interrupted"]
    {
        assert!(help.contains(part), "`{part}` is not in\n{help}");
    }
    assert!(!help.contains("man "), "hidden commands are shown\n{help}");
    let run_help = run(folder.path(), &["run", "--help"]).ended(0).stdout;
    for part in [
        "What triggers:",
        "What runs:",
        "What jobs get:",
        "What jobs may do:",
        "What is shown:",
        "Examples:",
    ] {
        assert!(run_help.contains(part), "`{part}` is not in\n{run_help}");
    }
}

#[test]
fn a_slip_is_a_usage_error_with_what_was_meant() {
    let folder = nowhere();
    let said = run(folder.path(), &["rnu"]).ended(2);
    assert!(said.stderr.contains("run") && said.stdout.is_empty(), "{}", said.stderr);
    run(folder.path(), &["run", "--fromat", "json"]).ended(2);
    run(folder.path(), &["run", "--jobs", "0"]).ended(2);
    run(folder.path(), &["run", "--matrix", "x"]).ended(2);
    run(folder.path(), &["run", "--job", "a", "--only", "b"]).ended(2);
    run(folder.path(), &["run", "--runner", "ubuntu=docker"]).ended(2);
    assert!(run::<&str>(folder.path(), &[]).ended(2).stderr.contains("Usage"));
}

#[test]
fn a_folder_without_workflows_is_a_usage_error_that_says_what_to_do() {
    let folder = nowhere();
    let said = run(folder.path(), &["run"]).ended(2);
    assert!(
        said.stderr.contains("holds workflows") && said.stderr.contains("help"),
        "{}",
        said.stderr
    );
    let said = run(folder.path(), &["-C", "missing", "run"]).ended(2);
    assert!(said.stderr.contains("cannot work in `missing`"), "{}", said.stderr);
}

#[test]
fn a_secret_on_the_command_line_is_refused_and_never_repeated() {
    let repository = repository(ECHO);
    for arguments in [["run", "-s", "TOKEN=hunter2"], ["run", "--secret", "TOKEN=hunter2"]] {
        let said = run(repository.path(), &arguments).ended(2);
        assert!(
            !said.stderr.contains("hunter2") && said.stderr.contains("--secret TOKEN"),
            "{}",
            said.stderr
        );
    }
}

#[test]
fn a_secret_that_nobody_can_be_asked_for_is_a_usage_error() {
    let repository = repository(ECHO);
    let said = run(repository.path(), &["run", "-s", "NO_SUCH_VARIABLE"]).ended(2);
    assert!(said.stderr.contains("no terminal to ask"), "{}", said.stderr);
}

#[test]
fn a_secret_file_that_others_can_read_is_refused() {
    let (repository, folder) = (repository(ECHO), nowhere());
    folder.write("secrets", "A=hunter2\n").chmod("secrets", 0o644);
    let path = folder.at("secrets");
    let arguments = ["run", "-n", "--secret-file", path.to_str().unwrap()];
    let said = run(repository.path(), &arguments).ended(2);
    assert!(
        said.stderr.contains("chmod 600") && !said.stderr.contains("hunter2"),
        "{}",
        said.stderr
    );
    folder.chmod("secrets", 0o600);
    run(repository.path(), &arguments).ended(0);
}

#[test]
fn settings_are_wrong_where_they_stand() {
    let repository = repository(ECHO);
    repository.write("plimsoll.toml", "[run]\nexpect-elsewere = []\n");
    let said = run(repository.path(), &["run", "-n"]).ended(2);
    assert!(
        said.stderr.contains("plimsoll.toml:2:1") && said.stderr.contains("`expect-elsewhere`"),
        "{}",
        said.stderr
    );
    let said = run(repository.path(), &["run", "-n", "--format", "concise"]).ended(2);
    assert!(said.stderr.starts_with("plimsoll.toml:2:1: error[settings]: "), "{}", said.stderr);
    let said = run(repository.path(), &["run", "-n", "--format", "json"]).ended(2);
    let value: serde_json::Value = serde_json::from_str(said.stderr.trim()).unwrap();
    assert_eq!((&value["line"], &value["code"]), (&2.into(), &"settings".into()));
}

#[test]
fn eval_prints_json_or_what_is_wrong() {
    let folder = nowhere();
    assert_eq!(run(folder.path(), &["eval", "1 == 1"]).ended(0).stdout, "true\n");
    assert_eq!(run(folder.path(), &["eval", "-1"]).ended(0).stdout, "-1\n");
    let said = run(folder.path(), &["eval", "1 =="]).ended(1);
    assert!(said.stdout.starts_with("{\"kind\":\"parsing\",\"message\":"), "{}", said.stdout);
    folder.write("contexts.json", r#"{"matrix": {"os": "linux"}}"#);
    let said = run(folder.path(), &["eval", "matrix.os", "--contexts", "contexts.json"]);
    assert_eq!(said.ended(0).stdout, "\"linux\"\n");
    let said = run_with_input(folder.path(), &["eval", "x", "--contexts", "-"], "{\"x\": [1]}");
    assert_eq!(said.ended(0).stdout, "[1]\n");
    run(folder.path(), &["eval", "x", "--contexts", "missing.json"]).ended(2);
}

#[test]
fn completions_and_manual_pages_come_from_the_same_definitions() {
    let folder = nowhere();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(folder.path(), &["completions", shell]).ended(0).stdout;
        assert!(script.contains("ignore-filters"), "{shell}");
    }
    run(folder.path(), &["completions", "cmd"]).ended(2);
    let page = run(folder.path(), &["man", "run"]).ended(0).stdout;
    assert!(page.contains(".TH plim-run 1") && page.contains("ignore\\-filters"), "{page}");
    assert!(run(folder.path(), &["man"]).ended(0).stdout.contains("interrupted"));
    assert!(run(folder.path(), &["man", "rnu"]).ended(2).stderr.contains("did you mean `run`?"));
}

#[test]
fn the_list_names_workflows_events_and_jobs() {
    let repository = repository(ECHO);
    let said = run(repository.path(), &["run", "--list"]).ended(0);
    assert_eq!(
        said.stdout,
        "CI (.github/workflows/ci.yml) on push, pull_request\n  build\n  test   matrix, needs build\n"
    );
    let said = run(repository.path(), &["run", "-l", "--format", "concise", "ci"]).ended(0);
    assert_eq!(
        said.stdout.lines().next(),
        Some(".github/workflows/ci.yml:build: push,pull_request")
    );
    let said = run(repository.path(), &["run", "-l", "cj.yml"]).ended(2);
    assert!(said.stderr.contains("did you mean `ci.yml`?"), "{}", said.stderr);
}

#[test]
fn a_broken_workflow_is_listed_as_far_as_it_can_be_and_is_an_error() {
    let repository = repository("on: push\njobs:\n  a:\n    runs-on: x\n    stesp: []\n");
    let said = run(repository.path(), &["run", "-l"]).ended(1);
    assert!(
        said.stdout.contains("  a\n") && said.stderr.contains(":5:5"),
        "{}{}",
        said.stdout,
        said.stderr
    );
}

#[test]
fn the_plan_says_what_will_and_will_not_run() {
    let workflow = format!("{ECHO}  mac:\n    runs-on: macos-14\n    steps: [{{ run: echo }}]\n");
    let repository = repository(&workflow);
    let said = run(repository.path(), &["run", "-n", "-e", "push"]).ended(0);
    for part in [
        "   1  build\n",
        "   2  test  after build\n",
        "+ test (1)",
        "     1  run elsewhere\n        macos-14 (1)",
        "\nready 3, elsewhere 1\n",
    ] {
        assert!(said.stdout.contains(part), "`{part}` is not in\n{}", said.stdout);
    }
    let said = run(repository.path(), &["run", "-n", "-e", "release"]).ended(4);
    assert!(said.stdout.contains("not triggered"), "{}", said.stdout);
    assert!(!repository.exists(".plimsoll"), "a plan writes nothing");
}
