//! Text of a stranger that is given to an action or workflow of the repository, which makes a script of it.

use std::sync::Arc;

use plim_diag::{Code, Place, Severity, Span};
use plim_workflow::{ActionBody, JobBody, Step, StepBody, Text};

use crate::{Audit, ExpressionAt, Hook, Rule, Tier, Used, named, taint};

pub(super) const RULE: Rule = Rule {
    code: Code("injection-through-input"),
    summary: "text that a stranger writes is given to an input that becomes part of a script",
    why: "The script stands in another file, and neither file shows the defect alone. Whoever opens an issue runs what they like, with the token and the secrets of the job.",
    criterion: "An input of a composite action or of a called workflow of the same repository, whose value can be what anyone may write (see `script-injection`), where a `run` in that file has `${{ inputs.… }}` of that name.",
    remedy: "In the action or workflow, hand the input over in `env`, and let the shell expand the variable.",
    example: "on: issues\njobs:\n  greet:\n    uses: ./.github/workflows/greet.yml\n    with:\n      title: ${{ github.event.issue.title }}\n# file: .github/workflows/greet.yml\non:\n  workflow_call:\n    inputs:\n      title: { type: string }\njobs:\n  greet:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo \"${{ inputs.title }}\"\n",
    better: "on: issues\njobs:\n  greet:\n    uses: ./.github/workflows/greet.yml\n    with:\n      title: ${{ github.event.issue.title }}\n# file: .github/workflows/greet.yml\non:\n  workflow_call:\n    inputs:\n      title: { type: string }\njobs:\n  greet:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo \"$TITLE\"\n        env:\n          TITLE: ${{ inputs.title }}\n",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Expression(check)],
};

fn check<'a>(audit: &mut Audit<'a>, at: ExpressionAt<'a>) {
    let ("with", Some(input)) = (at.text.key, at.text.entry) else { return };
    let Some(sink) = sink(audit, &at, input) else { return };
    let Some(trace) = taint::trace(audit, &at) else { return };
    let message =
        format!("`{}` is written by anyone, and `{input}` becomes part of a script", trace.source);
    let finding = audit.report(at.span, message);
    for (span, what) in trace.through {
        finding.related(span, what);
    }
    finding.related_at(sink, "it becomes part of this script");
    finding.help("hand the input over in `env` there, and let the shell expand the variable");
}

/// Where the action or workflow that is given `input` makes a script of it.
fn sink<'a>(audit: &Audit<'a>, at: &ExpressionAt<'a>, input: &str) -> Option<Place> {
    let wanted = format!("inputs.{}", input.to_ascii_lowercase());
    let place = |path: &Arc<str>, span: Span| Place::new(Arc::clone(path), span);
    if let Some(step) = at.text.step {
        let uses = audit.uses();
        let used = uses.iter().find(|used| used.step.step.span == step.step.span)?;
        let Used::Local(action) = &used.action else { return None };
        let ActionBody::Composite(body) = &action.body else { return None };
        return scripts(&body.steps, &wanted).map(|span| place(&action.path, span));
    }
    let JobBody::Call(call) = &at.text.job?.job.body else { return None };
    let called = audit.surroundings().workflow(call.local_path()?).found()?;
    called.jobs.iter().find_map(|job| match &job.body {
        JobBody::Steps(machine) => {
            scripts(&machine.steps, &wanted).map(|span| place(&called.path, span))
        }
        _ => None,
    })
}

/// Where a script among `steps` has the expression `wanted`.
fn scripts(steps: &[Step], wanted: &str) -> Option<Span> {
    steps.iter().find_map(|step| match &step.body {
        StepBody::Run(run) => expands(&run.script, wanted),
        StepBody::Parallel(steps) => scripts(steps, wanted),
        _ => None,
    })
}

fn expands(text: &Text, wanted: &str) -> Option<Span> {
    let mut pairs = text.template.expressions().zip(&text.expressions);
    let found = pairs.find(|((expression, _), _)| {
        let mut paths = named::values(expression.root()).into_iter().filter_map(named::path);
        paths.any(|path| path == wanted)
    });
    found.map(|(_, span)| *span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_in;

    #[test]
    fn an_action_that_uses_a_variable_is_safe() {
        let action = |run: &str| {
            format!(
                "name: a\ndescription: b\ninputs:\n  branch: {{ description: c }}\nruns:\n  using: composite\n  steps:\n    - run: {run}\n      shell: bash\n      env: {{ BRANCH: '${{{{ inputs.branch }}}}' }}\n"
            )
        };
        let text = "
            on: pull_request
            jobs:
              a:
                runs-on: b
                steps:
                  - uses: ./act
                    with: { branch: '${{ github.head_ref }}' }
            ";
        let path = "act/action.yml";
        check_in(&RULE, &[(path, &action("git switch \"$BRANCH\""))], text);
        let found = text.replace(
            "head_ref }}' }",
            "head_ref }}' }\n                    #                    ^^^^^^^^^^^^^^^ `github.head_ref` is written by anyone, and `branch` becomes part of a script",
        );
        check_in(&RULE, &[(path, &action("git switch ${{ inputs.branch }}"))], &found);
    }
}
