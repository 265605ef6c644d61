//! What a release is made of may be nothing.

use plim_diag::{Code, Severity};
use plim_expression::Segment;
use plim_workflow::{ActionReference, StepBody, Text, Uses, Workflow};

use super::release_may_match_no_file::{above, entry};
use crate::deeds::{Act, JobDeeds};
use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("artifact-may-be-empty"),
    summary: "a build that a release is made of passes although it kept no file",
    why: "`actions/upload-artifact` only warns when its path matches nothing. The job that publishes then downloads what there is, and ships without the file, or fails when other packages are out already.",
    criterion: "`actions/upload-artifact` without `if-no-files-found`, in a job that another one waits for which downloads an artifact that may be of that name, and publishes or releases.",
    remedy: "Set `if-no-files-found: error`.",
    example: "jobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/upload-artifact@v4\n        with:\n          path: dist/*.whl\n  publish:\n    needs: build\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/download-artifact@v4\n      - run: twine upload dist/*",
    better: "jobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/upload-artifact@v4\n        with:\n          if-no-files-found: error\n          path: dist/*.whl\n  publish:\n    needs: build\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/download-artifact@v4\n      - run: twine upload dist/*",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, _: &'a Workflow) {
    let deeds = audit.deeds();
    let graph = audit.graph();
    let takes = |job: &JobDeeds<'a>, upload: &Uses| {
        job.does(matters) && uses(job, "download-artifact").any(|uses| gets(uses, upload))
    };
    for job in &deeds.jobs {
        for upload in
            uses(job, "upload-artifact").filter(|uses| entry(uses, "if-no-files-found").is_none())
        {
            let mut others = deeds.jobs.iter();
            let taker =
                others.find(|other| takes(other, upload) && graph.waits_for(other.id(), job.id()));
            let Some(taker) = taker else { continue };
            let path = entry(upload, "path");
            let edit =
                path.and_then(|(key, _)| above(audit.source(), key, "if-no-files-found: error"));
            let message = format!("`{}` ships what is kept here, which may be nothing", taker.id());
            let finding = audit.report(upload.action.span, message);
            finding.help("set `if-no-files-found: error`");
            if let Some(edit) = edit {
                finding.unsafe_fix("fail when there is no file", vec![edit]);
            }
        }
    }
}

/// Whether a download may get what an upload keeps, by their names.
fn gets(download: &Uses, upload: &Uses) -> bool {
    if entry(download, "run-id").is_some() {
        return false;
    }
    let kept = entry(upload, "name").map_or("artifact".to_owned(), |(_, name)| pattern(name));
    let wanted = entry(download, "name").or_else(|| entry(download, "pattern"));
    wanted.is_none_or(|(_, wanted)| may_agree(pattern(wanted).as_bytes(), kept.as_bytes()))
}

/// The text, with `*` for what is computed or fits more than one text.
fn pattern(text: &Text) -> String {
    let segments = text.template.segments.iter().map(|segment| match segment {
        Segment::Literal(literal) => literal.replace(['?', '[', ']', '{', '}', ','], "*"),
        Segment::Expression { .. } => "*".to_owned(),
    });
    segments.collect()
}

/// Whether some text fits both patterns, in which `*` stands for any text.
fn may_agree(one: &[u8], other: &[u8]) -> bool {
    match (one, other) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => {
            may_agree(rest, other) || (!other.is_empty() && may_agree(one, &other[1..]))
        }
        (_, [b'*', ..]) => may_agree(other, one),
        ([first, one @ ..], [second, other @ ..]) => first == second && may_agree(one, other),
        _ => false,
    }
}

fn matters(act: Act) -> bool {
    matches!(act, Act::Publish(_) | Act::Release | Act::Draft | Act::Upload)
}

fn uses<'a>(job: &JobDeeds<'a>, name: &'static str) -> impl Iterator<Item = &'a Uses> {
    job.job.steps().iter().filter_map(move |step| match &step.body {
        StepBody::Uses(uses) => match &uses.action.value {
            ActionReference::Remote { owner, repository, .. }
                if &**owner == "actions" && &**repository == name =>
            {
                Some(uses)
            }
            _ => None,
        },
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_fix};

    #[test]
    fn what_nobody_ships_may_be_empty() {
        check(
            &RULE,
            "
            jobs:
              test:
                runs-on: ubuntu-latest
                steps: [{ uses: actions/upload-artifact@v4, with: { path: log } }]
              publish:
                runs-on: ubuntu-latest
                steps: [{ uses: actions/download-artifact@v4 }, { run: npm publish }]
            ",
        );
    }

    #[test]
    fn what_is_downloaded_is_told_by_its_name() {
        check(
            &RULE,
            "
            jobs:
              build:
                runs-on: ubuntu-latest
                steps:
                  - uses: actions/upload-artifact@v4
                    with: { path: log, name: \"reports-${{ matrix.os }}\" }
                  - uses: actions/upload-artifact@v4
                    #     ^^^^^^^^^^^^^^^^^^^^^^^^^^ `publish` ships what is kept here, which may be nothing
                    with: { path: dist, name: \"packages-${{ matrix.os }}\" }
              publish:
                needs: build
                runs-on: ubuntu-latest
                steps:
                  - uses: actions/download-artifact@v4
                    with: { pattern: packages-* }
                  - run: npm publish
            ",
        );
        assert!(may_agree(b"a-*-c", b"a-b-*"));
        assert!(!may_agree(b"a-*", b"b-*"));
    }

    #[test]
    fn the_setting_stands_above_the_path() {
        check_fix(&RULE, RULE.example, RULE.better);
    }
}
