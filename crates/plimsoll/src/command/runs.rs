//! `plim runs`: what is kept of past runs.

use std::fmt::Write;

use jiff::{Timestamp, tz::TimeZone};
use plim_diag::{Code, Diagnostic, closest};
use plim_run::{
    event::{Conclusion, Counts, RunResult},
    history::{History, LogEntry, Outcome, PastRun, State},
};
use serde_json::{Map, Value, json};

use crate::{
    args::{Format, RunsArgs, RunsCommand},
    exit::Exit,
    output::Output,
    refusal::Refusal,
    render::{
        paint::Paint,
        quantity::{bytes, duration},
        text,
    },
    view::{Job, JobState, Progress, Report, Step, mark, step_end},
    world::World,
};

pub(super) fn run(
    arguments: RunsArgs,
    world: &World,
    stdout: &mut Output,
) -> Result<Exit, Refusal> {
    let history = History::of(&world.root()?);
    match arguments.command {
        None => list(&history, arguments.format.format, world.stdout, stdout)?,
        Some(RunsCommand::Show { id, format }) => {
            show(&history.find(&id)?, format.format, world.stdout, stdout)?
        }
        Some(RunsCommand::Log { id, job, step }) => {
            log(&history.find(&id)?, job.as_deref(), step.as_deref(), world.stdout, stdout)?;
        }
    }
    Ok(Exit::Passed)
}

fn list(
    history: &History,
    format: Format,
    paint: Paint,
    stdout: &mut Output,
) -> Result<(), Refusal> {
    let runs = history.runs()?;
    if format == Format::Json {
        let runs: Value = runs.iter().map(|run| described(run, &run.state())).collect();
        stdout.add(&format!("{runs}\n"));
        return Ok(());
    }
    if runs.is_empty() && format == Format::Full {
        stdout.add("no runs are kept here; `plim run` makes one\n");
    }
    for run in &runs {
        let line = match format {
            Format::Concise => format!("{}: {}\n", run.id(), word(&run.state())),
            _ => row(run, &run.state(), paint),
        };
        stdout.add(&line);
    }
    Ok(())
}

/// One run in the list for people.
fn row(run: &PastRun, state: &State, paint: Paint) -> String {
    let id = run.id().to_string();
    let size = bytes(run.bytes());
    let result = text::pad(word(state), 12);
    let result = match state {
        State::Finished(outcome) if outcome.result == RunResult::Passed => paint.good(result),
        State::Finished(outcome) if outcome.result == RunResult::Failed => paint.bad(result),
        State::Running => paint.active(result),
        _ => paint.doubtful(result),
    };
    let State::Finished(outcome) = state else {
        return format!("{id:<18}  {result}\n");
    };
    let (when, time) = (local(&outcome.at), duration(outcome.milliseconds));
    let what = workflows(outcome).join(", ");
    let counts = counted(&outcome.counts);
    format!("{id:<18}  {when}  {result}  {time:>7}  {size:>10}  {counts}  {}\n", paint.faint(what))
}

/// The form of `docs/schema/runs.schema.json`.
fn described(run: &PastRun, state: &State) -> Value {
    let mut object = Map::new();
    object.insert("run".into(), run.id().to_string().into());
    let state_word = match state {
        State::Finished(_) => "finished",
        State::Running => "running",
        State::Interrupted => "interrupted",
    };
    object.insert("state".into(), state_word.into());
    if let State::Finished(outcome) = state {
        object.insert("result".into(), json!(outcome.result));
        object.insert("counts".into(), json!(outcome.counts));
        object.insert("at".into(), outcome.at.as_str().into());
        object.insert("commit".into(), outcome.commit.as_str().into());
        object.insert("dirty".into(), outcome.dirty.into());
        object.insert("milliseconds".into(), outcome.milliseconds.into());
        object.insert("workflows".into(), json!(workflows(outcome)));
    }
    object.insert("bytes".into(), run.bytes().into());
    Value::Object(object)
}

fn word(state: &State) -> &'static str {
    match state {
        State::Running => "running",
        State::Interrupted => "interrupted",
        State::Finished(outcome) => match outcome.result {
            RunResult::Passed => "passed",
            RunResult::Failed => "failed",
            RunResult::Incomplete => "incomplete",
            RunResult::Nothing => "nothing",
            RunResult::Undetermined => "undetermined",
            RunResult::Interrupted => "interrupted",
        },
    }
}

