//! The narrator says in lines what happens, for views that keep their lines.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write,
};

use plim_run::{
    Event, JobKey,
    event::{Annotation, Conclusion, Level, LineKind, StepNumber},
};

use super::{
    progress::{Job, JobState, Progress, Step},
    reckoning,
    report::how,
};
use crate::render::{
    paint::Paint,
    quantity::{bytes, duration},
    text,
};

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Detail {
    /// Jobs that are over, and steps that failed.
    Jobs,
    /// And when jobs begin, and every step that is over.
    Steps,
    /// And every line of their logs.
    Logs,
}

/// Says what happens.
pub(crate) struct Narrator {
    paint: Paint,
    detail: Detail,
    /// Whether lines of a job begin with its name, because several run at once.
    prefixed: bool,
    /// The steps whose name stands above their lines already.
    headed: HashSet<(JobKey, StepNumber)>,
    /// On GitHub each step's lines are told together, folded, when it is over.
    groups: Option<HashMap<(JobKey, StepNumber), Group>>,
}

/// The lines of a step, for later.
#[derive(Default)]
struct Group {
    text: String,
    left_out: u64,
}

/// How much of a step's log waits to be told together, in bytes.
const GROUP: usize = 256 * 1024;

impl Narrator {
    pub(crate) fn new(paint: Paint, detail: Detail, prefixed: bool) -> Self {
        Self { paint, detail, prefixed, headed: HashSet::new(), groups: None }
    }

    /// Tells logs in the foldable groups of GitHub's own.
    pub(crate) fn grouped(mut self) -> Self {
        self.groups = Some(HashMap::new());
        self
    }

    pub(crate) fn paint(&self) -> Paint {
        self.paint
    }

    /// Adds to `out` what is to be said of `event`, which `progress` holds already.
    pub(crate) fn tell(&mut self, event: &Event, progress: &Progress, out: &mut String) {
        // Writing to a string cannot fail.
        let _ = self.write(event, progress, out);
    }

    fn write(&mut self, event: &Event, progress: &Progress, out: &mut String) -> std::fmt::Result {
        let paint = self.paint;
        match event {
            Event::RunStarted { .. } => self.beginning(progress, out),
            Event::Planned { blocked, withheld, elsewhere, .. } => {
                // A plan of which everything runs needs no words.
                let any = blocked + withheld + elsewhere > 0;
                match reckoning::sentence(event).filter(|_| any) {
                    Some(sentence) => writeln!(out, "{sentence}"),
                    None => Ok(()),
                }
            }
            Event::WorkflowStarted { workflow, name, trigger } => {
                let name = text::name(name);
                let more = if name == **workflow {
                    String::new()
                } else {
                    format!(" {}", paint.faint(format!("({workflow})")))
                };
                writeln!(out, "{}{more} on {trigger}", paint.strong(name))
            }
            Event::JobSkipped { job, reason, .. } => {
                let line = format!("- {} skipped: {}", progress.label(job), text::name(reason));
                writeln!(out, "{}", paint.faint(line))
            }
            Event::JobReused { job, from, .. } => {
                let line = format!("{} reused: it passed in run {from}", progress.label(job));
                writeln!(out, "{} {}", paint.good("↺"), paint.faint(line))
            }
            Event::JobStarted { job, .. } if self.detail > Detail::Jobs => {
                writeln!(out, "{} {}", paint.active("▸"), paint.strong(progress.label(job)))
            }
            Event::Log { job, step, kind, text } if self.detail == Detail::Logs => {
                self.line(progress, job, *step, (*kind, text), out)
            }
            Event::StepFinished { job, step, .. } => self.step(progress, job, *step, out),
            Event::Annotated { job, annotation, .. } => {
                self.annotation(progress, job, annotation, out)
            }
            Event::ArtifactStored { job, name, bytes: size, .. } if self.detail > Detail::Jobs => {
                let line = format!("stored the artifact `{}`, {}", text::name(name), bytes(*size));
                writeln!(out, "{}{}", self.indent(progress, job), paint.faint(line))
            }
            Event::JobFinished { job, .. } => self.job(progress, job, out),
            Event::Notice { job, level, text } => {
                self.notice(progress, job.as_ref(), *level, text, out)
            }
            _ => Ok(()),
        }
    }

