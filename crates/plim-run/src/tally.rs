//! Counts how jobs ended and says what that makes of the run.

use crate::event::{Cause, Conclusion, Counts, RunResult};

/// How jobs ended so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    counts: Counts,
    /// Of those that are blocked or undetermined: how many nobody expected to run elsewhere.
    missing: u32,
    /// Whether a person worked in the workspace of a job.
    by_hand: bool,
}

impl Tally {
    /// A leg ran, or was cancelled before it did.
    pub(crate) fn ran(&mut self, conclusion: Conclusion, tolerated: bool) {
        let count = match conclusion {
            Conclusion::Success => &mut self.counts.passed,
            Conclusion::Failure if tolerated => &mut self.counts.passed,
            Conclusion::Failure => &mut self.counts.failed,
            Conclusion::Cancelled => &mut self.counts.cancelled,
            Conclusion::Skipped => &mut self.counts.skipped,
            Conclusion::Undetermined => &mut self.counts.undetermined,
        };
        *count += 1;
    }

    /// A person worked in the workspace of a leg, so that its result says nothing about the commit.
    pub(crate) fn by_hand(&mut self) {
        self.by_hand = true;
    }

    /// A leg passed in an earlier run and does not run again.
    pub(crate) fn reused(&mut self) {
        self.counts.reused += 1;
    }

    pub(crate) fn skipped(&mut self) {
        self.counts.skipped += 1;
    }

    pub(crate) fn blocked(&mut self, cause: &Cause) {
        match cause {
            Cause::Publishes { .. } => self.counts.withheld += 1,
            Cause::Needs { .. } => self.counts.undetermined += 1,
            _ => self.counts.blocked += 1,
        }
        if !matches!(cause, Cause::Runner { expected: true, .. }) {
            self.missing += 1;
        }
    }

    /// A job that waits for one that is expected to run elsewhere is itself expected not to run here.
    pub(crate) fn undetermined(&mut self, expected: bool) {
        self.counts.undetermined += 1;
        self.missing += u32::from(!expected);
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    /// What the counts make of the run. A cancelled job has not passed; what could not run here
    /// never counts as passed.
    pub(crate) fn result(&self, interrupted: bool) -> RunResult {
        let Counts { passed, failed, cancelled, skipped, blocked, withheld, undetermined, reused } =
            self.counts;
        let ran = passed + reused + failed + cancelled;
        match () {
            () if interrupted => RunResult::Interrupted,
            () if failed + cancelled > 0 => RunResult::Failed,
            () if ran + skipped + blocked + withheld + undetermined == 0 => RunResult::Nothing,
            () if self.by_hand => RunResult::Undetermined,
            () if self.missing == 0 => RunResult::Passed,
            () if ran == 0 => RunResult::Undetermined,
            () => RunResult::Incomplete,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runner(expected: bool) -> Cause {
        Cause::Runner { labels: vec!["windows-latest".into()], expected }
    }

    #[test]
    fn what_could_not_run_here_never_passes() {
        let mut tally = Tally::default();
        tally.ran(Conclusion::Success, false);
        assert_eq!(tally.result(false), RunResult::Passed);
        tally.blocked(&runner(false));
        assert_eq!(tally.result(false), RunResult::Incomplete);
    }

    #[test]
    fn what_is_expected_elsewhere_lets_the_rest_pass() {
        let mut tally = Tally::default();
        tally.ran(Conclusion::Success, false);
        tally.blocked(&runner(true));
        tally.undetermined(true);
        assert_eq!(tally.result(false), RunResult::Passed);
    }

    #[test]
    fn nothing_run_and_something_missing_says_nothing() {
        let mut tally = Tally::default();
        tally.blocked(&runner(false));
        assert_eq!(tally.result(false), RunResult::Undetermined);
        assert_eq!(Tally::default().result(false), RunResult::Nothing);
    }

    #[test]
    fn what_a_person_had_a_hand_in_never_passes() {
        let mut tally = Tally::default();
        tally.ran(Conclusion::Success, false);
        tally.by_hand();
        assert_eq!(tally.result(false), RunResult::Undetermined);
        tally.ran(Conclusion::Failure, false);
        assert_eq!(tally.result(false), RunResult::Failed);
    }

    #[test]
    fn an_interruption_is_told_before_anything_else() {
        let mut tally = Tally::default();
        tally.ran(Conclusion::Failure, false);
        assert_eq!(tally.result(true), RunResult::Interrupted);
        assert_eq!(tally.result(false), RunResult::Failed);
    }
}
