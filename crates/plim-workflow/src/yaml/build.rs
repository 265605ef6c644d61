//! Builds the tree from the parser's events, with the spans mended.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use granit_parser::{
    ErrorKind, Event, Parser, ScalarStyle, ScanError, StructureStyle, Tag, options,
};
use plim_diag::{Code, Diagnostic, Place, Span};

use super::arena::{Arena, Content, Node, NodeId, Property, Style, Text, offset};
use super::fold::Folded;
use super::keys;
use super::limits::Limits;
use super::node::scalar_text;
use super::scalar::{self, Core, CoreTag};
use super::spans;
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
                self.scalar(text, scalar_style(style), written);
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
        self.pass.diagnostics.push(diagnostic.maybe_help(help));
    }

    fn source(&self, span: Span) -> &'s str {
        &self.input.source[span.range()]
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

const SECOND_DOCUMENT: Code = Code("yaml-second-document");
const UNKNOWN_TAG: Code = Code("yaml-unknown-tag");
const TAG_MISMATCH: Code = Code("yaml-tag-mismatch");
const NUMBER_RANGE: Code = Code("yaml-number-range");
const UNKNOWN_ANCHOR: Code = Code("yaml-unknown-anchor");
const ALIAS_CYCLE: Code = Code("yaml-alias-cycle");
const TOO_MANY_NODES: Code = Code("yaml-too-many-nodes");
const TOO_DEEP: Code = Code("yaml-too-deep");
const KEY_NOT_SCALAR: Code = Code("yaml-key-not-scalar");
const DUPLICATE_KEY: Code = Code("yaml-duplicate-key");

/// The runner counts the start of the stream, and start and end of the document.
const STREAM_EVENTS: u64 = 3;

/// Place and properties of a node, as its event gives them.
struct Written<'e> {
    span: Span,
    /// 0 for none.
    anchor: usize,
    tag: Option<(Cow<'e, Tag>, Span)>,
}

/// Scalars.
impl Builder<'_, '_> {
    fn scalar(&mut self, text: Cow<'_, str>, style: Style, written: Written<'_>) {
        let mut span = written.span;
        let mut text = text;
        match style {
            Style::Literal | Style::Folded => span = self.block_scalar_span(span, &text),
            // An absent value comes as `~` without bytes.
            _ if span.is_empty() => {
                span = self.absent_span(&written);
                text = Cow::Borrowed("");
            }
            _ if self.input.refolded.contains(&span.start) => {
                text = Cow::Owned(Folded::flow(self.input.source, span, style).text);
            }
            _ => {}
        }
        let core = self.core(&text, style, span, written.tag.as_ref());
        let text = self.keep(text);
        self.last_end = self.last_end.max(span.end as usize);
        self.last_scalar = Some(span);
        let id = self.add(Node { span, content: Content::Scalar { text, style, core } }, &written);
        self.target(written.anchor, id, Some(1), 0);
        self.walk(1, span);
    }

    /// Right after the `:` of its key; the parser says right before it, or at the next token.
    fn absent_span(&self, written: &Written<'_>) -> Span {
        let span = written.span;
        let after_key = self.inside_mapping() && self.at_value();
        if !after_key || written.tag.is_some() || written.anchor != 0 {
            return span;
        }
        let gap = self.input.parsed.get(self.last_end..span.start as usize).unwrap_or("");
        if gap.contains(['\n', '\r']) {
            return Span::empty_at(offset(self.last_end));
        }
        let key = self.children.last().map(|&key| self.pass.arena.node(key).span);
        let colon = self.input.parsed.as_bytes().get(span.start as usize) == Some(&b':');
        let own = colon && key.is_some_and(|key| !key.is_empty());
        if own { Span::empty_at(span.start + 1) } else { span }
    }

    fn block_scalar_span(&self, raw: Span, text: &str) -> Span {
        let source = self.input.parsed;
        let header = spans::header(source, self.last_end).unwrap_or(raw.start as usize);
        let end = spans::block_scalar_end(source, header, (raw.end as usize).max(header), text);
        Span::new(offset(header), offset(end))
    }

    /// The place of the text in the source, or of a copy where the source has it otherwise.
    fn keep(&mut self, text: Cow<'_, str>) -> Text {
        if let Cow::Borrowed(borrowed) = text {
            let start = borrowed.as_ptr().addr().wrapping_sub(self.input.parsed.as_ptr().addr());
            if self.input.source.get(start..start.wrapping_add(borrowed.len())) == Some(borrowed) {
                return Text::Source(Span::new(offset(start), offset(start + borrowed.len())));
            }
        }
        self.pass.arena.keep(&text)
    }

