//! A release that stays a draft after its packages became public.

use plim_diag::{Code, Severity};
use plim_workflow::{Condition, JobBody, Workflow};

use crate::deeds::{Act, Deed, Deeds, JobDeeds, Registry, acts_of_workflow, file, makes_public};
use crate::{Audit, Hook, Nearby, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("draft-stays-draft"),
    summary: "packages become public while the release of the same run stays a draft",
    why: "A registry cannot take a version back, so the version is out; but its notes, binaries and checksums are seen by the owners alone until somebody remembers to press a button. Who updates finds no word about what changed, and whoever looks for the newest release finds the one before.",
    criterion: "A step that creates a release as a draft, and one that publishes packages in the same workflow, where no workflow of the repository makes a release public: by an action or command that creates one, by `gh release edit --draft=false`, by a request or a script that sets `draft` to false, or by an action made for that. Images, and catalogues such as Homebrew, are no packages here. Pairs of which the publish hangs on a condition on the event that the draft does not, or happens in an environment, where a person may hold it until the draft was looked at, workflows that hand the draft to a workflow of another repository, and repositories of which a workflow cannot be read are not reported.",
    remedy: "Let a last job that needs every publish make the release public.",
    example: "on: { push: { tags: ['v*'] } }\njobs:\n  draft:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: softprops/action-gh-release@v2\n        with:\n          draft: true\n  crates:\n    needs: draft\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo publish",
    better: "on: { push: { tags: ['v*'] } }\njobs:\n  draft:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: softprops/action-gh-release@v2\n        with:\n          draft: true\n  crates:\n    needs: draft\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo publish\n  release:\n    needs: crates\n    runs-on: ubuntu-latest\n    steps:\n      - run: gh release edit \"$GITHUB_REF_NAME\" --draft=false",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

/// A job and one thing that it does.
type Does<'d, 'a> = (&'d JobDeeds<'a>, &'d Deed<'a>);

fn is_package(act: Act) -> bool {
    matches!(act, Act::Publish(registry) if !matches!(registry, Registry::Downstream | Registry::Image))
}

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    let deeds = audit.deeds();
    let drafts = all(&deeds, |act| act == Act::Draft);
    let publishes = all(&deeds, is_package);
    let found = drafts.iter().find_map(|draft| {
        let same_run = publishes.iter().copied().filter(|publish| meet(*draft, *publish));
        let alone = same_run.filter(|publish| !is_approved(audit, *draft, *publish));
        let same_run: Vec<_> = alone.collect();
        (!same_run.is_empty()).then_some((*draft, same_run))
    });
    let Some((draft, publishes)) = found else { return };
    if !is_handed_over(audit, workflow, &deeds, draft) && stays_draft(audit, &deeds) {
        report(audit, draft, &publishes);
    }
}

/// The first deed of each job that is as `wanted` says.
fn all<'d, 'a>(deeds: &'d Deeds<'a>, wanted: fn(Act) -> bool) -> Vec<Does<'d, 'a>> {
    let first = |job: &'d JobDeeds<'a>| job.first(wanted).map(|(_, deed)| (job, deed));
    deeds.jobs.iter().filter_map(first).collect()
}

/// Whether a run that drafts surely publishes, too, as far as conditions tell.
fn meet(draft: Does<'_, '_>, publish: Does<'_, '_>) -> bool {
    // What a called workflow does alone is told there.
    let told_there = draft.1.step.is_none() && draft.0.id() == publish.0.id();
    let of_draft = conditions(draft);
    !told_there && conditions(publish).iter().all(|condition| of_draft.contains(condition))
}

/// Whether an environment may hold the publish until a person has looked at the draft.
fn is_approved(audit: &Audit<'_>, draft: Does<'_, '_>, (job, _): Does<'_, '_>) -> bool {
    let environment = match &job.job.job.body {
        JobBody::Call(call) => {
            let path = call.local_path().unwrap_or_default();
            let called = audit.surroundings().workflow(path).found();
            called.is_some_and(|called| called.jobs.iter().any(|job| job.environment.is_some()))
        }
        _ => job.job.job.environment.is_some(),
    };
    environment && !audit.graph().waits_for(draft.0.id(), job.id())
}

