//! What holds of the tree of every text, and of every file in which one line is broken.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use std::collections::BTreeSet;

use plim_diag::LineIndex;
use plim_workflow::yaml::{NodeRef, Tree};
use proptest::prelude::*;

#[path = "../../../fuzz/properties/yaml.rs"]
mod property;

#[test]
fn the_seeds_of_the_fuzz_target_hold() {
    plim_test::seeds::replay("yaml", property::holds);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        property::holds(&bytes);
    }

    #[test]
    fn any_sequence_of_tokens_is_read(tokens in tokens()) {
        property::holds(tokens.as_bytes());
    }

    #[test]
    fn a_file_is_read_whole(lines in file()) {
        let source = lines.concat();
        let tree = Tree::parse("a.yml", source.as_str());
        prop_assert_eq!(tree.diagnostics(), &[]);
        property::holds(source.as_bytes());
    }

    #[test]
    fn what_precedes_a_broken_line_is_kept(lines in file(), at in any::<prop::sample::Index>(), how in breakage()) {
        let at = at.index(lines.len());
        let whole = lines.concat();
        let mut lines = lines;
        lines[at] = how(&lines[at]);
        let broken = lines.concat();
        property::holds(broken.as_bytes());

        // The line before may take the broken one for its own continuation.
        let line = LineIndex::new(&whole).line_span(u32::try_from(at).unwrap()).map_or(0, |line| line.start);
        let before: BTreeSet<_> = scalars(&Tree::parse("a.yml", whole)).into_iter().filter(|scalar| scalar.1 < line).collect();
        let after = scalars(&Tree::parse("a.yml", broken.as_str()));
        let lost: Vec<_> = before.difference(&after).collect();
        prop_assert!(lost.is_empty(), "{broken}\nlost {lost:?}");
    }
}

/// Start, end and text of every scalar.
fn scalars(tree: &Tree) -> BTreeSet<(u32, u32, String)> {
    let mut found = BTreeSet::new();
    if let Some(root) = tree.root() {
        collect(root, &mut found);
    }
    found
}

fn collect(node: NodeRef<'_>, found: &mut BTreeSet<(u32, u32, String)>) {
    if let Some(text) = node.scalar_text() {
        found.insert((node.span().start, node.span().end, text.into_owned()));
    }
    node.items().for_each(|item| collect(item, found));
    for entry in node.entries() {
        collect(entry.key, found);
        collect(entry.value, found);
    }
}

fn tokens() -> impl Strategy<Value = String> {
    let token = proptest::sample::select(vec![
        "a",
        "b c",
        "é",
        "1",
        "~",
        ": ",
        ":",
        "- ",
        "-",
        "? ",
        "\n",
        "\n  ",
        "\n    ",
        "\r\n ",
        "\r",
        "\t",
        " ",
        "# c",
        "#",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "\"",
        "'",
        "\\n",
        "\\",
        "|",
        "|-\n",
        ">+2\n",
        "&x ",
        "*x",
        "!!str ",
        "!y ",
        "<<",
        "---\n",
        "...\n",
        "%YAML 1.2\n",
        "@",
        "${{ x }}",
        "\u{FEFF}",
        "\u{85}",
        "\0",
    ]);
    proptest::collection::vec(token, 0..40).prop_map(|tokens| tokens.concat())
}

type Breakage = fn(&str) -> String;

fn breakage() -> impl Strategy<Value = Breakage> {
    let ways: [Breakage; 7] = [
        |line| line.replacen(':', "", 1),
        |line| line.replacen(": ", ": \"", 1),
        |line| line.replacen(": ", ": [", 1),
        |line| line.replacen(": ", ": @", 1),
        |line| line.replacen(": ", ": x: ", 1),
        |line| format!("\t{line}"),
        |line| line.strip_prefix(' ').unwrap_or(line).to_owned(),
    ];
    proptest::sample::select(ways.to_vec())
}

/// The lines of a well-formed file of mappings, lists and all styles of scalars.
fn file() -> impl Strategy<Value = Vec<String>> {
    value().prop_map(|value| {
        let mut lines = vec![];
        lines.push("top: 1\n".to_owned());
        value.write("rest", 0, &mut lines);
        lines
    })
}

#[derive(Clone, Debug)]
enum Written {
    Inline(String),
    Block(Vec<String>),
    List(Vec<Written>),
    Mapping(Vec<Written>),
}

fn value() -> impl Strategy<Value = Written> {
    let inline = proptest::sample::select(vec![
        "",
        "x",
        "1.10",
        "two words",
        "'it''s'",
        "\"a\\tb\"",
        "[a, {b: c}]",
        "{}",
        "&a x",
        "!!str 1",
        "${{ a }}",
        "x # comment",
    ]);
    let text = proptest::collection::vec(
        proptest::sample::select(vec!["echo x", "", "  deep: [", "# no comment", "\"'"]),
        1..4,
    );
    let leaf = prop_oneof![
        3 => inline.prop_map(|text| Written::Inline(text.to_owned())),
        1 => text.prop_map(|lines| Written::Block(lines.into_iter().map(str::to_owned).collect())),
    ];
    let nested = leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 1..5).prop_map(Written::List),
            proptest::collection::vec(inner, 1..5).prop_map(Written::Mapping),
        ]
    });
    proptest::collection::vec(nested, 1..5).prop_map(Written::Mapping)
}

impl Written {
    fn write(&self, key: &str, indent: usize, lines: &mut Vec<String>) {
        let pad = " ".repeat(indent);
        match self {
            Self::Inline(text) => lines.push(format!("{pad}{key}: {text}\n")),
            Self::Block(text) => {
                lines.push(format!("{pad}{key}: |\n"));
                lines.push(format!("{pad}  first\n"));
                lines.extend(text.iter().map(|line| format!("{pad}  {line}\n")));
            }
            Self::List(items) => {
                lines.push(format!("{pad}{key}:\n"));
                for item in items {
                    let first = lines.len();
                    item.write("item", indent + 4, lines);
                    lines[first].replace_range(indent + 2..indent + 3, "-");
                }
            }
            Self::Mapping(entries) => {
                lines.push(format!("{pad}{key}:\n"));
                for (at, entry) in entries.iter().enumerate() {
                    entry.write(&format!("k{at}"), indent + 2, lines);
                }
            }
        }
    }
}
