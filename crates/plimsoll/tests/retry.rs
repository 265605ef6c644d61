//! `plim run --failed`: what passed is reused while it holds, and what did not runs again.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

mod support;

use support::{Harbour, Ran};

/// `make` gives an output and an artifact to `use`, which fails until the environment says otherwise on the machine.
const PIPELINE: &str = "
make:
  runs-on: ubuntu-latest
  outputs: {number: '${{ steps.a.outputs.number }}'}
  steps:
    - id: a
      run: |
        echo made >> made.txt
        echo number=7 >> $GITHUB_OUTPUT
        echo content > file.txt
    - uses: actions/upload-artifact@v4
      with: {name: box, path: file.txt}
use:
  needs: make
  runs-on: ubuntu-latest
  steps:
    - uses: actions/download-artifact@v4
      with: {name: box}
    - run: echo \"got ${{ needs.make.outputs.number }} $(cat file.txt)\"
    - run: test -e \"$SHARED/mended\"
after:
  needs: use
  runs-on: ubuntu-latest
  steps: [{run: echo after}]
";

fn mend(harbour: &Harbour) {
    std::fs::write(harbour.shared_folder().join("mended"), "").unwrap();
}

fn reused(ran: &Ran) -> Vec<&str> {
    ran.of("job-reused").filter_map(|event| event["name"].as_str()).collect()
}

#[track_caller]
fn says(ran: &Ran, text: &str) {
    assert!(
        ran.notices().iter().any(|notice| notice.contains(text)),
        "{text}: {:?}",
        ran.notices()
    );
}

#[test]
fn what_passed_is_reused_with_its_outputs_and_artifacts() {
    let harbour = Harbour::with_jobs(PIPELINE);
    harbour.commit();
    let first = harbour.run().failed();
    assert_eq!(
        (first.job("make"), first.job("use"), first.job("after")),
        ("success", "failure", "skipped")
    );
    mend(&harbour);
    let second = harbour.run_with(&["--failed"]).passed();
    assert_eq!(reused(&second), ["make"]);
    assert_eq!(second.started(), ["use", "after"]);
    second.prints("got 7 content").prints("after");
    assert_eq!(second.of("artifact-stored").count(), 1);
    let end = second.of("run-finished").next().unwrap();
    assert_eq!((&end["counts"]["reused"], &end["counts"]["passed"]), (&1.into(), &2.into()));
}

#[test]
fn a_dry_run_says_what_would_be_reused_and_changes_nothing() {
    let harbour = Harbour::with_jobs(PIPELINE);
    harbour.commit();
    harbour.run().failed();
    let output = harbour.command(&["run", "--failed", "-n"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(text.contains("reused, unless what it was given changed: make\n"), "{text}");
    assert!(text.contains("run again: use, after\n"), "{text}");
    let output = harbour.command(&["run", "--failed", "-n", "--format", "json"]).output().unwrap();
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["retry"]["reused"], serde_json::json!(["make"]));
    assert_eq!(document["retry"]["again"], serde_json::json!(["use", "after"]));
}

#[test]
fn a_dry_run_of_nothing_to_retry_says_so() {
    let harbour = Harbour::with_steps("- run: echo done\n");
    harbour.run().passed();
    let output = harbour.command(&["run", "--failed", "-n"]).output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&output.stderr).contains("nothing to retry"));
}

#[test]
fn of_jobs_that_wait_the_one_that_was_quick_before_starts_first() {
    let harbour = Harbour::with_jobs(
        "
slow: {runs-on: ubuntu-latest, steps: [{run: sleep 0.4}]}
middle: {runs-on: ubuntu-latest, steps: [{run: sleep 0.2}]}
quick: {runs-on: ubuntu-latest, steps: [{run: 'true'}]}
",
    );
    let first = harbour.run_with(&["--jobs", "1"]).passed();
    assert_eq!(first.started(), ["slow", "middle", "quick"], "nothing is known yet");
    let second = harbour.run_with(&["--jobs", "1"]).passed();
    assert_eq!(second.started(), ["quick", "middle", "slow"]);
}

