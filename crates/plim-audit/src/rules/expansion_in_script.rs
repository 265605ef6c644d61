//! Anything that is expanded in a script, which is one change away from being written by a stranger.

use plim_diag::{Code, Severity};

use super::script_injection::is_script;
use crate::{Audit, ExpressionAt, Hook, Rule, Tier, named, taint};

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
    if taint::trace(audit, &at).is_none() {
        audit
            .report(at.span, format!("`{path}` becomes part of a script"))
            .help("hand it over in `env`, and let the shell expand the variable");
    }
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
    use crate::testing::check;

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
}
