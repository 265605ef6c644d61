//! What outlives a job: the source, artifacts and caches.

pub mod archive;
pub mod artifacts;
pub mod caches;
pub mod origin;

use std::{fmt, path::Path, sync::OnceLock};

use plim_host::{Clock, HostError};

pub use archive::{ArchiveError, Roots};
pub use artifacts::{Artifact, ArtifactError, Artifacts};
pub use caches::{CacheError, Caches, KeyError};
pub use origin::Origin;

/// What outlives a job; shared by all jobs of a run.
pub struct Stores {
    /// The artifacts of this run.
    pub artifacts: Artifacts,
    /// The caches of this repository.
    pub caches: Caches,
    open_origin: OpenOrigin,
    origin: OnceLock<Result<Origin, HostError>>,
}

/// Opens what jobs check out; called once, by the first that asks.
pub type OpenOrigin = Box<dyn Fn() -> Result<Origin, HostError> + Send + Sync>;

impl Stores {
    /// Keeps artifacts in `artifacts` below the folder of the run, and caches in the folder
    /// `caches`, which is this repository's alone. Neither has to exist.
    pub fn new(run: &Path, caches: &Path, open_origin: OpenOrigin, clock: Clock) -> Self {
        Self {
            artifacts: Artifacts::new(run.join("artifacts"), clock.clone()),
            caches: Caches::new(caches.to_owned(), clock),
            open_origin,
            origin: OnceLock::new(),
        }
    }

    /// What jobs check out.
    ///
    /// Errors: why it could not be opened.
    pub fn origin(&self) -> Result<&Origin, &HostError> {
        self.origin.get_or_init(|| (self.open_origin)()).as_ref()
    }

    /// What jobs have checked out, if any has.
    pub(crate) fn used_origin(&self) -> Option<&Origin> {
        self.origin.get().and_then(|origin| origin.as_ref().ok())
    }
}

impl fmt::Debug for Stores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stores")
            .field("artifacts", &self.artifacts)
            .field("caches", &self.caches)
            .finish_non_exhaustive()
    }
}
