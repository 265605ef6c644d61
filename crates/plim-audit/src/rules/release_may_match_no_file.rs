//! A release whose files are named by a pattern that may match none.

use plim_diag::{Code, Severity};
use plim_workflow::{ActionReference, Name, StepBody, Text, Uses};

use crate::{Audit, Edit, Hook, JobAt, Rule, StepAt, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("release-may-match-no-file"),
    summary: "a release is made even when its pattern of files matches nothing",
    why: "A build that renames its output, or an artifact that unpacks one folder deeper, leaves the pattern without a match. The release is public and green, and has no files.",
    criterion: "`softprops/action-gh-release` with a pattern in `files` and without `fail_on_unmatched_files`. Where several jobs of the workflow have the same list, each makes a part of it, and nothing is reported.",
    remedy: "Set `fail_on_unmatched_files: true`.",
    example: "steps:\n  - uses: softprops/action-gh-release@v2\n    with:\n      files: dist/*.tar.gz",
    better: "steps:\n  - uses: softprops/action-gh-release@v2\n    with:\n      fail_on_unmatched_files: true\n      files: dist/*.tar.gz",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Step(step)],
};

fn step<'a>(audit: &mut Audit<'a>, step: StepAt<'a>) {
    let StepBody::Uses(uses) = &step.step.body else { return };
    if !is_release(uses) || entry(uses, "fail_on_unmatched_files").is_some() {
        return;
    }
    let Some((key, files)) = entry(uses, "files") else { return };
    if !files.template.source().contains('*') || is_shared(step, files) {
        return;
    }
    let edit = above(audit.source(), key, "fail_on_unmatched_files: true");
    let finding = audit.report(key.span, "the release is made even when no file matches");
    finding.help("set `fail_on_unmatched_files: true`");
    if let Some(edit) = edit {
        finding.fix("fail when no file matches", vec![edit]);
    }
}

/// Whether another job of the workflow has the same list, of which each then makes a part.
fn is_shared(step: StepAt<'_>, files: &Text) -> bool {
    let Some(own) = step.job else { return false };
    let others = own.workflow.jobs.iter().filter(|job| job.id.span != own.job.id.span);
    let mut steps = others.filter_map(|job| JobAt { job, workflow: own.workflow }.machine());
    steps.any(|machine| {
        machine.steps.iter().any(|step| match &step.body {
            StepBody::Uses(uses) if is_release(uses) => entry(uses, "files")
                .is_some_and(|(_, other)| other.template.source() == files.template.source()),
            _ => false,
        })
    })
}

fn is_release(uses: &Uses) -> bool {
    let ActionReference::Remote { owner, repository, .. } = &uses.action.value else {
        return false;
    };
    owner.eq_ignore_ascii_case("softprops") && &**repository == "action-gh-release"
}

/// The entry `name` of the inputs.
pub(super) fn entry<'u>(uses: &'u Uses, name: &str) -> Option<&'u (Name, Text)> {
    uses.with.written().iter().find(|(key, _)| key.value.eq_ignore_ascii_case(name))
}

/// A line of its own above that of `key`, where the mapping is written in lines.
pub(super) fn above(source: &str, key: &Name, line: &str) -> Option<Edit> {
    let start = usize::try_from(key.span.start).ok()?;
    let indent = source.get(source.get(..start)?.rfind('\n')? + 1..start)?;
    let blank = indent.chars().all(|c| c == ' ');
    blank.then(|| Edit::insert(key.span.start, format!("{line}\n{indent}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_fix};

    #[test]
    fn names_and_what_fails_are_not_reported() {
        check(
            &RULE,
            "
            steps:
              - uses: softprops/action-gh-release@v2
                with: { files: dist/* }
                #       ^^^^^ the release is made even when no file matches
              - uses: softprops/action-gh-release@v2
                with: { files: tool.tar.gz }
              - uses: softprops/action-gh-release@v2
                with: { files: dist/*, fail_on_unmatched_files: true }
            ",
        );
    }

    #[test]
    fn of_a_list_that_jobs_share_each_makes_a_part() {
        check(
            &RULE,
            "
            jobs:
              linux:
                runs-on: ubuntu-latest
                steps: [{ uses: softprops/action-gh-release@v2, with: { files: \"*.deb\\n*.exe\" } }]
              windows:
                runs-on: windows-latest
                steps: [{ uses: softprops/action-gh-release@v2, with: { files: \"*.deb\\n*.exe\" } }]
            ",
        );
    }

    #[test]
    fn the_setting_stands_above_the_files() {
        check_fix(&RULE, RULE.example, RULE.better);
    }
}
