//! The repository of a file, as the rules ask about it: read when asked, and once.

use std::{
    borrow::Cow,
    collections::HashMap,
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use plim_audit::{Document, Kind, Nearby, Presence, Settings, Subject, Surroundings};
use plim_workflow::{Action, Forge, Workflow};

use super::base::Past;
use crate::settings::CheckSettings;

/// One repository.
pub(in crate::command) struct Repository {
    version: Version,
    /// Whether all of the repository is there, so that absence can be told.
    whole: bool,
    settings: Settings,
    actions: Mutex<HashMap<String, Nearby<Action>>>,
    workflows: Mutex<HashMap<String, Nearby<Workflow>>>,
    texts: Mutex<HashMap<String, Nearby<String>>>,
    listed: OnceLock<Vec<String>>,
}

/// Longer files are no scripts.
const LONGEST_TEXT: u64 = 1 << 20;

/// Which version of a repository is asked about.
enum Version {
    /// What is in its folder.
    Folder {
        root: PathBuf,
        /// What files hold that are being edited, by their paths; it counts instead of what is on the disk.
        unsaved: HashMap<PathBuf, Arc<str>>,
    },
    /// What a commit holds.
    Commit(Past),
}

impl Repository {
    /// The repository in the folder `root`, with what its owner said.
    pub(in crate::command) fn new(root: &Path, settings: CheckSettings) -> Self {
        let CheckSettings {
            runner_labels,
            variables,
            pins,
            consumed,
            release_workflows,
            allowed_actions,
            waivers,
            lock,
            ..
        } = settings;
        Self {
            version: Version::Folder { root: root.to_owned(), unsaved: HashMap::new() },
            whole: is_whole(root),
            settings: Settings {
                runner_labels,
                variables,
                pins: pins.unwrap_or_default(),
                consumed,
                release_workflows,
                allowed_actions,
                waivers,
                lock,
            },
            actions: Mutex::default(),
            workflows: Mutex::default(),
            texts: Mutex::default(),
            listed: OnceLock::new(),
        }
    }

    /// The same, in which the files at these paths hold these texts, whatever is on the disk.
    pub(in crate::command) fn with_unsaved(mut self, texts: HashMap<PathBuf, Arc<str>>) -> Self {
        if let Version::Folder { unsaved, .. } = &mut self.version {
            *unsaved = texts;
        }
        self
    }

    /// Reads everything again when it is asked for next: files were written.
    pub(super) fn forget(&self) {
        self.actions.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.workflows.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The repository as a commit holds it.
    pub(super) fn past(past: Past, settings: Settings) -> Self {
        Self {
            version: Version::Commit(past),
            whole: true,
            settings,
            actions: Mutex::default(),
            workflows: Mutex::default(),
            texts: Mutex::default(),
            listed: OnceLock::new(),
        }
    }

    /// What the commit holds, if it is one that is asked about.
    pub(super) fn commit(&self) -> Option<&Past> {
        match &self.version {
            Version::Folder { .. } => None,
            Version::Commit(past) => Some(past),
        }
    }

    fn list_workflows(&self) -> Vec<String> {
        let mut found: Vec<String> = match &self.version {
            Version::Commit(past) => past.paths().map(str::to_owned).collect(),
            Version::Folder { root, .. } => listed(root),
        };
        found.retain(|path| Kind::of_path(path) == Some(Kind::Workflow));
        found.sort();
        found
    }

    /// The text of a script. Of a commit only what a check reads anyway is told.
    fn script(&self, place: &str) -> Nearby<String> {
        let root = match &self.version {
            Version::Folder { root, .. } => root,
            Version::Commit(past) => {
                return match (past.bytes(place).map(<[u8]>::to_vec), past.at(place)) {
                    (Some(bytes), _) => String::from_utf8(bytes)
                        .map_or(Nearby::Unknown, |text| Nearby::Found(Arc::new(text))),
                    (None, Presence::Absent) => Nearby::Absent,
                    (None, _) => Nearby::Unknown,
                };
            }
        };
        let place = root.join(place);
        match fs::metadata(&place) {
            Ok(metadata) if metadata.is_file() && metadata.len() <= LONGEST_TEXT => {
                let text = fs::read_to_string(&place).ok();
                text.map_or(Nearby::Unknown, |text| Nearby::Found(Arc::new(text)))
            }
            Err(error) if self.whole && is_absence(&error) => Nearby::Absent,
            _ => Nearby::Unknown,
        }
    }

    /// What stands at `path`.
    fn presence(&self, path: &str) -> Presence {
        let presence = match &self.version {
            Version::Commit(past) => past.at(path),
            Version::Folder { root, unsaved } => {
                let place = root.join(path);
                match fs::metadata(&place) {
                    Ok(metadata) if metadata.is_dir() => Presence::Folder,
                    Ok(metadata) => Presence::File { executable: is_executable(&metadata) },
                    Err(_) if unsaved.contains_key(&place) => Presence::File { executable: false },
                    Err(error) if is_absence(&error) => Presence::Absent,
                    Err(_) => Presence::Unknown,
                }
            }
        };
        match presence {
            Presence::Absent if !self.whole && !self.lists(path) => Presence::Unknown,
            presence => presence,
        }
    }

    /// Whether all files of the folder in which `path` stands are there, as of any folder of workflows.
    fn lists(&self, path: &str) -> bool {
        let Version::Folder { root, .. } = &self.version else { return true };
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let of_workflows = Forge::ALL.iter().any(|forge| forge.workflows() == folder);
        of_workflows && root.join(folder).is_dir()
    }

    fn bytes(&self, path: &str) -> Option<Cow<'_, [u8]>> {
        match &self.version {
            Version::Commit(past) => past.bytes(path).map(Cow::Borrowed),
            Version::Folder { root, unsaved } => {
                let place = root.join(path);
                match unsaved.get(&place) {
                    Some(text) => Some(Cow::Borrowed(text.as_bytes())),
                    None => fs::read(place).ok().map(Cow::Owned),
                }
            }
        }
    }

    fn read<T>(&self, path: &str, kind: Kind, value: fn(Document) -> Option<T>) -> Nearby<T> {
        let Some(place) = inside(path) else { return Nearby::Unknown };
        match self.bytes(&place) {
            Some(bytes) => {
                let subject = Subject::read(path, &bytes, kind, Forge::of_path(path));
                value(subject.document)
                    .map_or(Nearby::Unknown, |value| Nearby::Found(Arc::new(value)))
            }
            None if self.presence(&place) == Presence::Absent => Nearby::Absent,
            None => Nearby::Unknown,
        }
    }
}

/// The files in the folders of workflows of the repository at `root`.
fn listed(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for folder in Forge::ALL.iter().map(|forge| forge.workflows()) {
        let Ok(entries) = fs::read_dir(root.join(folder)) else { continue };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        found.extend(names.map(|name| format!("{folder}/{name}")));
    }
    found
}

/// `path` without detours, unless it leads out of the repository.
fn inside(path: &str) -> Option<String> {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop()?,
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// A folder with nothing but files of the forge is a part of a repository.
fn is_whole(root: &Path) -> bool {
    let Ok(entries) = fs::read_dir(root) else { return false };
    let forge = |name: &str| Forge::ALL.iter().any(|forge| forge.folder() == name);
    let mut names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let any_forge = Forge::ALL.iter().any(|forge| root.join(forge.folder()).is_dir());
    any_forge && names.any(|name| !forge(&name))
}

/// Whether this says that nothing is there, and not only that nobody could look.
fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
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
        inside(path).map_or(Presence::Unknown, |place| self.presence(&place))
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
            inside(path).map_or(Nearby::Unknown, |place| self.script(&place))
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
