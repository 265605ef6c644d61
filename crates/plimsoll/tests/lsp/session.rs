//! How a session begins, goes on whatever comes, and ends.

use serde_json::{Value, json};

use crate::editor::Editor;

const CI: &str = ".github/workflows/ci.yml";

#[test]
fn it_ends_as_the_protocol_says() {
    assert_eq!(Editor::new().end().code(), Some(0));
    let mut editor = Editor::new();
    editor.notify("exit", Value::Null);
    assert_eq!(editor.wait().code(), Some(1), "exit without shutdown");
    assert_eq!(Editor::new().vanish().code(), Some(1), "an editor that went away");
}

#[test]
fn before_the_beginning_and_after_the_end_requests_are_refused() {
    let mut editor = Editor::silent();
    let answer = editor.ask("textDocument/hover", json!({}));
    assert_eq!(answer["error"]["code"], -32002);
    let mut editor = Editor::new();
    editor.request("shutdown", Value::Null);
    let answer = editor.ask("textDocument/codeAction", json!({}));
    assert_eq!(answer["error"]["code"], -32600);
}

#[test]
fn what_cannot_be_understood_is_refused_and_the_server_stays() {
    let mut editor = Editor::new();
    assert_eq!(editor.ask("plim/nonsense", json!({}))["error"]["code"], -32601);
    assert_eq!(editor.ask("textDocument/codeAction", json!({ "x": 1 }))["error"]["code"], -32602);
    editor.notify("textDocument/didOpen", json!({ "x": 1 }));
    editor.notify("$/whatever", json!({}));
    for text in ["\u{feff}jobs: [", "on: push\njobs:\n\t- x: &a *a", "on: ${{\njobs: }}", "\0"] {
        editor.open(CI, text);
        editor.actions(CI, text);
    }
    assert!(editor.open(CI, "on: push\njobs:\n").len() == 1);
    assert_eq!(editor.end().code(), Some(0));
}

#[test]
fn bytes_are_counted_where_the_editor_offers_it() {
    let text = "on: push\njobs:\n  a: { runs-on: ubuntu-latest, name: 🚢, stesp: [] }\n";
    let column = |mut editor: Editor| {
        let found = editor.open(CI, text);
        let one = found.iter().find(|one| one["code"] == "unknown-key").unwrap();
        one["range"]["start"]["character"].as_u64().unwrap()
    };
    let line = text.lines().nth(2).unwrap();
    let before = &line[..line.find("stesp").unwrap()];
    let utf8 = json!({ "general": { "positionEncodings": ["utf-8", "utf-16"] } });
    assert_eq!(column(Editor::with(utf8)), before.len() as u64);
    assert_eq!(column(Editor::new()), before.encode_utf16().count() as u64);
}
