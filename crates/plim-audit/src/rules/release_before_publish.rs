//! A release that everyone sees before all that it promises is published.

use plim_diag::{Code, Severity};
use plim_workflow::Workflow;

use crate::deeds::{Act, JobDeeds, Registry};
use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("release-before-publish"),
    summary: "a release becomes public although a publish of the same run may still fail",
    why: "The release tells everyone that the version is there. When a registry refuses afterwards, the version is announced, half published, and cannot be taken back; those who follow the release install what is not there.",
    criterion: "A job that makes a release public, and another one that publishes to a registry in the same workflow, where the release does not wait for the publish. Catalogues that point at the release (Homebrew, winget, Scoop, AUR), pages, announcements and added files come after it and are not reported; nor is a pair of which one job is restricted to other events by a condition on the tag or event.",
    remedy: "Create the release as a draft, publish everywhere, and make it public in a last job that needs every publish.",
    example: "on: { push: { tags: ['v*'] } }\njobs:\n  release:\n    runs-on: ubuntu-latest\n    steps:\n      - run: gh release create \"$GITHUB_REF_NAME\"\n  crates:\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo publish",
    better: "on: { push: { tags: ['v*'] } }\njobs:\n  release:\n    runs-on: ubuntu-latest\n    needs: crates\n    steps:\n      - run: gh release create \"$GITHUB_REF_NAME\"\n  crates:\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo publish",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn is_awaited(act: Act) -> bool {
    matches!(act, Act::Publish(registry) if registry != Registry::Downstream)
}

fn workflow<'a>(audit: &mut Audit<'a>, _: &'a Workflow) {
    let deeds = audit.deeds();
    for release in deeds.jobs_that(|act| act == Act::Release) {
        for publish in deeds.jobs_that(is_awaited) {
            if is_missing(audit, release, publish) {
                report(audit, release, publish);
            }
        }
    }
}

fn is_missing(audit: &Audit<'_>, release: &JobDeeds<'_>, publish: &JobDeeds<'_>) -> bool {
    let graph = audit.graph();
    // One that releases and publishes has an order of its own, among its steps.
    let other = release.id() != publish.id() && !publish.does(|act| act == Act::Release);
    other && !graph.waits_for(release.id(), publish.id()) && !differs(release, publish)
}

/// Whether a condition may keep one of them out of the runs of the other.
fn differs(release: &JobDeeds<'_>, publish: &JobDeeds<'_>) -> bool {
    let condition = |job: &JobDeeds<'_>| {
        let condition = job.job.job.condition.as_ref();
        let source =
            condition.map(|condition| condition.condition.expression().source().to_owned());
        source.filter(|source| {
            ["github.ref", "github.event", "inputs."].iter().any(|part| source.contains(part))
        })
    };
    match (condition(release), condition(publish)) {
        (None, None) => false,
        (one, other) => one != other,
    }
}

fn report<'a>(audit: &mut Audit<'a>, release: &JobDeeds<'a>, publish: &JobDeeds<'a>) {
    let Some((_, shows)) = release.first(|act| act == Act::Release) else { return };
    let Some((_, publishes)) = publish.first(is_awaited) else { return };
    let Act::Publish(registry) = publishes.act else { return };
    let after = audit.graph().waits_for(publish.id(), release.id());
    let path = if after {
        format!("`{}` → `{}`, so the release is public before", release.id(), publish.id())
    } else {
        format!("`{}` → `{}` is missing", publish.id(), release.id())
    };
    let message = format!(
        "the job `{}` makes the release public without waiting for `{}`, which publishes to {}",
        release.id(),
        publish.id(),
        registry.name()
    );
    audit
        .report(shows.span, message)
        .related(publishes.span, format!("the job `{}` publishes here", publish.id()))
        .note(format!("the edge {path}"))
        .help("create a draft, and make it public in a job that needs every publish");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, findings_of};

    #[test]
    fn the_missing_edge_is_named() {
        let text = RULE.example;
        let found = findings_of(&RULE, text);
        assert_eq!(found[0].diagnostic.notes, ["the edge `crates` → `release` is missing"]);
    }

    #[test]
    fn waiting_through_others_is_enough_and_catalogues_come_after() {
        check(
            &RULE,
            "
            jobs:
              crates:
                runs-on: ubuntu-latest
                steps: [run: cargo publish]
              check:
                needs: [crates]
                runs-on: ubuntu-latest
                steps: [run: cargo info x]
              release:
                needs: [check]
                runs-on: ubuntu-latest
                steps: [uses: softprops/action-gh-release@v2]
              brew:
                needs: [release]
                runs-on: ubuntu-latest
                steps: [uses: mislav/bump-homebrew-formula-action@v3]
              image:
                needs: [release]
                runs-on: ubuntu-latest
                steps: [{ uses: docker/build-push-action@v6, with: { push: false } }]
            ",
        );
    }

    #[test]
    fn a_publish_after_the_release_is_found_and_a_draft_is_not() {
        check(
            &RULE,
            "
            jobs:
              release:
                runs-on: ubuntu-latest
                steps:
                  - uses: softprops/action-gh-release@v2
                    #     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the job `release` makes the release public without waiting for `npm`, which publishes to npm
              draft:
                runs-on: ubuntu-latest
                steps: [{ uses: ncipollo/release-action@v1, with: { draft: true } }]
              npm:
                needs: release
                runs-on: ubuntu-latest
                steps: [run: npm publish]
            ",
        );
    }
}
