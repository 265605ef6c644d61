//! The report at the end of a run: what failed and its last lines, what did not run and why, and the sum.

use std::fmt::Write;

use plim_run::event::{Annotation, Conclusion, Counts, Level, LineKind, RunResult};

use super::{
    cause::{Fate, RootCause, root_causes},
    progress::{End, Job, Progress, Step},
    reckoning::one_fix,
    roots,
};
use crate::render::{
    paint::Paint,
    quantity::{count, duration},
    text,
};
use crate::run::UNKEPT;

/// Of so many failed jobs the last lines are shown; the others are named.
const SHOWN: usize = 3;

/// So many more failed jobs, causes and names are listed before the rest is only counted.
const NAMED: usize = 10;

/// Shows how a run ended.
pub(crate) struct Report<'a> {
    pub(crate) progress: &'a Progress,
    pub(crate) paint: Paint,
}

impl Report<'_> {
    /// All of it.
    pub(crate) fn full(&self) -> String {
        let mut out = String::new();
        self.failures(&mut out);
        self.causes(&mut out);
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&self.sum());
        out.push('\n');
        self.next(&mut out);
        out
    }

    /// `failed in 12s: passed 9 · failed 1 · …`.
    pub(crate) fn sum(&self) -> String {
        let Some(end) = &self.progress.end else { return "the run did not end".to_owned() };
        let word = match end.result {
            RunResult::Passed => self.paint.good("passed"),
            RunResult::Failed => self.paint.bad("failed"),
            RunResult::Incomplete => self.paint.doubtful("incomplete"),
            RunResult::Nothing => self.paint.doubtful("nothing was triggered"),
            RunResult::Undetermined => self.paint.doubtful("undetermined"),
            RunResult::Interrupted => self.paint.doubtful("interrupted"),
        };
        let parts = self.parts(end);
        let time = duration(end.milliseconds);
        let dirty = if self.progress.dirty { ", with uncommitted work" } else { "" };
        if parts.is_empty() {
            return word.to_string();
        }
        format!("{word} in {time}{dirty}: {}", parts.join(" · "))
    }

    fn parts(&self, end: &End) -> Vec<String> {
        let Counts { passed, reused, failed, cancelled, skipped, undetermined, .. } = end.counts;
        let roots = root_causes(self.progress);
        let of =
            |fate| roots.iter().filter(|r| r.fate == fate).map(RootCause::count).sum::<usize>();
        let provisional = self
            .progress
            .jobs
            .iter()
            .filter(|job| job.has(Conclusion::Success) && self.progress.is_provisional(job));
        let provisional = provisional.count();
        let because_of_needs: usize = roots.iter().map(|root| root.dependants).sum();
        let undetermined = (undetermined as usize).saturating_sub(because_of_needs);
        let mut parts = vec![];
        let mut part = |number: usize, word: &str, more: String| {
            if number > 0 {
                parts.push(format!("{word} {number}{more}"));
            }
        };
        let note =
            if provisional > 0 { format!(" ({provisional} provisional)") } else { String::new() };
        part(passed as usize, "passed", note);
        part(reused as usize, "reused", String::new());
        part(failed as usize, "failed", String::new());
        part(cancelled as usize, "cancelled", String::new());
        part(undetermined, "undetermined", String::new());
        part(of(Fate::Blocked), "blocked", one_fix(&self.progress.fixes));
        part(of(Fate::Withheld), "withheld", " (publish)".to_owned());
        part(of(Fate::Elsewhere), "elsewhere", String::new());
        part(skipped as usize, "skipped", String::new());
        parts
    }

    fn failures(&self, out: &mut String) {
        let failed: Vec<&Job> = self.progress.jobs.iter().filter(|job| job.is_failed()).collect();
        for job in failed.iter().take(SHOWN) {
            self.failure(out, job);
        }
        for job in failed.iter().skip(SHOWN).take(NAMED) {
            let steps: Vec<_> = job.failures().map(|step| step.name.as_str()).collect();
            let label = self.progress.label(&job.key);
            let _ = writeln!(out, "{} {label}: {}", self.paint.bad("✗"), steps.join(", "));
        }
        let more = failed.len().saturating_sub(SHOWN + NAMED);
        if more > 0 {
            let _ = writeln!(out, "  and {}", count(more, "more failed job"));
        }
    }

    fn failure(&self, out: &mut String, job: &Job) {
        let label = self.progress.label(&job.key);
        let mut any = false;
        for step in job.failures() {
            any = true;
            let how = how(step);
            let _ = writeln!(
                out,
                "\n{} {} › {}: {how}",
                self.paint.bad("✗"),
                self.paint.strong(&label),
                step.name
            );
            self.tail(out, step, job);
            self.annotations(out, step);
        }
        if !any {
            let _ = writeln!(
                out,
                "\n{} {}: failed without a failed step",
                self.paint.bad("✗"),
                self.paint.strong(&label)
            );
        }
    }

    fn tail(&self, out: &mut String, step: &Step, job: &Job) {
        if step.before > 0 {
            let more = count(usize::try_from(step.before).unwrap_or(usize::MAX), "line");
            let place =
                format!("… {more} before; all of it: {}", self.log_command(job, Some(step)));
            let _ = writeln!(out, "    {}", self.paint.faint(place));
        }
        for (kind, line) in &step.tail {
            let line = text::printable(line, self.paint.is_on());
            let _ = match kind {
                LineKind::Error => {
                    writeln!(out, "    {}", self.paint.bad(format!("error: {line}")))
                }
                LineKind::Warning => {
                    writeln!(out, "    {}", self.paint.doubtful(format!("warning: {line}")))
                }
                _ => writeln!(out, "    {line}"),
            };
        }
    }

    fn annotations(&self, out: &mut String, step: &Step) {
        let placed =
            step.annotations.iter().filter(|a| a.level == Level::Error && a.path.is_some());
        for annotation in placed.take(NAMED) {
            let _ = writeln!(out, "  {}", text::name(&annotated(annotation)));
        }
    }

    /// What did not run here, each root cause once.
    fn causes(&self, out: &mut String) {
        let mut roots = root_causes(self.progress);
        roots.retain(|root| !root.is_expected());
        if !roots.is_empty() {
            let _ = writeln!(out, "\n{}", self.paint.strong("not run here"));
            out.push_str(&roots::told(&roots, &self.progress.fixes, self.paint));
        }
    }

    /// What `plim` itself warned of; views have said it when it happened.
    pub(crate) fn notices(&self) -> String {
        let mut out = String::new();
        for (level, words) in self.progress.notices.iter().take(NAMED) {
            let words = text::name(words);
            let _ = match level {
                Level::Error => writeln!(out, "{}: {words}", self.paint.bad("error")),
                _ => writeln!(out, "{}: {words}", self.paint.doubtful("warning")),
            };
        }
        let more = self.progress.notices.len().saturating_sub(NAMED);
        if more > 0 {
            let _ = writeln!(out, "and {}", count(more, "more warning"));
        }
        out
    }

    /// What to do next.
    fn next(&self, out: &mut String) {
        let Some(job) = self.progress.jobs.iter().find(|job| job.is_failed()) else { return };
        let step = job.failures().next();
        if *self.progress.run != *UNKEPT {
            let log = self.log_command(job, step);
            let _ = writeln!(out, "  {}  {log}", self.paint.faint("whole log"));
        }
        let file = job.workflow.rsplit('/').next().unwrap_or_default();
        let again = format!("plim run {} --job {}", quoted(file), quoted(id(job)));
        let _ = writeln!(out, "  {}  {again}", self.paint.faint("run again"));
        if self.progress.jobs.len() > 1 {
            let retry = "plim run --failed  (with the same arguments)";
            let _ = writeln!(out, "  {}  {retry}", self.paint.faint("retry    "));
        }
    }

    fn log_command(&self, job: &Job, step: Option<&Step>) -> String {
        let step = step.map(|step| format!(" {}", step.number)).unwrap_or_default();
        format!("plim runs log {} {}{step}", self.progress.run, quoted(&job.key.0))
    }
}