/// The conditions on the event that a deed hangs on.
fn conditions<'a>((job, deed): Does<'_, 'a>) -> Vec<&'a str> {
    let source =
        |condition: Option<&'a Condition>| condition.map(|c| c.condition.expression().source());
    let step = deed.step.and_then(|step| source(step.step.condition.as_ref()));
    let both = source(job.job.job.condition.as_ref()).into_iter().chain(step);
    both.filter(|source| {
        ["github.ref", "github.event", "inputs."].iter().any(|part| source.contains(part))
    })
    .collect()
}

/// Whether a workflow of another repository, which nobody can read here, comes after the draft.
fn is_handed_over(
    audit: &Audit<'_>,
    workflow: &Workflow,
    deeds: &Deeds<'_>,
    draft: Does<'_, '_>,
) -> bool {
    let graph = audit.graph();
    workflow.jobs.iter().any(|job| {
        let JobBody::Call(call) = &job.body else { return false };
        let id = &job.id.value;
        let known = deeds.job(id).is_some_and(|job| !job.deeds.is_empty());
        call.local_path().is_none() && !known && graph.waits_for(id, draft.0.id())
    })
}

/// Whether it is certain that nothing in the repository makes a release public.
fn stays_draft(audit: &Audit<'_>, deeds: &Deeds<'_>) -> bool {
    let own = &*audit.subject().path;
    let paths = audit.surroundings().workflows();
    let shown = deeds.jobs.iter().any(|job| job.does(|act| act == Act::Release));
    !paths.is_empty()
        && !shown
        && !speaks_of_it(audit.source())
        && !scripts_do(audit)
        && paths.iter().all(|path| path == own || leaves_drafts(audit, path))
}

/// Whether a script of the repository that a step calls says so in words that are no commands.
fn scripts_do(audit: &Audit<'_>) -> bool {
    let scripts = audit.scripts();
    let mut called = scripts.iter().flat_map(|script| script.programs()).filter_map(file);
    called.any(|path| {
        audit.surroundings().text(&path).found().is_some_and(|text| makes_public(&text))
    })
}

fn leaves_drafts(audit: &Audit<'_>, path: &str) -> bool {
    let surroundings = audit.surroundings();
    let (Nearby::Found(other), Nearby::Found(text)) =
        (surroundings.workflow(path), surroundings.text(path))
    else {
        return false;
    };
    let shows = || acts_of_workflow(path, surroundings).contains(&Act::Release);
    !other.partly_read && !speaks_of_it(&text) && !shows()
}

/// Whether the text of a workflow sets `draft` to false, or uses an action that is made for that.
fn speaks_of_it(workflow: &str) -> bool {
    const NAMES: [&str; 5] =
        ["publish-release", "edit-release", "editrelease", "update-release", "undraft"];
    let lines = || workflow.lines().filter(|line| !line.trim_start().starts_with('#'));
    lines().any(|line| {
        let line = line.to_ascii_lowercase();
        makes_public(&line)
            || line.contains("uses:") && NAMES.iter().any(|name| line.contains(name))
    })
}

fn report(audit: &mut Audit<'_>, draft: Does<'_, '_>, publishes: &[Does<'_, '_>]) {
    let (job, deed) = draft;
    let path = path(audit, draft, publishes);
    let message = format!(
        "the job `{}` drafts the release, {}, and nothing makes it public",
        job.id(),
        publishes.first().map_or_else(String::new, |publish| told(*publish))
    );
    let finding = audit.report(deed.span, message);
    for publish in publishes {
        finding.related(publish.1.span, format!("{} here", told(*publish)));
    }
    finding.note(path).help(
        "let a last job that needs every publish run `gh release edit \"$TAG\" --draft=false`",
    );
}

/// `` `crates` publishes to crates.io ``.
fn told((job, deed): Does<'_, '_>) -> String {
    let registry = match deed.act {
        Act::Publish(registry) => registry.name(),
        _ => "a registry",
    };
    format!("`{}` publishes to {registry}", job.id())
}

