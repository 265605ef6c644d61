//! The repository of a file, as the rules ask about it: read when asked, and once.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use plim_audit::{Document, Kind, Nearby, Presence, Settings, Subject, Surroundings};
use plim_workflow::{Action, Forge, Workflow};

use crate::settings::CheckSettings;

/// One repository.
pub(in crate::command) struct Repository {
    root: PathBuf,
    /// Whether the folder holds all of the repository, so that absence can be told.
    whole: bool,
    settings: Settings,
    /// What files hold that are being edited, by their paths; it counts instead of what is on the disk.
    unsaved: HashMap<PathBuf, Arc<str>>,
    actions: Mutex<HashMap<String, Nearby<Action>>>,
    workflows: Mutex<HashMap<String, Nearby<Workflow>>>,
    texts: Mutex<HashMap<String, Nearby<String>>>,
    listed: OnceLock<Vec<String>>,
}

/// Longer files are no scripts.
const LONGEST_TEXT: u64 = 1 << 20;

impl Repository {
    /// The repository in the folder `root`, with what its owner said.
    pub(in crate::command) fn new(root: &Path, settings: CheckSettings) -> Self {
        let CheckSettings { runner_labels, variables, pins, .. } = settings;
        Self {
            root: root.to_owned(),
            whole: is_whole(root),
            settings: Settings { runner_labels, variables, pins },
            unsaved: HashMap::new(),
            actions: Mutex::default(),
            workflows: Mutex::default(),
            texts: Mutex::default(),
            listed: OnceLock::new(),
        }
    }

    /// The same, in which the files at these paths hold these texts, whatever is on the disk.
    pub(in crate::command) fn with_unsaved(self, unsaved: HashMap<PathBuf, Arc<str>>) -> Self {
        Self { unsaved, ..self }
    }

    fn bytes(&self, place: &Path) -> io::Result<Vec<u8>> {
        match self.unsaved.get(place) {
            Some(text) => Ok(text.as_bytes().to_owned()),
            None => fs::read(place),
        }
    }

    fn list_workflows(&self) -> Vec<String> {
        let mut found = Vec::new();
        for folder in Forge::ALL.iter().map(|forge| forge.workflows()) {
            let Ok(entries) = fs::read_dir(self.root.join(folder)) else { continue };
            let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
            let paths = names.map(|name| format!("{folder}/{name}"));
            found.extend(paths.filter(|path| Kind::of_path(path) == Some(Kind::Workflow)));
        }
        found.sort();
        found
    }

    /// Where `path` is, unless it leads out of the repository.
    fn inside(&self, path: &str) -> Option<PathBuf> {
        let mut parts = Vec::new();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => _ = parts.pop()?,
                part => parts.push(part),
            }
        }
        Some(parts.iter().fold(self.root.clone(), |path, part| path.join(part)))
    }

    fn read<T>(&self, path: &str, kind: Kind, value: fn(Document) -> Option<T>) -> Nearby<T> {
        let Some(place) = self.inside(path) else { return Nearby::Unknown };
        match self.bytes(&place) {
            Ok(bytes) => {
                let subject = Subject::read(path, &bytes, kind, Forge::of_path(path));
                value(subject.document)
                    .map_or(Nearby::Unknown, |value| Nearby::Found(Arc::new(value)))
            }
            Err(_) if self.whole && !place.exists() => Nearby::Absent,
            Err(_) => Nearby::Unknown,
        }
    }
}

/// A folder with nothing but files of the forge is a part of a repository.
fn is_whole(root: &Path) -> bool {
    let Ok(entries) = fs::read_dir(root) else { return false };
    let forge = |name: &str| Forge::ALL.iter().any(|forge| forge.folder() == name);
    let mut names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let any_forge = Forge::ALL.iter().any(|forge| root.join(forge.folder()).is_dir());
    any_forge && names.any(|name| !forge(&name))
}

fn kept<T>(
    table: &Mutex<HashMap<String, Nearby<T>>>,
    path: &str,
    read: impl FnOnce() -> Nearby<T>,
) -> Nearby<T>
where
    Nearby<T>: Clone,
{
    let lock = || table.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = lock().get(path) {
        return known.clone();
    }
    let value = read();
    lock().insert(path.to_owned(), value.clone());
    value
}

impl Surroundings for Repository {
    fn at(&self, path: &str) -> Presence {
        let Some(place) = self.inside(path) else { return Presence::Unknown };
        match fs::metadata(&place) {
            Ok(metadata) if metadata.is_dir() => Presence::Folder,
            Ok(metadata) => Presence::File { executable: is_executable(&metadata) },
            Err(_) if self.unsaved.contains_key(&place) => Presence::File { executable: false },
            Err(_) if self.whole => Presence::Absent,
            Err(_) => Presence::Unknown,
        }
    }

    fn action(&self, path: &str) -> Nearby<Action> {
        let value = |document| match document {
            Document::Action(read) => Some(read.value),
            _ => None,
        };
        kept(&self.actions, path, || {
            let folder = path.trim_end_matches('/');
            match self.read(&format!("{folder}/action.yml"), Kind::Action, value) {
                Nearby::Found(action) => Nearby::Found(action),
                _ => self.read(&format!("{folder}/action.yaml"), Kind::Action, value),
            }
        })
    }

    fn workflow(&self, path: &str) -> Nearby<Workflow> {
        let value = |document| match document {
            Document::Workflow(read) => Some(read.value),
            _ => None,
        };
        kept(&self.workflows, path, || self.read(path, Kind::Workflow, value))
    }

    fn text(&self, path: &str) -> Nearby<String> {
        kept(&self.texts, path, || {
            let Some(place) = self.inside(path) else { return Nearby::Unknown };
            match fs::metadata(&place) {
                Ok(metadata) if metadata.is_file() && metadata.len() <= LONGEST_TEXT => {
                    let text = fs::read_to_string(&place).ok();
                    text.map_or(Nearby::Unknown, |text| Nearby::Found(Arc::new(text)))
                }
                Err(_) if self.whole => Nearby::Absent,
                _ => Nearby::Unknown,
            }
        })
    }

    fn workflows(&self) -> Vec<String> {
        self.listed.get_or_init(|| self.list_workflows()).clone()
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    true
}
