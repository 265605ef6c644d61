//! What starts workflows, and what jobs are told about it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod support;

use support::Harbour;

/// Prints every name under which a job is told its commit, and the commit that it holds.
const TOLD: &str = "
on: [push, pull_request]
jobs:
  names:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: |
          echo \"held $(git rev-parse HEAD)\"
          echo \"sha $GITHUB_SHA ${{ github.sha }} ${{ github.workflow_sha }}\"
          echo 'push ${{ github.event.after }} ${{ github.event.head_commit.id }} ${{ github.event.commits[1].id }}'
          echo 'request ${{ github.event.after }} ${{ github.event.pull_request.head.sha }} ${{ github.event.pull_request.merge_commit_sha }}'
          echo \"base ${{ github.event.pull_request.base.sha }}${{ github.event.before }}\"
          echo \"file $(grep -c $GITHUB_SHA $GITHUB_EVENT_PATH)\"
  called:
    uses: ./.github/workflows/called.yml
    with: { commit: '${{ github.sha }}' }
";

const CALLED: &str = "
on: { workflow_call: { inputs: { commit: { type: string } } } }
jobs:
  a:
    runs-on: ubuntu-latest
    steps: [{ run: 'echo called ${{ inputs.commit }} ${{ github.sha }}' }]
";

fn told() -> Harbour {
    let harbour = Harbour::new();
    harbour.workflow("ci.yml", TOLD).workflow("called.yml", CALLED).commit();
    harbour
}

#[test]
fn uncommitted_work_has_one_commit_under_every_name_of_a_push() {
    let harbour = told();
    let head = harbour.git(&["rev-parse", "HEAD"]);
    let ran = harbour.file("new", "").run().passed();
    let held = ran.printed().into_iter().find_map(|line| line.strip_prefix("held ")).unwrap();
    assert_ne!(held, head);
    ran.prints(&format!("sha {held} {held} {held}"));
    ran.prints(&format!("push {held} {held} {held}"));
    ran.prints(&format!("called {held} {held}"));
    ran.prints("file 1");
    assert_eq!(ran.of("run-started").next().unwrap()["commit"], held);
}

#[test]
fn uncommitted_work_is_the_head_of_a_pull_request_and_never_its_base() {
    let harbour = told();
    let head = harbour.git(&["rev-parse", "HEAD"]);
    harbour.git(&["switch", "-q", "-c", "topic"]);
    let ran = harbour.file("new", "").run().passed();
    let held = ran.printed().into_iter().find_map(|line| line.strip_prefix("held ")).unwrap();
    assert_ne!(held, head);
    ran.prints(&format!("sha {held} {held} {held}"));
    ran.prints(&format!("request {held} {held} {held}"));
    // The topic has no commit of its own, so that its base is HEAD.
    ran.prints(&format!("base {head}{head}"));
}

#[test]
fn committed_work_is_head() {
    let harbour = told();
    let head = harbour.git(&["rev-parse", "HEAD"]);
    let ran = harbour.run().passed();
    ran.prints(&format!("held {head}"));
    ran.prints(&format!("sha {head} {head} {head}"));
    ran.prints(&format!("push {head} {head} "));
    ran.prints(&format!("called {head} {head}"));
}

#[test]
fn a_commit_may_ask_that_nothing_starts() {
    let harbour = Harbour::with_steps("- run: echo ran");
    harbour.commit();
    let commit = ["-c", "user.name=T", "-c", "user.email=t@example.org", "commit", "-q"];
    harbour.git(&[&commit[..], &["--allow-empty", "-m", "docs [skip ci]"]].concat());
    let ran = harbour.run();
    assert_eq!(ran.code, 4, "{}", ran.everything());
    let reason = "`.github/workflows/ci.yml` is not triggered: the message of HEAD holds `[skip ci]`; `--ignore-filters` starts it all the same";
    assert!(ran.notices().contains(&reason), "{:?}", ran.notices());
    harbour.run_with(&["--ignore-filters"]).passed().prints("ran");
    harbour.run_with(&["--event", "push"]).passed().prints("ran");
    // The commit that uncommitted work will be has another message.
    harbour.file("new", "").run().passed().prints("ran");
}

#[test]
fn names_in_env_differ_by_case_as_variables_do() {
    let ran = Harbour::with_steps(
        "
        - env: { Word: one }
          run: |
            echo '[${{ env.Word }}] [${{ env.WORD }}] [${{ env.word }}]'
            echo WORD=two >> $GITHUB_ENV
            echo Word=three >> $GITHUB_ENV
        - run: echo '[${{ env.Word }}] [${{ env.WORD }}] [${{ env.word }}] [${{ ENV.Word }}]'
        ",
    )
    .run()
    .passed();
    ran.prints("[one] [] []").prints("[three] [two] [] [three]");
}