    fn core(
        &mut self,
        text: &str,
        style: Style,
        span: Span,
        tag: Option<&(Cow<'_, Tag>, Span)>,
    ) -> Core {
        let core = match tag {
            Some((tag, place)) => self.tagged(text, style, span, tag, *place),
            None if style == Style::Plain => scalar::plain(text),
            None => Core::String,
        };
        if core == Core::Number && scalar::number(text).is_none() {
            let message = format!("the number `{text}` needs more than 32 bits");
            self.report(NUMBER_RANGE, message, span, Some("write it in decimal, or in quotes"));
        }
        core
    }

    fn tagged(&mut self, text: &str, style: Style, span: Span, tag: &Tag, place: Span) -> Core {
        let Some(known) = tag.core_suffix().and_then(CoreTag::named) else {
            let message = format!("the tag `{}` is not known here", self.source(place));
            let help = "remove it; `!!str`, `!!int`, `!!float`, `!!bool` and `!!null` are known";
            self.report(UNKNOWN_TAG, message, place, Some(help));
            return if style == Style::Plain { scalar::plain(text) } else { Core::String };
        };
        if known == CoreTag::String {
            return Core::String;
        }
        if style != Style::Plain {
            let message = format!("the tag `{}` needs a value without quotes", known.as_str());
            self.report(TAG_MISMATCH, message, span, Some("remove the quotes, or the tag"));
            return Core::String;
        }
        let core = known.apply(text);
        if core.is_none() {
            let message = format!("`{text}` does not fit the tag `{}`", known.as_str());
            self.report(TAG_MISMATCH, message, span, Some("change the value, or remove the tag"));
        }
        core.unwrap_or(Core::String)
    }
}

/// Collections.
impl Builder<'_, '_> {
    fn start_sequence(&mut self, style: StructureStyle, written: Written<'_>) -> bool {
        let mut span = written.span;
        if style == StructureStyle::Block && self.inside_mapping() {
            // A sequence at the indentation of its key comes with the place of its first item.
            let dash = spans::dash(self.input.parsed, self.last_end);
            span.start = dash.map_or(span.start, offset);
        }
        let style = structure_style(style);
        let content = Content::Sequence { style, items: Span::default() };
        self.start(Node { span, content }, false, written)
    }

    fn start_mapping(&mut self, style: StructureStyle, written: Written<'_>) -> bool {
        let style = structure_style(style);
        let content = Content::Mapping { style, pairs: Span::default() };
        // The single pair of `[a: b]` has no brace that closes it.
        let pair = style == Style::Flow && written.span.is_empty();
        self.start(Node { span: written.span, content }, pair, written)
    }

    fn start(&mut self, node: Node, pair: bool, written: Written<'_>) -> bool {
        if self.open.len() >= self.input.limits.depth {
            self.too_deep(node.span);
            return false;
        }
        let bracket = self.is_bracket(&node, pair);
        if bracket {
            self.last_end = node.span.end as usize;
        }
        let span = node.span;
        let walked_before = self.walked;
        self.walk(1, span);
        let id = self.add(node, &written);
        if let Some((tag, place)) = &written.tag {
            self.collection_tag(id, tag, *place);
        }
        self.target(written.anchor, id, None, 0);
        let first_child = self.children.len();
        let anchor = written.anchor;
        self.open.push(Open {
            id,
            first_child,
            closes_itself: bracket,
            anchor,
            walked_before,
            height: 1,
        });
        true
    }

    fn is_bracket(&self, node: &Node, pair: bool) -> bool {
        let (Content::Sequence { style, .. } | Content::Mapping { style, .. }) = node.content
        else {
            return false;
        };
        style == Style::Flow && !pair
    }

    /// GitHub does not look at the tag of a collection, so a foreign one changes nothing there.
    fn collection_tag(&mut self, id: NodeId, tag: &Tag, place: Span) {
        let fits = match self.pass.arena.node(id).content {
            Content::Sequence { .. } => tag.is_yaml_core_schema_tag("seq"),
            _ => tag.is_yaml_core_schema_tag("map"),
        };
        if !fits {
            let message =
                format!("the tag `{}` means nothing on a list or a mapping", self.source(place));
            let warning =
                Diagnostic::warning(UNKNOWN_TAG, message).at(Arc::clone(self.input.path), place);
            self.pass.diagnostics.push(warning.help("remove the tag"));
        }
    }

