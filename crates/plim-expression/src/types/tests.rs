//! What is known of expressions, and what is found wrong in them.

use super::*;
use crate::Expression;

struct Fixed;

impl Contexts for Fixed {
    fn context(&self, name: &str) -> Type {
        let label = Type::object([("name", Type::TEXT)]);
        match name {
            "runner" => Type::object([("os", Type::one_of(["Linux", "Windows"]))]),
            "inputs" => Type::object([
                ("flag", Type::Boolean),
                ("count", Type::Number),
                ("text", Type::TEXT),
                ("list", Type::array(Type::TEXT)),
            ]),
            "github" => Type::object([
                ("ref", Type::Text(Words::Begins("refs/"))),
                ("ref_name", Type::Text(Words::BeginsNot("refs/"))),
                ("event", Type::Any),
                ("labels", Type::array(label)),
            ]),
            "env" => Type::map(Type::TEXT),
            _ => Type::Any,
        }
    }
}

/// The mistakes in `source`: each with the text it points at.
fn mistakes(source: &str) -> Vec<String> {
    let expression = Expression::parse(source).unwrap();
    let mut found = Vec::new();
    infer(expression.root(), &Fixed, &mut found);
    let line = |mistake: &Mistake<'_>| {
        let kind = format!("{:?}", mistake.wrong);
        let kind = kind.split([' ', '(']).next().unwrap().to_owned();
        format!("{kind} {}", &source[mistake.span.clone()])
    };
    found.iter().map(line).collect()
}

fn kind(source: &str) -> String {
    let expression = Expression::parse(source).unwrap();
    format!("{:?}", infer(expression.root(), &Fixed, &mut Vec::new()))
}

#[test]
fn properties_that_are_not_there_are_found() {
    assert_eq!(mistakes("inputs.flog"), ["Property flog"]);
    assert_eq!(mistakes("INPUTS.Flag && inputs['flog']"), ["Property 'flog'"]);
    assert_eq!(mistakes("github.labels.*.nam"), ["Property nam"]);
    assert_eq!(mistakes("github.labels.name"), ["NoObject name"]);
    assert_eq!(mistakes("inputs.text.length"), ["NoObject length"]);
    for fine in ["github.event.a.b", "env.ANY", "inputs[github.event.x]", "github.labels[0].name"] {
        assert_eq!(mistakes(fine), [""; 0], "{fine}");
    }
}

#[test]
fn types_follow_the_language() {
    assert_eq!(kind("inputs.flag && 'a' || 'b'"), "Text(Any)");
    assert_eq!(kind("!inputs.text"), "Boolean");
    assert_eq!(kind("github.labels.*.name"), "Array(Text(Any))");
    assert_eq!(kind("fromJSON('{\"a\": [1]}').a[0]"), "Number");
    assert_eq!(kind("inputs.flag && inputs.text"), "Any");
    assert_eq!(kind("case(inputs.flag, 'a', 'b')"), "Text(Any)");
    assert_eq!(kind("github.event.x || github.labels"), "Any");
}

#[test]
fn comparisons_that_never_change_are_found() {
    for (source, found) in [
        ("runner.os == 'macos'", "Comparison 'macos'"),
        ("'macos' != runner.os", "Comparison 'macos'"),
        ("inputs.flag == 'true'", "Comparison inputs.flag == 'true'"),
        ("inputs.text == true", "Comparison inputs.text == true"),
        ("inputs.count == 'many'", "Comparison inputs.count == 'many'"),
        ("inputs.flag == 2", "Comparison inputs.flag == 2"),
        ("github.labels == 'bug'", "Comparison github.labels == 'bug'"),
        ("startsWith(github.ref, 'v')", "Comparison 'v'"),
        ("startsWith(runner.os, 'mac')", "Comparison 'mac'"),
        ("endsWith(runner.os, 'nux2')", "Comparison 'nux2'"),
        (
            "contains(fromJSON('[\"macos\", \"linux\"]'), runner.os)",
            "Comparison fromJSON('[\"macos\", \"linux\"]')",
        ),
        ("github.ref == 'main'", "Comparison 'main'"),
        ("github.ref_name == 'refs/heads/main'", "Comparison 'refs/heads/main'"),
    ] {
        assert_eq!(mistakes(source), [found], "{source}");
    }
    for fine in [
        "runner.os == 'linux'",
        "runner.os == ''",
        "inputs.flag == ''",
        "inputs.flag == '1'",
        "inputs.flag == true",
        "inputs.flag == null",
        "inputs.text == 1",
        "inputs.text == null",
        "inputs.count == '2'",
        "inputs.count > 1",
        "github.labels != null",
        "github.ref == 'refs/heads/main'",
        "startsWith(github.ref, 'refs/tags/v') || startsWith(github.ref, 'ref')",
        "startsWith(github.ref_name, 'v') && startsWith(runner.os, 'win')",
        "contains(fromJSON('[\"windows\", \"linux\"]'), runner.os)",
        "'a' == 'b'",
        "github.event.x == true",
    ] {
        assert_eq!(mistakes(fine), [""; 0], "{fine}");
    }
}

