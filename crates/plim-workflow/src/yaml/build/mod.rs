//! Builds the tree from the parser's events, with the spans mended.

mod aliases;
mod collections;
mod plain;
mod scalars;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use granit_parser::{ErrorKind, Event, Parser, ScanError, Tag, options};
use plim_diag::{Code, Diagnostic, Span, excerpt};

use super::arena::{Arena, Content, NodeId, Style, offset};
use super::limits::Limits;
use super::syntax::Failure;

/// What is read, and how it differs from the file.
pub(super) struct Input<'s> {
    pub(super) path: &'s Arc<str>,
    /// The file.
    pub(super) source: &'s str,
    /// The file as the parser shall see it: every byte in its place, some of them changed.
    pub(super) parsed: &'s str,
    /// Opening quotes of scalars whose line ends were changed, so that their value must be read from the file.
    pub(super) refolded: &'s [u32],
    /// Places of a `#` that was moved one byte on.
    pub(super) moved_comments: &'s [u32],
    pub(super) limits: &'s Limits,
}

/// What one pass over the file gave.
#[derive(Default)]
pub(super) struct Pass {
    pub(super) arena: Arena,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// Something was there that the tree does not have.
    pub(super) partly_read: bool,
    pub(super) failure: Option<Failure>,
}

pub(super) fn build(input: &Input<'_>) -> Pass {
    plain::build(input).unwrap_or_else(|| parse(input))
}

fn parse(input: &Input<'_>) -> Pass {
    let mut builder = Builder::new(input);
    let options = options! {
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        // The default of 96 refuses files that GitHub takes; the size of the file bounds it well enough.
        max_buffered_comment_events: usize::MAX,
    };
    let mut parser = Parser::new_from_str_with_options(input.parsed, options);
    while let Some(next) = parser.next_event() {
        let goes_on = match next {
            Ok((event, span)) => builder.take(event, span),
            Err(error) => builder.fail(&error),
        };
        if !goes_on {
            break;
        }
    }
    builder.finish()
}

struct Builder<'i, 's> {
    input: &'i Input<'s>,
    pass: Pass,
    open: Vec<Open>,
    /// Children of the open collections, innermost last.
    children: Vec<NodeId>,
    targets: HashMap<usize, Target>,
    documents: usize,
    /// The end of the last token that was seen.
    last_end: usize,
    last_scalar: Option<Span>,
    /// Nodes a walk has met so far, with every alias followed.
    walked: u64,
    over_budget: bool,
}

struct Open {
    id: NodeId,
    first_child: usize,
    closes_itself: bool,
    anchor: usize,
    walked_before: u64,
    height: usize,
}

/// What an anchor names.
struct Target {
    node: NodeId,
    /// Nodes a walk through it meets; none while it is still open.
    size: Option<u64>,
    height: usize,
}

impl<'i, 's> Builder<'i, 's> {
    fn new(input: &'i Input<'s>) -> Self {
        let mut pass = Pass::default();
        let guess = input.parsed.len() / 24;
        pass.arena.nodes.reserve(guess);
        pass.arena.children.reserve(guess);
        Self {
            input,
            pass,
            open: vec![],
            children: vec![],
            targets: HashMap::new(),
            documents: 0,
            last_end: 0,
            last_scalar: None,
            walked: STREAM_EVENTS,
            over_budget: false,
        }
    }

