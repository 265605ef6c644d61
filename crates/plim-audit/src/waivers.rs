//! A waiver is the word of a repository's owner that findings of some rules are not wanted at some places.

use plim_workflow::{ActionReference, Pattern, StepBody};

use crate::{Finding, Settings, StepAt, Subject, labels, steps};

/// Findings that are not wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// The codes of their rules.
    pub codes: Vec<String>,
    /// Where.
    pub place: WaivedPlace,
}

/// Where findings are not wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WaivedPlace {
    /// In the files whose path fits, written as the `paths` of an event are.
    Path(Pattern),
    /// In the steps that use an action whose `owner/repository[/path]` fits a glob of `*` and `?`.
    Action(String),
    /// In the files of this name, whatever their folder.
    File {
        /// The name.
        name: String,
        /// Only what begins in this line, from 1.
        line: Option<u32>,
        /// Only what begins in this column of the line, from 1, in characters.
        column: Option<u32>,
    },
}

/// The `findings` in `subject` that no waiver of `settings` speaks of.
pub(crate) fn apply(
    subject: &Subject,
    settings: &Settings,
    mut findings: Vec<Finding>,
) -> Vec<Finding> {
    if settings.waivers.is_empty() || findings.is_empty() {
        return findings;
    }
    let steps = steps::steps(subject);
    let covered = |finding: &Finding| {
        settings.waivers.iter().any(|waiver| waiver.covers(finding, subject, &steps))
    };
    findings.retain(|finding| !covered(finding));
    findings
}

impl Waiver {
    fn covers(&self, finding: &Finding, subject: &Subject, steps: &[StepAt<'_>]) -> bool {
        if !self.codes.iter().any(|code| code == finding.diagnostic.code.0) {
            return false;
        }
        match &self.place {
            WaivedPlace::Path(pattern) => pattern.fits(&subject.path),
            WaivedPlace::Action(glob) => steps
                .iter()
                .any(|step| step.step.span.encloses(finding.span()) && uses(*step, glob)),
            WaivedPlace::File { name, line, column } => {
                let own = subject.path.rsplit('/').next().unwrap_or("");
                let at = subject.tree().lines().position(subject.text(), finding.span().start);
                own == name
                    && line.is_none_or(|line| line == at.line)
                    && column.is_none_or(|column| column == at.column)
            }
        }
    }
}

/// Whether the step uses an action whose name fits `glob`.
fn uses(step: StepAt<'_>, glob: &str) -> bool {
    let StepBody::Uses(uses) = &step.step.body else { return false };
    match &uses.action.value {
        ActionReference::Remote { owner, repository, path, .. } => {
            let name = format!("{owner}/{repository}/{path}");
            labels::fits(glob.as_bytes(), name.trim_end_matches('/').as_bytes())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use plim_workflow::Forge;

    use super::*;
    use crate::{Kind, Nowhere, Selection, check};

    const TEXT: &str = "on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v2
        with: { a: 1 }
      - uses: actions/cache@v2
        with: { b: 1, path: x, key: y }
";

    fn lines(place: WaivedPlace, code: &str) -> Vec<u32> {
        let path = ".github/workflows/ci.yml";
        let subject = Subject::read(path, TEXT.as_bytes(), Kind::Workflow, Forge::GitHub);
        let selection =
            Selection { select: vec!["unknown-action-input".to_owned()], ..Selection::default() };
        let found = check(&subject, &Nowhere::default(), &selection);
        let waivers = vec![Waiver { codes: vec![code.to_owned()], place }];
        let left = apply(&subject, &Settings { waivers, ..Settings::default() }, found);
        left.iter().map(|one| subject.tree().lines().line_of(one.span().start)).collect()
    }

    #[test]
    fn only_the_code_and_the_place_of_a_waiver_are_passed_over() {
        let code = "unknown-action-input";
        let path = |text: &str| WaivedPlace::Path(Pattern::parse(text).unwrap());
        assert!(lines(path("**/ci.yml"), code).is_empty());
        assert_eq!(lines(path("**/ci.yml"), "unpinned-action"), [7, 9]);
        assert_eq!(lines(path("**/other.yml"), code), [7, 9]);
        assert_eq!(lines(WaivedPlace::Action("Actions/check*".into()), code), [9]);
        let file = |line, column| WaivedPlace::File { name: "ci.yml".into(), line, column };
        assert!(lines(file(None, None), code).is_empty());
        assert_eq!(lines(file(Some(9), None), code), [7]);
        assert_eq!(lines(file(Some(9), Some(17)), code), [7]);
        assert_eq!(lines(file(Some(9), Some(1)), code), [7, 9]);
    }
}
