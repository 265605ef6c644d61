//! An editor: starts the real server, keeps a folder, and speaks the protocol.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};

use plim_test::sandbox::Sandbox;
use serde_json::{Value, json};

/// One editor with its server.
pub(crate) struct Editor {
    pub(crate) sandbox: Sandbox,
    server: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    last: i64,
    version: i64,
}

impl Editor {
    /// An editor in an empty repository that counts in UTF-16, as most do.
    pub(crate) fn new() -> Self {
        Self::with(json!({ "workspace": { "workspaceEdit": { "documentChanges": true } } }))
    }

    /// An editor with these capabilities.
    pub(crate) fn with(capabilities: Value) -> Self {
        let mut editor = Self::silent();
        let params = json!({ "processId": null, "rootUri": null, "capabilities": capabilities });
        let answer = editor.request("initialize", params);
        assert_eq!(answer["serverInfo"]["name"], "plim");
        editor.notify("initialized", json!({}));
        editor
    }

    /// An editor that has not said anything.
    pub(crate) fn silent() -> Self {
        let sandbox = Sandbox::new();
        sandbox.write(".github/CODEOWNERS", "").write("README.md", "");
        let mut server = Command::new(env!("CARGO_BIN_EXE_plim"))
            .current_dir(sandbox.path())
            .args(["lsp", "--stdio"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (to, from) = (server.stdin.take(), server.stdout.take().unwrap());
        Self { sandbox, server, to, from: BufReader::new(from), last: 0, version: 0 }
    }

    pub(crate) fn uri(&self, path: &str) -> String {
        let place: PathBuf = self.sandbox.at(path);
        format!("file://{}", place.display())
    }

    pub(crate) fn send(&mut self, message: &Value) {
        let text = message.to_string();
        let to = self.to.as_mut().unwrap();
        write!(to, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        to.flush().unwrap();
    }

    pub(crate) fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// The whole answer to a request; what else is said meanwhile is dropped.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let id = self.last;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.receive();
            if message["id"] == id {
                return message;
            }
        }
    }

    pub(crate) fn request(&mut self, method: &str, params: Value) -> Value {
        let answer = self.ask(method, params);
        assert!(answer.get("error").is_none(), "{answer}");
        answer["result"].clone()
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.from.read_line(&mut line).unwrap() > 0, "the server has gone");
            match line.trim().strip_prefix("Content-Length: ") {
                Some(number) => length = number.parse().unwrap(),
                None if line.trim().is_empty() => break,
                None => {}
            }
        }
        let mut bytes = vec![0; length];
        self.from.read_exact(&mut bytes).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    /// Opens a document that holds `text`, and gives what is found in it.
    pub(crate) fn open(&mut self, path: &str, text: &str) -> Vec<Value> {
        self.version += 1;
        let uri = self.uri(path);
        let document =
            json!({ "uri": uri, "languageId": "yaml", "version": self.version, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
        self.findings(path, Some(self.version))
    }

    /// Gives a document another text, and gives what is found in it then.
    pub(crate) fn change(&mut self, path: &str, changes: Value) -> Vec<Value> {
        self.version += 1;
        let document = json!({ "uri": self.uri(path), "version": self.version });
        let params = json!({ "textDocument": document, "contentChanges": changes });
        self.notify("textDocument/didChange", params);
        self.findings(path, Some(self.version))
    }

    /// What is found in a document of this version, when it is told next; without a version, what is found in none.
    pub(crate) fn findings(&mut self, path: &str, version: Option<i64>) -> Vec<Value> {
        let uri = self.uri(path);
        loop {
            let message = self.receive();
            let params = &message["params"];
            if message["method"] == "textDocument/publishDiagnostics"
                && params["uri"] == uri
                && params["version"].as_i64() == version
            {
                return params["diagnostics"].as_array().unwrap().clone();
            }
        }
    }

    /// The next message for the log.
    pub(crate) fn logged(&mut self) -> String {
        loop {
            let message = self.receive();
            if message["method"] == "window/logMessage" {
                return message["params"]["message"].as_str().unwrap().to_owned();
            }
        }
    }

    /// Code actions on all of the document.
    pub(crate) fn actions(&mut self, path: &str, text: &str) -> Vec<Value> {
        let range = json!({ "start": position(text, 0), "end": position(text, text.len()) });
        let params = json!({
            "textDocument": { "uri": self.uri(path) },
            "range": range,
            "context": { "diagnostics": [] },
        });
        let answer = self.request("textDocument/codeAction", params);
        answer.as_array().unwrap().clone()
    }

    /// Ends as the protocol wants it.
    pub(crate) fn end(mut self) -> ExitStatus {
        self.request("shutdown", Value::Null);
        self.notify("exit", Value::Null);
        self.wait()
    }

    /// Waits until the server has gone.
    pub(crate) fn wait(mut self) -> ExitStatus {
        self.server.wait().unwrap()
    }

    /// Goes away without a word.
    pub(crate) fn vanish(mut self) -> ExitStatus {
        self.to = None;
        self.wait()
    }
}

/// The position of the byte at `offset` of `text`, in UTF-16.
pub(crate) fn position(text: &str, offset: usize) -> Value {
    let before = &text[..offset];
    let line = before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    json!({ "line": line, "character": before[start..].encode_utf16().count() })
}

/// `text` after the edits of a code action for the one document it changes.
pub(crate) fn edited(text: &str, action: &Value) -> String {
    let edits = match action["edit"]["documentChanges"].as_array() {
        Some(documents) => documents[0]["edits"].as_array().unwrap().clone(),
        None => {
            let changes = action["edit"]["changes"].as_object().unwrap();
            changes.values().next().unwrap().as_array().unwrap().clone()
        }
    };
    let mut edits: Vec<(usize, usize, String)> = edits
        .iter()
        .map(|edit| {
            let at = |end: &str| offset(text, &edit["range"][end]);
            (at("start"), at("end"), edit["newText"].as_str().unwrap().to_owned())
        })
        .collect();
    edits.sort();
    let mut result = text.to_owned();
    for (start, end, replacement) in edits.into_iter().rev() {
        result.replace_range(start..end, &replacement);
    }
    result
}

fn offset(text: &str, position: &Value) -> usize {
    let number = |key: &str| usize::try_from(position[key].as_u64().unwrap()).unwrap();
    let start: usize = text.split_inclusive('\n').take(number("line")).map(str::len).sum();
    let mut units = 0;
    for (at, character) in text[start..].char_indices() {
        if units >= number("character") {
            return start + at;
        }
        units += character.len_utf16();
    }
    text.len()
}
