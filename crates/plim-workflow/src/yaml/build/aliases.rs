//! Aliases enter the tree with the node they stand for, unless a walk through it would be endless or too long.

use plim_diag::{Code, Span, excerpt};

use super::{Builder, Target, Written};
use crate::yaml::arena::{Content, Node, NodeId};

const UNKNOWN_ANCHOR: Code = Code("yaml-unknown-anchor");
const ALIAS_CYCLE: Code = Code("yaml-alias-cycle");
const TOO_MANY_NODES: Code = Code("yaml-too-many-nodes");

impl Builder<'_, '_> {
    pub(super) fn alias(&mut self, span: Span, anchor: usize) {
        let target = self.allowed_target(span, anchor);
        self.add_alias(span, target);
    }

    pub(super) fn unknown_alias(&mut self, span: Span, name: &str) {
        let message = format!("no anchor `&{}` stands before this alias", excerpt(name));
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
            let message =
                format!("`{}` stands for a value that contains it", excerpt(self.source(span)));
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

    pub(super) fn target(&mut self, anchor: usize, node: NodeId, size: Option<u64>, height: usize) {
        if anchor != 0 {
            self.targets.insert(anchor, Target { node, size, height });
        }
    }

    pub(super) fn raise(&mut self, height: usize) {
        if let Some(open) = self.open.last_mut() {
            open.height = open.height.max(height);
        }
    }

    pub(super) fn walk(&mut self, size: u64, span: Span) {
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
