//! A publish that nothing tested.

use plim_diag::{Code, Severity};
use plim_workflow::Workflow;

use crate::deeds::{Act, Deed, Deeds, JobDeeds};
use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("publish-without-gate"),
    summary: "a publish waits for no test, no other job and nobody's approval",
    why: "Whoever pushes the tag or the branch publishes, whatever state the code is in: a broken version reaches every user at once, and most registries never take one back.",
    criterion: "A job that publishes to a registry, with no `needs`, no `environment`, and no test or check of the code or of what is published before it among its steps, in a workflow that `push`, `release` or `schedule` starts. Jobs that publish what people approved in a pull request (release-please, release-plz, changesets) are not reported, nor are catalogues that point at a release, nor images that only a branch pushes.",
    remedy: "Let the job need the jobs that test the same commit, or give it an `environment` whose rules ask for approval.",
    example: "on: { push: { tags: ['v*'] } }\njobs:\n  publish:\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo publish",
    better: "on: { push: { tags: ['v*'] } }\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo test\n  publish:\n    needs: test\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo publish",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn matters(act: Act) -> bool {
    matches!(act, Act::Publish(registry) if registry.is_final())
}

fn workflow<'a>(audit: &mut Audit<'a>, workflow: &'a Workflow) {
    let started =
        ["push", "release", "schedule"].iter().any(|event| workflow.trigger(event).is_some());
    if !started || audit.subject().partly_read() {
        return;
    }
    let deeds = audit.deeds();
    for job in &deeds.jobs {
        if let Some((_, deed)) = job.first(matters).filter(|(at, _)| is_ungated(job, *at)) {
            report(audit, &deeds, job, deed);
        }
    }
}

fn is_ungated(job: &JobDeeds<'_>, publish: usize) -> bool {
    let own = job.job.job;
    let before = &job.deeds[..publish];
    own.needs.is_empty()
        && own.environment.is_none()
        && own.condition.is_none()
        && !before.iter().any(|deed| deed.act.judges() || deed.act == Act::ReadBack)
        && !job.does(|act| act == Act::Propose)
}

fn report<'a>(audit: &mut Audit<'a>, deeds: &Deeds<'a>, job: &JobDeeds<'a>, deed: &Deed<'a>) {
    let message =
        format!("{}, and the job `{}` waits for no test and no approval", deed.shown(), job.id());
    let finding = audit.report(deed.span, message);
    let judges = deeds.jobs.iter().filter(|other| other.id() != job.id());
    for judge in judges.filter(|other| other.does(Act::judges)) {
        finding
            .related(judge.job.job.id.span, format!("`{}` judges this commit", judge.id()))
            .note(format!("the edge `{}` → `{}` is missing", judge.id(), job.id()));
    }
    finding
        .help("let the job need those that test this commit, or give it an `environment` that asks for approval");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_in};

    #[test]
    fn a_publish_on_its_own_is_found() {
        check(
            &RULE,
            "
            on: { release: { types: [published] } }
            jobs:
              publish:
                runs-on: ubuntu-latest
                steps:
                  - run: npm ci && npm run build
                  - run: npm publish
                  #      ^^^^^^^^^^^ `npm publish` publishes, and the job `publish` waits for no test and no approval
              asked:
                environment: npm
                runs-on: ubuntu-latest
                steps: [run: npm publish]
              tested:
                runs-on: ubuntu-latest
                steps: [{ run: npm test }, { run: npm publish }]
              after:
                needs: [tested]
                runs-on: ubuntu-latest
                steps: [run: npm publish]
            ",
        );
    }

    #[test]
    fn a_program_that_publishes_when_told_is_not_told_here() {
        let script =
            ("tools/build.ts", "if (args.publish) { await $`npm publish --access public`; }");
        let on = "on: { release: { types: [published] } }\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n";
        check_in(&RULE, &[script], &format!("{on}      - run: ./tools/build.ts 1.2.3\n"));
        check_in(
            &RULE,
            &[script],
            &format!(
                "{on}      - run: ./tools/build.ts 1.2.3 --publish\n        #    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
            ),
        );
    }

    #[test]
    fn one_that_a_person_starts_is_not() {
        check(
            &RULE,
            "
            on: workflow_dispatch
            jobs:
              publish:
                runs-on: ubuntu-latest
                steps: [run: npm publish]
            ",
        );
    }

    #[test]
    fn the_tests_that_nothing_waits_for_are_named() {
        let found = crate::testing::findings_of(
            &RULE,
            "
            jobs:
              test:
                runs-on: ubuntu-latest
                steps: [run: cargo test]
              crates:
                runs-on: ubuntu-latest
                steps: [run: cargo publish]
            ",
        );
        assert_eq!(found[0].diagnostic.notes, ["the edge `test` → `crates` is missing"]);
        assert_eq!(found[0].diagnostic.related[0].message, "`test` judges this commit");
    }
}
