//! What is found in open documents, and what can be done about it.

use serde_json::{Value, json};

use crate::editor::{Editor, edited, position};

const CI: &str = ".github/workflows/ci.yml";
const GOOD: &str = "on: push\npermissions: {}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n";

fn codes(findings: &[Value]) -> Vec<&str> {
    findings.iter().map(|one| one["code"].as_str().unwrap()).collect()
}

fn whole(text: &str) -> Value {
    json!([{ "text": text }])
}

#[test]
fn findings_follow_what_is_typed() {
    let mut editor = Editor::new();
    assert!(editor.open(CI, GOOD).is_empty());
    let at = position(GOOD, GOOD.find("steps").unwrap());
    let range = json!({ "start": at, "end": { "line": 5, "character": 9 } });
    let found = editor.change(CI, json!([{ "range": range, "text": "stesp" }]));
    assert!(codes(&found).contains(&"unknown-key"), "{found:?}");
    let one = found.iter().find(|one| one["code"] == "unknown-key").unwrap();
    assert_eq!(one["range"], json!({ "start": at, "end": { "line": 5, "character": 9 } }));
    assert_eq!((&one["source"], &one["severity"]), (&json!("plim"), &json!(1)));
    assert!(one["message"].as_str().unwrap().ends_with("help: write `steps`"), "{one}");
    assert!(editor.change(CI, whole(GOOD)).is_empty());
}

#[test]
fn settings_that_are_shared_count_and_what_keeps_them_out_is_told() {
    const DIGEST: &str = "7fd593a8425665f9892f0c5c703c8306f7e789dcd0627cd1a19a6df3bb55a34a";
    let bad = GOOD.replace("    steps", "    stesp: []\n    steps");
    let settings = |digest: &str| {
        format!("[check.extends]\npath = \"shared/check.toml\"\nsha256 = \"{digest}\"\n")
    };
    let mut editor = Editor::new();
    editor.sandbox.write("shared/check.toml", "[check]\nignore = [\"unknown-key\"]\n");
    editor.sandbox.write("plimsoll.toml", settings(DIGEST));
    assert_eq!(codes(&editor.open(CI, &bad)), [""; 0]);
    editor.sandbox.write("plimsoll.toml", settings(&DIGEST.replace('0', "1")));
    assert_eq!(codes(&editor.change(CI, whole(&bad))), ["unknown-key"]);
    let told = editor.logged();
    assert!(
        told.starts_with("`plimsoll.toml`: error[settings]: `shared/check.toml` has"),
        "{told}"
    );
}

#[test]
fn a_document_is_known_by_its_path_or_by_what_it_holds() {
    let bad = GOOD.replace("steps", "stesp");
    let mut editor = Editor::new();
    assert!(!editor.open("ci.yml", &bad).is_empty(), "reads like a workflow");
    assert!(editor.open("deploy.yml", "kind: Service\nsteps: 1\n").is_empty());
    assert!(!editor.open("x/action.yml", "name: x\n").is_empty());
    assert!(editor.open(".github/dependabot.yml", "version: 2\nupdates: []\n").is_empty());
    assert!(!editor.open(".github/dependabot.yml", "version: [\n").is_empty());
    let uri = "untitled:Untitled-1";
    let document = json!({ "uri": uri, "languageId": "yaml", "version": 1, "text": bad });
    editor.notify("textDocument/didOpen", json!({ "textDocument": document }));
    editor.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    assert_eq!(editor.end().code(), Some(0));
}

#[test]
fn what_is_closed_has_no_findings() {
    let mut editor = Editor::new();
    assert!(!editor.open(CI, &GOOD.replace("steps", "stesp")).is_empty());
    let document = json!({ "uri": editor.uri(CI) });
    editor.notify("textDocument/didClose", json!({ "textDocument": document }));
    assert!(editor.findings(CI, None).is_empty());
}

