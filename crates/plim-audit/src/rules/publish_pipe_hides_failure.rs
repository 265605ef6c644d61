//! A publish whose exit code a pipe throws away.

use plim_diag::{Code, Severity};
use plim_workflow::Workflow;
use plim_workflow::script::Joint;

use crate::deeds::{CommandAt, Deed};
use crate::{Audit, Edit, Hook, Rule, Shell, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("publish-pipe-hides-failure"),
    summary: "a publish is piped into another command, whose exit code counts instead",
    why: "Without `pipefail`, a pipe succeeds when its last command does: `cargo publish | tee log` is green although nothing was published. The runner sets `pipefail` only where `shell: bash` is written out.",
    criterion: "A command that publishes, releases, signs or deploys, followed by `|`, in a script that the default shell of Linux or macOS runs, or `sh`, with no `pipefail` in it.",
    remedy: "Write `shell: bash`, which sets `pipefail`, or `set -o pipefail` at the top of the script.",
    example: "steps:\n  - run: cargo publish | tee publish.log",
    better: "steps:\n  - run: cargo publish | tee publish.log\n    shell: bash",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, _: &'a Workflow) {
    let deeds = audit.deeds();
    for deed in deeds.jobs.iter().flat_map(|job| &job.deeds) {
        let matters = deed.act.ships() || deed.act == crate::deeds::Act::Sign;
        if let Some(command) = deed.command.as_ref().filter(|command| matters && is_hidden(command))
        {
            report(audit, deed, command);
        }
    }
}

fn is_hidden(command: &CommandAt<'_>) -> bool {
    let shell = matches!(command.script.shell, Shell::Bash { pipefail: false } | Shell::Sh);
    shell && command.command().joint == Joint::Pipe && !command.script.text.contains("pipefail")
}

fn report<'a>(audit: &mut Audit<'a>, deed: &Deed<'a>, command: &CommandAt<'a>) {
    let edit = fix(audit.source(), command);
    let finding =
        audit.report(command.span(), format!("{}, and the pipe hides its failure", deed.shown()));
    finding.help("write `shell: bash`, which sets `pipefail`");
    if let Some(edit) = edit {
        finding.unsafe_fix("set `shell: bash`", vec![edit]);
    }
}

fn fix(source: &str, command: &CommandAt<'_>) -> Option<Edit> {
    let step = command.script.step.step.span;
    let start = usize::try_from(step.start).ok()?;
    let line = source.get(..start)?.rfind('\n')? + 1;
    let before = source.get(line..start)?;
    let block = before.trim() == "-" && !source.get(start..)?.starts_with('{');
    let free = command.script.run.shell.is_none() && command.script.shell != Shell::Sh;
    let text = format!("shell: bash\n{}", " ".repeat(before.len()));
    (block && free).then(|| Edit::insert(step.start, text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_fix};

    #[test]
    fn a_pipe_that_fails_is_not_reported() {
        check(
            &RULE,
            "
            steps:
              - run: npm publish | tee log
                #    ^^^^^^^^^^^ `npm publish` publishes, and the pipe hides its failure
              - run: npm publish | tee log
                shell: bash
              - run: |
                  set -euo pipefail
                  npm publish | tee log
              - run: echo a | docker push x
              - run: npm test | tee log
            ",
        );
    }

    #[test]
    fn the_shell_is_written_out() {
        check_fix(
            &RULE,
            "
            steps:
              - run: npm publish | tee log
            ",
            "
            steps:
              - shell: bash
                run: npm publish | tee log
            ",
        );
    }
}