    fn too_deep(&mut self, span: Span) {
        let message =
            format!("collections are nested more than {} deep here", self.input.limits.depth);
        self.report(TOO_DEEP, message, Span::empty_at(span.start), None);
        self.pass.partly_read = true;
    }

    fn end(&mut self, mark: Span) {
        if self.open.last().is_some_and(|open| open.closes_itself) {
            self.last_end = mark.end as usize;
        }
        self.close();
    }

    fn close(&mut self) {
        let Some(open) = self.open.pop() else { return };
        let start = self.pass.arena.node(open.id).span.start;
        // Where reading ended early, nothing may have been read since the start.
        self.last_end = self.last_end.max(start as usize);
        self.pass.arena.node_mut(open.id).span = Span::new(start, offset(self.last_end));
        match self.pass.arena.node(open.id).content {
            Content::Mapping { style, .. } => {
                let pairs = self.take_pairs(open.first_child);
                self.pass.arena.node_mut(open.id).content = Content::Mapping { style, pairs };
            }
            Content::Sequence { style, .. } => {
                let items = self.take_children(open.first_child);
                self.pass.arena.node_mut(open.id).content = Content::Sequence { style, items };
            }
            _ => {}
        }
        self.walk(1, Span::empty_at(start));
        self.target(open.anchor, open.id, Some(self.walked - open.walked_before), open.height);
        self.raise(open.height + 1);
    }

    fn take_children(&mut self, first: usize) -> Span {
        let start = offset(self.pass.arena.children.len());
        self.pass.arena.children.extend(self.children.drain(first..));
        Span::new(start, offset(self.pass.arena.children.len()))
    }

    /// The pairs of a mapping without those whose key is not a scalar or is there already: GitHub keeps the first.
    fn take_pairs(&mut self, first: usize) -> Span {
        if (self.children.len() - first) % 2 == 1 {
            let missing = self.absent(self.last_end);
            self.children.push(missing);
        }
        if self.differ(&self.children[first..]) {
            return self.take_children(first);
        }
        let start = offset(self.pass.arena.children.len());
        let pairs: Vec<NodeId> = self.children.drain(first..).collect();
        let dropped = self.refused_keys(&pairs);
        for (at, pair) in pairs.chunks_exact(2).enumerate() {
            if !dropped.contains(&at) {
                self.pass.arena.children.extend_from_slice(pair);
            }
        }
        Span::new(start, offset(self.pass.arena.children.len()))
    }

    /// Whether the keys are few, plain and different, which nearly all are: this costs no memory.
    fn differ(&self, pairs: &[NodeId]) -> bool {
        let mut seen = [""; keys::SMALL];
        if pairs.len() > 2 * seen.len() {
            return false;
        }
        for (at, &key) in pairs.iter().step_by(2).enumerate() {
            let text = scalar_text(&self.pass.arena, self.input.source, key);
            let Some(Cow::Borrowed(text)) = text else { return false };
            if seen[..at].iter().any(|before| keys::same(before, text)) {
                return false;
            }
            seen[at] = text;
        }
        true
    }

    fn absent(&mut self, at: usize) -> NodeId {
        let text = Text::Source(Span::empty_at(offset(at)));
        let content = Content::Scalar { text, style: Style::Plain, core: Core::Null };
        self.pass.arena.push(Node { span: Span::empty_at(offset(at)), content })
    }

    /// Reports keys that cannot be, and gives the indexes of their pairs.
    fn refused_keys(&mut self, pairs: &[NodeId]) -> Vec<usize> {
        let keys: Vec<NodeId> = pairs.iter().step_by(2).copied().collect();
        let texts: Vec<Option<Cow<'_, str>>> =
            keys.iter().map(|&key| scalar_text(&self.pass.arena, self.input.source, key)).collect();
        let mut refused: Vec<usize> = (0..keys.len()).filter(|&at| texts[at].is_none()).collect();
        let named: Vec<usize> = (0..keys.len()).filter(|&at| texts[at].is_some()).collect();
        let names: Vec<&str> = texts.iter().flatten().map(Cow::as_ref).collect();
        let repeated: Vec<(usize, usize, String)> = keys::repeated(&names)
            .into_iter()
            .map(|(first, again)| (named[first], named[again], names[again].to_owned()))
            .collect();
        for &at in &refused {
            let span = self.pass.arena.node(keys[at]).span;
            self.report(
                KEY_NOT_SCALAR,
                "a key must be a single value, not a list or a mapping",
                span,
                None,
            );
        }
        for (first, again, name) in repeated {
            self.duplicate(&name, keys[first], keys[again]);
            refused.push(again);
        }
        refused
    }

