//! A comparison has the same result whatever is compared.

use plim_diag::{Code, Severity, closest};
use plim_expression::types::{Never, Type, Words, Wrong};
use plim_expression::{Node, NodeKind};

use crate::{Audit, Hook, MistakeAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("comparison-never-changes"),
    summary: "a comparison never holds, or always does",
    why: "GitHub compares values of unlike types as numbers, and a text that is no number equals nothing: `true` is not equal to `'true'`. A name that a context cannot have is never met either. The step never runs, or always.",
    criterion: "`==` and `!=` where one side is a boolean and the other a text; where a list or an object is compared with a literal; and where all values of one side are known, such as those of `github.event_name`, `runner.os`, results, an input of type `choice` or an axis of the matrix, and the other is none of them; of a matrix only near misses. Case does not count. `github.ref` begins with `refs/`, `github.ref_name` does not. The same goes for what `startsWith`, `endsWith` and `contains` ask for.",
    remedy: "Compare with a value that can be there. Inputs of type `boolean` are compared with `true`, outputs and `github.event.inputs` with `'true'`.",
    example: "steps:\n  - run: make\n    if: github.event_name == 'pull-request'",
    better: "steps:\n  - run: make\n    if: github.event_name == 'pull_request'",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Mistake(mistake)],
};

fn mistake<'a>(audit: &mut Audit<'a>, at: &MistakeAt<'a>) {
    let Wrong::Comparison { holds, never } = &at.mistake.wrong else { return };
    if is_of_no_leg(never) || asks_both(at, never) {
        return;
    }
    let always = if *holds { "always holds" } else { "never holds" };
    let (why, help) = match never {
        Never::Kinds { left, right } => of_kinds(left, right),
        Never::TextAndBoolean { text } => {
            let text = source(at, text);
            let why = format!("`{text}` is a text, which does not equal `true`");
            (why, "compare with `'true'`".to_owned())
        }
        Never::Word { side, kind, literal } => of_word(source(at, side), kind, literal),
        Never::Part { side, verb, part } => {
            let side = source(at, side);
            (format!("`{side}` never {verb} `{part}`"), "ask for what it can be".to_owned())
        }
    };
    audit.report(at.span(), format!("this comparison {always}: {why}")).help(help);
}

/// Whether an axis of the matrix just does not have the value at present.
pub(super) fn is_of_no_leg(never: &Never<'_>) -> bool {
    match never {
        Never::Word { side, kind: Type::Text(words), literal } => {
            is_of_matrix(side) && !is_near(words, literal)
        }
        Never::Part { side, .. } => is_of_matrix(side),
        _ => false,
    }
}

fn is_of_matrix(side: &Node) -> bool {
    let is_matrix =
        |node: &Node| matches!(&node.kind, NodeKind::NamedValue(name) if &**name == "matrix");
    side.walk().any(is_matrix)
}

/// Whether one of `words` is likely meant, such as `ubuntu-latest` by `ubuntu`.
fn is_near(words: &Words, literal: &str) -> bool {
    let known = || words.known().iter().map(|word| &**word);
    let longer = |word: &str| word.strip_prefix(literal).is_some_and(|rest| rest.starts_with('-'));
    closest(literal, known()).is_some() || known().any(longer)
}

/// Whether the same value is compared both with `true` and `'true'`, to be right either way.
fn asks_both(at: &MistakeAt<'_>, never: &Never<'_>) -> bool {
    let source = at.expression.expression.source();
    let asks = |literal: &str| source.contains(&format!("= {literal}"));
    matches!(never, Never::Kinds { .. } | Never::TextAndBoolean { .. })
        && (asks("true") && asks("'true'") || asks("false") && asks("'false'"))
}

fn of_kinds(left: &Type, right: &Type) -> (String, String) {
    let why = format!("{} does not equal {}", left.describe(), right.describe());
    let help = match (left, right) {
        (Type::Boolean, _) | (_, Type::Boolean) => "compare with `true` or `false` without quotes",
        (Type::Array(_), _) | (_, Type::Array(_)) => {
            "ask whether the list has an item with `contains`"
        }
        (Type::Object(_), _) | (_, Type::Object(_)) => "compare a property of the object",
        _ => "compare with a number",
    };
    (why, help.to_owned())
}

