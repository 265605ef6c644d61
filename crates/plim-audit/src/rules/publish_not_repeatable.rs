//! A job that publishes several packages and cannot be run again after one failed.

use plim_diag::{Code, Severity};
use plim_workflow::{StepBody, Workflow};

use crate::deeds::{Act, Deed, JobDeeds};
use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("publish-not-repeatable"),
    summary: "a job publishes several packages, and cannot be run again after one failed",
    why: "Registries refuse a version that they have. When the second package fails, the next attempt fails on the first one and never reaches the second: someone publishes the rest by hand, from their own machine.",
    criterion: "A job with at least two commands or actions that publish to crates.io, npm or PyPI and surely run, none of which is told to skip what is there (`skip-existing`, `--skip-existing`, `cargo publish --workspace`), and no question to the registry before them.",
    remedy: "Before each publish, ask whether the version is there, and skip it then.",
    example: "steps:\n  - run: |\n      cargo publish -p core\n      cargo publish -p tool",
    better: "steps:\n  - run: |\n      cargo info core@$VERSION || cargo publish -p core\n      cargo info tool@$VERSION || cargo publish -p tool",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, _: &'a Workflow) {
    let deeds = audit.deeds();
    for job in &deeds.jobs {
        let publishes: Vec<_> = job.deeds.iter().filter(|deed| is_bare(deed)).collect();
        let [first, .., last] = publishes.as_slice() else { continue };
        if !asks_before(job) {
            let message = format!(
                "when this fails, a second run of `{}` fails at {}",
                job.id(),
                format_args!("`{}`", first.said)
            );
            audit
                .report(last.span, message)
                .related(first.span, "a registry refuses what it has already")
                .help("ask whether the version is there, and skip it then");
        }
    }
}

/// Whether it publishes, surely, and whatever is there already.
fn is_bare(deed: &Deed<'_>) -> bool {
    let finally = matches!(deed.act, Act::Publish(registry) if registry.is_final());
    let skips =
        ["skip-existing", "skip_existing", "--workspace", "semantic-release", "changeset", "lerna"];
    let words = match (&deed.command, deed.step.map(|step| &step.step.body)) {
        (Some(command), _) if !command.command().certain => return false,
        (Some(command), _) => command
            .command()
            .words
            .iter()
            .map(|word| word.text.as_str())
            .collect::<Vec<_>>()
            .join(" "),
        (None, Some(StepBody::Uses(uses))) => {
            uses.with.written().iter().map(|(key, _)| &*key.value).collect::<Vec<_>>().join(" ")
        }
        _ => return false,
    };
    let conditional = deed.step.is_some_and(|step| step.step.condition.is_some());
    finally
        && !conditional
        && !skips.iter().any(|part| words.contains(part) || deed.said.contains(part))
}

fn asks_before(job: &JobDeeds<'_>) -> bool {
    job.does(|act| act == Act::ReadBack)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn one_package_and_what_skips_may_be_repeated() {
        check(
            &RULE,
            "
            jobs:
              one: { runs-on: ubuntu-latest, steps: [run: cargo publish] }
              skips:
                runs-on: ubuntu-latest
                steps: [run: twine upload --skip-existing a; twine upload --skip-existing b]
              two:
                runs-on: ubuntu-latest
                steps:
                  - run: npm publish -w a
                  - run: npm publish -w b
                  #      ^^^^^^^^^^^^^^^^ when this fails, a second run of `two` fails at `npm publish -w a`
            ",
        );
    }
}
