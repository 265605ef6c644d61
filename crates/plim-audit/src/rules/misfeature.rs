//! Features that are there and better not used.

use plim_diag::{Code, Severity};
use plim_workflow::{Defaults, StepBody, Workflow};

use crate::remote::{Remote, input};
use crate::{Audit, Hook, JobAt, Rule, StepAt, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("misfeature"),
    summary: "a feature is used that is there for old files only",
    why: "`cmd` goes on after a command that failed, and its quoting cannot be made safe. `pip-install` of `actions/setup-python` installs into the Python of the machine, without a lock.",
    criterion: "`shell: cmd`, and the input `pip-install` of `actions/setup-python`.",
    remedy: "Use `pwsh` or `bash`; install in a script, from a lock.",
    example: "steps:\n  - run: build.bat\n    shell: cmd",
    better: "steps:\n  - run: ./build.bat\n    shell: pwsh",
    severity: Severity::Note,
    tier: Tier::Pedantic,
    hooks: &[Hook::Workflow(workflow), Hook::Job(job), Hook::Step(step)],
};

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    defaults(audit, &workflow.defaults);
}

fn job<'a>(audit: &mut Audit<'a>, job: JobAt<'a>) {
    defaults(audit, &job.job.defaults);
}

fn defaults(audit: &mut Audit<'_>, defaults: &Defaults) {
    if let Some(shell) = &defaults.shell {
        judge(audit, shell);
    }
}

fn judge(audit: &mut Audit<'_>, shell: &plim_workflow::Text) {
    let name = shell.template.is_literal().unwrap_or("");
    if matches!(name.split_whitespace().next(), Some("cmd" | "cmd.exe")) {
        audit
            .report(shell.span, "`cmd` goes on after a command that failed")
            .help("use `pwsh` or `bash`");
    }
}

fn step<'a>(audit: &mut Audit<'a>, step: StepAt<'a>) {
    match &step.step.body {
        StepBody::Run(run) => {
            if let Some(shell) = &run.shell {
                judge(audit, shell);
            }
        }
        StepBody::Uses(uses) => {
            let remote = Remote::of_uses(uses, audit.source());
            if remote.is_some_and(|remote| remote.is("actions/setup-python"))
                && let Some(given) = input(uses, "pip-install")
            {
                audit
                    .report(
                        given.span,
                        "this installs into the Python of the machine, without a lock",
                    )
                    .help("install in a script, from a lock");
            }
        }
        _ => {}
    }
}
