//! `plim run --watch`: a change runs again what it affects.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

mod support;

use support::{Harbour, seat::Seat};

const WAITING: &str = "waiting for a change; Ctrl-C ends";

/// Two workflows with filters, and one without.
fn harbour() -> Harbour {
    let harbour = Harbour::new();
    let job = |word: &str| {
        format!(
            "jobs:\n  job:\n    runs-on: ubuntu-latest\n    steps: [{{run: 'echo ran-{word}'}}]\n"
        )
    };
    harbour.workflow("code.yml", &format!("on: {{push: {{paths: ['src/**']}}}}\n{}", job("code")));
    harbour.workflow("docs.yml", &format!("on: {{push: {{paths: ['docs/**']}}}}\n{}", job("docs")));
    harbour.file("src/lib.rs", "one").file("docs/a.md", "one").file(".gitignore", "ignored/\n");
    harbour.commit();
    harbour
}

/// Looks from now on only at what is shown later.
fn later(seat: &mut Seat) -> usize {
    seat.shown.len()
}

#[test]
fn a_change_runs_the_workflows_that_it_affects() {
    let harbour = harbour();
    let mut seat = Seat::take(&harbour, &["run", "--watch", "-v"]);
    seat.wait_for(WAITING);
    let start = later(&mut seat);
    harbour.file("docs/a.md", "two and more");
    seat.wait_for("`docs/a.md` changed: running again").wait_for(WAITING);
    let shown = seat.shown[start..].to_owned();
    assert!(shown.contains("ran-docs") && !shown.contains("ran-code"), "{shown}");
    let start = later(&mut seat);
    harbour.file("ignored/x", "no matter");
    harbour.file("src/lib.rs", "two and more").file("src/new.rs", "new");
    seat.wait_for("`src/lib.rs` and `src/new.rs` changed: running again").wait_for(WAITING);
    let shown = seat.shown[start..].to_owned();
    assert!(shown.contains("ran-code") && !shown.contains("ran-docs"), "{shown}");
    let start = later(&mut seat);
    harbour.file("other.txt", "nobody looks at it");
    seat.wait_for("`other.txt` changed").wait_for("nothing was triggered").wait_for(WAITING);
    assert!(!seat.shown[start..].contains("ran-"), "{}", &seat.shown[start..]);
    seat.type_in("\u{3}");
    let (shown, code) = seat.leave();
    assert_eq!(code, Some(130), "{shown}");
}

#[test]
fn a_change_during_a_run_cancels_it_and_runs_again() {
    let harbour = Harbour::with_steps(
        "
        - uses: actions/checkout@v4
        - run: cat word; grep -q two word || exec sleep 600
        ",
    );
    harbour.file("word", "is-one\n").commit();
    let mut seat = Seat::take(&harbour, &["run", "--watch", "-v"]);
    seat.wait_for("is-one");
    harbour.file("word", "is-two now\n");
    seat.wait_for("`word` changed: running again")
        .wait_for("is-two")
        .wait_for("passed 1")
        .wait_for(WAITING);
    seat.type_in("\u{3}");
    assert_eq!(seat.leave().1, Some(130));
}

#[test]
fn ctrl_c_ends_a_run_and_the_watch() {
    let harbour = Harbour::with_steps("- run: 'echo begun; exec sleep 600'");
    harbour.commit();
    let mut seat = Seat::take(&harbour, &["run", "--watch", "-v"]);
    seat.wait_for("\n    begun").type_in("\u{3}");
    let (shown, code) = seat.leave();
    assert_eq!(code, Some(130), "{shown}");
    assert!(!shown.contains(WAITING), "{shown}");
}

#[test]
fn a_broken_workflow_is_told_and_the_watch_goes_on() {
    let harbour = Harbour::with_steps("- run: echo fine-1");
    harbour.commit();
    let mut seat = Seat::take(&harbour, &["run", "--watch", "-v"]);
    seat.wait_for(WAITING);
    harbour.workflow("ci.yml", "on: push\njobs: {job: [}\n");
    seat.wait_for("ci.yml` changed").wait_for("error").wait_for(WAITING);
    harbour.workflow(
        "ci.yml",
        "on: push\njobs:\n  job:\n    runs-on: ubuntu-latest\n    steps: [{run: echo fine-2}]\n",
    );
    seat.wait_for("ci.yml` changed").wait_for("passed 1").wait_for(WAITING).type_in("\u{3}");
    assert_eq!(seat.leave().1, Some(130));
}

#[test]
fn what_cannot_be_watched_is_refused() {
    let harbour = Harbour::with_steps("- run: 'true'");
    let (shown, code) = harbour.run_at(&["run", "--watch"]);
    assert_eq!(code, Some(2), "{shown}");
    assert!(shown.contains("it is in no git repository"), "{shown}");
    harbour.commit();
    let (shown, code) = harbour.run_at(&["run", "--watch", "--format", "junit"]);
    assert_eq!(code, Some(2), "{shown}");
}
