//! The documents that an editor has open, as they are there.

use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    sync::Arc,
};

use lsp_types::{TextDocumentContentChangeEvent, TextDocumentItem, Uri};

use super::{
    positions::{Encoding, Lined},
    uri,
};

/// One document.
#[derive(Clone, Debug)]
pub(super) struct Document {
    pub(super) uri: Uri,
    /// The editor's number of this text.
    pub(super) version: i32,
    pub(super) text: Arc<str>,
    /// Where it is on the disk; `None` for one that was never saved.
    pub(super) path: Option<PathBuf>,
}

/// All documents, by their addresses.
#[derive(Debug, Default)]
pub(super) struct Documents {
    open: BTreeMap<String, Document>,
}

impl Document {
    /// It is the text of `item`.
    pub(super) fn new(item: TextDocumentItem) -> Self {
        let path = uri::path(&item.uri);
        Self { uri: item.uri, version: item.version, text: item.text.into(), path }
    }

    /// Makes `changes`, one after another, and takes the number of what comes out.
    pub(super) fn change(
        &mut self,
        changes: Vec<TextDocumentContentChangeEvent>,
        version: i32,
        encoding: Encoding,
    ) {
        for change in changes {
            self.text = match change.range {
                None => change.text.into(),
                Some(range) => {
                    let span = Lined::new(&self.text, encoding).span(range);
                    let mut text = self.text.to_string();
                    text.replace_range(span.range(), &change.text);
                    text.into()
                }
            };
        }
        self.version = version;
    }
}

impl Documents {
    /// Adds a document, in place of the one with its address.
    pub(super) fn open(&mut self, document: Document) {
        self.open.insert(document.uri.as_str().to_owned(), document);
    }

    /// Forgets a document.
    pub(super) fn close(&mut self, uri: &Uri) {
        self.open.remove(uri.as_str());
    }

    /// The document at `uri`.
    pub(super) fn get(&self, uri: &Uri) -> Option<&Document> {
        self.open.get(uri.as_str())
    }

    /// The document at `uri`, to change it.
    pub(super) fn get_mut(&mut self, uri: &Uri) -> Option<&mut Document> {
        self.open.get_mut(uri.as_str())
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Document> {
        self.open.values()
    }

    /// What the files hold that are open.
    pub(super) fn texts(&self) -> HashMap<PathBuf, Arc<str>> {
        let text = |document: &Document| Some((document.path.clone()?, Arc::clone(&document.text)));
        self.iter().filter_map(text).collect()
    }
}

#[cfg(test)]
mod tests {
    use lsp_types::{Position, Range};

    use super::*;

    fn document(text: &str) -> Document {
        let uri = "file:///ci.yml".parse().unwrap();
        Document::new(TextDocumentItem::new(uri, "yaml".into(), 1, text.into()))
    }

    fn change(from: (u32, u32), to: (u32, u32), text: &str) -> TextDocumentContentChangeEvent {
        let position = |(line, character)| Position { line, character };
        let range = Some(Range { start: position(from), end: position(to) });
        TextDocumentContentChangeEvent { range, range_length: None, text: text.into() }
    }

    #[test]
    fn changes_are_made_one_after_another() {
        let mut document = document("a: 🚢\r\nb: 2\r\n");
        let changes = vec![
            change((0, 3), (0, 5), "1"),
            change((1, 3), (1, 4), "3"),
            change((9, 0), (9, 0), "c: 4"),
        ];
        document.change(changes, 7, Encoding::Utf16);
        assert_eq!((&*document.text, document.version), ("a: 1\r\nb: 3\r\nc: 4", 7));
    }

    #[test]
    fn a_change_without_a_range_is_the_whole_text() {
        let mut document = document("a");
        let whole =
            TextDocumentContentChangeEvent { range: None, range_length: None, text: "b".into() };
        document.change(vec![whole], 2, Encoding::Utf16);
        assert_eq!(&*document.text, "b");
    }
}
