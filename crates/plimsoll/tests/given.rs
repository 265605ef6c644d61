//! What a person gives to a run on the command line reaches the jobs, and nothing else does.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by a panic, and keeps its files as a user would"
)]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use support::Harbour;

#[test]
fn values_come_from_arguments_and_files_and_the_argument_wins() {
    let harbour = Harbour::with_steps(
        "
        - run: |
            echo '${{ vars.ONE }} ${{ vars.TWO }} ${{ vars.three }}'
            echo \"$FOUR $FIVE $SIX\"
        ",
    );
    harbour.file("vars", "ONE=file\nTWO='two words'\n").file("env", "FOUR=file\nFIVE=five\n");
    let arguments = ["--var", "ONE=argument", "--var", "THREE=3", "--var-file", "vars"];
    let more = ["--env", "FOUR=argument", "--env-file", "env", "--env", "SIX=a=b"];
    let ran = harbour.run_with(&[&arguments[..], &more].concat()).passed();
    ran.prints("argument two words 3").prints("argument five a=b");
}

#[test]
fn a_file_of_secrets_that_nobody_else_can_read_is_taken_and_masked() {
    let harbour = Harbour::with_steps(
        "
        - run: test \"$KEY\" = value-of-the-key && echo \"it is $KEY\"
          env: {KEY: \"${{ secrets.KEY }}\"}
        ",
    );
    harbour.file("../secrets", "KEY=value-of-the-key\n");
    let file = harbour.root().join("../secrets");
    fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    let ran = harbour.run_with(&["--secret-file", file.to_str().unwrap()]).passed();
    ran.prints("it is ***");
    assert!(!ran.everything().contains("value-of-the-key"));
    assert!(!harbour.everything_kept().contains("value-of-the-key"));
}

#[test]
fn a_payload_and_inputs_are_what_the_event_brings() {
    let harbour = Harbour::new();
    harbour.workflow(
        "ci.yml",
        "on:\n  workflow_dispatch:\n    inputs:\n      ship: {required: true}\njobs:\n  job:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo '${{ inputs.ship }} ${{ github.event.sender.login }}'\n",
    );
    harbour.file("event.json", r#"{"sender": {"login": "octocat"}}"#);
    let arguments = ["-e", "workflow_dispatch", "--input", "ship=gull", "--payload", "event.json"];
    harbour.run_with(&arguments).passed().prints("gull octocat");
}

#[test]
fn legs_are_chosen_with_either_sign() {
    let harbour = Harbour::with_jobs(
        "
        job:
          strategy: {matrix: {os: [a, b], n: [1, 2]}}
          runs-on: ubuntu-latest
          steps: [{run: \"echo '${{ matrix.os }} ${{ matrix.n }}'\"}]
        ",
    );
    let ran = harbour.run_with(&["--matrix", "os=a", "--matrix", "n:2"]).passed();
    assert_eq!(ran.printed(), ["a 2"]);
}

#[test]
fn a_workspace_that_is_kept_is_as_the_job_left_it_and_is_told() {
    let harbour = Harbour::with_steps("- run: echo left > behind");
    let output = harbour.command(&["run", "--keep-workspace"]).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    let line = said.lines().find(|line| line.contains("plimsoll/work/")).unwrap();
    let path = line.split_whitespace().find(|word| word.contains("plimsoll/work/")).unwrap();
    let path = path.trim_matches(['`', ':', ',', ';']);
    let found = ["behind", "repo/behind", "workspace/behind"]
        .map(|file| std::path::Path::new(path).join(file))
        .into_iter()
        .any(|file| file.is_file());
    assert!(found, "{said}");
}

#[test]
fn an_action_of_another_repository_can_be_a_folder_of_this_machine() {
    let harbour = Harbour::with_steps("- {uses: octo/hello@v1, with: {whom: you}}");
    let action = "inputs: {whom: {}}\nruns: {using: composite, steps: [{run: 'echo hello ${{ inputs.whom }}', shell: bash}]}\n";
    harbour.file("../hello/action.yml", action);
    let folder = harbour.root().join("../hello").canonicalize().unwrap();
    let ran = harbour.run_with(&["--action", &format!("octo/hello={}", folder.display())]);
    ran.passed().prints("hello you");
}
