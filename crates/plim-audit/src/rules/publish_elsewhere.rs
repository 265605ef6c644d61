//! A publish outside of the workflows that are declared to release.

use plim_diag::{Code, Severity};
use plim_workflow::Workflow;

use crate::deeds::Act;
use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("publish-elsewhere"),
    summary: "something is published outside of the declared release workflow",
    why: "The release workflow has the gates, the order and the environment. What another workflow publishes passes by all of them, and nobody looks there when a version is wrong.",
    criterion: "Where `release-workflows` is set in `plimsoll.toml`: a job of another workflow that publishes to a registry, makes a release public or adds files to one, itself and not by calling one of those workflows.",
    remedy: "Move the job into the release workflow, or list its file in `release-workflows`.",
    example: "",
    better: "",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, _: &'a Workflow) {
    let declared = &audit.surroundings().settings().release_workflows;
    let own = audit.subject().path.rsplit('/').next().unwrap_or("");
    if declared.is_empty() || declared.iter().any(|name| name.rsplit('/').next() == Some(own)) {
        return;
    }
    let deeds = audit.deeds();
    for job in &deeds.jobs {
        let ships = |act: Act| act.publishes() || matches!(act, Act::Release | Act::Upload);
        let Some((_, deed)) = job.first(ships).filter(|(_, deed)| deed.step.is_some()) else {
            continue;
        };
        let message = format!("{} outside of `{}`", deed.shown(), declared.join("`, `"));
        audit.report(deed.span, message).help("move the job into the release workflow");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;
    use crate::testing::{check, check_with};

    #[test]
    fn only_the_declared_workflow_may_publish() {
        let settings = |name: &str| Settings {
            release_workflows: vec![name.to_owned()],
            ..Settings::default()
        };
        let silent = "steps:\n  - run: cargo publish\n";
        check_with(
            &RULE,
            settings("release.yml"),
            "
            steps:
              - run: cargo publish
                #    ^^^^^^^^^^^^^ `cargo publish` publishes outside of `release.yml`
              - run: kubectl apply -f x
            ",
        );
        check_with(&RULE, settings("test.yml"), silent);
        check(&RULE, silent);
    }
}
