//! A publish that takes a failure for success because of the words of an error.

use plim_diag::{Code, Severity};
use plim_workflow::Workflow;
use plim_workflow::script::Command;

use crate::deeds::{Act, Deed};
use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("publish-trusts-error-text"),
    summary: "a failed publish counts as success when its error contains some words",
    why: "`already exists` also stands in errors about something else, and says nothing about whose version it is that exists. A client that words its error differently turns a harmless repetition into a failure, or a failure into success.",
    criterion: "A command that publishes to a registry, and behind it in the same script a `grep` for `already`, `exists`, `previously published` or `cannot publish over`.",
    remedy: "Ask the registry first whether the version is there, and publish only when it is not.",
    example: "steps:\n  - run: |\n      OUTPUT=$(cargo publish 2>&1) && exit 0\n      if echo \"$OUTPUT\" | grep -q 'already exists'; then exit 0; fi\n      exit 1",
    better: "steps:\n  - run: |\n      if cargo info \"tool@$VERSION\" --registry crates-io; then exit 0; fi\n      cargo publish",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, _: &'a Workflow) {
    let deeds = audit.deeds();
    for job in &deeds.jobs {
        let mut told = None;
        for deed in job.deeds.iter().filter(|deed| matters(deed)) {
            let step = deed.step.map(|step| step.step.span);
            if told != step
                && let Some(span) = search(deed)
            {
                audit
                    .report(span, format!("words of an error decide whether {}", deed.shown()))
                    .related(deed.span, "the error is of this command")
                    .help("ask the registry first whether the version is there");
                told = step;
            }
        }
    }
}

fn matters(deed: &Deed<'_>) -> bool {
    matches!(deed.act, Act::Publish(registry) if registry.is_final())
}

/// Where the script looks for words of an error, behind the publish.
fn search(deed: &Deed<'_>) -> Option<plim_diag::Span> {
    let at = deed.command.as_ref()?;
    let later = &at.script.reading().commands[at.at + 1..];
    let found = later.iter().find(|command| is_search(command))?;
    Some(crate::deeds::place(&at.script, found))
}

fn is_search(command: &Command) -> bool {
    const WORDS: [&str; 4] = ["already", "exists", "previously published", "cannot publish over"];
    let mut words = command.call().iter().map(|word| word.text.as_str());
    let searches = matches!(words.next(), Some("grep" | "egrep" | "rg"));
    searches && words.any(|word| WORDS.iter().any(|part| word.to_lowercase().contains(part)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn other_searches_are_not_reported() {
        check(
            &RULE,
            "
            steps:
              - run: |
                  npm publish 2>&1 | tee log || grep -q 'cannot publish over' log
                  #                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ words of an error decide whether `npm publish` publishes
              - run: |
                  grep -q already state && exit 0
                  npm publish
            ",
        );
    }
}