/// The jobs in the order in which they run, with the edge at the end that is missing.
fn path(audit: &Audit<'_>, draft: Does<'_, '_>, publishes: &[Does<'_, '_>]) -> String {
    let graph = audit.graph();
    let (before, after): (Vec<Does<'_, '_>>, Vec<Does<'_, '_>>) =
        publishes.iter().partition(|(job, deed)| match job.id() == draft.0.id() {
            true => deed.span.start < draft.1.span.start,
            false => graph.waits_for(draft.0.id(), job.id()),
        });
    let list = |some: Vec<Does<'_, '_>>| {
        let names: Vec<String> = some.iter().map(|(job, _)| format!("`{}`", job.id())).collect();
        (!names.is_empty()).then(|| format!("{} publish", names.join(", ")))
    };
    let drafts = Some(format!("`{}` drafts", draft.0.id()));
    let steps: Vec<String> = [list(before), drafts, list(after)].into_iter().flatten().collect();
    format!("the path: {} → a job that makes the release public is missing", steps.join(" → "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_in, findings_of};

    #[test]
    fn the_path_and_every_publish_are_named() {
        let text = "
            jobs:
              image:
                runs-on: ubuntu-latest
                steps: [run: docker push a/b]
              npm:
                runs-on: ubuntu-latest
                steps: [run: npm publish]
              draft:
                needs: npm
                runs-on: ubuntu-latest
                steps: [run: gh release create --draft $TAG]
              crates:
                needs: draft
                runs-on: ubuntu-latest
                steps: [run: cargo publish]
        ";
        let found = findings_of(&RULE, text);
        let [finding] = found.as_slice() else { panic!("{found:#?}") };
        let diagnostic = &finding.diagnostic;
        let said = "the job `draft` drafts the release, `npm` publishes to npm, and nothing makes it public";
        assert_eq!(diagnostic.message, said);
        assert_eq!(
            diagnostic.notes,
            [
                "the path: `npm` publish → `draft` drafts → `crates` publish → a job that makes the release public is missing"
            ]
        );
        let related: Vec<&str> = diagnostic.related.iter().map(|it| it.message.as_str()).collect();
        assert_eq!(
            related,
            ["`npm` publishes to npm here", "`crates` publishes to crates.io here"]
        );
    }

    #[test]
    fn whoever_makes_it_public_is_enough() {
        for last in [
            "run: gh release edit \"$TAG\" --draft=false",
            "run: gh api -X PATCH repos/{owner}/{repo}/releases/1 -F draft=false",
            "run: 'curl -X PATCH -d ''{\"draft\": false}'' https://api.github.com/repos/a/b/releases/1'",
            "{ uses: softprops/action-gh-release@v2, with: { draft: false } }",
            "{ uses: actions/github-script@v7, with: { script: 'x({ draft: false })' } }",
            "uses: somebody/publish-release@v1",
            "run: node show.js",
            "run: node tools/show.js",
        ] {
            let text = format!(
                "
                jobs:
                  draft:
                    runs-on: ubuntu-latest
                    steps:
                      - {{ uses: ncipollo/release-action@v1, with: {{ draft: true }} }}
                      - run: npm publish
                      - {last}
                "
            );
            let found = crate::testing::findings_in(
                &RULE,
                &[("tools/show.js", "release({ draft: false })")],
                &text,
            );
            assert_eq!(found.len(), usize::from(last == "run: node show.js"), "{last}");
        }
    }

    #[test]
    fn another_workflow_may_make_it_public() {
        let text = "
            jobs:
              draft:
                runs-on: ubuntu-latest
                steps:
                  - run: gh release create -d $TAG
                  - run: npm publish
        ";
        let other = "on: workflow_dispatch\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [run: gh release edit x --draft=false]\n";
        check_in(&RULE, &[(".github/workflows/show.yml", other)], text);
    }

    #[test]
    fn who_approves_the_publish_sees_the_draft_first() {
        check(
            &RULE,
            "
            jobs:
              draft:
                runs-on: ubuntu-latest
                steps:
                  - run: gh release create -d $TAG
                    #    ^^^^^^^^^^^^^^^^^^^^^^^^^ the job `draft` drafts the release, `crates` publishes to crates.io, …
              npm:
                environment: npm
                runs-on: ubuntu-latest
                steps: [run: npm publish]
              crates:
                needs: draft
                runs-on: ubuntu-latest
                steps: [run: cargo publish]
            ",
        );
    }

    #[test]
    fn other_runs_images_and_what_is_handed_over_are_not_reported() {
        check(
            &RULE,
            "
            jobs:
              draft:
                runs-on: ubuntu-latest
                steps: [run: gh release create -d $TAG]
              image:
                runs-on: ubuntu-latest
                steps: [run: docker push a/b]
              nightly:
                if: github.event_name == 'schedule'
                runs-on: ubuntu-latest
                steps: [run: npm publish]
            ",
        );
        check(
            &RULE,
            "
            jobs:
              draft:
                runs-on: ubuntu-latest
                steps:
                  - run: gh release create -d $TAG
                  - run: npm publish
              rest:
                needs: draft
                uses: a/b/.github/workflows/release.yml@v1
            ",
        );
    }
}
