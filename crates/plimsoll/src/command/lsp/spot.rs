//! A spot is a place in a YAML file: the keys that lead to it, and the node that stands there.

use plim_diag::Span;
use plim_workflow::yaml::{NodeRef, Tree};

/// What stands for an item of a list among the keys of a path.
pub(super) const ITEM: &str = "[]";

/// A key or a value of a file.
#[derive(Clone, Debug)]
pub(super) struct Spot<'t> {
    /// The keys that lead to it, its own included where it is one.
    pub(super) path: Vec<String>,
    /// The key, or the value.
    pub(super) node: NodeRef<'t>,
    /// The mapping it is a key of.
    pub(super) mapping: Option<NodeRef<'t>>,
}

impl<'t> Spot<'t> {
    /// The innermost key or value that the byte at `offset` is of or stands right behind.
    pub(super) fn at(tree: &'t Tree, offset: u32) -> Option<Self> {
        within(tree.root()?, offset, Vec::new())
    }

    /// Whether it is a key.
    pub(super) fn is_key(&self) -> bool {
        self.mapping.is_some()
    }

    /// The keys that lead to the mapping of a key, or to a value.
    pub(super) fn parent(&self) -> &[String] {
        let own = usize::from(self.is_key());
        &self.path[..self.path.len().saturating_sub(own)]
    }
}

fn within(node: NodeRef<'_>, offset: u32, mut path: Vec<String>) -> Option<Spot<'_>> {
    if node.alias_span().is_some() || node.is_scalar() {
        return Some(Spot { path, node, mapping: None });
    }
    // A value that ends where the next key begins is not meant.
    if let Some(entry) = node.entries().find(|entry| touches(entry.key.written_span(), offset)) {
        path.push(entry.key.scalar_text()?.into_owned());
        return Some(Spot { path, node: entry.key, mapping: Some(node) });
    }
    if let Some(entry) = node.entries().find(|entry| touches(entry.value.written_span(), offset)) {
        path.push(entry.key.scalar_text()?.into_owned());
        return within(entry.value, offset, path);
    }
    let item = node.items().find(|item| touches(item.written_span(), offset))?;
    path.push(ITEM.to_owned());
    within(item, offset, path)
}

fn touches(span: Span, offset: u32) -> bool {
    span.start <= offset && offset <= span.end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spot_is_named_by_the_keys_that_lead_to_it() {
        let text =
            "on: push\njobs:\n  a:\n    steps:\n      - run: |\n          make\n      - uses: x\n";
        let tree = Tree::parse("ci.yml", text);
        for (part, path, is_key) in [
            ("push", "on", false),
            ("a:", "jobs.a", true),
            ("make", "jobs.a.steps.[].run", false),
            ("uses", "jobs.a.steps.[].uses", true),
            ("x\n", "jobs.a.steps.[].uses", false),
        ] {
            let offset = u32::try_from(text.find(part).unwrap()).unwrap();
            let spot = Spot::at(&tree, offset).unwrap();
            assert_eq!((spot.path.join(".").as_str(), spot.is_key()), (path, is_key), "{part}");
        }
    }
}
