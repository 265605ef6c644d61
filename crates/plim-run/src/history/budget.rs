//! A budget bounds what the history takes, and forgets the oldest runs first.

use std::{fs, io, path::Path};

use plim_host::files::remove_tree;

use super::{FOLDER, History, HistoryError, PastRun, folder};

/// The file in a run's folder that states how many bytes the run takes.
pub(super) const SIZE: &str = "size";

/// What a run is called while it is being removed, so that no half of it is ever taken for a run.
const REMOVING: &str = ".removing-";

/// How much history is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// How many runs at most.
    pub runs: usize,
    /// How many bytes at most, logs and artifacts included.
    pub bytes: u64,
}

impl Default for Budget {
    /// Fifty runs and two gibibytes.
    fn default() -> Self {
        Self { runs: 50, bytes: 2 << 30 }
    }
}

impl Budget {
    /// The newest `runs`, however large.
    pub fn newest(runs: usize) -> Self {
        Self { runs, bytes: u64::MAX }
    }
}

/// What was, or would be, removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Freed {
    /// How many things.
    pub count: usize,
    /// How many bytes.
    pub bytes: u64,
}

impl History {
    /// Removes the oldest runs until the rest is within `budget`. Neither the newest run nor one that
    /// goes on is ever removed.
    ///
    /// Errors: [`HistoryError::File`] with the first run that could not be removed,
    /// [`HistoryError::Foreign`] when `.plimsoll` is a link.
    pub fn keep_within(&self, budget: Budget) -> Result<Freed, HistoryError> {
        self.check()?;
        self.remove_remains();
        let mut freed = Freed::default();
        for (run, bytes) in self.beyond(budget)? {
            self.remove(&run)?;
            freed.add(bytes);
        }
        Ok(freed)
    }

    /// What [`keep_within`](Self::keep_within) would remove.
    ///
    /// Errors: as there.
    pub fn would_free(&self, budget: Budget) -> Result<Freed, HistoryError> {
        self.check()?;
        let mut freed = Freed::default();
        self.beyond(budget)?.iter().for_each(|(_, bytes)| freed.add(*bytes));
        Ok(freed)
    }

    /// Removes every run that does not go on.
    ///
    /// Errors: as [`keep_within`](Self::keep_within).
    pub fn remove_all(&self) -> Result<Freed, HistoryError> {
        self.check()?;
        self.remove_remains();
        let mut freed = Freed::default();
        for run in self.runs()?.iter().filter(|run| !run.is_running()) {
            let bytes = run.bytes();
            self.remove(run)?;
            freed.add(bytes);
        }
        Ok(freed)
    }

    /// What [`remove_all`](Self::remove_all) would remove.
    ///
    /// Errors: as there.
    pub fn would_free_all(&self) -> Result<Freed, HistoryError> {
        self.check()?;
        let mut freed = Freed::default();
        let runs = self.runs()?;
        runs.iter().filter(|run| !run.is_running()).for_each(|run| freed.add(run.bytes()));
        Ok(freed)
    }

    /// The runs beyond `budget`, and their bytes.
    fn beyond(&self, budget: Budget) -> Result<Vec<(PastRun, u64)>, HistoryError> {
        let (mut kept, mut bytes) = (0, 0_u64);
        let mut beyond = vec![];
        for run in self.runs()? {
            let size = run.bytes();
            let fits = kept < budget.runs && bytes.saturating_add(size) <= budget.bytes;
            if kept == 0 || fits || run.is_running() {
                kept += 1;
                bytes = bytes.saturating_add(size);
            } else {
                beyond.push((run, size));
            }
        }
        Ok(beyond)
    }

    fn remove(&self, run: &PastRun) -> Result<(), HistoryError> {
        let gone = self.folder().join(format!("{REMOVING}{}", run.id()));
        match fs::rename(run.folder(), &gone) {
            // Another `plim` was quicker.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            renamed => renamed.map_err(HistoryError::file("remove", run.folder()))?,
        }
        remove_tree(&gone)
            .map_err(|error| HistoryError::file("remove", &gone)(io::Error::other(error)))
    }

    /// Removes what a crash left of runs that were being removed.
    fn remove_remains(&self) {
        let Ok(entries) = fs::read_dir(self.folder()) else { return };
        for entry in entries.filter_map(Result::ok) {
            if entry.file_name().to_string_lossy().starts_with(REMOVING) {
                // The next time is as good: nothing depends on it.
                let _ = remove_tree(&entry.path());
            }
        }
    }

    /// Refuses to remove anything through a link that a repository may have committed.
    fn check(&self) -> Result<(), HistoryError> {
        folder::check(&self.root.join(FOLDER))?;
        folder::check(&self.folder())
    }
}

impl Freed {
    /// Counts one more thing of `bytes`.
    pub fn add(&mut self, bytes: u64) {
        self.count += 1;
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

/// The bytes of all files below `folder`; links are not followed, what cannot be read counts nothing.
pub fn bytes_below(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let sizes = entries.filter_map(Result::ok).map(|entry| match entry.metadata() {
        Ok(found) if found.is_dir() => bytes_below(&entry.path()),
        Ok(found) => found.len(),
        Err(_) => 0,
    });
    sizes.sum()
}
