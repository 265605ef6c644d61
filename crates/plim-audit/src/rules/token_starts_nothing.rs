//! A tag or release by the automatic token, on which another workflow waits in vain.

use plim_diag::{Code, Place, Severity};
use plim_workflow::{Forge, Trigger, Workflow};

use crate::deeds::{Act, Deed, JobDeeds};
use crate::{Audit, Hook, Nearby, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("token-starts-nothing"),
    summary: "a workflow waits for a tag or release that the automatic token makes, which starts nothing",
    why: "What the automatic token of a run does starts no other run, so that workflows cannot go in circles. The tag is pushed, the release is there, and the workflow that should publish it never runs; nothing fails.",
    criterion: "A job that pushes a tag, not by force, or makes a release public, not as a prerelease or of a `tag_name`, and is handed no other token (no secret but `GITHUB_TOKEN`, no `ssh-key`, no output of a step as `token`), in a repository with another workflow that a push of tags, or `release`, starts, and that neither this workflow calls or dispatches nor one of its own triggers can replace (`workflow_run`).",
    remedy: "Call the other workflow as a job, start it with `gh workflow run`, or use the token of a GitHub App.",
    example: "",
    better: "",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    let (deeds, source) = (audit.deeds(), audit.source());
    let makes = |deed: &&Deed<'a>| is_new(source, deed);
    let made: Vec<_> = deeds
        .jobs
        .iter()
        .filter(|job| {
            !job.does(|act| act == Act::Dispatch) && job.deeds.iter().any(|deed| makes(&deed))
        })
        .filter(|job| has_only_own_token(source, job))
        .flat_map(|job| job.deeds.iter().filter(makes))
        .filter(|deed| deed.step.is_some())
        .collect();
    if made.is_empty() || workflow.forge != Forge::GitHub {
        return;
    }
    let own = audit.subject().path.to_string();
    for path in audit.surroundings().workflows().iter().filter(|path| **path != own) {
        let Nearby::Found(other) = audit.surroundings().workflow(path) else { continue };
        let file = path.rsplit('/').next().unwrap_or(path);
        if source.contains(file) || other.trigger("workflow_run").is_some() {
            continue;
        }
        let waits = made.iter().find_map(|deed| Some((deed, waiting(&other, deed)?)));
        let Some((deed, trigger)) = waits else { continue };
        let message = format!("{}, which does not start `{path}`", deed.shown());
        audit
            .report(deed.span, message)
            .related_at(Place::new(path.as_str(), trigger.span), "this waits for it")
            .note("what the automatic token does starts no other workflow")
            .help(format!("start it with `gh workflow run {file}`, or use another token"));
    }
}

/// Whether the deed pushes a new tag of a version, or creates a release of it.
fn is_new(source: &str, deed: &Deed<'_>) -> bool {
    let text = deed.step.map_or("", |step| step.step.span.text(source).unwrap_or(""));
    let lower = text.to_ascii_lowercase();
    let says = |parts: &[&str]| parts.iter().any(|part| lower.contains(part));
    match deed.act {
        Act::PushTag => !says(&["--force", "push -f", "major", "latest"]),
        // With a tag of its own it may be of another repository, or be there already.
        Act::Release => !says(&["tag_name", "prerelease", "github.repository", "--repo"]),
        _ => false,
    }
}

/// The trigger of `other` that the deed should fire.
fn waiting<'w>(other: &'w Workflow, deed: &Deed<'_>) -> Option<&'w Trigger> {
    match deed.act {
        Act::Release => other.trigger("release").filter(|release| {
            let types = release.types.as_deref().unwrap_or_default();
            let public = |name: &str| ["published", "created", "released"].contains(&name);
            types.is_empty() || types.iter().any(|name| public(&name.value))
        }),
        _ => {
            other.trigger("push").filter(|push| push.tags.as_ref().is_some_and(|tags| !tags.ignore))
        }
    }
}

/// Whether everything in the job is done with the automatic token.
pub(super) fn has_only_own_token(source: &str, job: &JobDeeds<'_>) -> bool {
    let text = job.job.job.span.text(source).unwrap_or("");
    let mut secrets = text.match_indices("secrets.").map(|(at, found)| &text[at + found.len()..]);
    let own = secrets.all(|name| name.starts_with("GITHUB_TOKEN"));
    let other = ["ssh-key", "app-token", "token: ${{ steps", "TOKEN: ${{ steps", "TOKEN: ${{ env"];
    let wide = job.job.workflow.env.as_ref().is_some_and(|env| {
        env.written().iter().any(|(_, text)| text.template.source().contains("secrets."))
    });
    own && !wide && !other.iter().any(|part| text.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_in};

    const PUBLISH: (&str, &str) = (
        ".github/workflows/publish.yml",
        "on: { push: { tags: ['v*'] } }\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [run: cargo publish]\n",
    );

    #[test]
    fn a_tag_by_the_automatic_token_starts_nothing() {
        check_in(
            &RULE,
            &[PUBLISH],
            "
            steps:
              - uses: actions/checkout@v4
              - run: git push origin v1.2.3 --tags
                #    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `git push origin v1.2.3 --tags` pushes a tag…
            ",
        );
    }

    #[test]
    fn another_token_or_a_dispatch_does() {
        check_in(
            &RULE,
            &[PUBLISH],
            "
            jobs:
              token:
                runs-on: ubuntu-latest
                steps:
                  - uses: actions/checkout@v4
                    with: { token: '${{ secrets.PAT }}' }
                  - run: git push --tags
              dispatch:
                runs-on: ubuntu-latest
                steps: [{ run: git push --tags }, { run: gh workflow run 7 }]
              release:
                runs-on: ubuntu-latest
                steps: [run: gh release create v1]
            ",
        );
        check(&RULE, "steps:\n  - run: git push --tags\n");
    }
}
