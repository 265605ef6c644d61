//! Code of a stranger that is checked out and run with the secrets of the repository.

use plim_diag::{Code, Severity, Span};
use plim_workflow::{ActionReference, Step, StepBody, Uses, Workflow};

use crate::remote::{Remote, input};
use crate::{Audit, Hook, Rule, Script, StepAt, Tier, UseAt};

pub(super) const RULE: Rule = Rule {
    code: Code("untrusted-checkout"),
    summary: "the code of a pull request is checked out and run with the secrets of the repository",
    why: "`pull_request_target`, `workflow_run` and comments start a workflow with a token that may write and with secrets, also for pull requests of forks. Whoever sends one decides what its build scripts, tests and local actions do with them.",
    criterion: "In a workflow that `pull_request_target`, `workflow_run` or `issue_comment` starts: a checkout whose `ref` or `repository` names the head of the pull request (`head.sha`, `head.ref`, `head_ref`, `head_sha`, `head_branch`, `refs/pull/…`), or a script that fetches it with `gh pr checkout` or git, followed in the job by a script that runs a build tool, a file of the checkout or an installer, or by a local action. Jobs with an environment, and those that ask in `if` that the repository is their own, for an author who may write, or for the output of another job, are let through, and checkouts that a `workflow_run` makes for `push` alone.",
    remedy: "Build in a `pull_request` workflow without secrets, and use what it made in another that does not run it; or let a maintainer approve each run by an environment.",
    example: "on: pull_request_target\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n        with:\n          ref: ${{ github.event.pull_request.head.sha }}\n      - run: npm test",
    better: "on: pull_request\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: npm test",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Use(check), Hook::Script(fetched)],
};

const EVENTS: [&str; 3] = ["pull_request_target", "workflow_run", "issue_comment"];
const HEADS: [&str; 8] = [
    "head.sha",
    "head.ref",
    "github.head_ref",
    "workflow_run.head_sha",
    "workflow_run.head_branch",
    "workflow_run.head_commit",
    "refs/pull/",
    "head.repo.full_name",
];
const GUARDS: [&str; 6] = [
    "head.repo.full_name ==",
    "head_repository.full_name ==",
    "author_association",
    "head.repo.fork",
    "workflow_run.event == 'push'",
    "workflow_run.event != 'pull_request'",
];
/// Words with which a script runs what the checkout holds.
const RUNS: [&str; 26] = [
    "npm ",
    "npx ",
    "yarn",
    "pnpm ",
    "bun ",
    "make",
    "cargo ",
    "go test",
    "go build",
    "go run",
    "go generate",
    "pip install",
    "pytest",
    "tox",
    "nox",
    "poetry ",
    "uv run",
    "uv sync",
    "mvn",
    "gradle",
    "dotnet ",
    "bundle ",
    "rake",
    "composer ",
    "docker build",
    "./",
];

/// The event that starts a workflow with secrets for the code of strangers.
pub(super) fn risky_event(workflow: &Workflow) -> Option<&'static str> {
    EVENTS.into_iter().find(|event| workflow.trigger(event).is_some())
}

fn check<'a>(audit: &mut Audit<'a>, used: &UseAt<'a>) {
    let Some(job) = used.step.job else { return };
    let Some(event) = risky_event(job.workflow) else { return };
    let remote = Remote::of_uses(used.uses, audit.source());
    if !remote.is_some_and(|remote| remote.is("actions/checkout")) {
        return;
    }
    let Some(head) = head(used.uses) else { return };
    if is_guarded(audit, used.step) || job.environment.is_some() {
        return;
    }
    let mut later = used.step.later().iter();
    let folder = input(used.uses, "path").map(|text| text.template.source());
    let Some(run) = later.find_map(|step| runs_it(step, folder.as_deref())) else { return };
    audit
        .report(head, format!("`{event}` runs this code of a stranger with secrets and a token"))
        .related(run, "it is run here")
        .help("build in a `pull_request` workflow, or let an environment ask a maintainer");
}

/// A script that fetches the code itself, and then runs it.
fn fetched<'a>(audit: &mut Audit<'a>, script: &Script<'a>) {
    let Some(job) = script.step.job else { return };
    let Some(event) = risky_event(job.workflow) else { return };
    let source = script.run.script.template.source();
    let mut at = 0;
    let mut lines = source.lines().zip(script.text.split_inclusive('\n')).map(|(line, blank)| {
        let start = at;
        at += blank.len();
        (
            line.trim(),
            start + blank.len() - blank.trim_start().len(),
            start + blank.trim_end().len(),
        )
    });
    let Some((first, from, to)) = lines.find(|(line, ..)| fetches(line)) else { return };
    let here = runs_something(first)
        || lines.any(|(line, ..)| !line.starts_with('#') && runs_something(line));
    let mut later = script.step.later().iter();
    if !here && !later.any(|step| runs_it(step, None).is_some())
        || is_guarded(audit, script.step)
        || job.environment.is_some()
    {
        return;
    }
    let offset = |at: usize| u32::try_from(at).unwrap_or(0);
    let place = script.place(Span::new(offset(from), offset(to)));
    audit
        .report(place, format!("`{event}` runs this code of a stranger with secrets and a token"))
        .help("build in a `pull_request` workflow, or let an environment ask a maintainer");
}

