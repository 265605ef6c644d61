//! A past run, read back from its folder.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
};

use super::{HistoryError, LogEntries, Outcome, RunId, budget, recorder};
use crate::{Event, JobKey};

/// One run that is kept.
#[derive(Clone, Debug)]
pub struct PastRun {
    folder: PathBuf,
    id: RunId,
}

/// Whether a kept run came to its end.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// It did, like this.
    Finished(Box<Outcome>),
    /// It goes on.
    Running,
    /// It did not: `plim` was killed, or the machine stopped.
    Interrupted,
}

impl PastRun {
    pub(super) fn new(folder: PathBuf, id: RunId) -> Self {
        Self { folder, id }
    }

    /// Its id.
    pub fn id(&self) -> &RunId {
        &self.id
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether it came to its end, and how. A `result.json` that cannot be read counts as none.
    pub fn state(&self) -> State {
        let outcome = fs::read(self.folder.join("result.json"));
        match outcome.ok().and_then(|text| serde_json::from_slice(&text).ok()) {
            Some(outcome) => State::Finished(Box::new(outcome)),
            None if self.is_running() => State::Running,
            None => State::Interrupted,
        }
    }

    /// Whether the `plim` that runs it is still there.
    pub fn is_running(&self) -> bool {
        let Ok(file) = File::open(self.folder.join("running")) else { return false };
        // Shared, so that two who look at the same time do not take each other for the run.
        matches!(file.try_lock_shared(), Err(fs::TryLockError::WouldBlock))
    }

    /// How many bytes it takes.
    pub fn bytes(&self) -> u64 {
        let stated = fs::read_to_string(self.folder.join(budget::SIZE)).ok();
        let stated = stated.and_then(|text| text.trim().parse().ok());
        stated.unwrap_or_else(|| budget::bytes_below(&self.folder))
    }

    /// Its events but for the lines of logs, in order. Lines that a crash cut off, or that a newer `plim`
    /// wrote in its own way, are left out.
    ///
    /// Errors: [`HistoryError::File`] when there is no list of events.
    pub fn events(&self) -> Result<impl Iterator<Item = Event>, HistoryError> {
        let path = self.folder.join("events.jsonl");
        let file = File::open(&path).map_err(HistoryError::file("read", &path))?;
        let lines = BufReader::new(file).split(b'\n').map_while(Result::ok);
        Ok(lines.filter_map(|line| serde_json::from_slice(&line).ok()))
    }

    /// The file that holds the log of the `number`th job that started, which is `job`.
    pub fn log_path(&self, number: u32, job: &JobKey) -> PathBuf {
        self.folder.join("jobs").join(format!("{}.log", recorder::stem(number, job)))
    }

    /// The lines of a job's log, or `None` when the job wrote none. `number` counts from 1 the jobs
    /// that started before it and itself.
    ///
    /// Errors: [`HistoryError::File`] when the log is there and cannot be read.
    pub fn log(&self, number: u32, job: &JobKey) -> Result<Option<LogEntries>, HistoryError> {
        let path = self.log_path(number, job);
        match LogEntries::open(&path) {
            Ok(entries) => Ok(Some(entries)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(HistoryError::file("read", &path)(error)),
        }
    }
}
