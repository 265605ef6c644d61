//! What outlives a job: the source, artifacts and caches.

/// What outlives a job.
pub struct Stores {}
