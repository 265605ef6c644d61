//! The concise view: one line for each job that is over and each step that failed.

use std::io;

use plim_run::{Event, event::Conclusion};

use super::{
    Progress, Reader, Report,
    cause::what,
    progress::{Job, JobState},
    report::how,
};
use crate::{
    output::Output,
    render::{paint::Paint, quantity::duration, text},
};

/// Writes `KEY: how it ended`.
pub(crate) struct Concise {
    output: Output,
}

impl Concise {
    pub(crate) fn new(output: Output) -> Self {
        Self { output }
    }
}

impl Reader for Concise {
    fn read(&mut self, event: &Event, progress: &Progress) {
        let line = match event {
            Event::JobFinished { job, .. } => progress.job(job).map(over),
            Event::JobSkipped { job, reason, .. } => Some(format!("{job}: skipped: {reason}")),
            Event::JobReused { job, from, .. } => {
                Some(format!("{job}: reused: it passed in run {from}"))
            }
            Event::JobBlocked { job, cause, .. } => {
                Some(format!("{job}: blocked: {}", what(cause)))
            }
            Event::StepFinished { job, step, conclusion: Conclusion::Failure, .. } => progress
                .step(job, *step)
                .map(|step| format!("{job}: step {}: {}: {}", step.number, step.name, how(step))),
            Event::Notice { level, text, .. } if *level > plim_run::event::Level::Notice => {
                Some(format!("warning: {text}"))
            }
            _ => None,
        };
        if let Some(line) = line {
            self.output.add(&(text::name(&line) + "\n"));
            self.output.flush();
        }
    }

    fn finish(&mut self, progress: &Progress) -> io::Result<()> {
        let report = Report { progress, paint: Paint::plain() };
        self.output.add(&(report.sum() + "\n"));
        self.output.finish()
    }
}

fn over(job: &Job) -> String {
    match &job.state {
        JobState::Finished { conclusion, milliseconds } => {
            format!("{}: {} in {}", job.key, conclusion.as_str(), duration(*milliseconds))
        }
        _ => job.key.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{output::tests::Written, view::sample};

    #[test]
    fn each_job_and_failed_step_is_a_line() {
        let written = Written::default();
        let mut concise = Concise::new(Output::to(written.clone()));
        let mut progress = Progress::default();
        for event in sample::mixed() {
            progress.apply(&event, Duration::ZERO);
            concise.read(&event, &progress);
        }
        concise.finish(&progress).unwrap();
        insta::assert_snapshot!(written.take(), @r#"
ci.yml:mac: blocked: no runner for `macos-14` here
ci.yml:windows: blocked: no runner for `windows-latest` here
ci.yml:needs-mac: blocked: `mac` does not run here
ci.yml:after-that: blocked: `needs-mac` does not run here
ci.yml:publish: blocked: publishing, pushing, deploying and releasing are withheld
ci.yml:lint: blocked: `typos` is missing
ci.yml:spell: blocked: `typos` is missing
ci.yml:test[3]: blocked: no runner for `ubuntu-arm` here
ci.yml:nightly: skipped: `if` is false
ci.yml:test[2]: step 1: Run cargo test: exit code 101 after 1.2s
ci.yml:test[2]: failure in 2.3s
ci.yml:test[1]: success in 2.3s
warning: the output `token` holds a secret and is dropped
failed in 3.4s, with uncommitted work: passed 1 (1 provisional) · failed 1 · blocked 2 (one fix unblocks 2: plim setup) · withheld 1 (publish) · elsewhere 5 · skipped 1
"#);
    }
}
