//! The recorder writes down what happens in a run, as it happens.

use std::{
    collections::HashMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    HistoryError, JobOutcome, Outcome, Verdict, WorkflowOutcome, appender::Appender, budget, log,
};
use crate::{
    Event, JobKey,
    event::{Counts, RunResult, StepNumber},
};

/// Keeps one run. Another reader of the stream of events, and a cheap one: what it gathers is written
/// when there is enough of it, when a job ends, and when [`flush`](Self::flush) is called.
///
/// A disk that is full, or fails, stops the recording and not the run: [`trouble`](Self::trouble) tells.
#[derive(Debug)]
pub struct Recorder {
    id: Arc<str>,
    folder: PathBuf,
    events: Appender,
    logs: HashMap<JobKey, JobLog>,
    outcome: Outcome,
    places: HashMap<JobKey, usize>,
    started: u32,
    lost: Lost,
    _running: Running,
}

/// The lock that says that a run goes on.
#[derive(Debug)]
struct Running(File);

impl Drop for Running {
    fn drop(&mut self) {
        // Closing the file would not do: a process that is just being started holds a copy of it for a moment, and
        // the run would seem to go on. The lock that is not given back here ends with the last copy.
        let _ = self.0.unlock();
    }
}

/// Space that is freed for the outcome, should the disk be full by then.
const RESERVE: &str = "reserve";

/// How much that is, in bytes: the outcomes of some fifty jobs.
const RESERVED: usize = 16 * 1024;

/// The log of a job that runs.
#[derive(Debug)]
struct JobLog {
    /// `001-ci.yml.test`.
    stem: String,
    /// Opened with the first line.
    file: Option<Appender>,
    /// The step that the last line was of.
    step: Option<StepNumber>,
    /// The names of steps that have no line yet.
    names: Vec<(StepNumber, Arc<str>)>,
}

/// Whether something could not be written.
#[derive(Debug, Default)]
enum Lost {
    #[default]
    Nothing,
    /// And nobody was told.
    Untold(String),
    Told(String),
}

impl Recorder {
    pub(super) fn begin(id: Arc<str>, folder: PathBuf) -> Result<Self, HistoryError> {
        let running = Running(lock(&folder.join("running"))?);
        let path = folder.join("events.jsonl");
        let events = Appender::open(&path).map_err(HistoryError::file("write", &path))?;
        let reserve = folder.join(RESERVE);
        fs::write(&reserve, [0; RESERVED]).map_err(HistoryError::file("write", &reserve))?;
        let outcome = unfinished(&id);
        Ok(Self {
            id,
            folder,
            events,
            logs: HashMap::new(),
            outcome,
            places: HashMap::new(),
            started: 0,
            lost: Lost::Nothing,
            _running: running,
        })
    }

    /// Names the run.
    pub fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// The folder of the run.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes down `event`.
    pub fn record(&mut self, event: &Event) {
        let written = match event {
            Event::Log { job, step, kind, text } => {
                self.line(job, *step, |buffer| log::write_line(buffer, *kind, text))
            }
            _ => self.notable(event),
        };
        if let Err(error) = written {
            self.lose(&error);
        }
        if let Event::RunFinished { result, counts, milliseconds } = event {
            self.finish(*result, *counts, *milliseconds);
        }
    }

    /// Writes what was gathered, so that a crash loses nothing of it.
    pub fn flush(&mut self) {
        if self.is_lost() {
            return;
        }
        let logs = self.logs.values_mut().filter_map(|log| log.file.as_mut());
        let failure = logs.chain([&mut self.events]).filter_map(|file| file.flush().err()).last();
        if let Some(error) = failure {
            self.lose(&error);
        }
    }

    /// Why something of this run is not kept; told once.
    pub fn trouble(&mut self) -> Option<String> {
        match std::mem::take(&mut self.lost) {
            Lost::Untold(reason) => {
                self.lost = Lost::Told(reason.clone());
                Some(reason)
            }
            other => {
                self.lost = other;
                None
            }
        }
    }

