//! Completion: what can stand where the editor's cursor is.
//!
//! What is being typed rarely reads as YAML or as an expression. So a stand-in is written where the cursor is, and the
//! file is asked what that is: the keys that lead to it, or the object it would be a property of.

mod expressions;
mod keys;
mod values;

use lsp_types::{CompletionItem, CompletionItemKind, CompletionTextEdit, Position, TextEdit};
use plim_diag::Span;

use super::{
    documents::{Document, Documents},
    positions::Lined,
    workspace::Judged,
};
use crate::world::World;

/// What stands where something is being typed.
const STAND_IN: &str = "plim_stand_in";

/// One thing that can stand there.
#[derive(Clone, Debug)]
struct Offer {
    label: String,
    kind: CompletionItemKind,
    /// What it is, in a line.
    line: String,
    /// What is written; the label where it is empty.
    insert: String,
}

impl Offer {
    fn new(label: impl Into<String>, kind: CompletionItemKind, line: impl Into<String>) -> Self {
        Self { label: label.into(), kind, line: line.into(), insert: String::new() }
    }

    /// The same, that is written otherwise than it is shown.
    fn written(self, insert: String) -> Self {
        Self { insert, ..self }
    }
}

/// Offers in place of the bytes `span` of what is being typed.
struct Offers {
    span: Span,
    offers: Vec<Offer>,
}

/// A document that is being typed in.
struct Typed<'s> {
    document: &'s Document,
    documents: &'s Documents,
    world: &'s World,
    /// Where the cursor is.
    offset: usize,
}

/// What can stand at `position` of `document`.
pub(super) fn complete(
    document: &Document,
    documents: &Documents,
    world: &World,
    lined: &Lined<'_>,
    position: Position,
) -> Vec<CompletionItem> {
    let offset = Span::empty_at(lined.offset(position)).range().start;
    let typed = Typed { document, documents, world, offset };
    let offers = expressions::offers(&typed)
        .or_else(|| keys::offers(&typed))
        .or_else(|| values::offers(&typed));
    let Some(Offers { span, offers }) = offers else { return Vec::new() };
    let range = lined.range(span);
    offers.into_iter().map(|offer| item(offer, range)).collect()
}

fn item(offer: Offer, range: lsp_types::Range) -> CompletionItem {
    let Offer { label, kind, line, insert } = offer;
    let text = if insert.is_empty() { label.clone() } else { insert };
    CompletionItem {
        label,
        kind: Some(kind),
        detail: (!line.is_empty()).then_some(line),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit::new(range, text))),
        ..CompletionItem::default()
    }
}

impl<'s> Typed<'s> {
    fn text(&self) -> &'s str {
        &self.document.text
    }

    /// Where the line of the cursor begins.
    fn line_start(&self) -> usize {
        self.text()[..self.offset].rfind(['\n', '\r']).map_or(0, |at| at + 1)
    }

    /// The bytes of the word at the cursor, whose characters are `of_word`.
    fn word(&self, of_word: fn(char) -> bool) -> std::ops::Range<usize> {
        let (before, after) = self.text().split_at(self.offset);
        let start = before.trim_end_matches(of_word).len();
        let end = self.offset + after.len() - after.trim_start_matches(of_word).len();
        start..end
    }

    /// The file with `text` in place of the bytes `range`, and where the first byte of `text` is in it.
    fn with(&self, range: std::ops::Range<usize>, text: &str) -> Option<Judged> {
        let mut whole = self.text().to_owned();
        whole.replace_range(range, text);
        Judged::with_text(self.document, &whole, self.documents, self.world)
    }
}

/// Whether names are made of `c`.
fn of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn span(range: std::ops::Range<usize>) -> Span {
    Span::new(offset(range.start), offset(range.end))
}
