//! A publish after which nobody can tell who built it from what.

use plim_diag::{Code, Severity};
use plim_workflow::{Access, StepBody, Workflow};

use crate::deeds::{Act, Deed, Deeds, JobDeeds, Registry};
use crate::remote::literal;
use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("publish-without-attestation"),
    summary: "nothing attests where what is published comes from",
    why: "Without an attestation, a package that was uploaded with a stolen token looks like one that this workflow built. With one, users and registries can check the repository, the commit and the workflow.",
    criterion: "A job that publishes to npm without `--provenance`, to PyPI without `id-token: write`, or images or files of a release, in a workflow that signs and attests nothing. An image by `docker/build-push-action`, which attests by itself, is reported only with `provenance: false`; crates.io takes no attestations; a registry that trusts the workflow (`id-token: write` and no token) attests by itself.",
    remedy: "Use `actions/attest`, `npm publish --provenance`, or the trusted publishing of the registry.",
    example: "jobs:\n  publish:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm publish",
    better: "jobs:\n  publish:\n    permissions: { id-token: write }\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm publish --provenance",
    severity: Severity::Warning,
    tier: Tier::Pedantic,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, _: &'a Workflow) {
    let deeds = audit.deeds();
    if attests(audit, &deeds) {
        return;
    }
    for job in &deeds.jobs {
        let bare = |deed: &&Deed<'a>| is_bare(audit.source(), job, deed);
        if let Some(deed) = job.deeds.iter().find(bare) {
            audit
                .report(
                    deed.span,
                    format!("{}, and nothing attests what it is made of", deed.shown()),
                )
                .help("attest it with `actions/attest`, or by the registry's own means");
        }
    }
}

fn attests(audit: &Audit<'_>, deeds: &Deeds<'_>) -> bool {
    let attests = |act: Act| matches!(act, Act::Sign | Act::Attest);
    let named = ["sigstore/", "slsa-framework/", "cosign ", "actions/attest"];
    let text = audit.source();
    deeds.jobs_that(attests).next().is_some() || named.iter().any(|name| text.contains(name))
}

fn is_bare(source: &str, job: &JobDeeds<'_>, deed: &Deed<'_>) -> bool {
    let trusted = || has_identity(job);
    match deed.act {
        Act::Publish(Registry::Npm) => {
            let text = deed.step.map_or("", |step| step.step.span.text(source).unwrap_or(""));
            !trusted() && !text.to_ascii_lowercase().contains("provenance")
        }
        Act::Publish(Registry::PyPi) => !trusted(),
        Act::Publish(Registry::Image) => match deed.step.map(|step| &step.step.body) {
            Some(StepBody::Uses(uses)) => literal(uses, "provenance") == Some("false"),
            _ => !deed.said.contains("buildx"),
        },
        Act::Release | Act::Upload => deed.step.is_some() && has_files(deed),
        _ => false,
    }
}

fn has_identity(job: &JobDeeds<'_>) -> bool {
    let written = job.job.job.permissions.as_ref().or(job.job.workflow.permissions.as_ref());
    written.is_some_and(|permissions| permissions.access("id-token") == Access::Write)
}

/// Whether a release gets files, and not only notes.
fn has_files(deed: &Deed<'_>) -> bool {
    if deed.act == Act::Upload {
        return true;
    }
    let Some(StepBody::Uses(uses)) = deed.step.map(|step| &step.step.body) else { return false };
    ["files", "artifacts", "file"].iter().any(|name| crate::remote::input(uses, name).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn what_attests_by_itself_is_not_reported() {
        check(
            &RULE,
            "
            jobs:
              trusted:
                permissions: { id-token: write }
                runs-on: ubuntu-latest
                steps: [uses: pypa/gh-action-pypi-publish@release/v1]
              crates:
                runs-on: ubuntu-latest
                steps: [run: cargo publish]
              image:
                runs-on: ubuntu-latest
                steps: [{ uses: docker/build-push-action@v6, with: { push: true } }]
              bare:
                runs-on: ubuntu-latest
                steps:
                  - uses: docker/build-push-action@v6
                    #     ^^^^^^^^^^^^^^^^^^^^^^^^^^^ `docker/build-push-action` publishes…
                    with: { push: true, provenance: false }
            ",
        );
    }
}