fn workflows(outcome: &Outcome) -> Vec<&str> {
    outcome.workflows.iter().map(|workflow| workflow.workflow.as_str()).collect()
}

fn counted(counts: &Counts) -> String {
    let parts = [
        (counts.passed, "passed"),
        (counts.reused, "reused"),
        (counts.failed, "failed"),
        (counts.cancelled, "cancelled"),
        (counts.blocked + counts.undetermined, "blocked"),
        (counts.withheld, "withheld"),
    ];
    let parts = parts.iter().filter(|(number, _)| *number > 0);
    parts.map(|(number, word)| format!("{word} {number}")).collect::<Vec<_>>().join(", ")
}

/// A moment in the time zone of the reader.
fn local(at: &str) -> String {
    match at.parse::<Timestamp>() {
        Ok(moment) => moment.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string(),
        Err(_) => text::pad(at, 16),
    }
}

fn show(run: &PastRun, format: Format, paint: Paint, stdout: &mut Output) -> Result<(), Refusal> {
    let state = run.state();
    if format == Format::Json {
        let value = match &state {
            State::Finished(outcome) => json!(outcome),
            _ => described(run, &state),
        };
        stdout.add(&format!("{value}\n"));
        return Ok(());
    }
    let progress = read_back(run)?;
    stdout.add(&format!("{}\n", paint.faint(heading(run, &progress))));
    for job in &progress.jobs {
        stdout.add(&shown(&progress, job, format, paint));
    }
    for artifact in &progress.artifacts {
        let (name, size) = (&artifact.name, bytes(artifact.bytes));
        stdout.add(&format!(
            "artifact `{name}` of {}, {size}, {}\n",
            progress.label(&artifact.job),
            artifact.digest
        ));
    }
    if matches!(state, State::Finished(_)) {
        let report = Report { progress: &progress, paint };
        stdout.add(&report.notices());
        stdout.add(&report.full());
    } else {
        stdout.add(&format!("the run is {}\n", word(&state)));
    }
    Ok(())
}

/// `octo/repo at c0ffee0 with uncommitted work, run 20261121-075800, 2026-11-21 07:58`.
fn heading(run: &PastRun, progress: &Progress) -> String {
    let commit = progress.commit.get(..7).unwrap_or(&progress.commit);
    let dirty = if progress.dirty { " with uncommitted work" } else { "" };
    let when = local(&progress.at);
    format!("{} at {commit}{dirty}, run {}, {when}", progress.repository, run.id())
}

fn shown(progress: &Progress, job: &Job, format: Format, paint: Paint) -> String {
    let label = paint.strong(progress.label(&job.key));
    let mut out = match &job.state {
        JobState::Finished { conclusion, milliseconds } => {
            format!(
                "{} {label} {}\n",
                mark(paint, *conclusion),
                paint.faint(duration(*milliseconds))
            )
        }
        JobState::Skipped { reason } => format!(
            "{} {label} skipped: {}\n",
            mark(paint, Conclusion::Skipped),
            text::name(reason)
        ),
        JobState::Reused { from, milliseconds } => format!(
            "{} {label} {} reused from run {from}\n",
            mark(paint, Conclusion::Success),
            paint.faint(duration(*milliseconds)),
        ),
        JobState::Running { .. } => format!("{} {label} did not end\n", paint.doubtful("…")),
        // The report tells why, once for all that have the same cause.
        JobState::Blocked { .. } => return String::new(),
    };
    if format == Format::Full {
        for step in &job.steps {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "  {:>2} {}", step.number, step_end(paint, step));
        }
    }
    out
}

/// What a view would know at the end of the run, with the last lines of what failed.
fn read_back(run: &PastRun) -> Result<Progress, Refusal> {
    let mut progress = Progress::default();
    for event in run.events()? {
        progress.apply(&event, std::time::Duration::ZERO);
    }
    let failed: Vec<_> = progress
        .jobs
        .iter()
        .filter(|job| job.is_failed())
        .map(|job| (job.number, job.key.clone()))
        .collect();
    for (number, key) in failed {
        let Some(entries) = run.log(number, &key)? else { continue };
        for entry in entries.map_while(Result::ok) {
            if let LogEntry::Line { step, kind, text } = entry {
                progress.remember(&key, step, kind, &text);
            }
        }
    }
    Ok(progress)
}