    fn is_lost(&self) -> bool {
        !matches!(self.lost, Lost::Nothing)
    }

    fn lose(&mut self, error: &io::Error) {
        if !self.is_lost() {
            self.lost =
                Lost::Untold(format!("cannot write to `{}`: {error}", self.folder.display()));
        }
    }

    fn notable(&mut self, event: &Event) -> io::Result<()> {
        self.note(event);
        match event {
            Event::StepStarted { job, step, name } => {
                if let Some(log) = self.logs.get_mut(job) {
                    log.names.push((*step, name.clone()));
                }
            }
            Event::StepFinished { job, step, outcome, exit_code, milliseconds, .. } => {
                let how = (*outcome, *exit_code, *milliseconds);
                self.line(job, *step, |buffer| log::write_end(buffer, *step, how.0, how.1, how.2))?;
            }
            Event::Summary { job, text, .. } => self.summary(job, text)?,
            Event::JobFinished { job, .. } => {
                if let Some(mut file) = self.logs.remove(job).and_then(|log| log.file) {
                    file.flush()?;
                }
            }
            _ => {}
        }
        self.event(event)
    }

    fn event(&mut self, event: &Event) -> io::Result<()> {
        if self.is_lost() {
            return Ok(());
        }
        let mut failure = Ok(());
        self.events.append(|buffer| {
            failure = serde_json::to_writer(&mut *buffer, event);
            buffer.push(b'\n');
        })?;
        failure.map_err(io::Error::from)
    }

    /// Adds to the log of `job` what `fill` writes, below the heading of `step`.
    fn line(
        &mut self,
        job: &JobKey,
        step: StepNumber,
        fill: impl FnOnce(&mut Vec<u8>),
    ) -> io::Result<()> {
        if self.is_lost() {
            return Ok(());
        }
        let Some(log) = self.logs.get_mut(job) else { return Ok(()) };
        let name = (log.step != Some(step)).then(|| log.heading(step));
        let file = match &mut log.file {
            Some(file) => file,
            none => none.insert(open_log(&self.folder, &log.stem)?),
        };
        file.append(|buffer| {
            if let Some(name) = &name {
                log::write_step(buffer, step, name);
            }
            fill(buffer);
        })
    }

    fn summary(&self, job: &JobKey, text: &str) -> io::Result<()> {
        if self.is_lost() {
            return Ok(());
        }
        let Some(log) = self.logs.get(job) else { return Ok(()) };
        let folder = self.folder.join("summaries");
        fs::create_dir_all(&folder)?;
        let mut file = Appender::open(&folder.join(format!("{}.md", log.stem)))?;
        file.append(|buffer| {
            buffer.extend_from_slice(text.as_bytes());
            buffer.push(b'\n');
        })?;
        file.flush()
    }

    /// Keeps what the outcome needs of `event`.
    fn note(&mut self, event: &Event) {
        match event {
            Event::RunStarted { repository, commit, dirty, at, .. } => {
                self.outcome.repository = repository.to_string();
                self.outcome.commit = commit.to_string();
                self.outcome.dirty = *dirty;
                self.outcome.at.clone_from(at);
            }
            Event::WorkflowStarted { workflow, name, trigger } => {
                self.outcome.workflows.push(WorkflowOutcome {
                    workflow: workflow.to_string(),
                    name: name.to_string(),
                    trigger: trigger.to_string(),
                });
            }
            Event::JobStarted { job, name, workflow, .. } => {
                self.started += 1;
                let stem = stem(self.started, job);
                self.told(
                    job,
                    name,
                    workflow,
                    Verdict::Unfinished,
                    Some(format!("jobs/{stem}.log")),
                );
                let log = JobLog { stem, file: None, step: None, names: vec![] };
                self.logs.insert(job.clone(), log);
            }
            Event::JobReused { job, name, workflow, from, milliseconds, .. } => {
                let (from, milliseconds) = (from.to_string(), *milliseconds);
                self.told(job, name, workflow, Verdict::Reused { from, milliseconds }, None);
            }
            Event::JobSkipped { job, name, workflow, reason } => {
                self.told(job, name, workflow, Verdict::Skipped { reason: reason.clone() }, None);
            }
            Event::JobBlocked { job, name, workflow, cause } => {
                self.told(job, name, workflow, Verdict::Blocked { cause: cause.clone() }, None);
            }
            Event::JobFinished { job, conclusion, milliseconds, .. } => {
                if let Some(place) = self.places.get(job) {
                    let (conclusion, milliseconds) = (*conclusion, *milliseconds);
                    self.outcome.jobs[*place].verdict = Verdict::Ran { conclusion, milliseconds };
                }
            }
            _ => {}
        }
    }

