//! The tree of an expression: where each part is written, and what it names.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use plim_expression::{
    Condition, Expression, Names, Node, NodeKind, Object, Scope, Segment, Template, Value,
};

fn parts(source: &str) -> Vec<String> {
    let expression = Expression::parse(source).unwrap();
    expression.root().walk().map(|node| source[node.span.clone()].to_owned()).collect()
}

#[test]
fn every_part_knows_its_bytes() {
    assert_eq!(parts("!(a . b) && é".trim_end_matches(" && é")), ["!(a . b)", "a . b", "a"]);
    assert_eq!(
        parts("(a == 'é') || f.*['x'] < 2".trim()),
        [
            "(a == 'é') || f.*['x'] < 2",
            "a == 'é'",
            "a",
            "'é'",
            "f.*['x'] < 2",
            "f.*['x']",
            "f.*",
            "f",
            "*",
            "'x'",
            "2"
        ]
    );
    assert_eq!(parts(" join( a , b ) "), ["join( a , b )", "a", "b"]);
}

#[test]
fn names_have_bytes_of_their_own() {
    let source = "toJSON(github.event)";
    let expression = Expression::parse(source).unwrap();
    let names: Vec<&str> = expression
        .root()
        .walk()
        .filter_map(|node| match &node.kind {
            NodeKind::Call { name_span, .. } | NodeKind::Dereference { name_span, .. } => {
                Some(&source[name_span.clone()])
            }
            _ => None,
        })
        .collect();
    assert_eq!(names, ["toJSON", "event"]);
}

#[test]
fn an_expression_tells_what_it_reads_and_calls() {
    let expression =
        Expression::parse("needs.a.result == 'x' || Needs.b || HASHFILES(env.f)").unwrap();
    assert_eq!(expression.contexts().collect::<Vec<_>>(), ["needs", "env"]);
    assert!(expression.calls("hashFiles"));
    assert!(!expression.calls("success"));
    assert!(!expression.is_literal());
    assert!(Expression::parse("'needs'").unwrap().is_literal());
}

#[test]
fn a_node_prints_in_its_plainest_form() {
    for (source, printed) in [
        ("((a))&&(b||c)", "a && (b || c)"),
        ("!( a==b )!=c", "!(a == b) != c"),
        ("a<(b<c)", "a < (b < c)"),
        ("TOjson( GitHub['a''b'] . x.*[*] )", "toJSON(github['a''b'].x[*][*])"),
        ("('a')[0]", "('a')[0]"),
        ("x[*.y == 1e300]", "x[*.y == 1e300]"),
        ("-0 == 0.1", "-0 == 0.1"),
    ] {
        assert_eq!(Expression::parse(source).unwrap().root().to_string(), printed);
    }
}

#[test]
fn names_that_are_not_allowed_are_refused_in_their_place() {
    let names = Names::from_schema(["github", "inputs", "always(0,0)"]);
    let refused = |source| Expression::parse_with(source, &names).unwrap_err().to_string();
    assert_eq!(
        refused("github.ref && secrets.a"),
        "there is no context `secrets` here; there are `github`, `inputs` (at character 15 of the expression)"
    );
    assert!(refused("failure()").starts_with("there is no function `failure` here"));
    assert!(refused("always(1)").starts_with("`always` takes no arguments, not 1"));
    let error = Template::parse_with("é${{ github.ref }}${{ env.a }}", &names).unwrap_err();
    assert_eq!(error.offset, "é${{ github.ref }}${{ ".len());
}

#[test]
fn a_condition_may_always_call_the_status_functions() {
    let names = Names::contexts(["github"]);
    assert!(Condition::parse_with("failure() && github.x", &names).is_ok());
    let error = Condition::parse_with("  github.x && env.y", &names).unwrap_err();
    assert_eq!((error.offset, error.error.position), (14, Some(12)));
}

#[test]
fn a_condition_keeps_what_is_written_apart_from_what_is_evaluated() {
    let text = "  github.ref == 'x' ";
    let condition = Condition::parse(text).unwrap();
    assert_eq!(condition.expression().source(), "success() && (github.ref == 'x')");
    let [Segment::Expression { expression, span }] = condition.written().segments.as_slice() else {
        panic!("one expression is written");
    };
    assert_eq!(expression.source(), &text[span.clone()]);
    assert_eq!(Condition::default().expression().source(), "success()");
    assert!(Condition::default().written().segments.is_empty());
}

#[test]
fn an_error_of_a_condition_points_into_what_is_written() {
    let position = |text: &str| {
        let always: Object = [("a", "[")].into_iter().collect();
        Condition::parse(text).unwrap().evaluate(&Succeeded(always)).unwrap_err().position
    };
    assert_eq!(position("1 && fromJSON(a)"), Some(5));
    assert_eq!(position("${{ always() && fromJSON(a) }}"), Some(12));
    assert_eq!(position("${{ 1 }} && ${{ fromJSON(a) }}"), None);
}

struct Succeeded(Object);

impl Scope for Succeeded {
    fn context(&self, name: &str) -> Option<Value> {
        self.0.context(name)
    }

    fn call(&self, _name: &str, _arguments: &[Value]) -> Option<Result<Value, String>> {
        Some(Ok(Value::from(true)))
    }
}

/// A tree stays usable when it outlives its expression.
#[test]
fn nodes_can_be_cloned() {
    let node: Node = Expression::parse("a.b").unwrap().root().clone();
    assert_eq!(node.to_string(), "a.b");
}
