//! What the YAML tree makes of well-formed files: values, spans, anchors, comments, tags and keys.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use plim_diag::{Severity, Span};
use plim_workflow::yaml::{Entry, NodeKind, NodeRef, Style, Tree};

fn parse(source: &str) -> Tree {
    let tree = Tree::parse("ci.yml", source);
    assert_eq!(tree.diagnostics(), [], "{source}");
    assert!(!tree.partly_read());
    tree
}

fn codes(tree: &Tree) -> Vec<&str> {
    tree.diagnostics().iter().map(|diagnostic| diagnostic.code.0).collect()
}

fn value<'t>(tree: &'t Tree, key: &str) -> NodeRef<'t> {
    tree.root().unwrap().get(key).unwrap_or_else(|| panic!("no `{key}`"))
}

fn raw_items<'t>(node: NodeRef<'t>) -> Vec<&'t str> {
    node.items().map(NodeRef::raw).collect()
}

fn place_of(source: &str, part: &str) -> Span {
    let start = source.find(part).unwrap();
    Span::from(u32::try_from(start).unwrap()..u32::try_from(start + part.len()).unwrap())
}

#[test]
fn every_kind_of_scalar_is_resolved() {
    let tree = parse("a: ~\nb: True\nc: 0x10\nd: .5\ne: yes\nf: '1'\ng: |\n  1\nh:\n");
    let kinds: Vec<_> =
        tree.root().unwrap().entries().map(|Entry { value, .. }| value.kind()).collect();
    let expected = [
        NodeKind::Null,
        NodeKind::Boolean(true),
        NodeKind::Number(16.0),
        NodeKind::Number(0.5),
        NodeKind::String("yes"),
        NodeKind::String("1"),
        NodeKind::String("1\n"),
        NodeKind::Null,
    ];
    assert_eq!(kinds, expected);
}

#[test]
fn semantic_31_text_of_scalars_is_canonical_and_the_source_stays_beside_it() {
    let cases = [
        ("1.10", "1.1"),
        ("012", "12"),
        ("0o10", "8"),
        ("1_000", "1_000"),
        ("1e3", "1000"),
        ("TRUE", "true"),
        ("~", ""),
        ("null", ""),
        ("on", "on"),
        ("'1.10'", "1.10"),
        (".inf", "Infinity"),
        ("-.INF", "-Infinity"),
        (".nan", "NaN"),
        ("1587106672383762434", "1.58710667238376E+18"),
        ("!!str 1.10", "1.10"),
    ];
    for (written, text) in cases {
        let tree = parse(&format!("env: {written}\n"));
        let node = value(&tree, "env");
        assert_eq!(node.scalar_text().as_deref(), Some(text), "{written}");
        assert_eq!(node.raw(), written.trim_start_matches("!!str "));
    }
}

#[test]
fn a_collection_has_no_text() {
    let tree = parse("a: [1]\n");
    assert_eq!((value(&tree, "a").scalar_text(), tree.root().unwrap().as_str()), (None, None));
}

#[test]
fn spans_of_scalars_are_their_bytes() {
    let source = "plain: two words # no\nsingle: 'it''s'\ndouble: \"a\\tb\"\nlines: one\n  two\n\"key\": v\n";
    let tree = parse(source);
    let raws: Vec<_> =
        tree.root().unwrap().entries().map(|entry| (entry.key.raw(), entry.value.raw())).collect();
    let expected = [
        ("plain", "two words"),
        ("single", "'it''s'"),
        ("double", "\"a\\tb\""),
        ("lines", "one\n  two"),
        ("\"key\"", "v"),
    ];
    assert_eq!(raws, expected);
    assert_eq!(value(&tree, "lines").as_str(), Some("one two"));
    assert_eq!(value(&tree, "key").as_str(), Some("v"));
}

#[test]
fn the_span_of_a_block_scalar_starts_at_its_header_and_ends_with_its_text() {
    let source = "a: &x # | not this\n  |+ # nor this |\n\n  text  \n\n\n# next |\nb: !!str >-2\n   more\nc: |\n";
    let tree = parse(source);
    assert_eq!(value(&tree, "a").raw(), "|+ # nor this |\n\n  text  ");
    assert_eq!(value(&tree, "a").as_str(), Some("\ntext  \n\n\n"));
    assert_eq!(value(&tree, "b").raw(), ">-2\n   more");
    assert_eq!(value(&tree, "b").as_str(), Some(" more"));
    assert_eq!((value(&tree, "c").raw(), value(&tree, "c").as_str()), ("|", Some("")));
}

