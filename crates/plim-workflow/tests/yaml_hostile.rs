//! What the YAML tree makes of broken, hostile and oversized files: one clear error, what can be kept is kept.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use plim_workflow::yaml::{Limits, NodeRef, Tree};

/// The only diagnostic of `source`: the text it points at, and its message.
fn only_error(source: &str) -> (Tree, String, String) {
    let tree = Tree::parse("ci.yml", source);
    let [error] = tree.diagnostics() else { panic!("{source:?}: {:#?}", tree.diagnostics()) };
    assert!(error.is_error());
    let at = error.span().unwrap().text(source).unwrap().to_owned();
    let message = error.message.clone();
    (tree, at, message)
}

/// Holds the syntax error of `source` against the text it must point at and its message.
fn syntax(source: &str, at: &str, message: &str) -> Tree {
    let (tree, found_at, found) = only_error(source);
    assert_eq!((found_at.as_str(), found.as_str()), (at, message), "{source}");
    assert_eq!(tree.diagnostics()[0].code.0, "yaml-syntax");
    assert!(tree.partly_read(), "{source}");
    tree
}

fn keys(tree: &Tree) -> Vec<&str> {
    tree.root().unwrap().entries().map(|entry| entry.key.raw()).collect()
}

#[test]
fn a_missing_colon_is_told_on_its_own_line() {
    let tree = syntax("on: push\njobs # all\n  a: 1\nb: 1\n", "jobs", "`jobs` has no `:` after it");
    assert_eq!(keys(&tree), ["on", "b"]);
    syntax("jobs\non: push\n", "jobs", "`jobs` has no `:` after it");
    syntax("run:x\nb: 1\n", "run:x", "`run:x` has no `:` after it");
    syntax("a\n# c\nb: 1\n", "a", "`a` has no `:` after it");
    syntax("a: 1\nb # c\n  d: e\n", "b", "`b` has no `:` after it");
}

#[test]
fn an_open_quote_is_told_at_the_quote() {
    let message = "the quote `\"` is not closed";
    let tree = syntax("a: 1\nrun: \"echo hi\nuses: \"foo\"\nb: 1\n", "\"", message);
    assert_eq!(tree.diagnostics()[0].span().unwrap().start, 10);
    assert_eq!(keys(&tree), ["a", "uses", "b"]);
    let tree = syntax("a: 1\nrun: 'echo hi\nb: 1\n", "'", "the quote `'` is not closed");
    assert_eq!(keys(&tree), ["a", "b"]);
}

#[test]
fn an_open_bracket_is_told_at_the_bracket() {
    let tree = syntax("a: [x, y\nb: 1\nc: 2\n", "[", "`[` is not closed");
    assert_eq!(keys(&tree), ["b", "c"]);
    let tree = syntax("a: {x: 1\nb: 1\n", "{", "`{` is not closed");
    assert_eq!(keys(&tree), ["b"]);
    syntax("a: [x,\n  y\n", "[", "`[` is not closed");
}

#[test]
fn a_mistake_inside_brackets_is_told_at_its_place() {
    let tree = syntax("a: [x, {b: 1] \nc: 2\n", "{", "`{` is closed by `]`");
    assert_eq!(keys(&tree), ["c"]);
    syntax("a: 1\nb: ]\nc: 1\n", "]", "this bracket closes nothing");
    syntax("a: [\n  - b\n]\nc: 1\n", "-", "`- ` cannot stand inside brackets");
}

#[test]
fn a_value_with_a_colon_needs_quotes() {
    let tree = syntax("a: b: c\nd: 1\n", ":", "a value cannot hold `: ` without quotes");
    assert_eq!(keys(&tree), ["d"]);
    let message = "this line goes on with the value above it, so it cannot be a key";
    let tree = syntax("a: 1\n  b: 2\nc: 3\n", "b:", message);
    assert_eq!(keys(&tree), ["a", "c"]);
}

#[test]
fn tabs_are_told_at_the_tab() {
    for source in ["a:\n\tb: 1\n", "a: >\n\n\tx\n", "a:\n  - x\n\t- y\n", "a: |\n\tb\n"] {
        syntax(source, "\t", "a tab cannot indent a line");
    }
    let tree = Tree::parse("ci.yml", "a:\tb\nc:\t# d\n  - e\n");
    assert_eq!(tree.diagnostics(), []);
}