    /// Takes one event; whether there is more to read.
    fn take(&mut self, event: Event<'_>, marks: granit_parser::Span) -> bool {
        let range = marks.byte_range().unwrap_or_default();
        let span = Span::new(offset(range.start), offset(range.end));
        let tag = marks.tag_span().and_then(|tag| tag.byte_range());
        let tag = tag.map(|range| Span::new(offset(range.start), offset(range.end)));
        match event {
            Event::DocumentStart(..) => return self.document(span),
            Event::Scalar(text, style, anchor, named) => {
                let written = Written { span, anchor, tag: named.zip(tag) };
                self.scalar(text, style, written);
            }
            Event::SequenceStart(style, anchor, named) => {
                return self.start_sequence(style, Written { span, anchor, tag: named.zip(tag) });
            }
            Event::MappingStart(style, anchor, named) => {
                return self.start_mapping(style, Written { span, anchor, tag: named.zip(tag) });
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Alias(anchor) => self.alias(span, anchor),
            Event::UnresolvedAlias(name) => self.unknown_alias(span, &name),
            Event::Anchor(_, _) => self.anchor(span),
            Event::Comment(_, _) => self.comment(span),
            _ => {}
        }
        true
    }

    fn document(&mut self, span: Span) -> bool {
        self.documents += 1;
        if self.documents > 1 {
            let message = "a second document starts here, and only the first is read";
            self.report(
                SECOND_DOCUMENT,
                message,
                span,
                Some("remove the `---` and what follows it"),
            );
        }
        self.documents == 1
    }

    fn comment(&mut self, span: Span) {
        let before = span.start.wrapping_sub(1);
        let moved = self.input.moved_comments.binary_search(&before).is_ok();
        let start = if moved { before } else { span.start };
        self.pass.arena.comments.push(Span::new(start, span.end));
    }

    fn anchor(&mut self, span: Span) {
        if let Some(anchor) = self.pass.arena.anchors.last_mut() {
            anchor.span = span;
        }
        if !self.input.limits.anchors {
            let message = format!(
                "`{}` is an anchor, which not every forge reads",
                excerpt(self.source(span))
            );
            self.report(ANCHOR, message, span, Some("write the value out where its alias stands"));
        }
    }

    fn fail(&mut self, error: &ScanError) -> bool {
        let at = error.marker().byte_offset().unwrap_or(0).min(self.input.source.len());
        if *error.kind() == ErrorKind::RecursionLimitExceeded {
            self.too_deep(Span::empty_at(offset(at)));
            return false;
        }
        let flow = self.open.iter().find(|open| self.style(open.id) == Style::Flow);
        self.pass.failure = Some(Failure {
            kind: error.kind().clone(),
            at,
            last_end: self.last_end,
            last_scalar: self.last_scalar,
            open_bracket: flow.map(|open| self.pass.arena.node(open.id).span.start as usize),
        });
        false
    }

    fn finish(mut self) -> Pass {
        while !self.open.is_empty() {
            self.close();
        }
        if !self.pass.arena.comments.is_sorted() {
            self.pass.arena.comments.sort_unstable();
        }
        self.pass
    }

    fn report(&mut self, code: Code, message: impl Into<String>, span: Span, help: Option<&str>) {
        let diagnostic = Diagnostic::error(code, message).at(Arc::clone(self.input.path), span);
        self.push(diagnostic.maybe_help(help));
    }

    /// Keeps a diagnostic, unless there are so many already that nobody reads them.
    fn push(&mut self, diagnostic: Diagnostic) {
        if self.pass.diagnostics.len() < MOST_DIAGNOSTICS {
            self.pass.diagnostics.push(diagnostic);
        }
    }

    fn source(&self, span: Span) -> &'s str {
        span.text(self.input.source).unwrap_or("")
    }

    fn style(&self, id: NodeId) -> Style {
        match self.pass.arena.node(id).content {
            Content::Sequence { style, .. }
            | Content::Mapping { style, .. }
            | Content::Scalar { style, .. } => style,
            Content::Alias { .. } => Style::Plain,
        }
    }
}

/// Of a scalar and of a collection.
const ANCHOR: Code = Code("yaml-anchor");
const UNKNOWN_TAG: Code = Code("yaml-unknown-tag");
const SECOND_DOCUMENT: Code = Code("yaml-second-document");

/// GitHub stops at 10; a hostile file has one on every line.
const MOST_DIAGNOSTICS: usize = 100;

/// The runner counts the start of the stream, and start and end of the document.
const STREAM_EVENTS: u64 = 3;

/// Place and properties of a node, as its event gives them.
struct Written<'e> {
    span: Span,
    /// 0 for none.
    anchor: usize,
    tag: Option<(Cow<'e, Tag>, Span)>,
}