/// Whether a line puts the head of a pull request into the folder.
fn fetches(line: &str) -> bool {
    let by_git = ["git fetch", "git checkout", "git pull", "git switch", "git merge"];
    let names_head = || line.contains("pull/") || HEADS.iter().any(|head| line.contains(head));
    !line.starts_with('#')
        && (line.contains("gh pr checkout")
            || (by_git.iter().any(|command| line.contains(command)) && names_head()))
}

/// Where a checkout names the head of a pull request.
pub(super) fn head(uses: &Uses) -> Option<Span> {
    ["ref", "repository"].into_iter().find_map(|key| {
        let text = input(uses, key)?;
        let source = text.template.source();
        HEADS.iter().any(|head| source.contains(head)).then_some(text.span)
    })
}

pub(super) fn is_guarded<'a>(audit: &Audit<'a>, step: StepAt<'a>) -> bool {
    let Some(job) = step.job else { return false };
    let graph = audit.graph();
    let needed = graph.ancestors(&job.id.value).filter_map(|id| graph.job(id));
    let mut conditions =
        needed.chain([job.job]).map(|job| &job.condition).chain([&step.step.condition]).flatten();
    conditions.any(|condition| {
        let text = condition.condition.written().source();
        let text = text.replace('"', "'");
        // What another job found out is taken for a gate.
        let asks = text.contains("needs.") && text.contains(".outputs.");
        asks || GUARDS.iter().any(|guard| text.contains(guard))
    })
}

/// Where a step runs what was checked out, into `folder` if that is not the root.
fn runs_it(step: &Step, folder: Option<&str>) -> Option<Span> {
    match &step.body {
        StepBody::Run(run) => {
            let script = run.script.template.source();
            let place = run.working_directory.as_ref().map(|text| text.template.source());
            let inside = folder.is_none_or(|folder| {
                script.contains(&format!("cd {folder}"))
                    || script.contains(&format!("./{folder}/"))
                    || place.is_some_and(|place| place.contains(folder))
            });
            let mut lines = script.lines().map(str::trim).filter(|line| !line.starts_with('#'));
            (inside && lines.any(runs_something)).then_some(run.script.span)
        }
        StepBody::Uses(uses) => match &uses.action.value {
            // In a folder of its own, the checkout holds no action that is named from the root.
            ActionReference::Local { of_repository: false, .. } if folder.is_none() => {
                Some(uses.action.span)
            }
            _ => None,
        },
        StepBody::Parallel(steps) => steps.iter().find_map(|step| runs_it(step, folder)),
        _ => None,
    }
}

/// Whether a command of the line is one of those that run what a checkout holds.
fn runs_something(line: &str) -> bool {
    let commands = line.split([';', '&', '|', '(']).map(str::trim_start);
    commands.into_iter().any(|command| {
        // Variables may be set for the command, and `sudo` may run it.
        let mut rest = command;
        while let Some((word, behind)) = rest.split_once(' ') {
            if word != "sudo" && !word.contains('=') {
                break;
            }
            rest = behind.trim_start();
        }
        RUNS.iter().any(|word| rest.starts_with(word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn a_script_can_fetch_it_too() {
        check(
            &RULE,
            "
            on: issue_comment
            jobs:
              a:
                runs-on: b
                steps:
                  - run: gh pr checkout ${{ github.event.issue.number }} && npm test
                    #    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `issue_comment` runs this code of a stranger with secrets and a token
                  - run: |
                      git fetch origin pull/${{ github.event.issue.number }}/head
                      git checkout FETCH_HEAD
                    env: { A: b }
              b:
                runs-on: b
                steps:
                  - run: |
                      git fetch origin pull/${{ github.event.issue.number }}/head
                      git diff FETCH_HEAD
                  - run: |
                      # make
                      echo done
            ",
        );
    }

    #[test]
    fn it_must_be_run_and_not_guarded() {
        check(
            &RULE,
            "
            on: pull_request_target
            jobs:
              a:
                runs-on: b
                steps:
                  - uses: actions/checkout@v4
                    with:
                      ref: ${{ github.event.pull_request.head.sha }}
                      #    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `pull_request_target` runs this code of a stranger with secrets and a token
                  - run: make test
              b:
                runs-on: b
                steps:
                  - uses: actions/checkout@v4
                    with: { ref: '${{ github.head_ref }}' }
                  - run: git diff
              c:
                if: github.event.pull_request.head.repo.full_name == github.repository
                runs-on: b
                steps:
                  - uses: actions/checkout@v4
                    with: { ref: '${{ github.head_ref }}' }
                  - uses: ./.github/actions/build
              d:
                runs-on: b
                steps:
                  - uses: actions/checkout@v4
                  - run: make test
            ",
        );
    }
}