#[test]
fn a_retry_of_a_retry_reuses_what_the_first_run_made() {
    let harbour = Harbour::with_jobs(PIPELINE);
    let first = harbour.run().failed();
    let again = harbour.run_with(&["--failed"]).failed();
    assert_eq!(reused(&again), ["make"]);
    mend(&harbour);
    let third = harbour.run_with(&["--failed"]).passed();
    assert_eq!(reused(&third), ["make"]);
    third.prints("got 7 content");
    let origin = &third.of("job-reused").next().unwrap()["from"];
    assert_eq!(origin, &first.of("run-started").next().unwrap()["run"]);
}

#[test]
fn a_changed_file_is_named_and_everything_runs_again() {
    let harbour = Harbour::with_jobs(PIPELINE);
    harbour.file("src/lib.rs", "one").commit();
    harbour.run().failed();
    mend(&harbour);
    harbour.file("src/lib.rs", "two");
    let second = harbour.run_with(&["--failed"]).passed();
    assert!(reused(&second).is_empty());
    says(&second, "`src/lib.rs` changed: `make`");
}

#[test]
fn the_same_files_in_another_commit_are_no_change() {
    let harbour = Harbour::with_jobs(PIPELINE);
    harbour.file("a.txt", "one").commit();
    harbour.file("a.txt", "two");
    harbour.run().failed();
    harbour.git(&[
        "-c",
        "user.name=T",
        "-c",
        "user.email=t@example.org",
        "commit",
        "-qam",
        "second",
    ]);
    mend(&harbour);
    assert_eq!(reused(&harbour.run_with(&["--failed"]).passed()), ["make"]);
}

#[test]
fn what_jobs_are_given_is_compared() {
    let harbour = Harbour::with_jobs(PIPELINE);
    for (more, reason) in [
        (["--env", "A=1"], "the environment for all steps changed"),
        (["--var", "A=1"], "`vars` changed"),
        (["--credentials", "npm"], "other rights or credentials are given"),
    ] {
        harbour.run().failed();
        let ran = harbour.run_with(&["--failed", more[0], more[1]]).failed();
        assert!(reused(&ran).is_empty());
        says(&ran, reason);
    }
}

#[test]
fn another_secret_is_told_by_its_name_only() {
    let harbour = Harbour::with_jobs(PIPELINE).variable("TOKEN", "hunter2hunter2");
    harbour.run_with(&["-s", "TOKEN"]).failed();
    mend(&harbour);
    let ran = harbour.run_with(&["--failed"]).passed();
    says(&ran, "other secrets are given");
    assert!(!ran.everything().contains("hunter2"));
}

#[test]
fn a_job_whose_output_holds_a_secret_runs_again() {
    let harbour = Harbour::with_jobs(
        "
        make:
          runs-on: ubuntu-latest
          outputs: {token: '${{ steps.a.outputs.token }}'}
          steps: [{id: a, run: 'echo \"token=$T\" >> $GITHUB_OUTPUT', env: {T: '${{ secrets.TOKEN }}'}}]
        plain:
          runs-on: ubuntu-latest
          steps: [{run: 'true'}]
        fails:
          runs-on: ubuntu-latest
          steps: [{run: 'exit 1'}]
        ",
    )
    .variable("TOKEN", "hunter2hunter2");
    harbour.run_with(&["-s", "TOKEN"]).failed();
    let ran = harbour.run_with(&["-s", "TOKEN", "--failed"]).failed();
    assert_eq!(reused(&ran), ["plain"]);
    says(&ran, "its output `token` may hold a secret");
    let kept = harbour.everything_kept();
    assert!(!kept.contains("hunter2"), "no secret is in the history");
}

#[test]
fn legs_of_a_matrix_are_reused_one_by_one() {
    let harbour = Harbour::with_jobs(
        "
        test:
          runs-on: ubuntu-latest
          strategy: {fail-fast: false, matrix: {n: [1, 2, 3]}}
          steps: [{run: 'test ${{ matrix.n }} != 2 || test -e \"$SHARED/mended\"'}]
        all:
          needs: test
          runs-on: ubuntu-latest
          steps: [{run: 'true'}]
        ",
    );
    harbour.run().failed();
    mend(&harbour);
    let ran = harbour.run_with(&["--failed"]).passed();
    assert_eq!(reused(&ran), ["test (1)", "test (3)"]);
    assert_eq!(ran.started(), ["test (2)", "all"]);
}