#[test]
fn a_block_scalar_without_a_last_line_end_has_none_in_its_value() {
    for (source, text, raw) in [
        ("run: |\n  echo", "echo", "|\n  echo"),
        ("run: >+\n  a\n  b", "a b", ">+\n  a\n  b"),
        ("run: |\n  echo\n  ", "echo\n", "|\n  echo"),
        ("run: |\n  echo\n# end", "echo\n", "|\n  echo"),
    ] {
        let tree = parse(source);
        let run = value(&tree, "run");
        assert_eq!((run.as_str(), run.raw()), (Some(text), raw), "{source:?}");
    }
}

#[test]
fn a_sequence_starts_at_its_dash() {
    let source = "a:\n- - x\n- -5\nb: &n # - no\n\n- 1\nc:\n  - y: 1\n    z: 2\n? - k\n: - v\n";
    let tree = Tree::parse("ci.yml", source);
    assert_eq!(value(&tree, "a").raw(), "- - x\n- -5");
    assert_eq!(raw_items(value(&tree, "a")), ["- x", "-5"]);
    assert_eq!(value(&tree, "b").raw(), "- 1");
    assert_eq!(value(&tree, "c").raw(), "- y: 1\n    z: 2");
    assert_eq!(codes(&tree), ["yaml-key-not-scalar"]);
    assert_eq!(tree.diagnostics()[0].span(), Some(place_of(source, "- k")));
}

#[test]
fn brackets_end_at_their_bracket_and_single_pairs_at_their_value() {
    let source = "a: [x: y , {p: q,}, [ ]]\nb: {c, d: , \"e\":1} # f\n";
    let tree = parse(source);
    assert_eq!(value(&tree, "a").raw(), "[x: y , {p: q,}, [ ]]");
    assert_eq!(raw_items(value(&tree, "a")), ["x: y", "{p: q,}", "[ ]"]);
    assert_eq!(value(&tree, "b").raw(), "{c, d: , \"e\":1}");
    assert_eq!(value(&tree, "b").get("e").unwrap().kind(), NodeKind::Number(1.0));
    assert_eq!(value(&tree, "a").items().next().unwrap().style(), Style::Flow);
}

#[test]
fn an_absent_value_is_right_after_its_colon_or_dash() {
    let source = "a: # no\nb:\n  -\n  - x\nc: !!str\nd: &e\n";
    let tree = parse(source);
    assert_eq!(value(&tree, "a").span(), Span::empty_at(2));
    let item = value(&tree, "b").items().next().unwrap();
    assert_eq!(item.span(), Span::empty_at(place_of(source, "-\n").start + 1));
    assert_eq!(value(&tree, "c").as_str(), Some(""));
    assert_eq!(
        (value(&tree, "d").kind(), value(&tree, "d").anchor().unwrap().value),
        (NodeKind::Null, "e")
    );
}

#[test]
fn the_span_of_an_entry_covers_key_and_value() {
    let tree = parse("a:\n  b: [1,\n    2]\n");
    assert_eq!(
        tree.root().unwrap().entry("a").unwrap().span().text(tree.source()),
        Some("a:\n  b: [1,\n    2]")
    );
}

#[test]
fn comments_come_with_their_places() {
    let source = "# one\na: 1 #two\nb: |\n  # text\n  #\n\n#\n";
    let tree = parse(source);
    let comments: Vec<_> =
        tree.comments().map(|comment| (comment.span.start, comment.text)).collect();
    let last = u32::try_from(source.rfind('#').unwrap()).unwrap();
    assert_eq!(comments, [(0, " one"), (11, "two"), (last, "")]);
}

#[test]
fn many_comments_in_a_row_are_fine() {
    let source = format!("a: 1\n{}b: 2\n", "# c\n".repeat(5000));
    assert_eq!(parse(&source).comments().len(), 5000);
}