#[test]
fn functions_are_given_what_they_can_use() {
    for (source, found) in [
        ("format('{0} {1}', inputs.text)", "Format '{0} {1}'"),
        ("format('{0}', inputs.text, inputs.count)", "NotMentioned inputs.count"),
        ("format('{0}', inputs.list)", "Compound inputs.list"),
        ("contains('a b', inputs.text)", "PartOfText 'a b'"),
        ("contains(github.labels, 'bug')", "Unusable github.labels"),
        ("contains(inputs.text, inputs.list)", "Unusable inputs.list"),
        ("startsWith(github, 'a')", "Unusable github"),
        ("fromJSON(inputs.list)", "Unusable inputs.list"),
        ("fromJSON('[')", "Unusable '['"),
        ("join(inputs, ',')", "Unusable inputs"),
        ("hashFiles(inputs.list)", "Unusable inputs.list"),
    ] {
        assert_eq!(mistakes(source), [found], "{source}");
    }
    for fine in [
        "contains(github.labels.*.name, 'bug')",
        "contains(fromJSON('[\"a\"]'), inputs.text)",
        "contains(inputs.text, 'a')",
        "format('{{0}} {0}', inputs.text)",
        "join(inputs.list, ', ')",
    ] {
        assert_eq!(mistakes(fine), [""; 0], "{fine}");
    }
}

#[test]
fn values_that_an_or_passes_over_are_found() {
    for (source, found) in [
        ("inputs.text == 'a' && '' || 'b'", "LostValue ''"),
        ("inputs.text == 'a' && false || inputs.count", "LostValue false"),
        ("inputs.text == 'a' && inputs.flag || true", "LostValue inputs.flag"),
        ("inputs.flag || 'true'", "LostValue inputs.flag"),
    ] {
        assert_eq!(mistakes(source), [found], "{source}");
    }
    for fine in [
        "inputs.flag || false",
        "inputs.flag || 'false'",
        "inputs.flag || inputs.count == 1",
        "inputs.flag && 'a' || ''",
        "inputs.text || 'b'",
        "inputs.text == 'a' && '' || null",
        "inputs.flag && inputs.count == 1 || inputs.text == 'a'",
    ] {
        assert_eq!(mistakes(fine), [""; 0], "{fine}");
    }
}

#[test]
fn texts_that_are_asked_for_being_empty_are_found() {
    let found = |source: &str| {
        let expression = Expression::parse(source).unwrap();
        let mut found = Vec::new();
        infer_condition(expression.root(), &Fixed, &mut found);
        found.iter().map(|mistake| source[mistake.span.clone()].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("inputs.text"), ["inputs.text"]);
    assert_eq!(found("always() && (inputs.text || inputs.flag)"), ["inputs.text"]);
    assert_eq!(found("inputs.text == 'a' || runner.os"), [""; 0]);
    assert_eq!(mistakes("!inputs.text"), ["TextAsCondition inputs.text"]);
    assert_eq!(mistakes("inputs.text && 'a' || 'b'"), ["TextAsCondition inputs.text"]);
    assert_eq!(mistakes("inputs.text || 'b'"), [""; 0]);
}

#[test]
fn truth_does_not_depend_on_contexts() {
    for (source, wanted) in [
        ("true", Some(true)),
        ("''", Some(false)),
        ("!true", Some(false)),
        ("github.x || 'a'", Some(true)),
        ("github.x && false", Some(false)),
        ("'a' == 'A'", Some(true)),
        ("1 > 2", Some(false)),
        ("case(github.x, 1, 2)", Some(true)),
        ("github.x", None),
        ("always()", None),
        ("github.x || false", None),
    ] {
        assert_eq!(truth(Expression::parse(source).unwrap().root()), wanted, "{source}");
    }
}
