//! What must hold of the tree of any bytes that are read as YAML.

use plim_diag::Span;
use plim_workflow::yaml::{Limits, NodeKind, NodeRef, Style, Tree};

/// Panics when `input` breaks a property.
pub(crate) fn holds(input: &[u8]) {
    let tree = Tree::parse_bytes("a.yml", input);
    diagnostics_point_into_the_file(&tree);
    comments_are_comments(&tree);
    if let Some(root) = tree.root() {
        let mut seen = Seen::default();
        seen.node(root, Span::whole(tree.source()), 0);
        assert!(seen.nodes <= most_nodes(&tree), "{} nodes in a walk", seen.nodes);
    }
}

fn most_nodes(tree: &Tree) -> usize {
    usize::try_from(Limits::default().nodes).unwrap_or(usize::MAX) + tree.source().len()
}

fn diagnostics_point_into_the_file(tree: &Tree) {
    for diagnostic in tree.diagnostics() {
        let span = diagnostic.span().expect("every diagnostic has a place");
        assert!(span.text(tree.source()).is_some(), "{diagnostic} at {span:?}");
        assert!(
            !diagnostic.message.is_empty() && !diagnostic.message.ends_with('.'),
            "{diagnostic}"
        );
        for related in &diagnostic.related {
            assert!(related.place.span.text(tree.source()).is_some(), "{diagnostic:?}");
        }
        assert!(tree.partly_read() || diagnostic.code.0 != "yaml-syntax");
    }
    assert!(!tree.diagnostics().is_empty() || tree.root().is_some(), "an absent tree has a reason");
    assert!(!tree.diagnostics().is_empty() || !tree.partly_read());
}

fn comments_are_comments(tree: &Tree) {
    let mut end = 0;
    for comment in tree.comments() {
        assert!(comment.span.start >= end, "comments are in order and apart");
        let text = comment.span.text(tree.source()).expect("a comment is in the file");
        assert!(text.starts_with('#') && !text.contains(['\n', '\r']), "{text:?}");
        end = comment.span.end;
    }
}

#[derive(Default)]
struct Seen {
    nodes: usize,
    reread: usize,
}

impl Seen {
    fn node(&mut self, node: NodeRef<'_>, around: Span, depth: usize) {
        self.nodes += 1;
        let written = node.written_span();
        assert!(around.encloses(written), "{node:?} is not inside {around:?}");
        assert!(node.span().text(node.tree().source()).is_some());
        assert!(depth <= Limits::default().depth, "{depth} levels");
        match node.kind() {
            NodeKind::Sequence => self.items(node, depth),
            NodeKind::Mapping => self.entries(node, depth),
            _ => self.scalar(node),
        }
    }

    fn items(&mut self, node: NodeRef<'_>, depth: usize) {
        let mut end = node.span().start;
        for item in node.items() {
            assert!(item.written_span().start >= end, "items are in order and apart");
            end = item.written_span().end;
            self.node(item, node.span(), depth + 1);
        }
    }

    fn entries(&mut self, node: NodeRef<'_>, depth: usize) {
        let mut end = node.span().start;
        for entry in node.entries() {
            let (key, value) = (entry.key.written_span(), entry.value.written_span());
            assert!(key.start >= end && value.start >= key.end, "entries are in order and apart");
            assert!(entry.key.is_scalar());
            end = value.end;
            self.node(entry.key, node.span(), depth + 1);
            self.node(entry.value, node.span(), depth + 1);
        }
    }

    fn scalar(&mut self, node: NodeRef<'_>) {
        if node.is_unread() || self.reread > 40 {
            return;
        }
        self.reread += 1;
        assert!(node.scalar_text().is_some());
        if let (Some(text), false) = (node.as_str(), node.tree().partly_read()) {
            every_character_has_its_place(node, text);
        }
        if !node.tree().partly_read() && node.tag().is_none() {
            a_scalar_reads_the_same_alone(node);
        }
    }
}

fn every_character_has_its_place(node: NodeRef<'_>, text: &str) {
    let source = node.tree().source();
    let mut before = node.span().start;
    for (at, character) in text.char_indices().take(200) {
        let offset = node.source_offset(u32::try_from(at).expect("a scalar is short"));
        assert!(
            offset >= before && offset <= node.span().end,
            "{character:?} of {node:?} at {offset}"
        );
        before = offset;
        let there = source[offset as usize..].chars().next();
        let escaped = node.style() == Style::DoubleQuoted && there == Some('\\');
        let blank = matches!(character, ' ' | '\t' | '\n' | '\r');
        assert!(
            blank || escaped || there == Some(character),
            "{character:?} of {node:?} is {there:?} at {offset}"
        );
    }
}

/// Single-line scalars, and block scalars that find their own indentation, mean the same behind another key.
fn a_scalar_reads_the_same_alone(node: NodeRef<'_>) {
    let raw = node.raw();
    let block = matches!(node.style(), Style::Literal | Style::Folded);
    let mut lines = raw.split(['\n', '\r']);
    let header = lines.next().unwrap_or("");
    let first = lines.find(|line| !line.trim_matches(' ').is_empty());
    let alone = if block {
        let indented = first.is_some_and(|line| line.starts_with(' '));
        indented && !header.contains(|c: char| c == '+' || c.is_ascii_digit())
    } else {
        // As keys, `-` and `?` and what ends with a colon are fine; behind another key they are not.
        !raw.contains(['\n', '\r']) && !raw.ends_with(':') && !matches!(raw, "-" | "?")
    };
    if !alone {
        return;
    }
    let tree = Tree::parse("b.yml", format!("x: {raw}\n"));
    let again = tree.root().and_then(|root| root.get("x"));
    let same = again.is_some_and(|again| same_value(again.kind(), node.kind()));
    assert!(same, "{raw:?} was {node:?} and is {again:?}, {:?}", tree.diagnostics());
}

fn same_value(left: NodeKind<'_>, right: NodeKind<'_>) -> bool {
    match (left, right) {
        (NodeKind::Number(left), NodeKind::Number(right)) => left.to_bits() == right.to_bits(),
        (NodeKind::String(left), NodeKind::String(right)) => left.trim_end() == right.trim_end(),
        (left, right) => left == right,
    }
}
