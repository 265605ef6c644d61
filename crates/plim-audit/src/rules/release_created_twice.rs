//! Two jobs of one workflow that make the same release.

use plim_diag::{Code, Severity};
use plim_workflow::Workflow;

use crate::deeds::{Act, Deed, Deeds, JobDeeds};
use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("release-created-twice"),
    summary: "two jobs of one workflow create the same release",
    why: "Whichever job comes first creates the release, and the other fails, or silently takes it over: one makes public what the other holds as a draft, and the files and notes are those of the last one that wrote.",
    criterion: "Two jobs that can run in the same run and both create a release or make one public, where neither waits for the other, or the later one is a command that refuses what is there already. Jobs of a release of their own, by a `tag_name` or a first argument that differs, jobs whose conditions compare, and legs of one matrix are not reported.",
    remedy: "Let one job create the release as a draft; let the others add files to it; let the last one make it public.",
    example: "jobs:\n  linux:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: softprops/action-gh-release@v2\n  macos:\n    runs-on: macos-latest\n    steps:\n      - run: gh release create \"$GITHUB_REF_NAME\"",
    better: "jobs:\n  linux:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: softprops/action-gh-release@v2\n  macos:\n    runs-on: macos-latest\n    needs: linux\n    steps:\n      - run: gh release upload \"$GITHUB_REF_NAME\" tool",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn creates(act: Act) -> bool {
    matches!(act, Act::Draft | Act::Release)
}

fn workflow<'a>(audit: &mut Audit<'a>, _: &'a Workflow) {
    let deeds = audit.deeds();
    let creators: Vec<_> = creators(&deeds);
    for (at, (job, deed)) in creators.iter().enumerate() {
        let twin = creators[..at].iter().find(|(other, twin)| {
            !excludes(job)
                && !excludes(other)
                && same_release(deed, twin)
                && !hands_over(audit, (job, deed), (other, twin))
        });
        if let Some((other, twin)) = twin {
            let message =
                format!("the jobs `{}` and `{}` both create the release", other.id(), job.id());
            let graph = audit.graph();
            let ordered =
                graph.waits_for(job.id(), other.id()) || graph.waits_for(other.id(), job.id());
            let edge = match ordered {
                true => format!(
                    "`{}` and `{}` are in an order, and the later one creates it again",
                    other.id(),
                    job.id()
                ),
                false => format!("an edge between `{}` and `{}` is missing", other.id(), job.id()),
            };
            audit
                .report(deed.span, message)
                .note(edge)
                .related(twin.span, format!("the job `{}` creates it here", other.id()))
                .help("let one job create it, and the others add files to it");
        }
    }
}

fn creators<'d, 'a>(deeds: &'d Deeds<'a>) -> Vec<(&'d JobDeeds<'a>, &'d Deed<'a>)> {
    // What a called workflow releases is told there.
    let own = |job: &'d JobDeeds<'a>| {
        let deed = job.deeds.iter().find(|deed| creates(deed.act) && deed.step.is_some());
        deed.map(|deed| (job, deed))
    };
    deeds.jobs.iter().filter_map(own).collect()
}

/// Whether the later one finds what the earlier one created, and adds to it or makes it public.
fn hands_over(
    audit: &Audit<'_>,
    (job, deed): (&JobDeeds<'_>, &Deed<'_>),
    (other, twin): (&JobDeeds<'_>, &Deed<'_>),
) -> bool {
    let graph = audit.graph();
    let refuses = |later: &Deed<'_>| later.said.contains("create");
    match () {
        () if graph.waits_for(job.id(), other.id()) => !refuses(deed),
        () if graph.waits_for(other.id(), job.id()) => !refuses(twin),
        () => creates_nothing(deed) || creates_nothing(twin),
    }
}

/// It changes a release that is there.
fn creates_nothing(deed: &Deed<'_>) -> bool {
    let said = &deed.said;
    said.contains("release edit") || said.starts_with("gh api ") || said.starts_with("curl ")
}

/// A condition that chooses between alternatives may exclude the other job.
fn excludes(job: &JobDeeds<'_>) -> bool {
    let condition = job.job.job.condition.as_ref();
    let source = condition.map(|condition| condition.condition.expression().source());
    source.is_some_and(|source| {
        ["==", "!=", "startsWith", "endsWith", "contains", "inputs.", "outputs."]
            .iter()
            .any(|part| source.contains(part))
    })
}

/// Whether nothing says that they are of different tags.
fn same_release(one: &Deed<'_>, other: &Deed<'_>) -> bool {
    let (one, other) = (tag(one), tag(other));
    match (one, other) {
        (Some(one), Some(other)) => one == other || is_ref(&one) && is_ref(&other),
        (Some(one), None) | (None, Some(one)) => is_ref(&one),
        (None, None) => true,
    }
}

fn is_ref(tag: &str) -> bool {
    tag.contains("github.ref") || tag.contains("GITHUB_REF")
}

/// The tag that is written out for it.
fn tag(deed: &Deed<'_>) -> Option<String> {
    if let Some(command) = &deed.command {
        let call = command.command().call();
        let mut words =
            call.iter().skip_while(|word| !matches!(word.text.as_str(), "create" | "edit"));
        return words.nth(1).map(|word| word.text.clone());
    }
    let plim_workflow::StepBody::Uses(uses) = &deed.step?.step.body else { return None };
    let named =
        |name: &str| matches!(name.to_ascii_lowercase().as_str(), "tag_name" | "tag" | "ref");
    let entry = uses.with.written().iter().find(|(key, _)| named(&key.value));
    entry.map(|(_, text)| text.template.source())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn two_jobs_with_different_steps_are_found() {
        check(
            &RULE,
            "
            jobs:
              a:
                runs-on: ubuntu-latest
                steps: [uses: softprops/action-gh-release@v2]
              b:
                runs-on: ubuntu-latest
                needs: a
                steps:
                  - run: gh release create $GITHUB_REF_NAME x
                  #      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the jobs `a` and `b` both create the release
            ",
        );
    }

    #[test]
    fn a_draft_that_becomes_public_and_another_tag_are_not() {
        check(
            &RULE,
            "
            jobs:
              draft:
                runs-on: ubuntu-latest
                steps: [{ uses: softprops/action-gh-release@v2, with: { draft: true } }]
              public:
                runs-on: ubuntu-latest
                needs: draft
                steps: [run: gh release edit $TAG --draft=false]
              nightly:
                runs-on: ubuntu-latest
                steps: [{ uses: softprops/action-gh-release@v2, with: { tag_name: nightly } }]
              only:
                if: github.ref_type == 'tag'
                runs-on: ubuntu-latest
                steps: [uses: softprops/action-gh-release@v2]
            ",
        );
    }
}
