//! Which files are checked, and what each of them is.

use std::{
    collections::HashSet,
    fs, io,
    io::Read,
    path::{Component, Path, PathBuf},
};

use plim_audit::Kind;
use plim_diag::{Code, Diagnostic};
use plim_workflow::Forge;

use crate::{refusal::Refusal, world::World};

/// The files to check, in the order of their paths.
pub(in crate::command) struct Files {
    pub(in crate::command) files: Vec<File>,
}

/// One file to check.
#[derive(Debug)]
pub(in crate::command) struct File {
    /// Where it is.
    pub(in crate::command) path: PathBuf,
    /// The folder of its repository.
    pub(in crate::command) root: PathBuf,
    /// Its path below that folder, with `/`.
    pub(in crate::command) inside: String,
    /// How paths of its repository are shown.
    pub(in crate::command) view: View,
    /// What it is.
    pub(in crate::command) kind: Kind,
    /// What it holds, when it was not read from the disk.
    pub(in crate::command) bytes: Option<Vec<u8>>,
}

/// Folders that hold no files of their own, but what others wrote or what can be made again.
const FOREIGN: [&str; 4] = [".git", "node_modules", "target", ".plimsoll"];

impl Files {
    /// The files that `paths` name, or all of the repository when there are none.
    ///
    /// Errors: a path that is not there, and nothing that could be checked.
    pub(in crate::command) fn find(paths: &[PathBuf], world: &World) -> Result<Self, Refusal> {
        let mut search = Search::new(world);
        if paths.is_empty() {
            search.repository(&repository_around(&world.directory));
        }
        for path in paths {
            search.named(&world.path(path)).map_err(|error| missing(path, &error))?;
        }
        let mut files = search.found;
        if files.is_empty() {
            return Err(nothing(paths, world));
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { files })
    }

    /// The file on standard input, taken for the one at `path`.
    ///
    /// Errors: standard input cannot be read.
    pub(super) fn of_stdin(path: &Path, world: &World) -> Result<Self, Refusal> {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map_err(|error| {
            let message = format!("cannot read standard input: {error}");
            Refusal::failed(Diagnostic::error(Code("input"), message))
        })?;
        let path = world.path(path);
        let named = Kind::of_path(&slashed(&path));
        let kind = named.or_else(|| Kind::of_text(&String::from_utf8_lossy(&bytes)));
        let mut search = Search::new(world);
        search.add(&path, kind.unwrap_or(Kind::Workflow));
        search.found.iter_mut().for_each(|file| file.bytes = Some(bytes.clone()));
        Ok(Self { files: search.found })
    }
}

struct Search<'w> {
    world: &'w World,
    found: Vec<File>,
    seen: HashSet<PathBuf>,
}

impl<'w> Search<'w> {
    fn new(world: &'w World) -> Self {
        Self { world, found: Vec::new(), seen: HashSet::new() }
    }

    /// What belongs to the forge in the repository at `root`, without a walk through all of it.
    fn repository(&mut self, root: &Path) {
        for forge in Forge::ALL {
            walk(&root.join(forge.folder()), &mut |path| _ = self.known(path));
        }
        for path in listed(root).iter().filter(|path| path.is_file()) {
            self.known(path);
        }
    }

    fn named(&mut self, path: &Path) -> io::Result<()> {
        let path = fs::canonicalize(path)?;
        if path.is_dir() {
            self.folder(&path);
            return Ok(());
        }
        let kind = Kind::of_path(&slashed(&path)).or_else(|| kind_of_content(&path));
        self.add(&path, kind.unwrap_or(Kind::Workflow));
        Ok(())
    }

    /// Everything below `folder` that is known by its path; where nothing is, what reads like a workflow.
    fn folder(&mut self, folder: &Path) {
        let before = self.found.len();
        let mut others = Vec::new();
        walk(folder, &mut |path| {
            if !self.known(path) && is_yaml(path) {
                others.push(path.to_owned());
            }
        });
        if self.found.len() > before {
            return;
        }
        for path in others {
            if let Some(kind) = kind_of_content(&path) {
                self.add(&path, kind);
            }
        }
    }

    /// Adds the file if its path tells what it is.
    fn known(&mut self, path: &Path) -> bool {
        let kind = Kind::of_path(&slashed(path));
        if let Some(kind) = kind {
            self.add(path, kind);
        }
        kind.is_some()
    }

