//! Lines for `$GITHUB_ENV` and `$GITHUB_PATH` that a stranger can write.

use plim_diag::{Code, Severity, Span};
use plim_workflow::Entries;

use crate::{Audit, Hook, Rule, Script, Tier, guards};

pub(super) const RULE: Rule = Rule {
    code: Code("untrusted-environment-file"),
    summary: "what is not checked is appended to `$GITHUB_ENV` or `$GITHUB_PATH`",
    why: "Who controls one line can set `LD_PRELOAD`, `NODE_OPTIONS` or the path of programs for every later step. A line end in a value is enough.",
    criterion: "In a workflow that `pull_request_target` or `workflow_run` starts, in a job whose `if` asks for no label or association that only members have: a line of a shell script that appends a file, the output of a command that reads one (`cat`, `jq`, `head`), the title, body or branch of a pull request, or a variable that holds one of these, to `$GITHUB_ENV` or `$GITHUB_PATH`, by `>>` or `tee -a`. What `grep -x` or `tr` lets through counts as checked.",
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
    let strangers = of_strangers(script);
    let mut at = 0;
    for (line, blank) in source.lines().zip(script.text.split_inclusive('\n')) {
        let start = at;
        at += blank.len();
        if is_open(line.trim(), &source, &strangers) {
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

/// Whether a stranger can write what a line of `script` appends to a file of the runner.
fn is_open(line: &str, script: &str, strangers: &[&str]) -> bool {
    let Some(value) = appended(line).filter(|_| !line.starts_with('#')) else { return false };
    let reads = |text: &str| READS.iter().any(|word| text.contains(word));
    let event = |text: &str| EVENT.iter().any(|path| text.contains(path));
    let mut names = value.split('$').skip(1).map(|rest| {
        let rest = rest.trim_start_matches('{');
        rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or("")
    });
    // A variable counts that holds what a stranger wrote, or what a command made of that.
    let by_name = names.any(|name| {
        let assigned = script.lines().filter_map(|line| line.trim().split_once('='));
        let made = assigned.filter(|(variable, _)| *variable == name).any(|(_, made)| {
            let of_stranger = strangers.iter().any(|it| mentions(made, it));
            made.contains("$(") && (of_stranger || reads(made)) && !is_checked(made)
        });
        !name.is_empty() && (strangers.contains(&name) || made)
    });
    (reads(value) || event(value) || by_name) && !is_checked(value)
}

/// Commands that read a file.
const READS: [&str; 5] = ["cat ", "jq ", "head ", "tail ", "$(<"];

/// What strangers write of an event.
const EVENT: [&str; 5] = [
    "github.event.pull_request.title",
    "github.event.pull_request.body",
    "github.head_ref",
    "head_branch",
    "head.ref",
];

/// What a line appends to the file of variables or of the path, by `>>` or `tee -a`.
fn appended(line: &str) -> Option<&str> {
    let file = ["GITHUB_ENV", "GITHUB_PATH"].iter().filter_map(|file| line.find(file)).min()?;
    let value = line.get(..file)?;
    (value.contains(">>") || value.contains("tee -a")).then_some(value)
}

/// Whether only what fits a whole pattern is let through.
fn is_checked(value: &str) -> bool {
    let mut words = value.split_whitespace();
    let whole = words.clone().any(|word| word.starts_with('-') && word.contains('x'));
    words.any(|word| word.trim_start_matches("$(").ends_with("grep")) && whole
        || ["tr -", "wc ", "sha256sum"].iter().any(|word| value.contains(word))
}

fn mentions(text: &str, name: &str) -> bool {
    text.contains(&format!("${name}")) || text.contains(&format!("${{{name}"))
}

/// The variables of the step that hold what a stranger wrote.
fn of_strangers<'a>(script: &Script<'a>) -> Vec<&'a str> {
    let env = script.step.step.env.as_ref().map(Entries::written).unwrap_or_default();
    let open = env.iter().filter(|(_, text)| {
        let source = text.template.source();
        EVENT.iter().any(|path| source.contains(path))
    });
    open.map(|(name, _)| &*name.value).collect()
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
        let with_title = |script: &str| {
            let text = format!(
                "on: pull_request_target\njobs:\n  a:\n    runs-on: b\n    steps:\n      - env: {{ TITLE: '${{{{ github.event.pull_request.title }}}}' }}\n        run: |\n          {script}\n"
            );
            findings_of(&RULE, &text).len()
        };
        assert_eq!(with_title("echo \"T=$TITLE\" | tee -a \"$GITHUB_ENV\""), 1);
        assert_eq!(with_title("echo T=$OTHER >> $GITHUB_ENV"), 0);
        let made = |by: &str| {
            with_title(&format!("part=$({by})\n          echo \"P=${{part}}\" >> $GITHUB_ENV"))
        };
        assert_eq!(made("echo \"$TITLE\" | grep -o '[a-z]*'"), 1);
        assert_eq!(made("echo \"$TITLE\" | grep -ox '[a-z]*'"), 0);
        assert_eq!(made("date"), 0);
        let labelled = "on: pull_request_target\njobs:\n  a:\n    if: github.event.label.name == 'ok'\n    runs-on: b\n    steps:\n      - run: cat vars.txt >> $GITHUB_ENV\n";
        assert!(findings_of(&RULE, labelled).is_empty());
        assert_eq!(found("push", "cat vars.txt >> \"$GITHUB_ENV\""), 0);
    }
}
