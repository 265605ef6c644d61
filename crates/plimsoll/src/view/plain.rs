//! The plain view: lines on standard error, and a report on standard output at the end.

use std::io;

use plim_run::Event;

use super::{Narrator, Progress, Reader, Report};
use crate::{output::Output, render::paint::Paint};

/// Tells a run in lines.
pub(crate) struct Plain {
    narrator: Narrator,
    progress: Output,
    results: Option<(Output, Paint)>,
    silent: bool,
}

impl Plain {
    /// Tells on `progress`, and reports in `results` if there are any for people.
    pub(crate) fn new(
        narrator: Narrator,
        progress: Output,
        results: Option<(Output, Paint)>,
    ) -> Self {
        Self { narrator, progress, results, silent: false }
    }
}

impl Reader for Plain {
    fn read(&mut self, event: &Event, progress: &Progress) {
        let mut text = String::new();
        self.narrator.tell(event, progress, &mut text);
        self.progress.add(&text);
        // Lines of logs may come by the thousand: those wait for the beat.
        if !self.silent && !text.is_empty() && !matches!(event, Event::Log { .. }) {
            self.progress.flush();
        }
    }

    fn tick(&mut self, _: &Progress) {
        if !self.silent {
            self.progress.flush();
        }
    }

    fn hold(&mut self, silent: bool, progress: &Progress) {
        self.tick(progress);
        self.silent = silent;
    }

    fn finish(&mut self, progress: &Progress) -> io::Result<()> {
        // Nobody is left to tell when standard error is gone.
        let _ = self.progress.finish();
        let Some((output, paint)) = &mut self.results else { return Ok(()) };
        output.add(&Report { progress, paint: *paint }.full());
        output.finish()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        output::tests::Written,
        view::{Detail, sample},
    };

    #[test]
    fn a_job_is_named_at_once_and_the_report_is_the_result() {
        let (told, reported) = (Written::default(), Written::default());
        let narrator = Narrator::new(Paint::plain(), Detail::Logs, false);
        let results = Some((Output::to(reported.clone()), Paint::plain()));
        let mut plain = Plain::new(narrator, Output::to(told.clone()), results);
        let mut progress = Progress::default();
        for event in sample::passing() {
            progress.apply(&event, Duration::ZERO);
            plain.read(&event, &progress);
            match event {
                Event::JobStarted { .. } => assert!(told.take().ends_with("▸ test\n")),
                Event::Log { .. } => assert_eq!(told.take(), ""),
                _ => {}
            }
        }
        plain.finish(&progress).unwrap();
        assert!(told.take().contains("ok: 3 tests"));
        assert_eq!(reported.take(), "passed in 3.4s, with uncommitted work: passed 1\n");
    }

    #[test]
    fn while_a_person_is_asked_nothing_is_written() {
        let told = Written::default();
        let narrator = Narrator::new(Paint::plain(), Detail::Steps, false);
        let mut plain = Plain::new(narrator, Output::to(told.clone()), None);
        let mut progress = Progress::default();
        plain.hold(true, &progress);
        let event = sample::job_started("ci.yml:test", "test");
        progress.apply(&event, Duration::ZERO);
        plain.read(&event, &progress);
        plain.tick(&progress);
        assert_eq!(told.take(), "");
        plain.hold(false, &progress);
        assert_eq!(told.take(), "");
        plain.tick(&progress);
        assert_eq!(told.take(), "▸ test\n");
    }
}
