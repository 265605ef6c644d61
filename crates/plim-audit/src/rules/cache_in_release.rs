//! Caches in jobs that publish.

use crate::deeds::Act;
use crate::remote::{Remote, literal};
use crate::{Audit, Hook, Rule, Tier, UseAt};
use plim_diag::{Code, Severity};

pub(super) const RULE: Rule = Rule {
    code: Code("cache-in-release"),
    summary: "a job that publishes takes files from a cache that other runs fill",
    why: "Any run of the default branch can write the cache, with less care than a release gets. What is put there ends up in what is published.",
    criterion: "`actions/cache`, `Swatinem/rust-cache`, a `setup-…` action whose `cache` is switched on, or one that caches unless it is told not to (`actions/setup-go`, `astral-sh/setup-uv`, `gradle/actions`, `jdx/mise-action`), before a step of the same job that publishes a package or an image or makes a release, in a workflow that a tag, a release or hand starts and no pull request.",
    remedy: "Build what is published without a cache.",
    example: "on: release\njobs:\n  publish:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: Swatinem/rust-cache@v2\n      - run: cargo publish",
    better: "on: release\njobs:\n  publish:\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo publish",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Use(check)],
};

fn check<'a>(audit: &mut Audit<'a>, used: &UseAt<'a>) {
    let Some(job) = used.step.job else { return };
    if job.workflow.trigger("pull_request").is_some() || !is_release(job.workflow) {
        return;
    }
    if !restores(used, audit.source()) {
        return;
    }
    let deeds = audit.deeds();
    let mut later = deeds.job(&job.id.value).into_iter().flat_map(|job| &job.deeds);
    let publish = later
        .find(|deed| ships(deed.act) && deed.step.is_some_and(|step| step.index > used.step.index));
    if let Some(publish) = publish {
        audit
            .report(
                used.uses.action.span,
                "what other runs put into this cache can get into what is published",
            )
            .related(publish.span, "it is published here")
            .help("build what is published without a cache");
    }
}

fn ships(act: Act) -> bool {
    act.publishes() || matches!(act, Act::Draft | Act::Release | Act::Upload)
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
    // These cache unless they are told not to.
    const SWITCHES: [(&str, &str, &str); 6] = [
        ("actions/setup-go", "cache", "false"),
        ("astral-sh/setup-uv", "enable-cache", "false"),
        ("gradle/actions", "cache-disabled", "true"),
        ("gradle/gradle-build-action", "cache-disabled", "true"),
        ("jdx/mise-action", "cache", "false"),
        ("moonrepo/setup-rust", "cache", "false"),
    ];
    if let Some((_, input, off)) = SWITCHES.iter().find(|(name, ..)| remote.is(name)) {
        // What is computed may be off where it matters.
        let computed =
            crate::remote::input(used.uses, input).is_some() && literal(used.uses, input).is_none();
        return !computed && !is(input, off);
    }
    if remote.is("ruby/setup-ruby") {
        return is("bundler-cache", "true");
    }
    let setup = remote.repository.starts_with("setup-");
    setup && literal(used.uses, "cache").is_some_and(|value| !["", "false"].contains(&value))
}

fn source_is_save(used: &UseAt<'_>) -> bool {
    matches!(&used.uses.action.value, plim_workflow::ActionReference::Remote { path, .. } if &**path == "save")
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
        check(
            &RULE,
            "
            on: release
            jobs:
              a:
                runs-on: b
                steps:
                  - uses: actions/setup-go@v5
                    #     ^^^^^^^^^^^^^^^^^^^
                  - uses: astral-sh/setup-uv@v6
                    with: { enable-cache: false }
                  - uses: ruby/setup-ruby@v1
                    with: { bundler-cache: false }
                  - run: docker push octo/tool
            ",
        );
        check(&RULE, "steps:\n  - uses: actions/cache@v4\n  - run: npm publish\n");
    }
}
