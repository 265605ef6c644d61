//! What is printed as JSON is what the schemas say.

use std::path::Path;

use plim_test::sandbox::Sandbox;
use serde_json::Value;

use crate::support::{plim, repository, run, said};

const MIXED: &str = "
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps: [{ run: echo hello }]
  test:
    needs: build
    strategy:
      matrix:
        os: [ubuntu-latest, macos-14]
    runs-on: ${{ matrix.os }}
    steps: [{ run: 'echo ${{ matrix.os }} && exit 3' }]
  later:
    needs: build
    strategy:
      matrix: ${{ fromJSON(needs.build.outputs.matrix) }}
    runs-on: ubuntu-latest
    steps: [{ run: echo }]
";

const BROKEN: &str = "
on: push
jobs:
  broken:
    runs-on: ubuntu-latest
    stesp: []
";

/// Fails with every way in which `value` is not what `docs/schema/NAME.schema.json` says.
fn check(name: &str, value: &Value) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema");
    let text = std::fs::read_to_string(folder.join(format!("{name}.schema.json"))).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap();
    let faults: Vec<_> = schema
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{value:#}\n{}", faults.join("\n"));
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn lists_and_plans_are_what_the_schemas_say() {
    for (workflow, code) in [(MIXED, 0), (BROKEN, 1)] {
        let repository = repository(workflow);
        let list = run(repository.path(), &["run", "-l", "--format", "json"]).ended(code);
        check("list", &json(&list.stdout));
        for line in list.stderr.lines() {
            check("diagnostic", &json(line));
        }
        let plan =
            run(repository.path(), &["run", "-n", "-e", "push", "--format", "json"]).ended(code);
        check("plan", &json(&plan.stdout));
    }
}

#[test]
fn a_run_its_history_and_what_is_removed_are_what_the_schemas_say() {
    let (repository, home) = (repository(MIXED), Sandbox::new());
    let plim = |arguments: &[&str]| {
        said(plim(repository.path(), home.path()).args(arguments).output().unwrap())
    };
    let events = plim(&["run", "-e", "push", "--format", "json"]).ended(1).stdout;
    assert!(events.starts_with("{\"event\":\"run-started\""), "{events}");
    assert!(events.lines().last().unwrap().starts_with("{\"event\":\"run-finished\""), "{events}");
    for line in events.lines() {
        check("run-event", &json(line));
    }
    let runs = json(&plim(&["runs", "--format", "json"]).ended(0).stdout);
    check("runs", &runs);
    assert_eq!((&runs[0]["state"], &runs[0]["result"]), (&"finished".into(), &"failed".into()));
    check("run-result", &json(&plim(&["runs", "show", "--format", "json"]).ended(0).stdout));
    check("clean", &json(&plim(&["clean", "--all", "--format", "json"]).ended(0).stdout));
    assert_eq!(json(&plim(&["runs", "--format", "json"]).ended(0).stdout), Value::Array(vec![]));
}

#[test]
fn what_setup_got_and_did_not_finish_is_removed_when_asked_for() {
    let (repository, home) = (repository(MIXED), Sandbox::new());
    let cleaned = |arguments: &[&str]| {
        let all = [&["clean", "--tools", "--format", "json"], arguments].concat();
        let cleaned = said(plim(repository.path(), home.path()).args(all).output().unwrap());
        json(&cleaned.ended(0).stdout)
    };
    home.write(".cache/plimsoll/tools/just/1.0.0/x64/bin/just", "12345");
    home.write(".cache/plimsoll/tools/rustup/toolchains/1.80.0/bin/rustc", "12345");
    home.write(".cache/plimsoll/tools-unfinished/x/part", "12345");
    let would = cleaned(&["-n"]);
    check("clean", &would);
    assert_eq!(would["tools"]["count"], 3);
    assert!(home.exists(".cache/plimsoll/tools"), "it only looked");
    assert_eq!(cleaned(&[])["tools"], would["tools"]);
    assert!(
        !home.exists(".cache/plimsoll/tools") && !home.exists(".cache/plimsoll/tools-unfinished")
    );
}

#[test]
fn a_run_of_nothing_is_a_stream_of_events_too() {
    let repository = repository(MIXED);
    let events =
        run(repository.path(), &["run", "-e", "release", "--format", "json"]).ended(4).stdout;
    for line in events.lines() {
        check("run-event", &json(line));
    }
    assert!(events.starts_with("{\"event\":\"run-started\""), "{events}");
    assert!(!repository.exists(".plimsoll"), "a run of nothing is not kept");
}

#[test]
fn the_settings_that_are_read_are_the_settings_that_the_schema_names() {
    let text = "version = 1\n[run]\nexpect-elsewhere = [\"macos-*\"]\nskip = [\"a\"]\njobs = 2\ndisk = \"20 GiB\"\ncold = 4\nheavy = \"20 min\"\ncredentials = [\"cargo\"]\n\
                runners = { x = \"host\", y = \"elsewhere\" }\nactions = { \"a/b@c\" = \".\" }\nvariables = { A = \"b\" }\n";
    let value: Value = serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap();
    check("plimsoll", &value);
    let repository = repository(MIXED);
    repository.write("plimsoll.toml", text);
    run(repository.path(), &["run", "-n", "-e", "push"]).ended(0);
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema/plimsoll.schema.json");
    let schema = json(&std::fs::read_to_string(folder).unwrap());
    let named = schema["properties"]["run"]["properties"].as_object().unwrap();
    let used = value["run"].as_object().unwrap();
    assert_eq!(named.keys().collect::<std::collections::BTreeSet<_>>(), used.keys().collect());
}