    fn beginning(&self, progress: &Progress, out: &mut String) -> std::fmt::Result {
        let commit = progress.commit.get(..7).unwrap_or(&progress.commit);
        let dirty = if progress.dirty { " with uncommitted work" } else { "" };
        let line = format!("{} at {commit}{dirty}, run {}", progress.repository, progress.run);
        writeln!(out, "{}", self.paint.faint(line))
    }

    fn job(&self, progress: &Progress, key: &JobKey, out: &mut String) -> std::fmt::Result {
        let Some(job) = progress.job(key) else { return Ok(()) };
        let JobState::Finished { conclusion, milliseconds } = job.state else { return Ok(()) };
        let time = self.paint.faint(duration(milliseconds));
        let why = self.why(progress, job);
        let mark = mark(self.paint, conclusion);
        writeln!(out, "{mark} {} {time}{why}", self.paint.strong(progress.label(key)))
    }

    /// The steps that failed, when they were not told one by one, and what else is worth knowing.
    fn why(&self, progress: &Progress, job: &Job) -> String {
        let JobState::Finished { conclusion, .. } = job.state else { return String::new() };
        match conclusion {
            Conclusion::Failure if self.detail == Detail::Jobs => {
                let steps = job.failures().map(|step| format!("{}: {}", step.name, how(step)));
                format!("  {}", steps.collect::<Vec<_>>().join("; "))
            }
            Conclusion::Success if progress.is_provisional(job) => {
                "  provisional: other legs cannot run here".to_owned()
            }
            Conclusion::Cancelled => "  cancelled".to_owned(),
            Conclusion::Undetermined => "  undetermined: what it needs cannot run here".to_owned(),
            _ => String::new(),
        }
    }

    fn step(
        &mut self,
        progress: &Progress,
        key: &JobKey,
        number: StepNumber,
        out: &mut String,
    ) -> std::fmt::Result {
        let Some(step) = progress.step(key, number) else { return Ok(()) };
        self.headed.remove(&(key.clone(), number));
        if self.detail == Detail::Jobs {
            return Ok(());
        }
        let line = step_end(self.paint, step);
        let Some(groups) = &mut self.groups else {
            return writeln!(out, "{}{line}", self.indent(progress, key));
        };
        let group = groups.remove(&(key.clone(), number)).unwrap_or_default();
        let label =
            if self.prefixed { format!("{} › ", progress.label(key)) } else { String::new() };
        if group.text.is_empty() {
            return writeln!(out, "{label}{line}");
        }
        writeln!(out, "::group::{}", escaped(&format!("{label}{line}"), false))?;
        if group.left_out > 0 {
            let command = format!("plim runs log {} {key} {number}", progress.run);
            writeln!(out, "  │ … {} more lines: {command}", group.left_out)?;
        }
        writeln!(out, "{}::endgroup::", group.text)
    }

    fn line(
        &mut self,
        progress: &Progress,
        key: &JobKey,
        number: StepNumber,
        (kind, words): (LineKind, &str),
        out: &mut String,
    ) -> std::fmt::Result {
        if kind == LineKind::Group
            && progress.step(key, number).is_some_and(|step| step.name == text::name(words))
        {
            // The step's name stands above its lines already.
            return Ok(());
        }
        let Some(line) = log_line(self.paint, kind, words) else { return Ok(()) };
        let place = (key.clone(), number);
        if let Some(groups) = &mut self.groups {
            return groups.entry(place).or_default().add(&line);
        }
        let indent = self.indent(progress, key);
        if self.headed.insert(place) {
            let name = progress.step(key, number).map_or("", |step| &step.name);
            writeln!(out, "{indent}{} {name}", self.paint.active("▸"))?;
        }
        let inner = if self.prefixed { "" } else { "  " };
        writeln!(out, "{indent}{inner}{line}")
    }

