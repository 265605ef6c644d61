//! Heavy jobs run only when they are named: first builds beyond a number, and what took long.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

mod support;

use support::{Harbour, Ran};

const INCOMPLETE: i32 = 3;

/// A job of forty legs that compile, one that needs it, and one that only prints.
fn forty() -> Harbour {
    let harbour = Harbour::with_jobs(
        r#"
        build:
          strategy: {matrix: {a: [1, 2, 3, 4, 5, 6, 7, 8], b: [1, 2, 3, 4, 5]}}
          runs-on: ubuntu-latest
          steps: [{run: "echo 'all:; @echo built' > Makefile && make"}]
        after:
          needs: build
          runs-on: ubuntu-latest
          steps: [{run: echo after}]
        print:
          strategy: {matrix: {n: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]}}
          runs-on: ubuntu-latest
          steps: [{run: echo printed}]
        "#,
    );
    harbour.file("plimsoll.toml", "[run]\ncold = 3\n");
    harbour
}

fn count(ran: &Ran, line: &str) -> usize {
    ran.printed().iter().filter(|printed| **printed == line).count()
}

#[test]
fn of_forty_legs_that_compile_a_few_run_and_the_run_is_incomplete() {
    let harbour = forty();
    let first = harbour.run();
    assert_eq!((first.code, count(&first, "built"), count(&first, "printed")), (INCOMPLETE, 3, 12));
    // One leg is enough for what needs the job, as everywhere.
    first.prints("after");
    let blocked: Vec<_> = first.of("job-blocked").collect();
    let heavy = blocked.iter().filter(|event| event["cause"]["cause"] == "heavy").count();
    assert_eq!(heavy, 37, "{}", first.everything());
    // What was built is no first build any more, so the next three have their turn.
    let second = harbour.run();
    assert_eq!((second.code, count(&second, "built")), (INCOMPLETE, 6));
}

#[test]
fn all_of_them_run_when_they_are_named_or_asked_for() {
    let harbour = forty();
    let named = harbour.run_with(&["--matrix", "a=2"]).passed();
    assert_eq!((count(&named, "built"), count(&named, "after")), (5, 1));
    let named = harbour.run_with(&["--only", "build"]).passed();
    assert_eq!(count(&named, "built"), 40);
    let harbour = forty();
    let all = harbour.run_with(&["--all"]).passed();
    assert_eq!((count(&all, "built"), count(&all, "after")), (40, 1));
}

#[test]
fn the_plan_tells_them_once_with_the_command_that_includes_them() {
    let output = forty().command(&["run", "-n"]).output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert_eq!(shown.matches("plim run --all").count(), 2, "{shown}");
    assert!(shown.contains("  37  are heavy, and run only by name"), "{shown}");
    assert!(
        shown.contains("ready 16, blocked 37 (one fix unblocks 37: plim run --all)"),
        "{shown}"
    );
}

#[test]
fn legs_that_are_known_only_late_are_counted_too() {
    let harbour = Harbour::with_jobs(
        r#"
        list:
          runs-on: ubuntu-latest
          outputs: {all: "${{ steps.l.outputs.all }}"}
          steps: [{id: l, run: "echo 'all=[1,2,3,4,5,6]' >> $GITHUB_OUTPUT"}]
        build:
          needs: list
          strategy: {matrix: {n: "${{ fromJSON(needs.list.outputs.all) }}"}}
          runs-on: ubuntu-latest
          steps: [{run: "echo 'all:; @echo built' > Makefile && make"}]
        "#,
    );
    harbour.file("plimsoll.toml", "[run]\ncold = 2\n");
    let ran = harbour.run();
    assert_eq!((ran.code, count(&ran, "built")), (INCOMPLETE, 2), "{}", ran.everything());
    assert_eq!(count(&harbour.run_with(&["--all"]).passed(), "built"), 6);
}

#[test]
fn what_took_long_is_left_out_until_it_is_named() {
    let harbour = Harbour::with_jobs(
        "
        slow:
          runs-on: ubuntu-latest
          steps: [{run: echo slow}]
        quick:
          runs-on: ubuntu-latest
          steps: [{run: echo quick}]
        ",
    );
    harbour.run().passed();
    pretend(&harbour, "ci.yml:slow", 21 * 60 * 1000);
    let ran = harbour.run();
    assert_eq!(ran.code, INCOMPLETE);
    ran.prints("quick").never_prints("slow");
    harbour.run_with(&["-j", "slow"]).passed().prints("slow");
}

/// Changes in the history how long a job took.
fn pretend(harbour: &Harbour, key: &str, milliseconds: u64) {
    let mut folders = vec![harbour.root().join(".plimsoll")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "json") {
                let text = std::fs::read_to_string(&path).unwrap();
                let mut kept: serde_json::Value = serde_json::from_str(&text).unwrap();
                for job in kept["jobs"].as_array_mut().into_iter().flatten() {
                    if job["job"] == key {
                        job["milliseconds"] = milliseconds.into();
                    }
                }
                std::fs::write(&path, kept.to_string()).unwrap();
            }
        }
    }
}
