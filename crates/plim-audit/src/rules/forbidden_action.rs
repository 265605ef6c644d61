//! An action that the repository does not allow.

use plim_diag::{Code, Severity};
use plim_workflow::{ActionReference, StepBody, Workflow};

use crate::labels::fits;
use crate::{Audit, Hook, Rule, StepAt, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("forbidden-action"),
    summary: "an action or workflow is used that the repository does not allow",
    why: "Who may run code beside the secrets of a repository is decided once, in one place, and not in each change that happens to add a step.",
    criterion: "Where `allowed-actions` is set in `plimsoll.toml`: a `uses` of another repository, in a step or as a called workflow, whose `owner/repository[/path]` fits none of its globs.",
    remedy: "Use an action that is allowed, or add a glob for this one after a look at it.",
    example: "",
    better: "",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Step(step), Hook::Workflow(workflow)],
};

fn step<'a>(audit: &mut Audit<'a>, step: StepAt<'a>) {
    let StepBody::Uses(uses) = &step.step.body else { return };
    let ActionReference::Remote { owner, repository, path, .. } = &uses.action.value else {
        return;
    };
    let name = format!("{owner}/{repository}/{path}");
    judge(audit, name.trim_end_matches('/'), uses.action.span);
}

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    for job in &workflow.jobs {
        let plim_workflow::JobBody::Call(call) = &job.body else { continue };
        let name = call.uses.value.split('@').next().unwrap_or("");
        if call.local_path().is_none() && !name.contains("://") {
            judge(audit, name, call.uses.span);
        }
    }
}

fn judge(audit: &mut Audit<'_>, name: &str, span: plim_diag::Span) {
    let Some(allowed) = &audit.surroundings().settings().allowed_actions else { return };
    let name = name.to_ascii_lowercase();
    let fits = |glob: &String| fits(glob.to_ascii_lowercase().as_bytes(), name.as_bytes());
    if !allowed.iter().any(fits) {
        audit
            .report(span, format!("`{name}` is not among `allowed-actions`"))
            .help("use one that is, or add a glob for it in `plimsoll.toml`");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;
    use crate::testing::{check, check_with};

    #[test]
    fn a_glob_allows() {
        let text = "
            jobs:
              a:
                runs-on: ubuntu-latest
                steps:
                  - uses: actions/checkout@v4
                  - uses: ./own
                  - uses: Octo/thing/sub@v1
                    #     ^^^^^^^^^^^^^^^^^ `octo/thing/sub` is not among `allowed-actions`
              b:
                uses: octo/flows/.github/workflows/a.yml@v1
                #     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `octo/flows/.github/workflows/a.yml` is not among `allowed-actions`
            ";
        let allowed = Some(vec!["actions/*".to_owned()]);
        check_with(&RULE, Settings { allowed_actions: allowed, ..Settings::default() }, text);
        let silent: String = text
            .lines()
            .filter(|line| !line.contains('^'))
            .map(|line| format!("{line}\n"))
            .collect();
        check(&RULE, &silent);
    }
}