#[test]
fn odd_characters_are_told_where_they_are() {
    syntax("a: @x\nb: 1\n", "@", "a value cannot start with `@`");
    syntax(
        "a: `x`\n",
        "`",
        "a value cannot start with ``` ` ```".replace("``` ` ```", "```").as_str(),
    );
    syntax("a: b\0c\n", "\0", "the character U+0000 cannot stand in YAML");
    syntax("a: 1\nb: |\n  x\u{1}y\n", "\u{1}", "the character U+0001 cannot stand in YAML");
    syntax("a: \"x\\qy\"\n", "\\q", "`\\q` is no escape that double quotes know");
    syntax("a: \"x\\u00g0\"\n", "\\u00", "`\\u00` is no escape that double quotes know");
}

#[test]
fn wrong_indentation_is_told_on_its_line() {
    syntax("- a\nb: 1\n", "b:", "this line is not an item of the list above it");
    syntax("a:\n    b: 1\n  c: 2\n", "c:", "this line is not a key of the mapping above it");
    syntax("a: - b\n", "-", "a list item cannot start here");
    syntax("a: 'b' c\n", "c", "text follows the closing quote");
    syntax("run: [ -f x ] && y\n", "&&", "text follows the value");
    syntax("a: [,]\n", ",]", "a value is missing before this");
    syntax("a: \"\\ud800\"\n", "\"\\ud800\"", "these quotes escape what is no character");
    let long = "k".repeat(1025);
    syntax(&format!("{long}: 1\n"), &long, "a key cannot be longer than 1024 characters");
    syntax("a: | b\n  c\n", "|", "text follows the `|` or `>`");
}

#[test]
fn a_broken_step_does_not_hide_its_siblings() {
    let source = "jobs:\n  a:\n    steps:\n      - name: one\n        run: x\n      - name: b: c\n        run: y\n      - name: three\n  b:\n    steps: []\n";
    let tree = syntax(source, ":", "a value cannot hold `: ` without quotes");
    let jobs = tree.root().unwrap().get("jobs").unwrap();
    let names: Vec<_> = jobs
        .get("a")
        .unwrap()
        .get("steps")
        .unwrap()
        .items()
        .map(|step| step.get("name").unwrap().raw())
        .collect();
    assert_eq!(names, ["one", "three"]);
    assert!(jobs.get("b").is_some());
    let [skipped] = tree.skipped() else { panic!() };
    assert_eq!(skipped.text(source), Some("      - name: b: c\n        run: y"));
}

#[test]
fn many_mistakes_are_one_error_and_what_precedes_is_kept() {
    let source = format!("a: 1\nb: 2\n{}", "c: @\n".repeat(40));
    let tree = syntax(&source, "@", "a value cannot start with `@`");
    assert_eq!(&keys(&tree)[..2], ["a", "b"]);
}

#[test]
fn what_follows_a_syntax_error_is_not_judged() {
    let tree = Tree::parse("ci.yml", "a: 1\nA: 2\nb: @\nc: !x 1\nC: *y\n");
    let codes: Vec<_> = tree.diagnostics().iter().map(|error| error.code.0).collect();
    assert_eq!(codes, ["yaml-duplicate-key", "yaml-syntax"]);
    syntax("- 'x\ny': z\n- 'x\ny': z\n", "'", "the quote `'` is not closed");
}

#[test]
fn a_line_end_that_only_github_sees_is_a_warning() {
    for character in ["\u{85}", "\u{2028}", "\u{2029}"] {
        let tree = Tree::parse("ci.yml", format!("a: 1 # é{character}b: 2\n"));
        let [warning] = tree.diagnostics() else { panic!("{:?}", tree.diagnostics()) };
        assert_eq!((warning.code.0, warning.is_error()), ("yaml-odd-line-end", false));
        assert_eq!(warning.span().unwrap().text(tree.source()), Some(character));
    }
}

#[test]
fn nothing_is_told_as_nothing() {
    for source in ["", "\n\n", "# only a comment\n", "\u{FEFF}"] {
        let (tree, _, message) = only_error(source);
        assert_eq!(message, "the file holds no YAML", "{source:?}");
        assert!(tree.root().is_none());
    }
}

#[test]
fn only_the_first_document_counts() {
    let source = "a: 1\n---\nb: @ : [\n";
    let (tree, at, message) = only_error(source);
    assert_eq!(
        (at.as_str(), message.as_str()),
        ("---", "a second document starts here, and only the first is read")
    );
    assert_eq!(keys(&tree), ["a"]);
}

