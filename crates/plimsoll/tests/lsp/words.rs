//! What can be typed, and what words mean.

use serde_json::{Value, json};

use crate::editor::{Editor, edited, position};

const CI: &str = ".github/workflows/ci.yml";
const ACTION: &str = "name: greet\ndescription: greets people\ninputs:\n  who:\n    description: whom to greet\n    required: true\noutputs:\n  said:\n    description: x\n    value: x\nruns:\n  using: composite\n  steps: []\n";
const CALLED: &str =
    "on:\n  workflow_call:\n    inputs:\n      where: { type: string, required: true }\njobs: {}\n";
const HEAD: &str = "on:\n  push:\n  workflow_dispatch:\n    inputs:\n      level: { type: string }\nenv: { TOP: 1 }\njobs:\n  build:\n    runs-on: ubuntu-latest\n    outputs: { version: '1' }\n    steps:\n      - run: make\n";
const TEST: &str = "  test:\n    needs: build\n    runs-on: ubuntu-latest\n    strategy:\n      matrix: { os: [a, b] }\n    steps:\n      - id: greet\n        uses: ./.github/actions/greet\n        with: { who: you }\n";

/// `rest` behind the one job `build`.
fn workflow(rest: &str) -> String {
    format!("{HEAD}{rest}")
}

fn editor() -> Editor {
    let editor = Editor::new();
    editor.sandbox.write(".github/actions/greet/action.yml", ACTION);
    editor.sandbox.write(".github/workflows/called.yml", CALLED);
    editor
}

/// The text without its `¦`, and what is offered there.
fn completion(path: &str, text: &str) -> (String, Vec<Value>) {
    let mut editor = editor();
    let at = text.find('¦').unwrap();
    let text = text.replace('¦', "");
    editor.open(path, &text);
    let document = json!({ "uri": editor.uri(path) });
    let params = json!({ "textDocument": document, "position": position(&text, at) });
    let answer = editor.request("textDocument/completion", params);
    (text, answer.as_array().unwrap().clone())
}

fn labels(path: &str, text: &str) -> Vec<String> {
    let (_, offers) = completion(path, text);
    offers.iter().map(|offer| offer["label"].as_str().unwrap().to_owned()).collect()
}

/// The text after `label` was chosen.
fn chosen(text: &str, label: &str) -> String {
    let (text, offers) = completion(CI, text);
    let offer = offers.iter().find(|offer| offer["label"] == label).unwrap();
    edited(&text, &json!({ "edit": { "changes": { "x": [offer["textEdit"]] } } }))
}

fn has(labels: &[String], wanted: &[&str]) {
    for label in wanted {
        assert!(labels.iter().any(|one| one == label), "`{label}` is not among {labels:?}");
    }
}

fn lacks(labels: &[String], unwanted: &[&str]) {
    for label in unwanted {
        assert!(!labels.iter().any(|one| one == label), "`{label}` is among {labels:?}");
    }
}

#[test]
fn keys_are_those_of_where_one_types() {
    let top = labels(CI, "na¦\n");
    has(&top, &["name", "on", "jobs", "permissions"]);
    lacks(&top, &["runs-on"]);
    let job = labels(CI, &workflow("  test:\n    needs: build\n    ¦\n"));
    has(&job, &["runs-on", "steps", "strategy", "if"]);
    lacks(&job, &["needs", "run", "jobs"]);
    let step = labels(CI, &workflow("      - name: x\n        ¦\n"));
    has(&step, &["run", "uses", "with", "if"]);
    lacks(&step, &["name", "runs-on"]);
    has(&labels(CI, &workflow("      - ¦\n")), &["run", "uses"]);
    has(&labels(CI, &workflow("      - { ¦ }\n")), &["run", "uses"]);
    has(&labels(CI, "on:\n  ¦\njobs: {}\n"), &["push", "pull_request", "schedule"]);
    has(&labels(CI, "on:\n  push:\n    ¦\njobs: {}\n"), &["branches", "paths-ignore"]);
    has(&labels(CI, "on: push\npermissions:\n  ¦\njobs: {}\n"), &["contents", "id-token"]);
    has(&labels("action.yml", "name: x\nruns:\n  ¦\n"), &["using", "steps"]);
    let update = "version: 2\nupdates:\n  - ¦\n";
    has(&labels(".github/dependabot.yml", update), &["package-ecosystem", "schedule"]);
}

#[test]
fn a_chosen_key_is_written_with_what_its_value_begins_with() {
    assert!(chosen("on: push\njo¦", "jobs").ends_with("push\njobs:\n  "));
    assert!(chosen(&workflow("  t:\n    st¦\n"), "steps").ends_with("    steps:\n      - \n"));
    assert!(chosen(&workflow("      - ru¦\n"), "run").ends_with("      - run: \n"));
    assert!(chosen(&workflow("      - us¦: x\n"), "uses").ends_with("      - uses: x\n"));
}

