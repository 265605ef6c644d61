//! Filters that take back what no pattern has chosen.

use plim_diag::{Code, Severity};
use plim_workflow::{Filter, Workflow};

use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("only-negative-patterns"),
    summary: "every pattern of a filter begins with `!`",
    why: "A pattern with `!` takes back what patterns before it have chosen. Where they all do, nothing is chosen, and the event never starts the workflow.",
    criterion: "`branches`, `tags` or `paths` with patterns that all begin with `!`.",
    remedy: "Use the `-ignore` form without `!`, or put `'**'` first.",
    example: "on:\n  push:\n    paths: ['!docs/**']\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    better: "on:\n  push:\n    paths-ignore: ['docs/**']\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    for trigger in &workflow.triggers {
        let filters =
            [("branches", &trigger.branches), ("tags", &trigger.tags), ("paths", &trigger.paths)];
        for (key, filter) in filters {
            judge(audit, &trigger.event.value, key, filter.as_ref());
        }
    }
}

fn judge(audit: &mut Audit<'_>, event: &str, key: &str, filter: Option<&Filter>) {
    let Some(filter) = filter.filter(|filter| !filter.ignore) else { return };
    let Some(first) = filter.patterns.first() else { return };
    if filter.patterns.iter().all(|pattern| pattern.value.starts_with('!')) {
        let message =
            format!("nothing is chosen that `!` could take back, so `{event}` never starts this");
        let help = format!("use `{key}-ignore` without `!`, or put `'**'` first");
        audit.report(first.span, message).help(help);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn something_must_be_chosen() {
        check(
            &RULE,
            "
            on:
              push:
                branches: ['!dev', '!old']
                #          ^^^^^^ nothing is chosen that `!` could take back, so `push` never starts this
                tags: ['**', '!v0*']
              pull_request:
                paths-ignore: ['!a']
            jobs:
              test:
                runs-on: ubuntu-latest
                steps: [run: make]
            ",
        );
    }
}
