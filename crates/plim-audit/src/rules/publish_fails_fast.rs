//! Legs that publish, of which one that fails stops the others.

use plim_diag::{Code, Severity};
use plim_workflow::{Setting, Workflow};

use crate::deeds::{Act, JobDeeds};
use crate::{Audit, Edit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("publish-fails-fast"),
    summary: "one leg of a matrix that fails stops others half way through publishing",
    why: "`fail-fast` is on by default: when the build for one platform fails, the others are cancelled, some after they published. The release has files for some platforms, and a second attempt meets what is there already.",
    criterion: "A job with a `matrix` without `fail-fast: false`, whose steps publish, make a release public or add files to one.",
    remedy: "Set `fail-fast: false`; better, let the legs build and keep what they built, and let one job publish it all.",
    example: "jobs:\n  publish:\n    runs-on: ubuntu-latest\n    strategy:\n      matrix:\n        package: [a, b]\n    steps:\n      - run: cargo publish -p ${{ matrix.package }}",
    better: "jobs:\n  publish:\n    runs-on: ubuntu-latest\n    strategy:\n      fail-fast: false\n      matrix:\n        package: [a, b]\n    steps:\n      - run: cargo publish -p ${{ matrix.package }}",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, _: &'a Workflow) {
    let deeds = audit.deeds();
    for job in &deeds.jobs {
        if let Some((_, deed)) = job.first(matters).filter(|_| fails_fast(job)) {
            let edit = fix(audit.source(), job);
            let message = format!(
                "a leg of `{}` that fails stops the others, while {}",
                job.id(),
                deed.shown()
            );
            let finding = audit.report(deed.span, message);
            finding.help("set `fail-fast: false`");
            if let Some(edit) = edit {
                finding.unsafe_fix("let every leg go on", vec![edit]);
            }
        }
    }
}

fn matters(act: Act) -> bool {
    matches!(act, Act::Publish(_) | Act::Release | Act::Upload)
}

fn fails_fast(job: &JobDeeds<'_>) -> bool {
    let Some(strategy) = &job.job.job.strategy else { return false };
    let set = match &strategy.fail_fast {
        None => true,
        Some(Setting::Literal(literal)) => literal.value,
        Some(Setting::Expression(_)) => false,
    };
    strategy.matrix.is_some() && set
}

fn fix(source: &str, job: &JobDeeds<'_>) -> Option<Edit> {
    let strategy = job.job.job.strategy.as_ref()?;
    if let Some(Setting::Literal(literal)) = &strategy.fail_fast {
        return Some(Edit::replace(literal.span, "false"));
    }
    let matrix = usize::try_from(strategy.matrix.as_ref()?.span.start).ok()?;
    let key = source.get(..matrix)?.rfind("matrix:")?;
    let indent = source.get(source.get(..key)?.rfind('\n')? + 1..key)?;
    let blank = indent.chars().all(|c| c == ' ');
    let text = format!("fail-fast: false\n{indent}");
    blank.then(|| Edit::insert(u32::try_from(key).unwrap_or(0), text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_fix};

    #[test]
    fn only_legs_that_publish_count() {
        check(
            &RULE,
            "
            jobs:
              test:
                runs-on: ubuntu-latest
                strategy: { matrix: { a: [1, 2] } }
                steps: [run: cargo test]
              computed:
                runs-on: ubuntu-latest
                strategy: { fail-fast: '${{ inputs.fast }}', matrix: { a: [1, 2] } }
                steps: [run: cargo publish]
            ",
        );
    }

    #[test]
    fn the_setting_stands_above_the_matrix() {
        check_fix(&RULE, RULE.example, RULE.better);
    }
}
