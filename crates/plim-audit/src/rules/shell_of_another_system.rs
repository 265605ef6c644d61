//! Shells that the system of a job does not have.

use plim_diag::{Code, Severity};
use plim_workflow::{StepBody, Text};

use crate::labels::system;
use crate::{Audit, Hook, Rule, StepAt, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("shell-of-another-system"),
    summary: "a script asks for a shell that its system does not have",
    why: "`cmd` and `powershell` are there on Windows only: the runner does not find them elsewhere, and fails the step.",
    criterion: "`shell: cmd` or `shell: powershell`, also from `defaults`, in a job whose only label is a hosted one of Linux or macOS.",
    remedy: "Use `pwsh`, which is on every hosted runner, or `bash`.",
    example: "steps:\n  - run: Get-ChildItem\n    shell: powershell",
    better: "steps:\n  - run: Get-ChildItem\n    shell: pwsh",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Step(step)],
};

fn step<'a>(audit: &mut Audit<'a>, step: StepAt<'a>) {
    let (StepBody::Run(run), Some(job)) = (&step.step.body, step.job) else { return };
    let inherited = || job.job.defaults.shell.as_ref().or(job.workflow.defaults.shell.as_ref());
    let shell: Option<&Text> = run.shell.as_ref().or_else(inherited);
    let Some((name, span)) =
        shell.and_then(|shell| Some((shell.template.is_literal()?, shell.span)))
    else {
        return;
    };
    let of_windows = name.eq_ignore_ascii_case("cmd") || name.eq_ignore_ascii_case("powershell");
    let system = if of_windows { job.machine().and_then(system) } else { None };
    if let Some(system) = system.filter(|system| *system != "windows") {
        let place = if system == "linux" { "Linux" } else { "macOS" };
        let help = if name.eq_ignore_ascii_case("cmd") { "write `bash`" } else { "write `pwsh`" };
        audit.report(span, format!("there is no `{name}` on {place}")).help(help);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn shells_of_windows_elsewhere() {
        check(
            &RULE,
            "
            jobs:
              a:
                runs-on: ubuntu-latest
                steps:
                  - { run: dir, shell: cmd }
                  #                    ^^^ there is no `cmd` on Linux
                  - { run: dir, shell: pwsh }
              b:
                runs-on: macos-15
                defaults: { run: { shell: powershell } }
                #                         ^^^^^^^^^^ there is no `powershell` on macOS
                steps: [run: dir]
              c:
                runs-on: windows-latest
                steps:
                  - { run: dir, shell: cmd }
              d:
                strategy: { matrix: { os: [ubuntu-latest] } }
                runs-on: ${{ matrix.os }}
                steps:
                  - { run: dir, shell: cmd }
            ",
        );
    }
}