#[test]
fn an_action_that_is_being_edited_counts_as_it_is_in_the_editor() {
    const ACTION: &str = ".github/actions/x/action.yml";
    let action = |input: &str| {
        format!(
            "name: x\ndescription: x\ninputs:\n  {input}:\n    description: x\nruns:\n  using: composite\n  steps: []\n"
        )
    };
    let mut editor = Editor::new();
    editor.sandbox.write(ACTION, action("old"));
    let uses = "uses: ./.github/actions/x\n        with: { new: 1 }";
    let text = GOOD.replace("run: make", &format!("uses: actions/checkout@v4\n      - {uses}"));
    let is_unknown = |found: &[Value]| codes(found).contains(&"unknown-action-input");
    assert!(is_unknown(&editor.open(CI, &text)));
    assert!(editor.open(ACTION, &action("new")).is_empty());
    assert!(!is_unknown(&editor.change(CI, whole(&text))), "the buffer counts");
    editor.change(ACTION, whole(&action("newer")));
    assert!(is_unknown(&editor.change(CI, whole(&text))));
}

#[test]
fn a_fix_is_offered_and_makes_the_finding_go() {
    // The ship takes two UTF-16 units, and lines end as on Windows.
    let text = GOOD
        .replace("run: make", "run: make # 🚢\n        if: \"🚢 ${{ false }}\"")
        .replace('\n', "\r\n");
    let mut editor = Editor::new();
    let found = editor.open(CI, &text);
    assert!(!found.is_empty());
    let actions = editor.actions(CI, &text);
    let fixes: Vec<&Value> = actions.iter().filter(|one| one["kind"] == "quickfix").collect();
    for action in &fixes {
        assert!(!action["diagnostics"].as_array().unwrap().is_empty());
        assert_eq!(action["edit"]["documentChanges"][0]["textDocument"]["version"], 1);
        let after = edited(&text, action).replace('…', "of a reason");
        let left = editor.change(CI, whole(&after));
        let title = action["title"].as_str().unwrap();
        let wanted = &action["diagnostics"][0]["code"];
        assert!(!left.iter().any(|one| &one["code"] == wanted), "{title}: {after}");
        editor.change(CI, whole(&text));
    }
    assert!(!fixes.is_empty(), "{found:?}");
}

#[test]
fn a_finding_is_ignored_by_a_comment_once_a_reason_is_written() {
    let text =
        GOOD.replace("run: make", "run: |\n          make\n          echo ::set-output name=a::b");
    let mut editor = Editor::new();
    assert_eq!(codes(&editor.open(CI, &text)), ["deprecated-command"]);
    let actions = editor.actions(CI, &text);
    let ignore = actions.iter().find(|one| one["title"].as_str().unwrap().starts_with("ignore"));
    let after = edited(&text, ignore.unwrap());
    let comment = "          # plim: ignore[deprecated-command] because …\n";
    assert!(after.contains(comment), "{after}");
    let told = editor.change(CI, whole(&after));
    assert!(codes(&told).contains(&"ignore-without-reason"), "{told:?}");
    let reasoned = after.replace('…', "the runner is old");
    assert!(editor.change(CI, whole(&reasoned)).is_empty());
}

#[test]
fn where_no_comment_can_stand_none_is_offered() {
    let text = GOOD.replace(
        "run: make",
        "run: make\n        if: >\n          always() ||\n          steps.nowhere.outcome",
    );
    let mut editor = Editor::new();
    assert!(!editor.open(CI, &text).is_empty());
    for action in editor.actions(CI, &text) {
        let after = edited(&text, &action).replace('…', "of a reason");
        let left = editor.change(CI, whole(&after));
        let wanted = &action["diagnostics"][0]["code"];
        assert!(!left.iter().any(|one| &one["code"] == wanted), "{after}");
        editor.change(CI, whole(&text));
    }
}

#[test]
fn edits_are_plain_changes_where_the_editor_wants_them() {
    let text = GOOD.replace("make", "echo ::set-output name=a::b");
    let mut editor = Editor::with(json!({}));
    editor.open(CI, &text);
    let actions = editor.actions(CI, &text);
    assert!(!actions.is_empty());
    assert!(actions.iter().all(|one| one["edit"]["changes"].is_object()), "{actions:?}");
}
