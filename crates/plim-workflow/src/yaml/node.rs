//! A node is a value with its place; an alias behaves as the node it names.

use std::borrow::Cow;
use std::fmt;

use plim_diag::{Place, Span, Spanned};
use plim_expression::Value;

use super::arena::{Arena, Content, Node, NodeId, Style};
use super::fold::Folded;
use super::scalar::{self, Core};
use super::tree::Tree;

/// A node of a tree.
///
/// Aliases are followed: everything but [`NodeRef::alias_span`] speaks of the node that carries the anchor. The tree
/// holds no alias whose walk would be endless or beyond its limits.
#[derive(Copy, Clone)]
pub struct NodeRef<'t> {
    tree: &'t Tree,
    id: NodeId,
    alias: Option<NodeId>,
}

/// What a node is, by the core schema of YAML 1.2.
#[derive(Copy, Clone, PartialEq, Debug)]
pub enum NodeKind<'t> {
    /// Nothing: no value, `~` or `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// An integer or another number.
    Number(f64),
    /// Any other scalar, decoded.
    String(&'t str),
    /// A list; see [`NodeRef::items`].
    Sequence,
    /// A mapping; see [`NodeRef::entries`].
    Mapping,
}

impl NodeKind<'_> {
    /// What a person calls it: `a string`, `a list`.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Boolean(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::Sequence => "a list",
            Self::Mapping => "a mapping",
        }
    }
}

/// A key of a mapping with its value.
#[derive(Copy, Clone, Debug)]
pub struct Entry<'t> {
    /// The key; always a scalar.
    pub key: NodeRef<'t>,
    /// The value.
    pub value: NodeRef<'t>,
}

impl Entry<'_> {
    /// From the key to the end of the value, as they stand in this mapping.
    #[must_use]
    pub fn span(&self) -> Span {
        self.key.written_span().cover(self.value.written_span())
    }
}

impl<'t> NodeRef<'t> {
    pub(super) fn new(tree: &'t Tree, id: NodeId) -> Self {
        match tree.arena.node(id).content {
            Content::Alias { target: Some(target) } => Self { tree, id: target, alias: Some(id) },
            Content::Alias { target: None } => Self { tree, id, alias: Some(id) },
            _ => Self { tree, id, alias: None },
        }
    }

    /// Its name in the tree.
    #[must_use]
    pub fn id(self) -> NodeId {
        self.id
    }

