//! A publish, release, deployment or signature whose failure counts for nothing.

use plim_diag::{Code, Severity, Span};
use plim_workflow::{Setting, Step, Workflow};

use crate::deeds::{Act, Deed, JobDeeds};
use crate::{Audit, Edit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("publish-best-effort"),
    summary: "a publish, deployment or signature may fail without failing the job",
    why: "With `continue-on-error`, `|| true` or `|| echo`, the run is green although nothing was published: the release announces a package that nobody can install, a stale image stays deployed, a signature is missing. The message `already published` is printed for an expired token as well.",
    criterion: "A step or job with `continue-on-error: true` that publishes, releases, signs, attests or deploys; and such a command of a script, followed by `||` and nothing but `true`, `:`, `echo` or `printf`. A step whose outcome or outputs something reads, and a computed `continue-on-error`, are not reported, nor is a job that only announces.",
    remedy: "Let the failure count. Where a version may be there already, ask the registry before publishing and publish only what is missing.",
    example: "steps:\n  - run: cargo publish || echo 'already published'",
    better: "steps:\n  - run: |\n      if ! cargo info \"tool@$VERSION\"; then\n        cargo publish\n      fi",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn matters(act: Act) -> bool {
    act.ships() || matches!(act, Act::Sign | Act::Attest | Act::Draft)
}

fn workflow<'a>(audit: &mut Audit<'a>, _: &'a Workflow) {
    let deeds = audit.deeds();
    for job in &deeds.jobs {
        if let Some((_, deed)) = job.first(matters)
            && let Some(span) = forgiving(job.job.job.continue_on_error.as_ref())
        {
            report_setting(audit, span, &format!("the job `{}`", job.id()), deed);
        }
        steps(audit, job);
    }
}

fn steps<'a>(audit: &mut Audit<'a>, job: &JobDeeds<'a>) {
    let mut told = None;
    for deed in job.deeds.iter().filter(|deed| matters(deed.act)) {
        let step = deed.step.filter(|step| !is_looked_at(audit.source(), step.step));
        let setting = step.and_then(|step| step.step.continue_on_error.as_ref());
        if let Some(span) = forgiving(setting) {
            if told.replace(span) != Some(span) {
                report_setting(audit, span, "the step", deed);
            }
        } else if let Some(command) = deed.command.as_ref().filter(|command| command.is_forgiven())
        {
            let instead = &command.alternative()[0];
            let words: Vec<&str> = instead.words.iter().map(|word| word.text.as_str()).collect();
            let message = format!(
                "{}, and `|| {}` hides its failure",
                deed.shown(),
                shortened(&words.join(" "))
            );
            audit
                .report(command.span(), message)
                .help("let the failure count; where it may be there already, ask for it first");
        }
    }
}

/// Whether something asks how the step ended.
fn is_looked_at(source: &str, step: &Step) -> bool {
    let asks = |property| source.contains(&format!("steps.{}.{property}", step.id));
    step.id_span.is_some() && (asks("outcome") || asks("outputs"))
}

fn shortened(text: &str) -> String {
    let text = text.replace(['\n', '`'], " ");
    match text.char_indices().nth(40) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

fn report_setting<'a>(audit: &mut Audit<'a>, span: Span, what: &str, deed: &Deed<'a>) {
    audit
        .report(span, format!("{what} may fail unseen, and {}", deed.shown()))
        .related(deed.span, "here")
        .help("take `continue-on-error` away, so that the failure counts")
        .unsafe_fix("let the failure count", vec![Edit::replace(span, "false")]);
}

fn forgiving(setting: Option<&Setting<bool>>) -> Option<Span> {
    match setting {
        Some(Setting::Literal(literal)) if literal.value => Some(literal.span),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_fix};

    #[test]
    fn what_hides_a_failure_is_found() {
        check(
            &RULE,
            "
            steps:
              - run: cargo publish -p a || true
                #    ^^^^^^^^^^^^^^^^^^ `cargo publish -p a` publishes, and `|| true` hides its failure
              - run: |
                  cd pkg && npm publish --provenance || echo \"there already\"
                  #         ^^^^^^^^^^^^^^^^^^^^^^^^
                  (cd x; twine upload dist/*) || :
                  #      ^^^^^^^^^^^^^^^^^^^
              - uses: docker/build-push-action@v6
                with: { push: true }
                continue-on-error: true
                #                  ^^^^ the step may fail unseen, and `docker/build-push-action` publishes
              - run: kubectl apply -f x.yml
                continue-on-error: true
                #                  ^^^^
            ",
        );
    }

    #[test]
    fn a_failure_that_counts_is_not() {
        check(
            &RULE,
            "
            steps:
              - run: cargo publish || { echo 'failed'; exit 1; }
              - run: cargo publish --dry-run || true
              - run: docker rm x || true; docker push x
              - run: docker push localhost:5000/x || true; docker push \"$LOCAL_REGISTRY/x\" || true
              - run: codesign --force --sign - tool || true
              - run: cargo release minor --no-publish --execute || true
              - run: npm publish || npm publish --tag next
              - run: npm test
                continue-on-error: true
              - run: mvn deploy -DaltDeploymentRepository=local::file:x || true
              - run: cargo publish
                continue-on-error: ${{ matrix.experimental }}
            ",
        );
    }

    #[test]
    fn the_setting_is_turned_off() {
        check_fix(
            &RULE,
            "
            steps:
              - run: npm publish
                continue-on-error: true
            ",
            "
            steps:
              - run: npm publish
                continue-on-error: false
            ",
        );
    }
}
