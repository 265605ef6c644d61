//! An occasion is the event that starts a workflow here, with its payload and the `github` context.
//!
//! Without a word of the user each workflow gets the event that would bring it to life here: `pull_request` into the
//! default branch from another branch, else `push`.

mod choice;
mod github;
mod inputs;
mod payload;
mod skip;

use std::sync::Arc;

use plim_expression::Value;

pub use choice::choose;
pub(crate) use inputs::default;
pub use inputs::{InputsError, dispatch_inputs};

use crate::source::Base;

/// The event that starts a workflow.
#[derive(Clone, Debug)]
pub struct Occasion {
    /// The trigger's name. A workflow that only others call is started by `workflow_call`, and sees a `push`.
    pub event: Arc<str>,
    /// Its activity type: `synchronize`.
    pub activity: Option<Arc<str>>,
    /// The full reference: `refs/heads/main`, `refs/pull/1/merge`.
    pub reference: Arc<str>,
    /// The commit.
    pub sha: Arc<str>,
    /// What `github.event` holds and the file of `GITHUB_EVENT_PATH` is to hold.
    pub payload: serde_json::Value,
    /// The `github` context but for what differs per job and step: `job`, `action*`, `workspace`, `event_path`, `env`,
    /// `path` and the like, and `token`.
    pub github: Value,
}

/// What an event looks like before its payload is made.
#[derive(Clone, Debug)]
struct Moment {
    event: Arc<str>,
    activity: Option<Arc<str>>,
    reference: Arc<str>,
    /// The branch that a pull request or merge group goes into.
    into: Option<Arc<str>>,
    /// The branch that it comes from.
    from: Option<Arc<str>>,
    /// What its files are compared with.
    base: Base,
    number: u64,
}

impl Moment {
    /// `main`, `v1.2`, `1/merge`.
    fn short_reference(&self) -> &str {
        let reference = &*self.reference;
        ["refs/heads/", "refs/tags/", "refs/pull/"]
            .iter()
            .find_map(|prefix| reference.strip_prefix(prefix))
            .unwrap_or(reference)
    }
}