fn log(
    run: &PastRun,
    job: Option<&str>,
    step: Option<&str>,
    paint: Paint,
    stdout: &mut Output,
) -> Result<(), Refusal> {
    let mut progress = Progress::default();
    for event in run.events()? {
        progress.apply(&event, std::time::Duration::ZERO);
    }
    let ran: Vec<&Job> = progress.jobs.iter().filter(|job| job.number > 0).collect();
    let chosen = match job {
        Some(name) => matching(&ran, name)?,
        None => ran,
    };
    let several = chosen.len() > 1;
    for job in chosen {
        if several {
            stdout.add(&format!("{}\n", paint.strong(progress.label(&job.key))));
        }
        let steps = step.map(|name| step_numbers(job, name)).transpose()?;
        print_log(run, job, steps.as_deref(), paint, stdout)?;
    }
    Ok(())
}

/// Prints the log of a job, or of some of its steps; without their headings when there is one.
fn print_log(
    run: &PastRun,
    job: &Job,
    steps: Option<&[u32]>,
    paint: Paint,
    stdout: &mut Output,
) -> Result<(), Refusal> {
    let Some(entries) = run.log(job.number, &job.key)? else { return Ok(()) };
    for entry in entries {
        let entry = entry.map_err(|error| {
            let message = format!("cannot read the log of `{}`: {error}", job.key);
            Refusal::failed(Diagnostic::error(Code("history"), message))
        })?;
        let wanted = |step| steps.is_none_or(|steps| steps.contains(&step));
        let line = match entry {
            LogEntry::Line { step, kind, text } if wanted(step) => {
                crate::view::log_line(paint, kind, &text)
            }
            LogEntry::Step { step, name } if steps.is_none() => {
                let heading = format!("▸ {step} {}", text::name(&name));
                Some(paint.strong(heading).to_string())
            }
            _ => None,
        };
        if let Some(line) = line {
            stdout.add(&line);
            stdout.add("\n");
        }
    }
    Ok(())
}

/// The jobs that `name` means: by key, by name, by id, or by id of all legs.
fn matching<'a>(jobs: &[&'a Job], name: &str) -> Result<Vec<&'a Job>, Refusal> {
    let tests: [fn(&Job, &str) -> bool; 4] = [
        |job, name| &*job.key.0 == name,
        |job, name| job.name == name,
        |job, name| job.id() == name,
        |job, name| job.id().split('[').next() == Some(name),
    ];
    for test in tests {
        let found: Vec<_> = jobs.iter().copied().filter(|job| test(job, name)).collect();
        if !found.is_empty() {
            return Ok(found);
        }
    }
    let near =
        closest(name, jobs.iter().flat_map(|job| [&*job.key.0, job.id(), job.name.as_str()]));
    let help = near.map_or_else(
        || {
            format!(
                "it has {}",
                jobs.iter().map(|job| format!("`{}`", job.key)).collect::<Vec<_>>().join(", ")
            )
        },
        |near| format!("did you mean `{near}`?"),
    );
    let message = format!("no job `{name}` ran in this run");
    Err(Refusal::usage(Diagnostic::error(Code("unknown-job"), message).help(help)))
}

fn step_numbers(job: &Job, name: &str) -> Result<Vec<u32>, Refusal> {
    let is_meant = |step: &&Step| step.name == name || name.parse() == Ok(step.number);
    let found: Vec<_> = job.steps.iter().filter(is_meant).map(|step| step.number).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let near = closest(name, job.steps.iter().map(|step| step.name.as_str()));
    let help = near.map_or_else(
        || {
            job.steps
                .iter()
                .map(|step| format!("{} {}", step.number, step.name))
                .collect::<Vec<_>>()
                .join("; ")
        },
        |near| format!("did you mean `{near}`?"),
    );
    let message = format!("`{}` has no step `{name}`", job.key);
    Err(Refusal::usage(Diagnostic::error(Code("unknown-step"), message).help(help)))
}