fn of_word(side: &str, kind: &Type, literal: &str) -> (String, String) {
    let Type::Text(words) = kind else { return (String::new(), String::new()) };
    match words {
        Words::Begins(start) => (
            format!("`{side}` begins with `{start}`"),
            format!(
                "write `'{start}heads/{literal}'`, or compare the name alone with `github.ref_name`"
            ),
        ),
        Words::BeginsNot(start) => (
            format!("`{side}` is a name without `{start}`"),
            format!("write `'{}'`", literal.get(start.len()..).unwrap_or(literal)),
        ),
        Words::OneOf(known) => {
            let help = match closest(literal, known.iter().map(|word| &**word)) {
                Some(near) => format!("write `'{near}'`"),
                None if literal.eq_ignore_ascii_case("workflow_call") => {
                    "read an input instead: a called workflow has the event of its caller"
                        .to_owned()
                }
                None => format!("compare with {}", listed(known)),
            };
            (format!("`{side}` is never `{literal}`"), help)
        }
        Words::Any => (String::new(), String::new()),
    }
}

fn listed(words: &[std::sync::Arc<str>]) -> String {
    let most = 8;
    let quoted: Vec<String> = words.iter().take(most).map(|word| format!("`'{word}'`")).collect();
    let more = if words.len() > most { " or another that it can have" } else { "" };
    match &*quoted {
        [one] => format!("{one}{more}"),
        many => format!("one of {}{more}", many.join(", ")),
    }
}

fn source<'m>(at: &'m MistakeAt<'_>, node: &Node) -> &'m str {
    at.expression.expression.source().get(node.span.clone()).unwrap_or("it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn names_that_cannot_be_met_are_found() {
        check(
            &RULE,
            "
            jobs:
              test:
                strategy:
                  matrix:
                    os: [ubuntu-latest, macos-latest]
                runs-on: ${{ matrix.os }}
                if: github.event_name == 'pull-request' || github.ref == 'main'
                #                        ^^^^^^^^^^^^^^ this comparison never holds: `github.event_name` is never `pull-request`
                #                                                        ^^^^^^ this comparison never holds: `github.ref` begins with `refs/`
                steps:
                  - run: make
                    if: matrix.os == 'ubuntu' || runner.os == 'linux'
                    #                ^^^^^^^^ this comparison never holds: `matrix.os` is never `ubuntu`
                  - run: make
                    if: github.event_name != 'workflow_call' && job.status != 'failure'
                    #                        ^^^^^^^^^^^^^^^ this comparison always holds…
            ",
        );
    }

    #[test]
    fn types_that_never_meet_are_found() {
        check(
            &RULE,
            "
            on:
              workflow_dispatch:
                inputs:
                  flag: { type: boolean }
                  mode: { type: choice, options: [fast, slow] }
            jobs:
              test:
                runs-on: ubuntu-latest
                if: inputs.flag == 'true'
                #   ^^^^^^^^^^^^^^^^^^^^^ this comparison never holds: a boolean does not equal a text
                steps:
                  - id: a
                    run: make
                  - run: |
                      make
                      echo ${{ steps.a.outputs.b == true }}
                      #        ^^^^^^^^^^^^^^^^^^^^^^^^^ this comparison never holds: `steps.a.outputs.b` is a text, …
                  - run: make
                    if: github.event.inputs.flag == true && inputs.mode == 'fats'
                    #   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this comparison never holds: …
                    #                                                      ^^^^^^ this comparison never holds: `inputs.mode` is never `fats`
                  - run: make
                    if: inputs.flag == true || inputs.flag == 'true'
                  - run: make
                    if: startsWith(github.ref, 'v') || contains(fromJSON('[\"push\", \"pull-request\"]'), github.event_name)
                    #                          ^^^ this comparison never holds: `github.ref` never begins with `v`
                    #                                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this comparison never holds: `github.event_name` is never `pull-request`
                  - run: make
                    if: inputs.flag == true && steps.a.outputs.b == 'true' && inputs.mode != ''
            ",
        );
    }
}
