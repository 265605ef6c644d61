//! A secret that is first needed when something is already published.

use plim_diag::{Code, Severity, Span};
use plim_workflow::{StepBody, Workflow};

use crate::deeds::{Deed, Deeds, JobDeeds};
use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("secret-checked-late"),
    summary: "a secret is first used after something was published that cannot be taken back",
    why: "A secret that expired or was never set is an empty text. When the second registry asks for it, the first has the version already: the release is half out, and the version is spent.",
    criterion: "A job or step that publishes to crates.io, npm or PyPI with a secret, after another publish to one of them, in a workflow where nothing that surely comes before that other publish names the secret. The automatic token is not meant.",
    remedy: "Let a first job fail when a secret is empty, and ask each registry who the token is, before anything is published.",
    example: "jobs:\n  crates:\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo publish\n  npm:\n    needs: crates\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm publish\n        env: { NODE_AUTH_TOKEN: '${{ secrets.NPM_TOKEN }}' }",
    better: "jobs:\n  secrets:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm whoami\n        env: { NODE_AUTH_TOKEN: '${{ secrets.NPM_TOKEN }}' }\n  crates:\n    needs: secrets\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo publish\n  npm:\n    needs: crates\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm publish\n        env: { NODE_AUTH_TOKEN: '${{ secrets.NPM_TOKEN }}' }",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, _: &'a Workflow) {
    let deeds = audit.deeds();
    let mut told: Vec<String> = Vec::new();
    for (job, deed) in publishes(&deeds) {
        for (name, span) in secrets(audit.source(), deed) {
            let before = publishes(&deeds).find(|(other, first)| {
                precedes(audit, (other, first), (job, deed))
                    && !known_before(audit, &deeds, other, first, &name)
            });
            if let Some((earlier, first)) = before.filter(|_| !told.contains(&name)) {
                audit
                    .report(span, format!("the secret `{name}` is first used after {}", first.shown()))
                    .related(first.span, "what is published here cannot be taken back")
                    .note(format!(
                        "the path: `{}` publishes → `{}` needs `{name}`, which nothing before looked at",
                        earlier.id(),
                        job.id()
                    ))
                    .help("check that it is set, and good, in a job that runs before anything is published");
                told.push(name);
            }
        }
    }
}

fn publishes<'d, 'a>(
    deeds: &'d Deeds<'a>,
) -> impl Iterator<Item = (&'d JobDeeds<'a>, &'d Deed<'a>)> {
    let is_final = |deed: &&Deed<'_>| matches!(deed.act, crate::deeds::Act::Publish(registry) if registry.is_final());
    deeds
        .jobs
        .iter()
        .flat_map(move |job| job.deeds.iter().filter(is_final).map(move |deed| (job, deed)))
}

/// The secrets that the step of `deed` is given, each with its first place.
fn secrets(source: &str, deed: &Deed<'_>) -> Vec<(String, Span)> {
    let Some(step) = deed.step else { return Vec::new() };
    if !matches!(step.step.body, StepBody::Run(_) | StepBody::Uses(_)) {
        return Vec::new();
    }
    names(source, step.step.span)
}

/// The secrets named in the bytes `span`.
fn names(source: &str, span: Span) -> Vec<(String, Span)> {
    const BEFORE: &str = "secrets.";
    let text = span.text(source).unwrap_or("");
    let mut found: Vec<(String, Span)> = Vec::new();
    for (at, _) in text.match_indices(BEFORE) {
        let rest = &text[at + BEFORE.len()..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let name = rest[..end].to_owned();
        if name.is_empty()
            || name == "GITHUB_TOKEN"
            || found.iter().any(|(known, _)| *known == name)
        {
            continue;
        }
        let offset = |at: usize| span.start + u32::try_from(at).unwrap_or(0);
        found.push((name, Span::new(offset(at), offset(at + BEFORE.len() + end))));
    }
    found
}

/// Whether `first` is surely done before `second` begins.
fn precedes<'a>(
    audit: &Audit<'a>,
    (job, first): (&JobDeeds<'a>, &Deed<'a>),
    (later, second): (&JobDeeds<'a>, &Deed<'a>),
) -> bool {
    match (first.step, second.step) {
        (Some(one), Some(other)) if job.id() == later.id() => one.index < other.index,
        _ => audit.graph().waits_for(later.id(), job.id()),
    }
}

/// Whether something up to the step of `first`, in its job or one it waits for, names the secret.
fn known_before<'a>(
    audit: &Audit<'a>,
    deeds: &Deeds<'a>,
    job: &JobDeeds<'a>,
    first: &Deed<'a>,
    name: &str,
) -> bool {
    let says = |span: Span| names(audit.source(), span).iter().any(|(known, _)| known == name);
    let graph = audit.graph();
    let mut before = deeds.jobs.iter().filter(|other| graph.waits_for(job.id(), other.id()));
    let index = first.step.map_or(0, |step| step.index);
    before.any(|other| says(other.job.job.span))
        || job.job.steps().iter().take(index + 1).any(|step| says(step.span))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn steps_of_one_job_are_in_order_too() {
        check(
            &RULE,
            "
            steps:
              - run: cargo publish
                env: { CARGO_REGISTRY_TOKEN: '${{ secrets.CARGO }}' }
              - run: npm publish
                env: { NODE_AUTH_TOKEN: '${{ secrets.NPM }}', X: '${{ secrets.CARGO }}' }
                #                            ^^^^^^^^^^^ the secret `NPM` is first used after `cargo publish` publishes
            ",
        );
    }
}