    fn duplicate(&mut self, name: &str, first: NodeId, again: NodeId) {
        let path = self.input.path;
        let first = Place::new(Arc::clone(path), self.pass.arena.node(first).span);
        let span = self.pass.arena.node(again).span;
        let duplicate = Diagnostic::error(DUPLICATE_KEY, format!("`{name}` is already defined"))
            .at(Arc::clone(path), span)
            .related(first, "it is defined here")
            .help("remove one of them, or give it another name")
            .with_note("letter case does not make keys different");
        self.pass.diagnostics.push(duplicate);
    }

    /// Whether the next node of the open mapping is a value.
    fn at_value(&self) -> bool {
        self.open.last().is_some_and(|open| (self.children.len() - open.first_child) % 2 == 1)
    }

    fn inside_mapping(&self) -> bool {
        let open = self.open.last().map(|open| self.pass.arena.node(open.id));
        open.is_some_and(|node| matches!(node.content, Content::Mapping { .. }))
    }

    /// Makes `node` a child of the innermost open collection.
    fn add(&mut self, node: Node, written: &Written<'_>) -> NodeId {
        let id = self.pass.arena.push(node);
        if written.anchor != 0 {
            self.pass.arena.anchors.push(Property { node: id, span: Span::default() });
        }
        if let Some((_, span)) = written.tag {
            self.pass.arena.tags.push(Property { node: id, span });
        }
        if self.open.is_empty() {
            self.pass.arena.root.get_or_insert(id);
        } else {
            self.children.push(id);
        }
        id
    }
}

/// Anchors, aliases, and what a walk through them costs.
impl Builder<'_, '_> {
    fn alias(&mut self, span: Span, anchor: usize) {
        let target = self.allowed_target(span, anchor);
        self.add_alias(span, target);
    }

    fn unknown_alias(&mut self, span: Span, name: &str) {
        let message = format!("no anchor `&{name}` stands before this alias");
        self.report(
            UNKNOWN_ANCHOR,
            message,
            span,
            Some("put the anchor on the first use of the value"),
        );
        self.add_alias(span, None);
    }

    fn add_alias(&mut self, span: Span, target: Option<NodeId>) {
        if target.is_none() {
            self.pass.partly_read = true;
            self.walk(1, span);
        }
        self.last_end = span.end as usize;
        self.add(
            Node { span, content: Content::Alias { target } },
            &Written { span, anchor: 0, tag: None },
        );
    }

    /// The target, unless the alias is inside it or following it costs too much.
    fn allowed_target(&mut self, span: Span, anchor: usize) -> Option<NodeId> {
        let target = self.targets.get(&anchor)?;
        let (node, height) = (target.node, target.height);
        let Some(size) = target.size else {
            let message = format!("`{}` stands for a value that contains it", self.source(span));
            self.report(ALIAS_CYCLE, message, span, Some("write the value out"));
            return None;
        };
        if self.open.len() + height > self.input.limits.depth {
            self.too_deep(span);
            return None;
        }
        if self.walked.saturating_add(size) > self.input.limits.nodes {
            self.over_budget(span);
            return None;
        }
        self.walk(size, span);
        self.raise(height + 1);
        Some(node)
    }

    fn target(&mut self, anchor: usize, node: NodeId, size: Option<u64>, height: usize) {
        if anchor != 0 {
            self.targets.insert(anchor, Target { node, size, height });
        }
    }

    fn raise(&mut self, height: usize) {
        if let Some(open) = self.open.last_mut() {
            open.height = open.height.max(height);
        }
    }

    fn walk(&mut self, size: u64, span: Span) {
        self.walked = self.walked.saturating_add(size);
        if self.walked > self.input.limits.nodes {
            self.over_budget(span);
        }
    }

    fn over_budget(&mut self, span: Span) {
        if std::mem::replace(&mut self.over_budget, true) {
            return;
        }
        let nodes = self.input.limits.nodes;
        let message =
            format!("the file has more than {nodes} nodes, counting what its aliases repeat");
        self.report(TOO_MANY_NODES, message, span, Some("repeat less through aliases"));
    }
}

fn scalar_style(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::SingleQuoted => Style::SingleQuoted,
        ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
        _ => Style::Plain,
    }
}

fn structure_style(style: StructureStyle) -> Style {
    match style {
        StructureStyle::Flow => Style::Flow,
        StructureStyle::Block => Style::Block,
    }
}