#[test]
fn semantic_32_an_unknown_alias_is_an_error() {
    let (tree, at, message) = only_error("a: *x\nb: 1\n");
    assert_eq!((at.as_str(), message.as_str()), ("*x", "no anchor `&x` stands before this alias"));
    assert!(tree.root().unwrap().get("a").unwrap().is_unread());
    assert!(tree.partly_read());
}

#[test]
fn semantic_32_an_alias_inside_its_anchor_is_an_error() {
    for source in ["a: &x [*x]\n", "a: &x {b: [1, *x]}\n", "&x a: &y\n  k: *y\n"] {
        let (tree, _, message) = only_error(source);
        assert!(message.ends_with("stands for a value that contains it"), "{message}");
        assert!(tree.partly_read());
        assert!(walk(tree.root().unwrap()) < 20);
    }
}

#[test]
fn semantic_32_a_bomb_of_aliases_does_not_go_off() {
    let mut source = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for i in 1..30 {
        let before = format!("*a{}, ", i - 1).repeat(10);
        source.push_str(&format!("a{i}: &a{i} [{before}]\n"));
    }
    let (tree, _, message) = only_error(&source);
    assert_eq!(message, "the file has more than 50000 nodes, counting what its aliases repeat");
    assert!(walk(tree.root().unwrap()) < 60_000);
}

#[test]
fn aliases_do_not_nest_deeper_than_collections_may() {
    let mut source = String::from("a0: &a0 [x]\n");
    for i in 1..60 {
        source.push_str(&format!("a{i}: &a{i} [*a{}]\n", i - 1));
    }
    let tree = Tree::parse("ci.yml", source);
    assert!(tree.diagnostics().iter().all(|error| error.code.0 == "yaml-too-deep"));
    assert!(depth(tree.root().unwrap()) <= Limits::default().depth);
}

#[test]
fn depth_has_a_limit_of_its_own() {
    let flow = |deep: usize| format!("{}{}", "[".repeat(deep), "]".repeat(deep));
    let block =
        |deep: usize| (0..deep).map(|i| format!("{}a:\n", " ".repeat(i))).collect::<String>();
    for source in [flow(50), block(50), "- ".repeat(49) + "[x]"] {
        assert_eq!(Tree::parse("ci.yml", source).diagnostics(), []);
    }
    for source in
        [flow(51), block(51), flow(10_000), block(1_000), "- ".repeat(10_000), "{".repeat(100_000)]
    {
        let (tree, _, message) = only_error(&source);
        assert_eq!(message, "collections are nested more than 50 deep here");
        assert!(tree.partly_read() && tree.root().is_none_or(|root| depth(root) == 50));
    }
    let limits = Limits { depth: 5, ..Limits::default() };
    assert_eq!(Tree::parse_within("ci.yml", flow(6), &limits).diagnostics().len(), 1);
}

#[test]
fn size_has_a_limit() {
    let characters = Limits::default().characters;
    let source = format!("a: {}\n", "é".repeat(characters - 4));
    assert_eq!(Tree::parse("ci.yml", source.as_str()).diagnostics(), []);
    let (tree, _, message) = only_error(&format!("{source}#"));
    assert_eq!(message, "the file has 1048577 characters, and no more than 1048576 are read");
    assert!(tree.root().is_none() && tree.partly_read());
}

#[test]
fn a_file_of_too_many_nodes_is_refused_once() {
    let source = "- 1\n".repeat(60_000);
    let (tree, _, message) = only_error(&source);
    assert_eq!(message, "the file has more than 50000 nodes, counting what its aliases repeat");
    assert_eq!(tree.root().unwrap().items().len(), 60_000);
}

#[test]
fn repeated_quotes_and_brackets_cost_little() {
    for piece in [
        "\"\n",
        "'\n",
        "[\n",
        "{\n",
        "a: \"b\"#c\n",
        "- \"a\nb\"\n",
        "? ",
        ": ",
        "- [\n",
        "&a ",
        "!!a ",
        "- *a\n",
        "a:\n",
        "!x a\n",
    ] {
        let tree = Tree::parse("ci.yml", piece.repeat(100_000 / piece.len()));
        assert!(!tree.diagnostics().is_empty(), "{piece:?}");
    }
}

fn walk(node: NodeRef<'_>) -> usize {
    1 + node.items().map(walk).sum::<usize>()
        + node.entries().map(|entry| walk(entry.key) + walk(entry.value)).sum::<usize>()
}

fn depth(node: NodeRef<'_>) -> usize {
    let inside =
        node.items().chain(node.entries().map(|entry| entry.value)).map(depth).max().unwrap_or(0);
    inside + usize::from(!node.is_scalar())
}
