//! Lines for `$GITHUB_ENV` and `$GITHUB_PATH` that a stranger can write.

use plim_diag::{Code, Severity, Span};

use crate::{Audit, Hook, Rule, Script, Tier, guards};

pub(super) const RULE: Rule = Rule {
    code: Code("untrusted-environment-file"),
    summary: "what is not checked is appended to `$GITHUB_ENV` or `$GITHUB_PATH`",
    why: "Who controls one line can set `LD_PRELOAD`, `NODE_OPTIONS` or the path of programs for every later step. A line end in a value is enough.",
    criterion: "In a workflow that `pull_request_target` or `workflow_run` starts, in a job whose `if` asks for no label or association that only members have: a line of a shell script that appends a file, the output of a command that reads one (`cat`, `jq`, `head`), or `${{ github.event… }}` and `${{ github.head_ref }}` to `$GITHUB_ENV` or `$GITHUB_PATH`.",
    remedy: "Use an output of the step instead, or check the value against what it may be first.",
    example: "on: workflow_run\njobs:\n  report:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo \"NUMBER=$(cat number.txt)\" >> \"$GITHUB_ENV\"",
    better: "on: workflow_run\njobs:\n  report:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo \"number=$(grep -xE '[0-9]+' number.txt)\" >> \"$GITHUB_OUTPUT\"",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Script(check)],
};

fn check<'a>(audit: &mut Audit<'a>, script: &Script<'a>) {
    let Some(job) = script.step.job else { return };
    let risky = ["pull_request_target", "workflow_run"];
    let started = risky.iter().any(|event| job.workflow.trigger(event).is_some());
    if !started || guards::keeps_strangers_out(job) {
        return;
    }
    let source = script.run.script.template.source();
    let mut at = 0;
    for (line, blank) in source.lines().zip(script.text.split_inclusive('\n')) {
        let start = at;
        at += blank.len();
        if is_open(line.trim()) {
            let indent = blank.len() - blank.trim_start().len();
            let (from, to) = (start + indent, start + blank.trim_end().len());
            let span = Span::new(u32::try_from(from).unwrap_or(0), u32::try_from(to).unwrap_or(0));
            audit
                .report(
                    script.place(span),
                    "what is not checked here sets the environment of later steps",
                )
                .help("use an output of the step, or check the value first");
        }
    }
}

fn is_open(line: &str) -> bool {
    let file = ["GITHUB_ENV", "GITHUB_PATH"].iter().filter_map(|file| line.find(file)).min();
    let Some(value) = file.and_then(|at| line.get(..at)).filter(|value| value.contains(">>"))
    else {
        return false;
    };
    let reads = ["cat ", "jq ", "head ", "tail ", "$(<"].iter().any(|word| value.contains(word));
    let event = [
        "github.event.pull_request.title",
        "github.event.pull_request.body",
        "github.head_ref",
        "head_branch",
        "head.ref",
    ]
    .iter()
    .any(|path| value.contains(path));
    let checked = ["grep", "tr -", "sed "].iter().any(|word| value.contains(word));
    (reads || event) && !checked && !line.starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::findings_of;

    #[test]
    fn files_and_the_event_are_open() {
        let found = |event: &str, line: &str| {
            let text = format!(
                "on: {event}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n          {line}\n"
            );
            findings_of(&RULE, &text).len()
        };
        assert_eq!(found("workflow_run", "cat vars.txt >> \"$GITHUB_ENV\""), 1);
        assert_eq!(found("workflow_run", "echo \"A=${{ github.head_ref }}\" >> $GITHUB_PATH"), 1);
        assert_eq!(found("workflow_run", "echo A=b >> $GITHUB_ENV"), 0);
        assert_eq!(found("workflow_run", "echo \"A=$(grep -x b vars.txt)\" >> $GITHUB_ENV"), 0);
        let labelled = "on: pull_request_target\njobs:\n  a:\n    if: github.event.label.name == 'ok'\n    runs-on: b\n    steps:\n      - run: cat vars.txt >> $GITHUB_ENV\n";
        assert!(findings_of(&RULE, labelled).is_empty());
        assert_eq!(found("push", "cat vars.txt >> \"$GITHUB_ENV\""), 0);
    }
}
