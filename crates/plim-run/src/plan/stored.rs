//! What plans take from the action store: actions and reusable workflows of other repositories.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use plim_diag::Diagnostic;
use plim_workflow::{ActionReference, Workflow};

use super::planner::{Inner, Planner};
use crate::actions::{ActionName, ActionStore, Stored};

/// What the store has of a name; `None` when it lacks it. The error is a sentence that says what to do next.
type Found = Result<Option<Arc<Stored>>, String>;

/// What was looked up, so that it is looked up once.
#[derive(Debug, Default)]
pub(super) struct Library {
    pub(super) store: Option<ActionStore>,
    found: Mutex<HashMap<ActionName, Found>>,
    workflows: Mutex<HashMap<PathBuf, Result<Arc<Workflow>, String>>>,
}

/// The repository that a called workflow is from, when that is another one.
#[derive(Clone, Debug)]
pub struct Home {
    /// What the store has of it.
    pub stored: Arc<Stored>,
    /// Where its files are.
    pub root: PathBuf,
}

impl Library {
    pub(super) fn new(store: Option<ActionStore>) -> Self {
        Self { store, ..Self::default() }
    }

    /// What the store has; `None` when it lacks it. Errors: a sentence with what to do next.
    fn find(&self, name: &ActionName) -> Found {
        let Some(store) = &self.store else { return Ok(None) };
        let mut known = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let look = || match store.find(name) {
            Ok(found) => Ok(found.map(Arc::new)),
            Err(error) => {
                let help = error.help().map(|help| format!("; {help}")).unwrap_or_default();
                Err(format!("{error}{help}"))
            }
        };
        known.entry(name.clone()).or_insert_with(look).clone()
    }
}

impl Planner {
    /// The store of actions that plans look into; `None` without a folder for it.
    pub fn action_store(&self) -> Option<&ActionStore> {
        self.inner.library.store.as_ref()
    }

    /// What the store has of an action's repository.
    ///
    /// Errors: a record that cannot be read, in a sentence that says what to do next.
    pub fn stored(&self, reference: &ActionReference) -> Result<Option<Arc<Stored>>, String> {
        self.inner.stored(reference)
    }
}

impl Inner {
    pub(super) fn stored(
        &self,
        reference: &ActionReference,
    ) -> Result<Option<Arc<Stored>>, String> {
        ActionName::of_action(reference).map_or(Ok(None), |name| self.library.find(&name))
    }

    /// The folders of an action in the store: that of its repository, and its own.
    pub(super) fn stored_action(
        &self,
        reference: &ActionReference,
    ) -> Result<Option<(PathBuf, PathBuf)>, String> {
        let ActionReference::Remote { path, .. } = reference else { return Ok(None) };
        let (Some(stored), Some(store)) = (self.stored(reference)?, &self.library.store) else {
            return Ok(None);
        };
        let root = store.folder_of(&stored);
        let folder = root.join(&**path);
        Ok(Some((root, folder)))
    }

    /// The repository of a workflow in another one; `None` when the store lacks it.
    ///
    /// Errors: a sentence; among others that its files are not those that were fetched, for nothing copies and hashes
    /// a workflow before it runs.
    pub(super) fn stored_home(&self, name: &ActionName) -> Result<Option<Arc<Home>>, String> {
        let (Some(stored), Some(store)) = (self.library.find(name)?, &self.library.store) else {
            return Ok(None);
        };
        if !store.is_whole(&stored) {
            let error = crate::actions::ActionStoreError::Damaged { name: name.clone() };
            return Err(format!("{error}; {}", error.help().unwrap_or_default()));
        }
        let root = store.folder_of(&stored);
        Ok(Some(Arc::new(Home { stored, root })))
    }

    /// The workflow in a file of the store; read once.
    ///
    /// Errors: it is not there, or has errors.
    pub(super) fn stored_workflow(&self, home: &Home, path: &str) -> Result<Arc<Workflow>, String> {
        let mut known = self.library.workflows.lock().unwrap_or_else(PoisonError::into_inner);
        let file = home.root.join(path);
        known.entry(file.clone()).or_insert_with(|| read_workflow(home, &file, path)).clone()
    }
}

fn read_workflow(home: &Home, file: &Path, path: &str) -> Result<Arc<Workflow>, String> {
    let name = &home.stored.name;
    let content = fs::read(file).map_err(|_| format!("`{name}` has no `{path}`"))?;
    let shown = format!("{}/{path}@{}", name.repository_name(), name.reference);
    let read = Workflow::read_bytes(&shown, &content);
    match read.diagnostics.iter().find(|one: &&Diagnostic| one.is_error()) {
        Some(error) => Err(format!("`{shown}` has errors: {}", error.message)),
        None => Ok(Arc::new(read.value)),
    }
}
