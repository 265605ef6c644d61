//! A publish that is left out without a word when its secret is empty.

use plim_diag::{Code, Severity, Span};
use plim_workflow::{Entries, Text, Workflow};

use crate::deeds::{Act, Deed, JobDeeds, Registry};
use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("publish-silently-skipped"),
    summary: "a publish is left out without a word when its secret is empty",
    why: "A secret that was renamed, or never set in this repository, is an empty text. The run is green, the release is announced, and one registry does not have it.",
    criterion: "A publish to a registry, a release, a signature or a deployment whose step or job has a condition that compares with the empty text a variable that holds a secret, or behind `if [ -z \"$SECRET\" ]; then … exit 0` or inside `if [ -n \"$SECRET\" ]` in its script, where nothing in the job fails when it is empty.",
    remedy: "Let the step run and fail, or fail in a first job: `: \"${TOKEN:?is not set}\"`.",
    example: "steps:\n  - if: env.NPM_TOKEN != ''\n    run: npm publish\n    env:\n      NPM_TOKEN: ${{ secrets.NPM_TOKEN }}",
    better: "steps:\n  - run: |\n      : \"${NPM_TOKEN:?is not set}\"\n      npm publish\n    env:\n      NPM_TOKEN: ${{ secrets.NPM_TOKEN }}",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn matters(act: Act) -> bool {
    match act {
        Act::Publish(registry) => registry != Registry::Downstream,
        act => matches!(act, Act::Release | Act::Deploy | Act::Sign | Act::Attest),
    }
}

fn workflow<'a>(audit: &mut Audit<'a>, _: &'a Workflow) {
    let deeds = audit.deeds();
    let mut told: Vec<Span> = Vec::new();
    for job in &deeds.jobs {
        let secrets = secrets(job);
        if secrets.is_empty() {
            continue;
        }
        for deed in job.deeds.iter().filter(|deed| matters(deed.act)) {
            let Some((name, span)) = skipped(audit.source(), job, deed, &secrets) else { continue };
            if told.contains(&span) || complains(audit.source(), job, deed, &name) {
                continue;
            }
            told.push(span);
            let message = format!("without `{name}` this is left out, and the run is green");
            audit
                .report(span, message)
                .related(deed.span, deed.shown())
                .help("let it fail when the secret is empty");
        }
    }
}

/// The variables that hold a secret in some step of the job.
fn secrets(job: &JobDeeds<'_>) -> Vec<String> {
    let own = job.job.job.env.as_ref();
    let steps = job.job.steps().iter().filter_map(|step| step.env.as_ref());
    let tables = steps.chain(own).chain(job.job.workflow.env.as_ref());
    let held = |(name, text): &(plim_workflow::Name, Text)| {
        let source = text.template.source();
        let secret = source.contains("secrets.") && !source.contains("secrets.GITHUB_TOKEN");
        secret.then(|| name.value.to_string())
    };
    tables.flat_map(|table: &Entries<Text>| table.written()).filter_map(held).collect()
}

/// The variable whose emptiness leaves the deed out, and where that is asked.
fn skipped(
    source: &str,
    job: &JobDeeds<'_>,
    deed: &Deed<'_>,
    secrets: &[String],
) -> Option<(String, Span)> {
    let step = deed.step.and_then(|step| step.step.condition.as_ref());
    for condition in step.into_iter().chain(job.job.job.condition.as_ref()) {
        let text: String = condition.condition.expression().source().split_whitespace().collect();
        let asked = secrets.iter().find(|name| {
            text.contains(&format!("env.{name}!=''")) || text == format!("env.{name}")
        });
        if let Some(name) = asked {
            return Some((name.clone(), condition.span));
        }
    }
    let command = deed.command.as_ref()?;
    let text = &command.script.text;
    let before = text.get(..command.command().span.start)?;
    let asked = secrets.iter().find(|name| leaves_early(before, name) || is_inside(before, name));
    let span = asked.and(deed.span.text(source)).and(Some(deed.span))?;
    asked.map(|name| (name.clone(), span))
}

/// The ways to ask whether a variable is `-z` or `-n`.
fn asked(option: &str, name: &str) -> [String; 4] {
    [
        format!("{option} \"${name}\" "),
        format!("{option} \"${{{name}}}\" "),
        format!("{option} \"${{{name}:-}}\" "),
        format!("{option} ${name} "),
    ]
}

/// `if [ -z "$NAME" ]; then … exit 0; fi`.
fn leaves_early(before: &str, name: &str) -> bool {
    asked("-z", name).iter().any(|question| {
        let behind = before.split_once(question.as_str()).map(|(_, behind)| behind);
        let branch = behind.and_then(|behind| behind.split_once("fi\n")).map(|(branch, _)| branch);
        branch.is_some_and(|branch| branch.contains("exit 0"))
    })
}

/// `if [ -n "$NAME" ]; then …`, not yet closed.
fn is_inside(before: &str, name: &str) -> bool {
    asked("-n", name).iter().any(|question| {
        let behind = before.split_once(question.as_str()).map(|(_, behind)| behind);
        behind.is_some_and(|behind| {
            let word =
                |wanted: &str| behind.split_whitespace().filter(|word| *word == wanted).count();
            word("fi") + word("fi;") <= word("if") && word("else") == 0 && word("then") > 0
        })
    })
}

/// Whether something in the job fails when the variable is empty.
fn complains(source: &str, job: &JobDeeds<'_>, deed: &Deed<'_>, name: &str) -> bool {
    let text = job.job.job.span.text(source).unwrap_or("");
    let script = deed.command.as_ref().map_or("", |command| &*command.script.text);
    let strict = [format!("${{{name}:?"), format!("env.{name} == ''")];
    let otherwise = script.split_once(name).is_some_and(|(_, behind)| {
        behind.contains("exit 1") && (behind.contains("else") || !behind.contains("exit 0"))
    });
    strict.iter().any(|part| text.contains(part.as_str())) || otherwise
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn a_script_that_leaves_early_is_found() {
        check(
            &RULE,
            "
            steps:
              - env: { TOKEN: '${{ secrets.TOKEN }}' }
                run: |
                  if [ -z \"$TOKEN\" ]; then
                    echo skipped
                    exit 0
                  fi
                  true; cargo publish
                  #     ^^^^^^^^^^^^^ without `TOKEN` this is left out, and the run is green
              - env: { TOKEN: '${{ secrets.TOKEN }}' }
                run: |
                  if [[ -n \"${TOKEN}\" ]]; then
                    npm publish
                  # ^^^^^^^^^^^ without `TOKEN` this is left out, and the run is green
                  fi
            ",
        );
    }

    #[test]
    fn what_fails_or_is_asked_of_something_else_is_not() {
        check(
            &RULE,
            "
            steps:
              - env: { TOKEN: '${{ secrets.TOKEN }}', TAG: '${{ github.ref_name }}' }
                run: |
                  if [ -z \"$TOKEN\" ]; then echo missing; exit 1; fi
                  if [ -n \"$TAG\" ]; then npm publish; fi
              - if: env.OTHER != ''
                run: npm publish
            ",
        );
    }
}
