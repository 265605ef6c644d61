//! A step is read before it has run.

use plim_diag::{Code, Severity};
use plim_expression::NodeKind;
use plim_workflow::Step;

use crate::{Audit, ExpressionAt, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("step-not-yet-run"),
    summary: "a step is read before it has run",
    why: "Steps run in the order of the file. What is read of a later step, or of the step itself, is empty.",
    criterion: "`steps.ID` in a step where `ID` is that step or stands behind it.",
    remedy: "Move the step that gives the value before the one that reads it.",
    example: "steps:\n  - run: echo ${{ steps.version.outputs.name }}\n  - id: version\n    run: echo name=1 >> \"$GITHUB_OUTPUT\"",
    better: "steps:\n  - id: version\n    run: echo name=1 >> \"$GITHUB_OUTPUT\"\n  - run: echo ${{ steps.version.outputs.name }}",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Expression(expression)],
};

fn expression<'a>(audit: &mut Audit<'a>, at: ExpressionAt<'a>) {
    let Some(step) = at.text.step else { return };
    for node in at.expression.root().walk() {
        let NodeKind::Dereference { object, name, name_span } = &node.kind else { continue };
        if !matches!(&object.kind, NodeKind::NamedValue(context) if &**context == "steps") {
            continue;
        }
        let is_it = |other: &Step| other.id.eq_ignore_ascii_case(name);
        if is_it(step.step) && step.step.id_span.is_some() {
            audit
                .report(
                    at.place(name_span),
                    format!("the step `{name}` reads what it gives itself"),
                )
                .help("read it in a later step");
        } else if let Some(later) = step.later().iter().find(|later| is_it(later)) {
            audit
                .report(at.place(name_span), format!("the step `{name}` has not run yet"))
                .help("move it before this one")
                .related(later.id_span.unwrap_or(later.span), "it runs here");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn steps_run_in_order() {
        check(
            &RULE,
            "
            jobs:
              test:
                runs-on: ubuntu-latest
                outputs:
                  a: ${{ steps.last.outputs.a }}
                steps:
                  - id: first
                    run: echo ${{ steps.last.outputs.a }}
                    #                   ^^^^ the step `last` has not run yet
                  - id: last
                    run: echo ${{ steps.first.outputs.a }} ${{ steps.last.outputs.a }}
                    #                                                ^^^^ the step `last` reads what it gives itself
            ",
        );
    }
}