#[test]
fn jobs_of_a_called_workflow_are_reused_and_what_needs_a_repeated_job_runs_again() {
    let harbour = Harbour::with_jobs(
        "
        call:
          uses: ./.github/workflows/called.yml
          with: {word: hi}
        flaky:
          runs-on: ubuntu-latest
          steps: [{run: 'test -e \"$SHARED/mended\"'}]
        always:
          needs: flaky
          if: always()
          runs-on: ubuntu-latest
          steps: [{run: 'true'}]
        last:
          needs: call
          runs-on: ubuntu-latest
          steps: [{run: 'echo ${{ needs.call.outputs.word }}'}]
        ",
    );
    harbour.workflow(
        "called.yml",
        "on: {workflow_call: {inputs: {word: {type: string}}, outputs: {word: {value: '${{ jobs.inner.outputs.word }}'}}}}\n\
         jobs:\n  inner:\n    runs-on: ubuntu-latest\n    outputs: {word: '${{ steps.a.outputs.word }}'}\n    \
         steps: [{id: a, run: 'echo word=${{ inputs.word }} >> $GITHUB_OUTPUT'}]\n",
    );
    harbour.run().failed();
    mend(&harbour);
    let ran = harbour.run_with(&["--failed"]).passed();
    assert_eq!(reused(&ran), ["call / inner", "last"]);
    assert_eq!(ran.started(), ["flaky", "always"]);
    says(&ran, "`always` runs again although it passed: a job that it needs runs again");
}

#[test]
fn an_artifact_that_is_gone_or_damaged_is_made_again() {
    let harbour = Harbour::with_jobs(PIPELINE);
    let first = harbour.run().failed();
    let run = first.of("run-started").next().unwrap()["run"].as_str().unwrap().to_owned();
    let stored = harbour.root().join(".plimsoll/runs").join(run).join("artifacts/box.zip");
    std::fs::write(&stored, "cut short").unwrap();
    mend(&harbour);
    let ran = harbour.run_with(&["--failed"]).passed();
    assert!(reused(&ran).is_empty());
    says(&ran, "its artifact `box` is no longer kept as it stored it");
}

#[test]
fn nothing_to_retry_is_said_and_ends_with_4() {
    let harbour = Harbour::with_steps("- run: 'true'");
    let none = harbour.run_with(&["--failed"]);
    assert_eq!(none.code, 4);
    assert!(
        none.stderr.contains("no run is kept here; it may have been evicted"),
        "{}",
        none.stderr
    );
    harbour.run().passed();
    let passed = harbour.run_with(&["--failed"]);
    assert_eq!(passed.code, 4);
    assert!(passed.stderr.contains("nothing to retry: no job failed in run"), "{}", passed.stderr);
    let other = harbour.run_with(&["--failed", "--job", "job"]);
    assert_eq!(other.code, 4);
    assert!(
        other.stderr.contains("none of the 1 runs that are kept is one of just this"),
        "{}",
        other.stderr
    );
}

#[test]
fn an_interrupted_run_can_be_taken_up_again() {
    let harbour = Harbour::with_jobs(
        "
        quick:
          runs-on: ubuntu-latest
          steps: [{run: 'true'}]
        slow:
          needs: quick
          runs-on: ubuntu-latest
          steps: [{run: 'echo waiting; test -e \"$SHARED/mended\" || exec sleep 60'}]
        ",
    );
    let running = harbour.start_until("waiting");
    running.signal("-KILL");
    running.finish();
    mend(&harbour);
    let ran = harbour.run_with(&["--failed"]).passed();
    assert_eq!((reused(&ran), ran.started()), (vec!["quick"], vec!["slow"]));
}

#[test]
fn people_and_readers_of_junit_see_what_was_reused() {
    let harbour = Harbour::with_jobs(PIPELINE);
    harbour.run().failed();
    let shared = format!("SHARED={}", harbour.shared_folder().display());
    let said = |format: &str| {
        let arguments = ["run", "--failed", "--env", &shared, "--format", format];
        let output = harbour.command(&arguments).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        text(&output.stderr) + &text(&output.stdout)
    };
    let full = said("full");
    assert!(full.contains("make reused: it passed in run "), "{full}");
    assert!(full.contains("reused 1 · failed 1"), "{full}");
    assert!(said("concise").contains("ci.yml:make: reused: it passed in run "));
    let junit = said("junit");
    assert!(junit.contains("<skipped message=\"reused: it passed in run "), "{junit}");
    let shown = harbour.command(&["runs", "show", "latest"]).output().unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("make") && shown.contains("reused from run "), "{shown}");
}