/// `exit code 101 after 4.2s`.
pub(crate) fn how(step: &Step) -> String {
    let Some(end) = step.end else { return "did not end".to_owned() };
    let time = duration(end.milliseconds);
    match (end.outcome, end.exit_code) {
        (Conclusion::Failure, Some(code)) if code != 0 => format!("exit code {code} after {time}"),
        (Conclusion::Failure, _) => format!("failed after {time}"),
        (outcome, _) => format!("{} after {time}", outcome.as_str()),
    }
}

/// `src/lib.rs:3:5: error: mismatched types`.
pub(crate) fn annotated(annotation: &Annotation) -> String {
    let mut place = annotation.path.clone().unwrap_or_default();
    for number in [annotation.line, annotation.column].into_iter().map_while(|number| number) {
        let _ = write!(place, ":{number}");
    }
    let level = match annotation.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Notice => "notice",
    };
    let message = annotation.message.lines().next().unwrap_or_default();
    format!("{place}: {level}: {message}")
}

/// A job's id, as `--job` takes it: `build` of `ci.yml:build[2]`.
fn id(job: &Job) -> &str {
    job.id().split('[').next().unwrap_or_default()
}

/// A word as a shell takes it back.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", text::name(word).replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use plim_run::Event;

    use super::*;
    use crate::view::sample;

    fn report(events: &[Event]) -> String {
        let mut progress = Progress::default();
        events.iter().for_each(|event| progress.apply(event, Duration::ZERO));
        Report { progress: &progress, paint: Paint::plain() }.full()
    }

    #[test]
    fn a_run_that_passed_is_one_line() {
        insta::assert_snapshot!(report(&sample::passing()), @r#"passed in 3.4s, with uncommitted work: passed 1"#);
    }

    #[test]
    fn a_failure_shows_its_last_lines_and_what_to_do_and_causes_come_once() {
        insta::assert_snapshot!(report(&sample::mixed()), @r#"

✗ test (beta) › Run cargo test: exit code 101 after 1.2s
    … 6 lines before; all of it: plim runs log 20261121-075800 'ci.yml:test[2]' 1
    test number 7 ... ok
    test number 8 ... ok
    test number 9 ... ok
    test number 10 ... ok
    test number 11 ... ok
    test number 12 ... ok
    test number 13 ... ok
    test number 14 ... ok
    test number 15 ... ok
    test number 16 ... ok
    test number 17 ... ok
    test number 18 ... ok
    test number 19 ... ok
    test number 20 ... ok
    test number 21 ... ok
    test number 22 ... ok
    test number 23 ... ok
    test number 24 ... ok
    test number 25 ... ok
    error: process completed with exit code 101
  src/lib.rs:3:5: error: mismatched types

not run here
     2  miss actions or tools: plim setup unblocks 2
        typos (2)
     1  publish, push, deploy or release, which is withheld: plim run --allow-publish JOB
        publish (`cargo publish` in step 3)
     5  run elsewhere
        macos-14 (1), windows-latest (1), ubuntu-arm (1), and 2 jobs that need such a job
        so that a run is complete without them: `[run] expect-elsewhere = ["macos-14", "ubuntu-arm"]` in plimsoll.toml; to run them here: `--runner 'macos-14=host'`

failed in 3.4s, with uncommitted work: passed 1 (1 provisional) · failed 1 · blocked 2 (one fix unblocks 2: plim setup) · withheld 1 (publish) · elsewhere 5 · skipped 1
  whole log  plim runs log 20261121-075800 'ci.yml:test[2]' 1
  run again  plim run ci.yml --job test
  retry      plim run --failed  (with the same arguments)
"#);
    }

    #[test]
    fn many_failures_are_no_wall() {
        let mut events = vec![sample::run_started(), sample::workflow_started("ci.yml", "CI")];
        for leg in 1..=30 {
            let key = format!("ci.yml:test[{leg}]");
            events.push(sample::job_started(&key, &format!("test ({leg})")));
            events.push(sample::step_started(&key, 0, "Run cargo test"));
            events.extend((0..30).map(|i| sample::line(&key, 0, &i.to_string())));
            events.push(sample::step_finished(&key, 0, Conclusion::Failure));
            events.push(sample::job_finished(&key, Conclusion::Failure));
        }
        let counts = Counts { failed: 30, ..Counts::default() };
        events.push(sample::run_finished(RunResult::Failed, counts));
        let text = report(&events);
        assert!(text.lines().count() < 90, "{}", text.lines().count());
        assert!(text.contains("and 17 more failed jobs"), "{text}");
    }

    #[test]
    fn a_word_for_a_shell_is_quoted_where_needed() {
        assert_eq!(quoted("ci.yml:test"), "ci.yml:test");
        assert_eq!(quoted("ci.yml:test[2]"), "'ci.yml:test[2]'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