    /// The tree it is in.
    #[must_use]
    pub fn tree(self) -> &'t Tree {
        self.tree
    }

    /// Its bytes, without anchor and tag; empty, right after the `:` or `-`, where the value is absent.
    #[must_use]
    pub fn span(self) -> Span {
        self.node().span
    }

    /// The bytes of the alias through which it was reached.
    #[must_use]
    pub fn alias_span(self) -> Option<Span> {
        self.alias.map(|alias| self.tree.arena.node(alias).span)
    }

    /// The bytes that stand where it was reached: those of the alias, if there is one.
    #[must_use]
    pub fn written_span(self) -> Span {
        self.alias_span().unwrap_or(self.span())
    }

    /// Its bytes, with the path of the file.
    #[must_use]
    pub fn place(self) -> Place {
        self.tree.place(self.span())
    }

    /// Whether it is an alias of which the tree has already reported that nothing is behind it; its kind is null.
    #[must_use]
    pub fn is_unread(self) -> bool {
        matches!(self.node().content, Content::Alias { .. })
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> NodeKind<'t> {
        match self.node().content {
            Content::Scalar { text, core, .. } => {
                let text = self.tree.arena.text(self.tree.source(), text);
                match core {
                    Core::Null => NodeKind::Null,
                    Core::True => NodeKind::Boolean(true),
                    Core::False => NodeKind::Boolean(false),
                    Core::Number => NodeKind::Number(scalar::number(text).unwrap_or(f64::NAN)),
                    Core::String => NodeKind::String(text),
                }
            }
            Content::Sequence { .. } => NodeKind::Sequence,
            Content::Mapping { .. } => NodeKind::Mapping,
            Content::Alias { .. } => NodeKind::Null,
        }
    }

    /// The decoded value of a string, and of nothing else.
    #[must_use]
    pub fn as_str(self) -> Option<&'t str> {
        match self.kind() {
            NodeKind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The text of any scalar as GitHub coerces it: nothing is empty, `True` is `true`, `012` is `12`, `1.10` is `1.1`.
    #[must_use]
    pub fn scalar_text(self) -> Option<Cow<'t, str>> {
        scalar_text(&self.tree.arena, self.tree.source(), self.id)
    }

    /// Its bytes in the source.
    #[must_use]
    pub fn raw(self) -> &'t str {
        self.span().text(self.tree.source()).unwrap_or("")
    }

    /// How it is written.
    #[must_use]
    pub fn style(self) -> Style {
        match self.node().content {
            Content::Scalar { style, .. }
            | Content::Sequence { style, .. }
            | Content::Mapping { style, .. } => style,
            Content::Alias { .. } => Style::Plain,
        }
    }

    /// Whether it is a single value.
    #[must_use]
    pub fn is_scalar(self) -> bool {
        !self.is_sequence() && !self.is_mapping()
    }

    /// Whether it is a list.
    #[must_use]
    pub fn is_sequence(self) -> bool {
        matches!(self.node().content, Content::Sequence { .. })
    }

    /// Whether it is a mapping.
    #[must_use]
    pub fn is_mapping(self) -> bool {
        matches!(self.node().content, Content::Mapping { .. })
    }

    /// The items of a list; none of anything else.
    pub fn items(self) -> impl ExactSizeIterator<Item = NodeRef<'t>> + DoubleEndedIterator + Clone {
        let items = match self.node().content {
            Content::Sequence { items, .. } => self.tree.arena.children(items),
            _ => &[],
        };
        items.iter().map(move |&id| Self::new(self.tree, id))
    }

    /// The entries of a mapping in the order of the file, each key once; none of anything else.
    pub fn entries(self) -> impl ExactSizeIterator<Item = Entry<'t>> + DoubleEndedIterator + Clone {
        let pairs = match self.node().content {
            Content::Mapping { pairs, .. } => self.tree.arena.children(pairs),
            _ => &[],
        };
        let (pairs, _) = pairs.as_chunks::<2>();
        pairs.iter().map(move |&[key, value]| Entry {
            key: Self::new(self.tree, key),
            value: Self::new(self.tree, value),
        })
    }

    /// The entry whose key reads exactly `key`.
    #[must_use]
    pub fn entry(self, key: &str) -> Option<Entry<'t>> {
        self.entries().find(|entry| entry.key.scalar_text().is_some_and(|text| text == key))
    }

    /// The value whose key reads exactly `key`.
    #[must_use]
    pub fn get(self, key: &str) -> Option<NodeRef<'t>> {
        self.entry(key).map(|entry| entry.value)
    }

    /// The byte of the source that gave the byte at `offset` of the decoded scalar.
    ///
    /// Exact in literal, plain and quoted scalars; in folded ones for everything but the folded line ends, which give
    /// the line end. An offset beyond the value gives the end of its text. For a collection it is the start.
    #[must_use]
    pub fn source_offset(self, offset: u32) -> u32 {
        self.source_span(Span::empty_at(offset)).start
    }

    /// The bytes of the source between those that gave the two ends of `part`, a span in the decoded scalar.
    #[must_use]
    pub fn source_span(self, part: Span) -> Span {
        self.source_spans(std::iter::once(part)).next().unwrap_or(part)
    }

    /// The same for many parts of one scalar, which is followed through its bytes only once.
    pub fn source_spans(self, parts: impl Iterator<Item = Span>) -> impl Iterator<Item = Span> {
        let (source, span) = (self.tree.source(), self.span());
        let folded = match self.node().content {
            Content::Scalar { text, style: Style::Literal | Style::Folded, .. } => {
                Some(Folded::block(source, span, self.tree.arena.text(source, text)))
            }
            Content::Scalar { style, .. } => Some(Folded::flow(source, span, style)),
            _ => None,
        };
        let place = move |offset: u32| match &folded {
            Some(folded) => super::arena::offset(folded.source_offset(offset as usize)),
            None => span.start,
        };
        parts.map(move |part| Span::new(place(part.start), place(part.end)))
    }

    /// The name of its anchor, with the place of the `&name`.
    #[must_use]
    pub fn anchor(self) -> Option<Spanned<&'t str>> {
        let span = Arena::property(&self.tree.arena.anchors, self.id)?;
        let written = span.text(self.tree.source())?;
        Some(Spanned::new(written.strip_prefix('&').unwrap_or(written), span))
    }

    /// Its tag as it is written, with its place.
    #[must_use]
    pub fn tag(self) -> Option<Spanned<&'t str>> {
        let span = Arena::property(&self.tree.arena.tags, self.id)?;
        Some(Spanned::new(span.text(self.tree.source())?, span))
    }

    fn node(self) -> &'t Node {
        self.tree.arena.node(self.id)
    }
}

impl fmt::Debug for NodeRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {:?}", self.kind(), self.span())
    }
}

pub(super) fn scalar_text<'t>(
    arena: &'t Arena,
    source: &'t str,
    id: NodeId,
) -> Option<Cow<'t, str>> {
    let (text, core) = match arena.node(id).content {
        Content::Scalar { text, core, .. } => (arena.text(source, text), core),
        Content::Alias { target: Some(target) } => return scalar_text(arena, source, target),
        Content::Alias { target: None } => return Some(Cow::Borrowed("")),
        Content::Sequence { .. } | Content::Mapping { .. } => return None,
    };
    Some(match core {
        Core::Null => Cow::Borrowed(""),
        Core::True => Cow::Borrowed("true"),
        Core::False => Cow::Borrowed("false"),
        Core::Number => match scalar::number(text) {
            Some(number) => Cow::Owned(Value::Number(number).to_text().to_string()),
            None => Cow::Borrowed(text),
        },
        Core::String => Cow::Borrowed(text),
    })
}
