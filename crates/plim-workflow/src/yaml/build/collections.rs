//! Collections enter the tree when they close: their children side by side, each key once.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use granit_parser::{StructureStyle, Tag};
use plim_diag::{Code, Diagnostic, Place, Span, excerpt};

use super::{Builder, Open, UNKNOWN_TAG, Written};
use crate::yaml::arena::{Content, Node, NodeId, Property, Style, Text, offset};
use crate::yaml::keys;
use crate::yaml::node::scalar_text;
use crate::yaml::scalar::Core;
use crate::yaml::spans;

const TOO_DEEP: Code = Code("yaml-too-deep");
const KEY_NOT_SCALAR: Code = Code("yaml-key-not-scalar");
const DUPLICATE_KEY: Code = Code("yaml-duplicate-key");

impl Builder<'_, '_> {
    pub(super) fn start_sequence(&mut self, style: StructureStyle, written: Written<'_>) -> bool {
        let mut span = written.span;
        if style == StructureStyle::Block && self.inside_mapping() {
            // A sequence at the indentation of its key comes with the place of its first item.
            let dash = spans::dash(self.input.parsed, self.last_end);
            span.start = dash.map_or(span.start, offset);
        }
        let style = style_of(style);
        let content = Content::Sequence { style, items: Span::default() };
        self.start(Node { span, content }, false, written)
    }

    pub(super) fn start_mapping(&mut self, style: StructureStyle, written: Written<'_>) -> bool {
        let style = style_of(style);
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
            let message = format!(
                "the tag `{}` means nothing on a list or a mapping",
                excerpt(self.source(place))
            );
            let warning =
                Diagnostic::warning(UNKNOWN_TAG, message).at(Arc::clone(self.input.path), place);
            self.push(warning.help("remove the tag"));
        }
    }

    pub(super) fn too_deep(&mut self, span: Span) {
        let message =
            format!("collections are nested more than {} deep here", self.input.limits.depth);
        self.report(TOO_DEEP, message, Span::empty_at(span.start), None);
        self.pass.partly_read = true;
    }

    pub(super) fn end(&mut self, mark: Span) {
        if self.open.last().is_some_and(|open| open.closes_itself) {
            self.last_end = mark.end as usize;
        }
        self.close();
    }

    pub(super) fn close(&mut self) {
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
        for (at, pair) in pairs.as_chunks::<2>().0.iter().enumerate() {
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
    fn refused_keys(&mut self, pairs: &[NodeId]) -> HashSet<usize> {
        let mut refused = HashSet::new();
        let mut named = vec![];
        for (at, &key) in pairs.iter().step_by(2).enumerate() {
            match scalar_text(&self.pass.arena, self.input.source, key) {
                Some(name) => named.push((at, key, name.into_owned())),
                None => {
                    self.no_scalar(key);
                    refused.insert(at);
                }
            }
        }
        let names: Vec<&str> = named.iter().map(|(_, _, name)| name.as_str()).collect();
        for (first, again) in keys::repeated(&names) {
            self.duplicate(names[again], named[first].1, named[again].1);
            refused.insert(named[again].0);
        }
        refused
    }

    fn no_scalar(&mut self, key: NodeId) {
        let span = self.pass.arena.node(key).span;
        let help = "put the key in quotes; if it begins with `{{`, write `${{`";
        self.report(
            KEY_NOT_SCALAR,
            "a key is a single value, not a list or a mapping",
            span,
            Some(help),
        );
    }

    fn duplicate(&mut self, name: &str, first: NodeId, again: NodeId) {
        let path = self.input.path;
        let first = Place::new(Arc::clone(path), self.pass.arena.node(first).span);
        let span = self.pass.arena.node(again).span;
        let duplicate =
            Diagnostic::error(DUPLICATE_KEY, format!("`{}` is already defined", excerpt(name)))
                .at(Arc::clone(path), span)
                .related(first, "it is defined here")
                .help("remove one of them, or give it another name")
                .with_note("letter case does not make keys different");
        self.push(duplicate);
    }

    /// Whether the next node of the open mapping is a value.
    pub(super) fn at_value(&self) -> bool {
        self.open.last().is_some_and(|open| (self.children.len() - open.first_child) % 2 == 1)
    }

    pub(super) fn inside_mapping(&self) -> bool {
        let open = self.open.last().map(|open| self.pass.arena.node(open.id));
        open.is_some_and(|node| matches!(node.content, Content::Mapping { .. }))
    }

    /// Makes `node` a child of the innermost open collection.
    pub(super) fn add(&mut self, node: Node, written: &Written<'_>) -> NodeId {
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

fn style_of(style: StructureStyle) -> Style {
    match style {
        StructureStyle::Flow => Style::Flow,
        StructureStyle::Block => Style::Block,
    }
}