    /// On GitHub, what a step annotates is annotated there, too.
    fn annotation(
        &self,
        progress: &Progress,
        key: &JobKey,
        annotation: &Annotation,
        out: &mut String,
    ) -> std::fmt::Result {
        if self.groups.is_none() {
            return Ok(());
        }
        let level = match annotation.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Notice => "notice",
        };
        let title = annotation.title.clone().unwrap_or_else(|| progress.label(key));
        let mut properties = format!("title={}", escaped(&title, true));
        if let Some(path) = &annotation.path {
            write!(properties, ",file={}", escaped(path, true))?;
        }
        for (name, number) in [("line", annotation.line), ("col", annotation.column)] {
            if let Some(number) = number {
                write!(properties, ",{name}={number}")?;
            }
        }
        writeln!(out, "::{level} {properties}::{}", escaped(&annotation.message, false))
    }

    fn notice(
        &self,
        progress: &Progress,
        job: Option<&JobKey>,
        level: Level,
        words: &str,
        out: &mut String,
    ) -> std::fmt::Result {
        let place = job.map(|job| format!("{}: ", progress.label(job))).unwrap_or_default();
        let line = text::name(words);
        match level {
            Level::Notice => writeln!(out, "{} {place}{line}", self.paint.active("note:")),
            Level::Warning => writeln!(out, "{} {place}{line}", self.paint.doubtful("warning:")),
            Level::Error => writeln!(out, "{} {place}{line}", self.paint.bad("error:")),
        }
    }

    fn indent(&self, progress: &Progress, key: &JobKey) -> String {
        if self.prefixed {
            format!("{} ", self.paint.faint(format!("{} │", progress.label(key))))
        } else {
            "  ".to_owned()
        }
    }
}

impl Group {
    /// The first lines stay: the last ones of what fails are in the report.
    fn add(&mut self, line: &str) -> std::fmt::Result {
        if self.text.len() + line.len() > GROUP {
            self.left_out += 1;
            return Ok(());
        }
        // Behind the bar nothing is a command for the runner that shows this, and the old form is broken up.
        writeln!(self.text, "  │ {}", line.replace("##[", "# #["))
    }
}

/// A step and how it ended.
pub(crate) fn step_end(paint: Paint, step: &Step) -> String {
    let name = &step.name;
    let Some(end) = step.end else {
        return format!("{} {name} did not end", paint.doubtful("…"));
    };
    let time = paint.faint(duration(end.milliseconds));
    match (end.outcome, end.conclusion) {
        (Conclusion::Skipped, _) => paint.faint(format!("- {name} skipped")).to_string(),
        (Conclusion::Failure, Conclusion::Success) => {
            paint.doubtful(format!("! {name}: {}, and may fail", how(step))).to_string()
        }
        (Conclusion::Failure, _) => format!("{} {name}: {}", mark(paint, end.outcome), how(step)),
        (outcome, _) => format!("{} {name} {time}", mark(paint, outcome)),
    }
}

/// One line of a log, or nothing where it only groups others.
pub(crate) fn log_line(paint: Paint, kind: LineKind, words: &str) -> Option<String> {
    let line = text::printable(words, paint.is_on());
    Some(match kind {
        LineKind::Text => line.into_owned(),
        LineKind::Command if words.starts_with("shell: ") => {
            paint.faint(text::printable(words, false)).to_string()
        }
        LineKind::Command => {
            paint.faint(format!("$ {}", text::printable(words, false))).to_string()
        }
        LineKind::Debug => {
            paint.faint(format!("debug: {}", text::printable(words, false))).to_string()
        }
        LineKind::Notice => format!("{} {line}", paint.active("notice:")),
        LineKind::Warning => format!("{} {line}", paint.doubtful("warning:")),
        LineKind::Error => format!("{} {line}", paint.bad("error:")),
        LineKind::Group => paint.strong(text::printable(words, false)).to_string(),
        LineKind::EndGroup => return None,
    })
}

/// The sign for how a job or step ended.
pub(crate) fn mark(paint: Paint, conclusion: Conclusion) -> String {
    match conclusion {
        Conclusion::Success => paint.good("✓").to_string(),
        Conclusion::Failure => paint.bad("✗").to_string(),
        Conclusion::Cancelled => paint.doubtful("⊘").to_string(),
        Conclusion::Skipped => paint.faint("-").to_string(),
        Conclusion::Undetermined => paint.doubtful("?").to_string(),
    }
}