#[test]
fn values_are_those_of_their_key() {
    let needs = labels(CI, &workflow("  test:\n    needs: ¦\n    runs-on: x\n    steps: []\n"));
    assert_eq!(needs, ["build"]);
    assert_eq!(labels(CI, &workflow("  test:\n    needs: [¦]\n    runs-on: x\n")), ["build"]);
    assert_eq!(labels(CI, &workflow("  test:\n    needs:\n      - b¦\n")), ["build"]);
    has(&labels(CI, &workflow("  test:\n    runs-on: ub¦\n")), &["ubuntu-latest", "macos-15"]);
    has(&labels(CI, "on: pu¦\njobs: {}\n"), &["push", "pull_request"]);
    has(&labels(CI, "on:\n  pull_request:\n    types: [¦]\njobs: {}\n"), &["opened"]);
    has(&labels(CI, "on: push\npermissions:\n  id-token: ¦\njobs: {}\n"), &["write", "none"]);
    has(&labels(CI, &workflow("      - run: x\n        shell: ¦\n")), &["bash", "pwsh"]);
    let actions = labels(CI, &workflow("      - uses: act¦\n"));
    has(&actions, &["./.github/actions/greet"]);
    assert!(actions.iter().any(|one| one.starts_with("actions/checkout@v")), "{actions:?}");
    has(&labels(CI, &workflow("  call:\n    uses: ¦\n")), &["./.github/workflows/called.yml"]);
    assert!(labels(CI, &workflow("      - run: ma¦\n")).is_empty());
    assert!(labels(CI, &workflow("      # ma¦\n")).is_empty());
}

#[test]
fn inputs_are_those_of_what_is_used() {
    let local = "      - uses: ./.github/actions/greet\n        with:\n          ¦\n";
    assert_eq!(labels(CI, &workflow(local)), ["who"]);
    let known = "      - uses: actions/checkout@v4\n        with: { ¦ }\n";
    has(&labels(CI, &workflow(known)), &["fetch-depth", "sparse-checkout"]);
    let call = "  call:\n    uses: ./.github/workflows/called.yml\n    with:\n      ¦\n";
    assert_eq!(labels(CI, &workflow(call)), ["where"]);
}

#[test]
fn expressions_are_completed_with_what_is_there() {
    let at = |step: &str| labels(CI, &workflow(&format!("{TEST}      - {step}\n")));
    let names = at("run: echo ${{ ¦ }}");
    has(&names, &["github", "steps", "secrets", "contains", "hashFiles"]);
    lacks(&names, &["always", "jobs"]);
    assert_eq!(at("run: echo ${{ steps.¦ }}"), ["greet"]);
    assert_eq!(at("run: echo ${{ steps.greet.outputs.¦"), ["said"]);
    assert_eq!(at("run: echo ${{ needs.¦ }} and ${{ github.ref }}"), ["build"]);
    assert_eq!(at("run: echo \"${{ needs.build.outputs.v¦ }}\""), ["version"]);
    assert_eq!(at("run: echo '${{ matrix.¦ }}'"), ["os"]);
    assert_eq!(at("run: echo ${{ inputs.¦ }}"), ["level"]);
    assert_eq!(at("run: |\n          🚢 ${{ env.¦ }}\n          make"), ["TOP"]);
    has(&at("run: echo ${{ github.¦ }}"), &["ref", "event_name", "sha"]);
    has(&at("run: make\n        if: ¦"), &["always", "github"]);
    lacks(&at("run: make\n        if: ¦"), &["secrets"]);
    assert_eq!(at("run: make\n        if: success() && steps.¦"), ["greet"]);
    assert!(chosen(&workflow("      - run: ${{ git¦ }}\n"), "github").ends_with("${{ github }}\n"));
}

fn hover(text: &str, before: &str) -> String {
    let mut editor = editor();
    editor.open(CI, text);
    let at = position(text, text.rfind(before).unwrap() + before.len());
    let document = json!({ "uri": editor.uri(CI) });
    let params = json!({ "textDocument": document, "position": at });
    let answer = editor.request("textDocument/hover", params);
    answer["contents"]["value"].as_str().unwrap_or("").to_owned()
}

#[test]
fn a_finding_is_explained_where_it_stands() {
    let shown = hover(&workflow("      - run: echo ::set-output name=a::b\n"), "::set-out");
    assert!(shown.contains("**deprecated-command**"), "{shown}");
    assert!(shown.len() > 200, "why, and what to do: {shown}");
}

#[test]
fn words_are_explained() {
    let run = "      - run: echo ${{ format('{0}', needs.build.result) }}\n";
    let text = workflow(&format!("{TEST}{run}"));
    for (before, wanted) in [
        ("runs-", "the labels of the machine"),
        ("format", "`format(text, …)`"),
        ("{0}', need", "how the jobs that this one needs ended"),
        ("needs.build.res", "one of `"),
        ("{ wh", "whom to greet"),
        ("actions/gr", "greets people"),
    ] {
        let shown = hover(&text, before);
        assert!(shown.contains(wanted), "{before}: {shown}");
    }
    assert_eq!(hover(&workflow(""), "run: ma"), "");
}
