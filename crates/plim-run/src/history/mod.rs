//! The history keeps what past runs said and made, under `.plimsoll/` of their repository.
//!
//! ```text
//! .plimsoll/
//!   .gitignore            ignores everything here but what belongs to the repository
//!   runs/20261121-075800/
//!     running             locked for as long as the run goes on
//!     reserve             space for the outcome, should the disk become full
//!     events.jsonl        every event but the lines of logs, one in a line
//!     jobs/001-ci.yml.test.log
//!     summaries/001-ci.yml.test.md
//!     artifacts/          written by the artifact store
//!     result.json         there when the run came to its end
//!     size                bytes of all of it
//! ```
//!
//! A run without `result.json` whose `running` nobody holds was interrupted; what it wrote until then
//! can be read all the same.

mod appender;
mod budget;
mod earlier;
mod error;
mod folder;
mod id;
mod kept;
mod log;
mod outcome;
mod past;
mod recorder;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

pub use budget::{Budget, Freed, bytes_below};
pub use earlier::{Earlier, EarlierEnd, EarlierJob};
pub use error::HistoryError;
pub use folder::FOLDER;
pub use id::RunId;
pub use kept::Kept;
pub(crate) use kept::source_id;
pub use log::{LogEntries, LogEntry};
pub use outcome::{JobOutcome, Outcome, Verdict, WorkflowOutcome};
pub use past::{PastRun, State};
pub use recorder::Recorder;

/// What is kept of past runs of one repository.
#[derive(Clone, Debug)]
pub struct History {
    root: PathBuf,
}

impl History {
    /// The history of the repository at `root`. Nothing is read or made yet.
    pub fn of(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// The folder that holds a folder for each run.
    pub fn folder(&self) -> PathBuf {
        self.root.join(FOLDER).join("runs")
    }

    /// Begins to keep a run that starts at `now`, under an id that no other run has.
    ///
    /// Errors: [`HistoryError::Foreign`] when `.plimsoll` is not a folder of the repository's own,
    /// [`HistoryError::File`] when the folder of the run cannot be made.
    pub fn begin(&self, now: SystemTime) -> Result<Recorder, HistoryError> {
        folder::prepare(&self.root)?;
        let runs = self.folder();
        let mut id = RunId::at(now);
        loop {
            let folder = runs.join(id.to_string());
            match fs::create_dir(&folder) {
                Ok(()) => return Recorder::begin(Arc::from(id.to_string()), folder),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => id = id.next(),
                Err(error) => return Err(HistoryError::file("make", &folder)(error)),
            }
        }
    }

    /// Every run that is kept, newest first. A repository that never ran has none.
    ///
    /// Errors: [`HistoryError::File`] when the folder of runs cannot be read.
    pub fn runs(&self) -> Result<Vec<PastRun>, HistoryError> {
        let ids = self.ids()?;
        Ok(ids.into_iter().map(|id| PastRun::new(self.folder().join(id.to_string()), id)).collect())
    }

    /// The one run whose id is `id` or begins with it; `latest` is the newest.
    ///
    /// Errors: [`HistoryError::NoRun`] when there is none, [`HistoryError::ManyRuns`] when there are
    /// several, [`HistoryError::File`] when the folder of runs cannot be read.
    pub fn find(&self, id: &str) -> Result<PastRun, HistoryError> {
        let mut runs = self.runs()?;
        let none = || HistoryError::NoRun { id: id.to_owned() };
        if id == "latest" {
            return runs.into_iter().next().ok_or_else(none);
        }
        if let Some(exact) = runs.iter().position(|run| run.id().to_string() == id) {
            return Ok(runs.swap_remove(exact));
        }
        runs.retain(|run| !id.is_empty() && run.id().to_string().starts_with(id));
        match runs.len() {
            0 => Err(none()),
            1 => Ok(runs.remove(0)),
            _ => Err(HistoryError::ManyRuns {
                id: id.to_owned(),
                found: runs.iter().map(|run| run.id().to_string()).collect(),
            }),
        }
    }

    /// The ids of all runs, newest first.
    fn ids(&self) -> Result<Vec<RunId>, HistoryError> {
        let folder = self.folder();
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
            Err(error) => return Err(HistoryError::file("read", &folder)(error)),
        };
        let mut ids: Vec<RunId> = entries
            .filter_map(|entry| entry.ok()?.file_name().to_str().and_then(RunId::parse))
            .collect();
        ids.sort_unstable_by(|a, b| b.cmp(a));
        Ok(ids)
    }
}
