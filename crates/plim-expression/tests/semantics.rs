//! What the language means where a plain reading of a workflow would guess wrong.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plim_expression::{Condition, ErrorKind, Expression, Kind, Object, Scope, Template, Value};

/// Contexts, and how the steps before went.
struct Step {
    contexts: Object,
    failed: bool,
}

impl Scope for Step {
    fn context(&self, name: &str) -> Option<Value> {
        self.contexts.context(name)
    }

    fn call(&self, name: &str, _arguments: &[Value]) -> Option<Result<Value, String>> {
        match name {
            "success" => Some(Ok(Value::from(!self.failed))),
            "failure" => Some(Ok(Value::from(self.failed))),
            "always" => Some(Ok(Value::from(true))),
            "cancelled" => Some(Ok(Value::from(false))),
            _ => None,
        }
    }
}

fn step(contexts: &str, failed: bool) -> Step {
    let Value::Object(contexts) = Value::parse_json(contexts).unwrap() else {
        panic!("contexts are an object");
    };
    Step { contexts: contexts.as_ref().clone(), failed }
}

const CONTEXTS: &str = r#"{"github": {"ref": "refs/heads/main", "event": {"labels":
    [{"name": "bug"}, {"color": "red"}, {"name": "help"}]}}, "x": ["zero", "one", "two"]}"#;

fn evaluate(source: &str) -> Value {
    Expression::parse(source).unwrap().evaluate(&step(CONTEXTS, false)).unwrap()
}

fn text(source: &str) -> String {
    evaluate(source).to_text().to_string()
}

fn holds(condition: &str, failed: bool) -> bool {
    Condition::parse(condition).unwrap().evaluate(&step(CONTEXTS, failed)).unwrap()
}

#[test]
fn semantic_03_a_condition_without_a_status_function_also_needs_success() {
    assert!(holds("github.ref == 'refs/heads/main'", false));
    assert!(!holds("github.ref == 'refs/heads/main'", true));
    assert!(!holds("${{ true }}", true));
    assert!(!holds("", true));
    assert!(holds("always() && true", true));
    assert!(holds("${{ Failure() }}", true));
}

#[test]
fn semantic_03_a_status_function_is_found_in_the_tree_and_not_in_the_text() {
    assert!(!holds("contains('always()', 'always')", true));
    assert!(holds("!(github.ref == 'x' && failure())", true));
    assert!(!Expression::parse("'always()'").unwrap().calls_status_function());
    assert!(Expression::parse("x[cancelled()]").unwrap().calls_status_function());
}

#[test]
fn semantic_03_an_or_is_kept_together_behind_success() {
    assert!(!holds("github.ref == 'x' || true", true));
}

#[test]
fn semantic_03_a_quoted_text_in_braces_is_read_as_the_condition() {
    assert!(holds("${{ 'always()' }}", true));
    assert!(!holds("${{ 'true' }}", true));
}

#[test]
fn semantic_04_text_around_an_expression_makes_a_text_that_always_holds() {
    assert!(holds("${{ false }} && ${{ false }}", false));
    assert!(holds("${{ false }} ", false));
    assert!(holds("false || ${{ false }}", false));
    assert!(!holds("${{ false && false }}", false));
    assert!(!holds("${{ false }} && ${{ false }}", true), "success() still counts");
    let source = Condition::parse("${{ x }} == 'a'").unwrap();
    assert_eq!(source.expression().source(), "success() && (format('{0} == ''a''', x))");
}

#[test]
fn semantic_26_a_filter_skips_items_that_lack_the_key() {
    assert_eq!(text("join(github.event.labels.*.name)"), "bug,help");
    assert_eq!(text("toJSON(github.event.labels.*.nothing)"), "[]");
    assert_eq!(text("join(x.*[1])"), "");
    assert_eq!(text("join(github.*.labels[0].name)"), "bug");
    assert_eq!(text("toJSON((x.*)[1])"), "[]", "a filtered array is no array of its own");
}

#[test]
fn semantic_27_an_index_of_an_array_is_made_a_number() {
    assert_eq!(text("x['1']"), "one");
    assert_eq!(text("x[true]"), "one");
    assert_eq!(text("x[' 0x02 ']"), "two");
    assert_eq!(text("x[1.9]"), "one");
    for nothing in ["x[-1]", "x[3]", "x['a']", "x[NaN]", "x[1e300]", "x[x]"] {
        assert_eq!(evaluate(nothing).kind(), Kind::Null, "{nothing}");
    }
}

#[test]
fn semantic_28_equality_coerces_unlike_kinds_and_ignores_case() {
    for true_ in
        ["'MAIN' == 'main'", "null == ''", "true == '1'", "x == x", "'é' == 'É'", "0 == ' '"]
    {
        assert_eq!(text(true_), "true", "{true_}");
    }
    for false_ in ["NaN == NaN", "fromJSON('[]') == fromJSON('[]')", "'a' == 0", "x.* == x.*"] {
        assert_eq!(text(false_), "false", "{false_}");
    }
}

#[test]
fn semantic_29_numbers_print_as_net_g15() {
    assert_eq!(text("1587106672383760000"), "1.58710667238376E+18");
    assert_eq!(text("-0"), "0");
    assert_eq!(text("0.84551240822557006"), "0.84551240822557");
    assert_eq!(text("0x1F"), "31");
    for source in ["-0xFF", "0x01p2"] {
        assert_eq!(Expression::parse(source).unwrap_err().kind, ErrorKind::Lexing);
    }
}

#[test]
fn semantic_30_and_and_or_return_operands() {
    assert_eq!(text("'' || 'default'"), "default");
    assert_eq!(text("'a' && 'b'"), "b");
    assert_eq!(text("0 && 'b'"), "0");
    assert_eq!(text("github.ref == 'x' && 'yes' || 'no'"), "no");
}

#[test]
fn semantic_30_format_and_join_have_their_own_rules() {
    assert_eq!(text("format('{{{0}}}', 1)"), "{1}");
    assert_eq!(text("join(null)"), "");
    assert_eq!(text("format('{0} {1}', x, github)"), "Array Object");
    let error = Expression::parse("format('{1}', 1)").unwrap().evaluate(&Object::new());
    assert_eq!(error.unwrap_err().kind, ErrorKind::Evaluation);
}

#[test]
fn semantic_30_a_template_prints_arrays_and_objects_as_their_kind() {
    let template = Template::parse("${{ x }}/${{ github }}/${{ null }}").unwrap();
    assert_eq!(&*template.evaluate_text(&step(CONTEXTS, false)).unwrap(), "Array/Object/");
}

#[test]
fn operands_that_do_not_matter_are_not_evaluated() {
    assert_eq!(text("true || fromJSON('[')"), "true");
    assert_eq!(text("case(true, 1, fromJSON('['))"), "1");
    assert_eq!(text("format('x', fromJSON('['))"), "x");
}

#[test]
fn errors_name_the_place_and_the_way_out() {
    let error = |source: &str| Expression::parse(source).unwrap_err().to_string();
    assert_eq!(
        error("github.ref == \"main\""),
        "unexpected `\"main\"`; texts are written in single quotes (at character 15 of the expression)"
    );
    assert_eq!(
        error("a = b"),
        "unexpected `=`; an operator is written `==` (at character 3 of the expression)"
    );
    assert_eq!(
        error("contains(a)"),
        "`contains` takes 2 arguments, not 1 (at character 1 of the expression)"
    );
    assert_eq!(
        error("a && hashFile('x')"),
        "there is no function `hashFile` here (at character 6 of the expression)"
    );
}
