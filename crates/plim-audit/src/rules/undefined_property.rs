//! A property is read that its context does not have.

use plim_diag::{Code, Severity, closest};
use plim_expression::types::{Type, Wrong};

use crate::{Audit, Hook, MistakeAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("undefined-property"),
    summary: "a property is read that is not there",
    why: "A property that does not exist is empty, and no error.",
    criterion: "A property that `github`, `runner`, `job`, `strategy`, a step or a job in `needs` does not have, a property of a text, a number, a boolean or a list, and one that the JSON in `fromJSON('…')` does not have.",
    remedy: "Read a property that is there.",
    example: "steps:\n  - run: echo ${{ github.ref_nmae }}",
    better: "steps:\n  - run: echo ${{ github.ref_name }}",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Mistake(mistake)],
};

/// The contexts of which other rules tell what is missing at the first level.
const OTHERS: [&str; 7] = ["steps", "needs", "jobs", "matrix", "inputs", "secrets", "vars"];

fn mistake<'a>(audit: &mut Audit<'a>, at: &MistakeAt<'a>) {
    if let Wrong::NoObject { name, kind, .. } = &at.mistake.wrong {
        let message = format!("{} has no property `{name}`", kind.describe());
        let help = match kind {
            Type::Array(_) => "name an item with `[0]`, or read the property of each with `.*`",
            _ => "remove the property",
        };
        audit.report(at.span(), message).help(help);
        return;
    }
    let Some(missing) = at.missing() else {
        if let Wrong::Property { name, shape, .. } = &at.mistake.wrong {
            of_value(audit, at, name, shape.names());
        }
        return;
    };
    if is_told_elsewhere(&missing.path) {
        return;
    }
    let message = format!("`{}` has no property `{}`", missing.path.join("."), missing.name);
    missing.report(audit, at.span(), message, "read a property that is there");
}

/// A property of what a function gives, such as the object in `fromJSON('{"a": 1}').b`.
fn of_value<'n>(
    audit: &mut Audit<'_>,
    at: &MistakeAt<'_>,
    name: &str,
    known: impl Iterator<Item = &'n str>,
) {
    let help = match closest(name, known) {
        Some(near) => format!("write `{near}`"),
        None => "read a property that is there".to_owned(),
    };
    audit.report(at.span(), format!("this object has no property `{name}`")).help(help);
}

fn is_told_elsewhere(path: &[&str]) -> bool {
    match path {
        ["matrix", ..] => true,
        ["github", event, ..] => event.eq_ignore_ascii_case("event"),
        [context] => OTHERS.contains(context),
        [_, _, outputs] => outputs.eq_ignore_ascii_case("outputs"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn contexts_have_their_properties() {
        check(
            &RULE,
            "
            steps:
              - id: a
                run: make
              - run: echo ${{ github.ref_nmae }} ${{ runner.os }}
                #                    ^^^^^^^^ `github` has no property `ref_nmae`
              - run: echo ${{ steps.a.output.b }} ${{ github.sha.short }}
                #                     ^^^^^^ `steps.a` has no property `output`
                #                                                ^^^^^ a text has no property `short`
                if: job.services.db.ports['80'] && strategy.job-index == 0
            ",
        );
    }
}
