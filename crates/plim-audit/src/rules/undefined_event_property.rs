//! A property of `github.event` is read that no trigger of the workflow gives.

use plim_diag::{Code, Severity};

use crate::{Audit, Hook, MistakeAt, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("undefined-event-property"),
    summary: "a property of the event is read that no trigger of the workflow gives",
    why: "The event has what its webhook sends. What belongs to another event is empty, and no error: a workflow that now also runs on `push` has no `pull_request` there.",
    criterion: "`github.event.NAME` where no event under `on` has `NAME`, and properties of the well-known objects in it, such as `github.event.pull_request.NAME`. Nothing is reported in workflows that others call, nor in actions, nor where `||` gives something else instead.",
    remedy: "Read what the event has, or add the trigger that is meant.",
    example: "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ github.event.pull_request.number }}",
    better: "on: pull_request\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ github.event.pull_request.number }}",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Mistake(mistake)],
};

fn mistake<'a>(audit: &mut Audit<'a>, at: &MistakeAt<'a>) {
    let Some(missing) = at.missing() else { return };
    let ["github", event, rest @ ..] = &*missing.path else { return };
    let inputs = rest.first().is_some_and(|name| name.eq_ignore_ascii_case("inputs"));
    // Where something else is given instead, one text serves several events.
    let fallback = rest.is_empty() && at.mistake.optional && missing.closest().is_none();
    if !event.eq_ignore_ascii_case("event") || inputs || fallback {
        return;
    }
    let message = match rest {
        [] => format!("no event that starts this workflow has `{}`", missing.name),
        [object, ..] => format!("`{object}` has no property `{}`", missing.name),
    };
    missing.report(
        audit,
        at.span(),
        message,
        "read what the event has, or add the trigger that is meant",
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn each_event_has_its_own() {
        check(
            &RULE,
            "
            on: [push, issues]
            jobs:
              test:
                runs-on: ubuntu-latest
                steps:
                  - run: echo ${{ github.event.issue.number }} ${{ github.event.head_commit.id }}
                  - run: echo ${{ github.event.pull_request.number || 0 }} ${{ github.event.isue.number || 0 }}
                    #                                                                       ^^^^ no event that starts this workflow has `isue`
                  - run: echo ${{ github.event.pull_request.number }} ${{ github.event.issue.nubmer }}
                    #                          ^^^^^^^^^^^^ no event that starts this workflow has `pull_request`
                    #                                                                        ^^^^^^ `issue` has no property `nubmer`
            ",
        );
        check(
            &RULE,
            "
            on: [push, workflow_call]
            jobs: { test: { runs-on: a, steps: [run: '${{ github.event.any }}'] } }
            ",
        );
        check(
            &RULE,
            "
            on: pull_request_target
            jobs:
              test:
                runs-on: ubuntu-latest
                if: github.event.pull_request.head.any && contains(github.event.pull_request.labels.*.name, 'a')
                steps: [run: a]
            ",
        );
    }
}
