//! Shells that the runner does not know.

use plim_diag::{Code, Severity, closest};
use plim_workflow::{Run, StepBody, Text, Workflow};

use crate::{Audit, Hook, JobAt, Rule, StepAt, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("unknown-shell"),
    summary: "a `shell` is none that the runner knows",
    why: "The runner fails the step before it starts.",
    criterion: "A `shell` without `{0}` whose first word is none of `bash`, `sh`, `pwsh`, `powershell`, `cmd` and `python`, and one of these with options but without `{0}`.",
    remedy: "Write one of these names, or the whole line with `{0}` where the file goes: `perl {0}`.",
    example: "steps:\n  - run: say 1\n    shell: perl",
    better: "steps:\n  - run: say 1\n    shell: perl {0}",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Step(step), Hook::Job(job), Hook::Workflow(workflow)],
};

/// The shells whose arguments the runner knows, as in its `ScriptHandlerHelpers.cs`.
const BUILT_IN: [&str; 6] = ["bash", "sh", "pwsh", "powershell", "cmd", "python"];

fn step<'a>(audit: &mut Audit<'a>, step: StepAt<'a>) {
    if let StepBody::Run(Run { shell, .. }) = &step.step.body {
        judge(audit, shell.as_ref());
    }
}

fn job<'a>(audit: &mut Audit<'a>, job: JobAt<'a>) {
    judge(audit, job.job.defaults.shell.as_ref());
}

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    judge(audit, workflow.defaults.shell.as_ref());
}

fn judge(audit: &mut Audit<'_>, shell: Option<&Text>) {
    let Some((name, span)) =
        shell.and_then(|shell| Some((shell.template.is_literal()?, shell.span)))
    else {
        return;
    };
    let built_in = BUILT_IN.iter().any(|known| known.eq_ignore_ascii_case(name));
    if built_in || name.contains("{0}") {
        return;
    }
    let finding = audit.report(span, format!("`{name}` is no shell that the runner knows"));
    match closest(name, BUILT_IN) {
        Some(near) => finding.help(format!("write `{near}`")),
        None => finding.help(format!(
            "write `{name} {{0}}`; the file of the script takes the place of `{{0}}`"
        )),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn names_and_lines() {
        check(
            &RULE,
            "
            on: push
            defaults: { run: { shell: zsh } }
            #                         ^^^ `zsh` is no shell that the runner knows
            jobs:
              test:
                runs-on: ubuntu-latest
                steps:
                  - { run: a, shell: bash }
                  - { run: a, shell: python }
                  - { run: a, shell: 'bash -l {0}' }
                  - { run: a, shell: bash -l }
                  #                  ^^^^^^^
                  - { run: a, shell: node }
                  #                  ^^^^
            ",
        );
    }
}