/// A value of a workflow command, escaped as the runner unescapes it.
fn escaped(value: &str, is_property: bool) -> String {
    let value = value.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    if is_property { value.replace(':', "%3A").replace(',', "%2C") } else { value }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::view::sample;

    fn told(mut narrator: Narrator, events: &[Event]) -> String {
        let (mut progress, mut out) = (Progress::default(), String::new());
        for event in events {
            progress.apply(event, Duration::ZERO);
            narrator.tell(event, &progress, &mut out);
        }
        out
    }

    fn plain(detail: Detail, prefixed: bool) -> Narrator {
        Narrator::new(Paint::plain(), detail, prefixed)
    }

    #[test]
    fn of_one_job_every_line_is_told() {
        insta::assert_snapshot!(told(plain(Detail::Logs, false), &sample::passing()), @r#"
octo/repo at c0ffee0 with uncommitted work, run 20261121-075800
CI (ci.yml) on push
▸ test
  ▸ Run cargo test
    $ cargo test
    ok: 3 tests
  ✓ Run cargo test 1.2s
✓ test 2.3s
"#);
    }

    #[test]
    fn of_several_jobs_the_steps_are_told() {
        insta::assert_snapshot!(told(plain(Detail::Steps, true), &sample::mixed()), @r#"
octo/repo at c0ffee0 with uncommitted work, run 20261121-075800
ready 2, blocked 2 (one fix unblocks 2: plim setup), withheld 1 (publish), elsewhere 5, skipped 1
CI (ci.yml) on push
- nightly skipped: `if` is false
▸ test (stable)
▸ test (beta)
test (stable) │ ✓ Run actions/checkout@v4 1.2s
test (beta) │ ✓ Run actions/checkout@v4 1.2s
test (stable) │ stored the artifact `report`, 1.1 MiB
test (beta) │ ✗ Run cargo test: exit code 101 after 1.2s
test (stable) │ ✓ Run cargo test 1.2s
✗ test (beta) 2.3s
✓ test (stable) 2.3s  provisional: other legs cannot run here
warning: test (stable): the output `token` holds a secret and is dropped
"#);
    }

    #[test]
    fn beside_a_live_view_only_what_is_over_is_told() {
        insta::assert_snapshot!(told(plain(Detail::Jobs, true), &sample::mixed()), @r#"
octo/repo at c0ffee0 with uncommitted work, run 20261121-075800
ready 2, blocked 2 (one fix unblocks 2: plim setup), withheld 1 (publish), elsewhere 5, skipped 1
CI (ci.yml) on push
- nightly skipped: `if` is false
✗ test (beta) 2.3s  Run cargo test: exit code 101 after 1.2s
✓ test (stable) 2.3s  provisional: other legs cannot run here
warning: test (stable): the output `token` holds a secret and is dropped
"#);
    }

    #[test]
    fn on_github_logs_are_folded_and_annotations_passed_on() {
        let mut events = sample::started();
        events.extend([
            sample::line("ci.yml:test", 0, "::error::not ours"),
            sample::line("ci.yml:test", 0, "##[set-env name=A]b"),
            Event::Annotated {
                job: sample::key("ci.yml:test"),
                step: 0,
                annotation: sample::annotation(),
            },
            sample::step_finished("ci.yml:test", 0, Conclusion::Failure),
            sample::job_finished("ci.yml:test", Conclusion::Failure),
        ]);
        insta::assert_snapshot!(told(plain(Detail::Logs, false).grouped(), &events), @r#"
octo/repo at c0ffee0 with uncommitted work, run 20261121-075800
CI (ci.yml) on push
▸ test
::error title=E0308,file=src/lib.rs,line=3,col=5::mismatched types%0Aexpected u8
::group::✗ Run cargo test: exit code 101 after 1.2s
  │ ::error::not ours
  │ # #[set-env name=A]b
::endgroup::
✗ test 2.3s
"#);
    }

    #[test]
    fn every_event_can_be_told() {
        for detail in [Detail::Jobs, Detail::Steps, Detail::Logs] {
            assert!(!told(plain(detail, true), &sample::every_event()).is_empty());
        }
    }
}
