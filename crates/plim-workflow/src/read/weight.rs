//! Weighs a file as GitHub does, to bound what all called workflows weigh together.
//!
//! The figures are those of the runner's `TemplateMemory.cs`; they are close to what its objects take, and exact as a
//! limit.

use crate::yaml::{NodeKind, NodeRef};

/// Bytes of any object.
const OBJECT: u64 = 24;

/// Bytes of an empty string; each UTF-16 unit adds two.
const STRING: u64 = 26;

/// Bytes of the objects for `node` and all in it; what an alias repeats counts again.
pub(super) fn weight(node: NodeRef<'_>) -> u64 {
    match node.kind() {
        NodeKind::Null | NodeKind::Boolean(_) | NodeKind::Number(_) => OBJECT,
        NodeKind::String(text) => OBJECT + weight_of_text(text),
        NodeKind::Sequence => OBJECT + node.items().map(weight).sum::<u64>(),
        NodeKind::Mapping => {
            let entry = |entry: crate::yaml::Entry<'_>| weight(entry.key) + weight(entry.value);
            OBJECT + node.entries().map(entry).sum::<u64>()
        }
    }
}

/// Bytes of a string.
pub(crate) fn weight_of_text(text: &str) -> u64 {
    let units = if text.is_ascii() { text.len() } else { text.chars().map(char::len_utf16).sum() };
    STRING + 2 * units as u64
}

#[cfg(test)]
mod tests {
    use crate::Workflow;

    #[test]
    fn a_file_weighs_what_github_says() {
        let text = "on: push\njobs:\n  job1:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo Deploying 1...\n";
        // Nine texts of 50 bytes and two for each of their 61 characters, and five collections of 24 bytes.
        assert_eq!(Workflow::read(".github/workflows/a.yml", text).value.weight, 692);
    }

    #[test]
    fn what_an_alias_repeats_counts_again() {
        let text = |second| format!("a: &x some text\nb: {second}\n");
        let weight = |text: &str| Workflow::read(".github/workflows/a.yml", text).value.weight;
        assert_eq!(weight(&text("*x")), weight(&text("some text")));
    }
}
