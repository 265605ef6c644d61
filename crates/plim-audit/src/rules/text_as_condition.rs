//! A text that holds `false` is taken for a condition.

use plim_diag::{Code, Severity};
use plim_expression::types::Wrong;
use plim_expression::{Node, NodeKind};
use plim_workflow::Text;

use crate::{Audit, Hook, MistakeAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("text-as-condition"),
    summary: "the text `false` is taken for a condition, and is true",
    why: "Only an empty text is false. `false` as a text is true, so what should be switched off runs.",
    criterion: "In an `if`, behind `!` and before `&&`: `github.event.inputs.NAME` of a boolean input, an input of an action whose default is `true` or `false`, and `env.NAME` where an `env` of the file says `true` or `false`.",
    remedy: "Compare it with `'true'`. In a workflow, read the input from `inputs`, where it is a boolean.",
    example: "on:\n  workflow_dispatch:\n    inputs:\n      deploy:\n        type: boolean\njobs:\n  test:\n    runs-on: ubuntu-latest\n    if: github.event.inputs.deploy\n    steps: [run: make]",
    better: "on:\n  workflow_dispatch:\n    inputs:\n      deploy:\n        type: boolean\njobs:\n  test:\n    runs-on: ubuntu-latest\n    if: inputs.deploy\n    steps: [run: make]",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Mistake(mistake)],
};

fn mistake<'a>(audit: &mut Audit<'a>, at: &MistakeAt<'a>) {
    let Wrong::TextAsCondition { text, words } = &at.mistake.wrong else { return };
    let known = words.known().iter().any(|word| is_boolean(word));
    if known || holds_boolean(audit, at, text) {
        let source = at.expression.expression.source();
        let name = source.get(text.span.clone()).unwrap_or("it");
        audit
            .report(
                at.span(),
                format!("`{name}` is a text, which is true also where it reads `false`"),
            )
            .help(format!("write `{name} == 'true'`"));
    }
}

/// Whether the file says `true` or `false` where what is read is declared.
fn holds_boolean(audit: &Audit<'_>, at: &MistakeAt<'_>, text: &Node) -> bool {
    let NodeKind::Dereference { object, name, .. } = &text.kind else { return false };
    match &object.kind {
        NodeKind::NamedValue(context) if &**context == "inputs" => audit
            .subject()
            .action()
            .and_then(|action| action.inputs.iter().find(|input| is(&input.name.value, name)))
            .is_some_and(|input| input.default.as_ref().is_some_and(reads_boolean)),
        NodeKind::NamedValue(context) if &**context == "env" => {
            variable_is_boolean(audit, at, name)
        }
        _ => false,
    }
}

/// Whether the innermost `env` that has `name` says `true` or `false`.
fn variable_is_boolean(audit: &Audit<'_>, at: &MistakeAt<'_>, name: &str) -> bool {
    let place = &at.expression.text;
    let of_step = place.step.and_then(|step| step.step.env.as_ref());
    let of_job = place.job.and_then(|job| job.job.env.as_ref());
    let of_file = audit.subject().workflow().and_then(|workflow| workflow.env.as_ref());
    let layers = [of_step, of_job, of_file].into_iter().flatten();
    let mut values =
        layers.filter_map(|env| env.written().iter().find(|(key, _)| is(&key.value, name)));
    values.next().is_some_and(|(_, value)| reads_boolean(value))
}

fn is(declared: &str, name: &str) -> bool {
    declared.eq_ignore_ascii_case(name)
}

fn reads_boolean(text: &Text) -> bool {
    text.template.is_literal().is_some_and(is_boolean)
}

fn is_boolean(word: &str) -> bool {
    word.eq_ignore_ascii_case("true") || word.eq_ignore_ascii_case("false")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn the_text_false_is_true() {
        check(
            &RULE,
            "
            on: { workflow_dispatch: { inputs: { flag: { type: boolean } } } }
            env: { VERBOSE: false, NAME: a }
            jobs:
              test:
                runs-on: ubuntu-latest
                if: github.event.inputs.flag
                #   ^^^^^^^^^^^^^^^^^^^^^^^^ `github.event.inputs.flag` is a text, which is true also where it reads `false`
                steps:
                  - run: make
                    if: always() && !env.VERBOSE
                    #                ^^^^^^^^^^^ `env.VERBOSE` is a text, which is true also where it reads `false`
                  - run: echo ${{ env.VERBOSE && 'a' || 'b' }}
                    #             ^^^^^^^^^^^ `env.VERBOSE` is a text, …
                  - run: echo ${{ env.VERBOSE || 'b' }} ${{ env.NAME && 'a' }}
                    if: inputs.flag && env.VERBOSE == 'true'
            ",
        );
    }

    #[test]
    fn inputs_of_actions_are_texts() {
        check(
            &RULE,
            "
            name: a
            description: b
            inputs:
              flag: { description: c, default: 'false' }
              name: { description: c }
            runs:
              using: composite
              steps:
                - run: make
                  shell: bash
                  if: inputs.flag || inputs.name
                  #   ^^^^^^^^^^^ `inputs.flag` is a text, …
            ",
        );
    }
}
