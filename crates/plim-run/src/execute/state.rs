//! State: what changes while the steps of a leg run.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use plim_expression::{Object, Value};

use super::{uses::Resolved, variables::Variables};
use crate::{environment_file::PrependedPaths, event::Conclusion};
use plim_workflow::{Condition, Step};

/// What changes while the steps of a leg run. A background step gets a copy whose changes are
/// noted and take effect when it is waited for.
#[derive(Clone)]
pub(crate) struct State {
    /// Variables of the workflow and the job, and what steps wrote to `GITHUB_ENV`.
    pub(crate) environment: Variables,
    /// What steps wrote to `GITHUB_PATH`.
    pub(crate) paths: PrependedPaths,
    /// `job.status`.
    pub(crate) status: Conclusion,
    /// Post parts, to be run from the last to the first.
    pub(crate) posts: Vec<Post>,
    /// Notes of what changed, in a background step's copy.
    journal: Option<Vec<Change>>,
}

/// One change of the state.
#[derive(Clone)]
pub(crate) enum Change {
    Environment(String, String),
    Path(String),
    Post(Box<Post>),
}

/// The post part of an action whose main part started.
#[derive(Clone)]
pub(crate) struct Post {
    /// `Post Run actions/cache@v4`.
    pub(crate) name: Arc<str>,
    pub(crate) step: Arc<Step>,
    pub(crate) action: Arc<Resolved>,
    pub(crate) frame: Arc<Frame>,
    pub(crate) condition: Option<Condition>,
    /// What `GITHUB_STATE` and `save-state` kept for this use of the action.
    pub(crate) kept: Kept,
}

/// What an action keeps from one part to the next.
pub(crate) type Kept = Arc<Mutex<BTreeMap<String, String>>>;

impl State {
    pub(crate) fn new(environment: Variables) -> Self {
        let (paths, posts) = (PrependedPaths::default(), Vec::new());
        Self { environment, paths, status: Conclusion::Success, posts, journal: None }
    }

    /// A copy for a background step, which notes its changes.
    pub(crate) fn aside(&self) -> Self {
        Self { journal: Some(Vec::new()), posts: Vec::new(), ..self.clone() }
    }

    /// The changes that a copy made.
    pub(crate) fn into_changes(self) -> Vec<Change> {
        self.journal.unwrap_or_default()
    }

    pub(crate) fn apply(&mut self, change: Change) {
        match &change {
            Change::Environment(name, value) => self.environment.set(name, value.as_str()),
            Change::Path(path) => self.paths.add(path.clone()),
            Change::Post(post) => self.posts.push((**post).clone()),
        }
        if let Some(journal) = &mut self.journal {
            journal.push(change);
        }
    }

    /// Takes a step's conclusion into the job's status: a failure stays, a cancellation wins.
    pub(crate) fn merge(&mut self, conclusion: Conclusion) {
        self.status = match (self.status, conclusion) {
            (Conclusion::Cancelled, _) | (_, Conclusion::Cancelled) => Conclusion::Cancelled,
            (Conclusion::Failure, _) | (_, Conclusion::Failure) => Conclusion::Failure,
            (status, _) => status,
        };
    }
}

/// Where steps stand: the job itself, or a composite action within it.
pub(crate) struct Frame {
    /// The `inputs` context.
    pub(crate) inputs: Value,
    /// The action whose steps these are; `None` for the job's own.
    pub(crate) action: Option<ActionFrame>,
    /// How many composite actions this one is in.
    pub(crate) depth: u32,
    steps: Mutex<Object>,
    status: Mutex<Conclusion>,
}

/// What a composite action adds to what its steps see.
pub(crate) struct ActionFrame {
    /// `github.action_path`.
    pub(crate) path: PathBuf,
    /// `github.action_repository`, empty for local actions.
    pub(crate) repository: String,
    /// `github.action_ref`, empty for local actions.
    pub(crate) reference: String,
    /// Where the files of its repository are, which `$/` means; `None` for the repository of the run.
    pub(crate) root: Option<PathBuf>,
    /// The `env` of the steps that lead here; nothing else of the caller flows in.
    pub(crate) overrides: Variables,
}

impl Frame {
    pub(crate) fn of_job(inputs: Value) -> Self {
        Self::new(inputs, None, 0)
    }

    pub(crate) fn of_action(inputs: Value, action: ActionFrame, depth: u32) -> Self {
        Self::new(inputs, Some(action), depth)
    }

    fn new(inputs: Value, action: Option<ActionFrame>, depth: u32) -> Self {
        let (steps, status) = (Mutex::default(), Mutex::new(Conclusion::Success));
        Self { inputs, action, depth, steps, status }
    }

    /// The `steps` context.
    pub(crate) fn steps(&self) -> Value {
        Value::Object(Arc::new(self.lock().clone()))
    }

    /// Makes a step's result visible to those after it. Generated ids stay invisible, as in the
    /// runner's `StepsContext`.
    pub(crate) fn record(
        &self,
        id: &str,
        outputs: &[(String, String)],
        outcome: Conclusion,
        conclusion: Conclusion,
    ) {
        if id.starts_with("__") {
            return;
        }
        let mut values = Object::new();
        for (name, value) in outputs {
            values.insert(name.as_str(), value.as_str());
        }
        let mut step = Object::new();
        step.insert("outputs", Value::Object(values.into()));
        step.insert("outcome", outcome.as_str());
        step.insert("conclusion", conclusion.as_str());
        self.lock().insert(id, Value::Object(step.into()));
    }

    /// `github.action_status`.
    pub(crate) fn status(&self) -> Conclusion {
        *self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_status(&self, status: Conclusion) {
        *self.status.lock().unwrap_or_else(PoisonError::into_inner) = status;
    }

    fn lock(&self) -> MutexGuard<'_, Object> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_notes_its_changes_and_leaves_the_original_alone() {
        let mut state = State::new(Variables::default());
        let mut copy = state.aside();
        copy.apply(Change::Environment("A".into(), "1".into()));
        assert_eq!(state.environment.get("A"), None);
        copy.into_changes().into_iter().for_each(|change| state.apply(change));
        assert_eq!(state.environment.get("A"), Some("1"));
    }
}
