//! Anything that is expanded in a script, which is one change away from being written by a stranger.

use plim_diag::{Code, Severity};

use super::script_injection::is_script;
use crate::{Audit, Edit, ExpressionAt, Hook, Rule, Tier, interpolation, named, taint};

pub(super) const RULE: Rule = Rule {
    code: Code("expansion-in-script"),
    summary: "an expression becomes part of a script",
    why: "A value with a quote, a `$` or a line end breaks the script, or is run by it. Today it may be harmless; who changes what it is made of does not look here.",
    criterion: "An expression in a script whose value can be an input, a variable, an output, a matrix value, the name of a branch or tag, or part of the event, other than numbers and commits. What a stranger writes is reported as `script-injection`.",
    remedy: "Hand it over in `env`, and let the shell expand the variable.",
    example: "on:\n  workflow_dispatch:\n    inputs:\n      name: { type: string }\njobs:\n  greet:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo \"${{ inputs.name }}\"",
    better: "on:\n  workflow_dispatch:\n    inputs:\n      name: { type: string }\njobs:\n  greet:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo \"$NAME\"\n        env:\n          NAME: ${{ inputs.name }}",
    severity: Severity::Warning,
    tier: Tier::Pedantic,
    hooks: &[Hook::Expression(check)],
};

const CONTEXTS: [&str; 6] = ["inputs.", "vars.", "env.", "steps.", "needs.", "matrix."];
const OF_GITHUB: [&str; 4] =
    ["github.ref", "github.ref_name", "github.base_ref", "github.head_ref"];
/// Ends of paths whose values are numbers, commits and words of the forge.
const HARMLESS: [&str; 10] = [
    ".number",
    ".id",
    ".sha",
    ".outcome",
    ".conclusion",
    ".result",
    ".before",
    ".after",
    ".draft",
    ".merged",
];

fn check<'a>(audit: &mut Audit<'a>, at: ExpressionAt<'a>) {
    if !is_script(&at.text, audit.source()) {
        return;
    }
    let mut paths = named::values(at.expression.root()).into_iter().filter_map(named::path);
    let Some(path) = paths.find(|path| can_be_anything(path)) else { return };
    if taint::trace(audit, &at).is_some() {
        return;
    }
    let name = variable(&path);
    let edits = in_quotes(audit, &at, &path, &name);
    let finding = audit.report(at.span, format!("`{path}` becomes part of a script"));
    finding.help("hand it over in `env`, and let the shell expand the variable");
    if let Some(edits) = edits {
        finding.unsafe_fix(format!("hand it over in `{name}`"), edits);
    }
}

/// A name that no program heeds: with its context before it, since `PATH` or `TARGET` would mean something.
fn variable(path: &str) -> String {
    let own = path.strip_prefix("github.").unwrap_or(path).replace(".outputs.", ".");
    let fits = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    own.chars().map(fits).collect()
}

/// The edits where the expression stands between double quotes already. Elsewhere its value may be several words, which
/// a variable in quotes would join.
fn in_quotes<'a>(
    audit: &Audit<'a>,
    at: &ExpressionAt<'a>,
    path: &str,
    name: &str,
) -> Option<Vec<Edit>> {
    if path.starts_with("env.") {
        return None;
    }
    let edits = interpolation::into_env(audit, at, name)?;
    edits.first().is_some_and(|edit| edit.replacement.starts_with('$')).then_some(edits)
}

fn can_be_anything(path: &str) -> bool {
    let named = CONTEXTS.iter().any(|context| path.starts_with(context))
        || OF_GITHUB.contains(&path)
        || path.starts_with("github.event.");
    named && !HARMLESS.iter().any(|end| path.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_fix, findings_of};

    #[test]
    fn what_is_a_number_or_a_commit_is_not() {
        check(
            &RULE,
            "
            steps:
              - run: echo ${{ github.ref_name }}
                #             ^^^^^^^^^^^^^^^ `github.ref_name` becomes part of a script
              - run: echo ${{ github.sha }} ${{ github.event.number }} ${{ runner.os }}
              - run: echo ${{ env.A == 'b' }}
            ",
        );
    }

    #[test]
    fn what_stands_in_quotes_is_moved_into_the_environment() {
        check_fix(
            &RULE,
            "steps:\n  - run: cargo build --target \"${{ matrix.target }}\" # why\n",
            "steps:\n  - env:\n      MATRIX_TARGET: ${{ matrix.target }}\n    run: cargo build --target \"${MATRIX_TARGET}\" # why\n",
        );
        let found = findings_of(&RULE, "steps:\n  - run: cargo build ${{ matrix.flags }}\n");
        assert_eq!(found[0].fix, None);
    }
}