#[test]
fn semantic_32_aliases_stand_for_their_anchor() {
    let source = "a: &x\n  k: [1]\nb: *x\n*y : z\n";
    let tree = Tree::parse("ci.yml", source.replace("*y : z\n", "c: &y n\n*y : z\n"));
    assert_eq!(codes(&tree), [""; 0]);
    let alias = value(&tree, "b");
    assert_eq!(alias.id(), value(&tree, "a").id());
    assert_eq!(alias.alias_span().unwrap().text(tree.source()), Some("*x"));
    assert_eq!(alias.written_span(), alias.alias_span().unwrap());
    assert_eq!(alias.span(), value(&tree, "a").span());
    assert_eq!(alias.anchor().unwrap().value, "x");
    assert_eq!(alias.anchor().unwrap().span, place_of(source, "&x"));
    assert_eq!(value(&tree, "n").as_str(), Some("z"));
    assert_eq!(value(&tree, "a").alias_span(), None);
}

#[test]
fn semantic_32_an_anchor_may_be_given_again() {
    let tree = parse("a: &x 1\nb: *x\nc: &x 2\nd: *x\n");
    assert_eq!((value(&tree, "b").raw(), value(&tree, "d").raw()), ("1", "2"));
}

#[test]
fn semantic_32_the_merge_key_is_a_plain_key() {
    let tree = parse("a: &x {k: 1}\nb:\n  <<: *x\n");
    let b = value(&tree, "b");
    assert!(b.get("k").is_none());
    assert_eq!(b.get("<<").unwrap().get("k").unwrap().raw(), "1");
}

#[test]
fn semantic_32_core_tags_decide_and_others_are_errors() {
    let tree = parse(
        "a: !!str 1\nb: !<tag:yaml.org,2002:int> 0o10\nc: !!float 1\nd: !!null\ne: !!bool TRUE\n",
    );
    let kinds: Vec<_> = tree.root().unwrap().entries().map(|entry| entry.value.kind()).collect();
    let expected = [
        NodeKind::String("1"),
        NodeKind::Number(8.0),
        NodeKind::Number(1.0),
        NodeKind::Null,
        NodeKind::Boolean(true),
    ];
    assert_eq!(kinds, expected);
    assert_eq!(value(&tree, "b").tag().unwrap().value, "!<tag:yaml.org,2002:int>");

    let source = "a: !!timestamp 2022-10-26\nb: !x y\nc: ! z\n";
    let tree = Tree::parse("ci.yml", source);
    assert_eq!(codes(&tree), ["yaml-unknown-tag"; 3]);
    assert_eq!(tree.diagnostics()[0].span(), Some(place_of(source, "!!timestamp")));
    assert_eq!(value(&tree, "b").as_str(), Some("y"));
}

#[test]
fn semantic_32_a_tag_must_fit_its_value() {
    for source in
        ["a: !!int \"300\"", "a: !!int x", "a: !!bool yes", "a: !!float 0x10", "a: !!null x"]
    {
        assert_eq!(codes(&Tree::parse("ci.yml", source)), ["yaml-tag-mismatch"], "{source}");
    }
}

#[test]
fn a_foreign_tag_on_a_collection_is_only_a_warning() {
    let tree = Tree::parse("ci.yml", "a: !set {b: 1}\nc: !!seq [1]\nd: !!map\n  e: 1\n");
    assert_eq!(codes(&tree), ["yaml-unknown-tag"]);
    assert_eq!(tree.diagnostics()[0].severity, Severity::Warning);
}

#[test]
fn semantic_31_numbers_the_runner_has_no_room_for_are_errors() {
    assert_eq!(codes(&Tree::parse("ci.yml", "a: 0x100000000\n")), ["yaml-number-range"]);
}

#[test]
fn a_key_is_defined_once_and_the_first_counts() {
    let source = "a: 1\nb: 2\nA: 3\n";
    let tree = Tree::parse("ci.yml", source);
    let [duplicate] = tree.diagnostics() else { panic!("{:?}", tree.diagnostics()) };
    assert_eq!(duplicate.message, "`A` is already defined");
    assert_eq!(duplicate.span(), Some(place_of(source, "A")));
    assert_eq!(duplicate.related[0].place.span, Span::new(0, 1));
    assert_eq!(tree.root().unwrap().entries().len(), 2);
    assert!(tree.root().unwrap().get("A").is_none(), "looking up is exact");
    assert!(!tree.partly_read());
}