    fn told(
        &mut self,
        job: &JobKey,
        name: &str,
        workflow: &str,
        verdict: Verdict,
        log: Option<String>,
    ) {
        self.places.insert(job.clone(), self.outcome.jobs.len());
        let (name, workflow) = (name.to_owned(), workflow.to_owned());
        self.outcome.jobs.push(JobOutcome { job: job.clone(), name, workflow, verdict, log });
    }

    /// Writes `result.json`: from then on the run has come to its end.
    fn finish(&mut self, result: RunResult, counts: Counts, milliseconds: u64) {
        self.flush();
        self.outcome.result = result;
        self.outcome.counts = counts;
        self.outcome.milliseconds = milliseconds;
        if let Lost::Untold(reason) | Lost::Told(reason) = &self.lost {
            self.outcome.lost = Some(reason.clone());
        }
        if let Err(error) = self.write_outcome() {
            self.lose(&error);
        }
    }

    fn write_outcome(&self) -> io::Result<()> {
        // It is only a loss of space when it stays.
        let _ = fs::remove_file(self.folder.join(RESERVE));
        let mut text = serde_json::to_vec_pretty(&self.outcome)?;
        text.push(b'\n');
        let size = budget::bytes_below(&self.folder) + text.len() as u64;
        fs::write(self.folder.join(budget::SIZE), size.to_string())?;
        plim_host::files::replace(&self.folder.join("result.json"), &text).map_err(io::Error::other)
    }
}

impl JobLog {
    /// The name of `step` for its heading, when its first line comes.
    fn heading(&mut self, step: StepNumber) -> Arc<str> {
        self.step = Some(step);
        let at = self.names.iter().position(|(number, _)| *number == step);
        at.map_or_else(|| Arc::from(""), |at| self.names.swap_remove(at).1)
    }
}

fn open_log(folder: &Path, stem: &str) -> io::Result<Appender> {
    let folder = folder.join("jobs");
    fs::create_dir_all(&folder)?;
    Appender::open(&folder.join(format!("{stem}.log")))
}

fn lock(path: &Path) -> Result<File, HistoryError> {
    let make = HistoryError::file("make", path);
    let file = File::create_new(path).map_err(make)?;
    // Waits for a moment at most: only who looks whether the run goes on takes it, too.
    file.lock().map_err(HistoryError::file("lock", path))?;
    Ok(file)
}

fn unfinished(id: &str) -> Outcome {
    Outcome {
        version: 1,
        run: id.to_owned(),
        repository: String::new(),
        commit: String::new(),
        dirty: false,
        at: String::new(),
        result: RunResult::Interrupted,
        counts: Counts::default(),
        milliseconds: 0,
        lost: None,
        workflows: vec![],
        jobs: vec![],
    }
}

/// The name of a job's files: how many started before it keeps names apart that look alike here.
pub(super) fn stem(number: u32, job: &JobKey) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '.' };
    let name: String = job.0.chars().map(plain).take(100).collect();
    format!("{number:03}-{}", name.trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_over_even_while_a_child_that_is_being_started_holds_a_copy_of_its_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("running");
        let running = Running(lock(&path).unwrap());
        let copy = running.0.try_clone().unwrap();
        let is_locked = || File::open(&path).unwrap().try_lock_shared().is_err();
        assert!(is_locked());
        drop(running);
        assert!(!is_locked());
        drop(copy);
    }
}
