//! Finds which actions and workflows of other repositories a repository uses, directly and through others.

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

use plim_workflow::{
    Action, ActionBody, ActionReference, Forge, JobBody, Step, StepBody, Workflow,
    WorkflowReference,
};

use super::{ActionName, ActionStore};
use crate::{builtin::Builtin, source::WorkflowFile};

/// A repository that is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// Which, at which reference.
    pub name: ActionName,
    /// The first file that says so: `.github/workflows/ci.yml`, or `owner/repo@ref: action.yml`.
    pub by: String,
    /// Whether every action of it that is used is built in.
    pub built_in: bool,
}

/// What the workflows of the repository at `root` use; what the store has is looked into, and what it lacks is not.
pub fn used(root: &Path, workflows: &[WorkflowFile], store: &ActionStore) -> Vec<Used> {
    let mut explorer = Explorer { root, store, found: BTreeMap::new(), seen: HashSet::new() };
    for file in workflows {
        let Ok(content) = &file.content else { continue };
        let workflow = Workflow::read_bytes(&file.path, content).value;
        explorer.workflow(&workflow, &Place { root: root.to_owned(), by: file.path.to_string() });
    }
    explorer.found.into_values().collect()
}

/// The repositories of actions and workflows as `uses` names them, and what those use in turn.
pub fn used_through(uses: &[String], store: &ActionStore) -> Vec<Used> {
    let root = Path::new("");
    let mut explorer = Explorer { root, store, found: BTreeMap::new(), seen: HashSet::new() };
    // Local actions of a composite action are looked for in the workspace, of which nothing is known here.
    let place = Place { root: PathBuf::new(), by: "the command line".to_owned() };
    for uses in uses {
        match WorkflowReference::parse(uses, Forge::GitHub) {
            Ok(_) => explorer.call(uses, Forge::GitHub, &place),
            Err(_) => explorer.action(&ActionReference::parse(uses), &place),
        }
    }
    explorer.found.into_values().collect()
}

struct Explorer<'a> {
    root: &'a Path,
    store: &'a ActionStore,
    found: BTreeMap<ActionName, Used>,
    /// Files that were looked into.
    seen: HashSet<PathBuf>,
}

/// Where a file is that uses something.
#[derive(Clone)]
struct Place {
    /// The repository that `$/` and `./` of reusable workflows mean.
    root: PathBuf,
    by: String,
}

impl Explorer<'_> {
    fn workflow(&mut self, workflow: &Workflow, place: &Place) {
        for job in &workflow.jobs {
            match &job.body {
                JobBody::Steps(machine) => self.steps(&machine.steps, place),
                JobBody::Call(call) => self.call(&call.uses.value, workflow.forge, place),
                JobBody::Unreadable => {}
            }
        }
    }

    fn call(&mut self, uses: &str, forge: Forge, place: &Place) {
        let Ok(reference) = WorkflowReference::parse(uses, forge) else { return };
        match &reference {
            WorkflowReference::Local { path } => self.workflow_file(&place.root, path, place),
            WorkflowReference::Remote { path, .. } => {
                let Some(name) = ActionName::of_workflow(&reference) else { return };
                if let Some(inner) = self.remote(name, false, path, place) {
                    self.workflow_file(&inner.root, path, &inner);
                }
            }
        }
    }

    fn workflow_file(&mut self, root: &Path, path: &str, place: &Place) {
        let file = root.join(path);
        if !self.seen.insert(file.clone()) {
            return;
        }
        let Ok(content) = fs::read(&file) else { return };
        self.workflow(&Workflow::read_bytes(path, &content).value, place);
    }

    fn steps(&mut self, steps: &[Step], place: &Place) {
        for step in steps {
            match &step.body {
                StepBody::Uses(uses) => self.action(&uses.action.value, place),
                StepBody::Parallel(steps) => self.steps(steps, place),
                _ => {}
            }
        }
    }

    fn action(&mut self, reference: &ActionReference, place: &Place) {
        match reference {
            ActionReference::Local { path, of_repository } => {
                let root = if *of_repository { &place.root } else { self.root };
                if root.as_os_str().is_empty() {
                    return;
                }
                self.action_folder(&root.join(&**path), place);
            }
            ActionReference::Remote { owner, repository, path, .. } => {
                let Some(name) = ActionName::of_action(reference) else { return };
                let slash = if path.is_empty() { "" } else { "/" };
                let built_in =
                    Builtin::find(&format!("{owner}/{repository}{slash}{path}")).is_some();
                if let Some(inner) = self.remote(name, built_in, path, place) {
                    self.action_folder(&inner.root.join(&**path), &inner);
                }
            }
            ActionReference::Docker(_) | ActionReference::Unreadable(_) => {}
        }
    }

    fn action_folder(&mut self, folder: &Path, place: &Place) {
        if !self.seen.insert(folder.to_owned()) {
            return;
        }
        let files = ["action.yml", "action.yaml"].map(|name| folder.join(name));
        let read = files.iter().find_map(|file| Some((file, fs::read(file).ok()?)));
        let Some((file, content)) = read else { return };
        let action = Action::read_bytes(&file.to_string_lossy(), &content).value;
        if let ActionBody::Composite(composite) = &action.body {
            self.steps(&composite.steps, place);
        }
    }

    /// Notes a repository, and says where its files are when the store has them.
    fn remote(
        &mut self,
        name: ActionName,
        built_in: bool,
        path: &str,
        place: &Place,
    ) -> Option<Place> {
        let found = self.found.entry(name.clone()).or_insert_with(|| Used {
            name: name.clone(),
            by: place.by.clone(),
            built_in: true,
        });
        found.built_in &= built_in;
        let stored = self.store.find(&name).ok().flatten()?;
        let by = if path.is_empty() { name.to_string() } else { format!("{name}: {path}") };
        Some(Place { root: self.store.folder_of(&stored), by })
    }
}