#[test]
fn keys_are_compared_as_text() {
    assert_eq!(codes(&Tree::parse("ci.yml", "1: a\n'1': b\n01: c\n")), ["yaml-duplicate-key"; 2]);
    assert_eq!(codes(&Tree::parse("ci.yml", "${{ a }}: 1\n${{ a }}: 2\n")), [""; 0]);
}

#[test]
fn places_in_decoded_text_are_found_in_the_source() {
    let source = "jobs:\n  run: |\n    echo ${{ a }}\n\n      ${{ b }}\n  name: \"\\t${{ c }}\"\n  if: ${{ d }}\n  x: >\n    one\n    ${{ e }}\n";
    let tree = parse(source);
    let jobs = value(&tree, "jobs");
    for entry in jobs.entries() {
        let text = entry.value.as_str().unwrap();
        for (at, _) in text.match_indices("${{") {
            let at = u32::try_from(at).unwrap();
            let span = entry.value.source_span(Span::new(at, at + 8));
            assert_eq!(
                span.text(source),
                text.get(at as usize..at as usize + 8),
                "{}",
                entry.key.raw()
            );
        }
    }
    assert_eq!(jobs.source_offset(3), jobs.span().start);
}

#[test]
fn all_line_ends_give_the_same_values() {
    let source = "a:\n  - x\n  - y # c\nrun: |\n  one\n\n  two\nq: 'a\n  b'\n";
    for line_end in ["\r\n", "\r"] {
        let tree = parse(&source.replace('\n', line_end));
        assert_eq!(value(&tree, "run").as_str(), Some("one\n\ntwo\n"));
        assert_eq!(value(&tree, "q").as_str(), Some("a b"));
        assert_eq!(raw_items(value(&tree, "a")), ["x", "y"]);
        assert_eq!(tree.comments().next().unwrap().text, " c");
    }
}

#[test]
fn a_byte_order_mark_counts_in_offsets_only() {
    let tree = parse("\u{FEFF}on: push\n");
    assert_eq!(value(&tree, "on").span(), Span::new(7, 11));
}

#[test]
fn bytes_in_utf16_are_read() {
    let bytes: Vec<u8> = "\u{FEFF}on: push\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let tree = Tree::parse_bytes("ci.yml", &bytes);
    assert_eq!((tree.source(), value(&tree, "on").as_str()), ("on: push\n", Some("push")));
}

#[test]
fn bytes_that_are_no_text_are_reported_once() {
    let tree = Tree::parse_bytes("ci.yml", b"a: \xFF\xFE\nb: \xFF\n");
    assert_eq!(codes(&tree), ["yaml-encoding"]);
    assert_eq!(tree.diagnostics()[0].place.as_ref().unwrap(), &tree.place(Span::new(3, 4)));
    assert_eq!(value(&tree, "b").as_str(), Some("_"));
}

#[test]
fn a_comment_needs_no_blank_before_it() {
    let source = "a: [one]#, two ]\nb: \"x\"#é\nc: 1\n";
    let tree = parse(source);
    assert_eq!(raw_items(value(&tree, "a")), ["one"]);
    assert_eq!(value(&tree, "b").as_str(), Some("x"));
    let comments: Vec<_> = tree.comments().map(|comment| comment.text).collect();
    assert_eq!(comments, [", two ]", "é"]);
    assert_eq!(parse("a: \"x\"#\nb: 1").comments().len(), 1);
}

#[test]
fn lines_in_quotes_need_no_indentation() {
    let source = "- \"hello\nworld \\\n\n\n  a\\n\nb\"\n- 'it''s\n\n  so'\n";
    let tree = parse(source);
    let texts: Vec<_> =
        tree.root().unwrap().items().map(|node| node.as_str().unwrap().to_owned()).collect();
    assert_eq!(texts, ["hello world \n\na\n b", "it's\nso"]);
    let first = tree.root().unwrap().items().next().unwrap();
    assert_eq!(first.raw(), &source[2..source.find("\n- '").unwrap()]);
    assert_eq!(first.source_offset(6), 9, "the w of world");
}

#[test]
fn a_document_may_be_marked() {
    assert_eq!(value(&parse("%YAML 1.2\n---\na: |\n  b\n...\n"), "a").as_str(), Some("b\n"));
    assert_eq!(parse("---\n").root().unwrap().kind(), NodeKind::Null);
}
