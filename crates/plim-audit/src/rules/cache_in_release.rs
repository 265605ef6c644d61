//! Caches in jobs that publish.

use plim_diag::{Code, Severity};
use plim_workflow::{Step, StepBody};

use crate::remote::{Remote, literal};
use crate::{Audit, Hook, Rule, Tier, UseAt};

pub(super) const RULE: Rule = Rule {
    code: Code("cache-in-release"),
    summary: "a job that publishes takes files from a cache that other runs fill",
    why: "Any run of the default branch can write the cache, with less care than a release gets. What is put there ends up in what is published.",
    criterion: "`actions/cache`, `Swatinem/rust-cache`, or a `setup-…` action whose `cache` is switched on, before a step of the same job that publishes a package or makes a release (a command such as `cargo publish`, `npm publish`, `twine upload`, `gh release create`, or a well-known action), in a workflow that a tag, a release or hand starts and no pull request.",
    remedy: "Build what is published without a cache.",
    example: "on: release\njobs:\n  publish:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: Swatinem/rust-cache@v2\n      - run: cargo publish",
    better: "on: release\njobs:\n  publish:\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo publish",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Use(check)],
};

const COMMANDS: [&str; 10] = [
    "cargo publish",
    "npm publish",
    "pnpm publish",
    "yarn npm publish",
    "twine upload",
    "uv publish",
    "poetry publish",
    "gem push",
    "gh release create",
    "gh release upload",
];
const ACTIONS: [&str; 6] = [
    "goreleaser/goreleaser-action",
    "ncipollo/release-action",
    "pypa/gh-action-pypi-publish",
    "softprops/action-gh-release",
    "taiki-e/upload-rust-binary-action",
    "js-devtools/npm-publish",
];

fn check<'a>(audit: &mut Audit<'a>, used: &UseAt<'a>) {
    let Some(job) = used.step.job else { return };
    if job.workflow.trigger("pull_request").is_some() || !is_release(job.workflow) {
        return;
    }
    if !restores(used, audit.source()) {
        return;
    }
    let mut later = used.step.later().iter();
    let source = audit.source();
    if let Some(publish) = later.find(|step| publishes(step, source)) {
        audit
            .report(
                used.uses.action.span,
                "what other runs put into this cache can get into what is published",
            )
            .related(publish.span, "it is published here")
            .help("build what is published without a cache");
    }
}

fn is_release(workflow: &plim_workflow::Workflow) -> bool {
    let by_tag =
        workflow.trigger("push").is_some_and(|push| push.tags.is_some() && push.branches.is_none());
    by_tag
        || workflow.trigger("release").is_some()
        || workflow.triggers.iter().all(|it| &*it.event.value == "workflow_dispatch")
}

fn restores(used: &UseAt<'_>, source: &str) -> bool {
    let Some(remote) = Remote::of_uses(used.uses, source) else { return false };
    let is = |name: &str, value: &str| literal(used.uses, name) == Some(value);
    if remote.is("actions/cache") {
        return !is("lookup-only", "true") && !source_is_save(used);
    }
    if remote.is("Swatinem/rust-cache") {
        return !is("lookup-only", "true");
    }
    let setup = remote.repository.starts_with("setup-");
    setup && literal(used.uses, "cache").is_some_and(|value| !["", "false"].contains(&value))
}

fn source_is_save(used: &UseAt<'_>) -> bool {
    matches!(&used.uses.action.value, plim_workflow::ActionReference::Remote { path, .. } if &**path == "save")
}

fn publishes(step: &Step, source: &str) -> bool {
    match &step.body {
        StepBody::Run(run) => {
            let script = run.script.template.source();
            let lines = script.lines().map(str::trim).filter(|line| !line.starts_with('#'));
            lines.into_iter().any(|line| {
                COMMANDS.iter().any(|command| line.contains(command)) && !line.contains("--dry-run")
            })
        }
        StepBody::Uses(uses) => Remote::of_uses(uses, source)
            .is_some_and(|remote| ACTIONS.iter().any(|name| remote.is(name))),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn only_before_what_is_published() {
        check(
            &RULE,
            "
            on: { push: { tags: ['v*'] } }
            jobs:
              a:
                runs-on: b
                steps:
                  - uses: actions/setup-node@v4
                    #     ^^^^^^^^^^^^^^^^^^^^^
                    with: { cache: npm }
                  - uses: actions/cache/save@v4
                  - run: npm publish
                  - uses: actions/cache@v4
            ",
        );
        check(&RULE, "steps:\n  - uses: actions/cache@v4\n  - run: npm publish\n");
    }
}