    fn add(&mut self, path: &Path, kind: Kind) {
        if !self.seen.insert(path.to_owned()) {
            return;
        }
        let root = root_of(path);
        let inside = slashed(path.strip_prefix(&root).unwrap_or(path));
        let view = View::new(&root, &self.world.directory);
        self.found.push(File { path: path.to_owned(), root, inside, view, kind, bytes: None });
    }
}

/// Turns paths from the root of a repository into those from the user's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::command) struct View {
    /// The way from the user's folder to the root.
    to_root: String,
    /// The user's folder below the root, with a final `/`, if it is there.
    below: String,
}

impl View {
    fn new(root: &Path, directory: &Path) -> Self {
        let folder = |path: &Path| match slashed(path) {
            text if text.is_empty() => text,
            text => format!("{text}/"),
        };
        if let Ok(inner) = root.strip_prefix(directory) {
            return Self { to_root: folder(inner), below: String::new() };
        }
        match directory.strip_prefix(root) {
            Ok(inner) => {
                let to_root = "../".repeat(inner.components().count());
                Self { to_root, below: folder(inner) }
            }
            Err(_) => Self { to_root: folder(root), below: String::new() },
        }
    }

    /// The path `inside` of the repository, seen from the user's folder.
    pub(in crate::command) fn path(&self, inside: &str) -> String {
        match inside.strip_prefix(&self.below).filter(|_| !self.below.is_empty()) {
            Some(rest) => rest.to_owned(),
            None => format!("{}{inside}", self.to_root),
        }
    }
}

/// The nearest folder upwards that holds something of a forge, or the folder itself.
fn repository_around(directory: &Path) -> PathBuf {
    let is_root = |folder: &&Path| {
        let has = |name: &str| folder.join(name).exists();
        Forge::ALL.iter().any(|forge| has(forge.folder())) || has(".git") || has("action.yml")
    };
    directory.ancestors().find(is_root).unwrap_or(directory).to_owned()
}

/// The folder of the repository that the file at `path` is in: the one above `.github`, else the nearest that looks
/// like one, else its own folder.
pub(in crate::command) fn root_of(path: &Path) -> PathBuf {
    let is_forge = |folder: &&Path| {
        let name = folder.file_name().and_then(|name| name.to_str());
        Forge::ALL.iter().any(|forge| Some(forge.folder()) == name)
    };
    let own = path.parent().unwrap_or(path);
    if let Some(root) = own.ancestors().find(is_forge).and_then(Path::parent) {
        return root.to_owned();
    }
    let is_root = |folder: &&Path| {
        folder.join(".git").exists()
            || Forge::ALL.iter().any(|forge| folder.join(forge.folder()).is_dir())
    };
    own.ancestors().find(is_root).unwrap_or(own).to_owned()
}

/// Shows `each` every file below `folder`. Links to folders are not followed, so that no loop is endless.
fn walk(folder: &Path, each: &mut dyn FnMut(&Path)) {
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for path in listed(&folder) {
            let Ok(kind) = fs::symlink_metadata(&path).map(|metadata| metadata.file_type()) else {
                continue;
            };
            if kind.is_dir() {
                let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
                if !FOREIGN.contains(&name) {
                    open.push(path);
                }
            } else if path.is_file() {
                each(&path);
            }
        }
    }
}

fn listed(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.filter_map(|entry| Some(entry.ok()?.path())).collect()
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml")
}

fn kind_of_content(path: &Path) -> Option<Kind> {
    Kind::of_text(&String::from_utf8_lossy(&fs::read(path).ok()?))
}

/// The parts of `path` with `/` between them.
pub(in crate::command) fn slashed(path: &Path) -> String {
    let parts = path.components().map(|part| match part {
        Component::RootDir => String::new(),
        other => other.as_os_str().to_string_lossy().into_owned(),
    });
    parts.collect::<Vec<_>>().join("/")
}

fn missing(path: &Path, error: &io::Error) -> Refusal {
    let message = format!("cannot check `{}`: {error}", path.display());
    Refusal::usage(Diagnostic::error(Code("path"), message))
}

fn nothing(paths: &[PathBuf], world: &World) -> Refusal {
    let place = match paths {
        [] => world.directory.display().to_string(),
        paths => {
            paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join("`, `")
        }
    };
    let message = format!("there is nothing to check in `{place}`");
    let help = "name a file, or a folder that holds `.github/workflows` or an `action.yml`";
    Refusal::usage(Diagnostic::error(Code("nothing-to-check"), message).help(help))
}
