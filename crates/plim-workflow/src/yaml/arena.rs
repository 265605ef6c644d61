//! The arena holds the nodes of one document side by side, and their text where the source does not have it as it is.

use plim_diag::Span;

use super::scalar::Core;

/// Names a node of one tree.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId(pub(super) u32);

/// How a node is written.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum Style {
    /// A scalar without quotes.
    Plain,
    /// A scalar in `'`.
    SingleQuoted,
    /// A scalar in `"`.
    DoubleQuoted,
    /// A scalar after `|`.
    Literal,
    /// A scalar after `>`.
    Folded,
    /// A collection in brackets, or a single pair inside such a list.
    Flow,
    /// A collection by indentation.
    Block,
}

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) span: Span,
    pub(super) content: Content,
}

#[derive(Copy, Clone, Debug)]
pub(super) enum Content {
    Scalar {
        text: Text,
        style: Style,
        core: Core,
    },
    /// A range of [`Arena::children`].
    Sequence {
        style: Style,
        items: Span,
    },
    /// A range of [`Arena::children`]: key, value, key, value.
    Mapping {
        style: Style,
        pairs: Span,
    },
    /// `None` where the target is unknown or was refused.
    Alias {
        target: Option<NodeId>,
    },
}

/// Where the decoded text of a scalar is.
#[derive(Copy, Clone, Debug)]
pub(super) enum Text {
    Source(Span),
    Decoded(Span),
}

/// An anchor or a tag, without its `&` or in full, of a node.
#[derive(Clone, Debug)]
pub(super) struct Property {
    pub(super) node: NodeId,
    pub(super) span: Span,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Arena {
    pub(super) nodes: Vec<Node>,
    pub(super) children: Vec<NodeId>,
    pub(super) decoded: String,
    pub(super) anchors: Vec<Property>,
    pub(super) tags: Vec<Property>,
    pub(super) comments: Vec<Span>,
    pub(super) root: Option<NodeId>,
}

impl Arena {
    pub(super) fn push(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        NodeId(offset(self.nodes.len() - 1))
    }

    pub(super) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    pub(super) fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.0 as usize]
    }

    pub(super) fn children(&self, range: Span) -> &[NodeId] {
        &self.children[range.range()]
    }

    pub(super) fn text<'t>(&'t self, source: &'t str, text: Text) -> &'t str {
        match text {
            Text::Source(span) => &source[span.range()],
            Text::Decoded(span) => &self.decoded[span.range()],
        }
    }

    /// Keeps text that the source does not have as it is.
    pub(super) fn keep(&mut self, text: &str) -> Text {
        let start = offset(self.decoded.len());
        self.decoded.push_str(text);
        Text::Decoded(Span::new(start, offset(self.decoded.len())))
    }

    pub(super) fn property(list: &[Property], node: NodeId) -> Option<Span> {
        let at = list.binary_search_by_key(&node, |property| property.node).ok()?;
        Some(list[at].span)
    }
}

/// An offset in a text that passed the size limit, and so fits.
pub(super) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
