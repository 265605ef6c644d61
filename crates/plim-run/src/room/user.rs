//! The user whose home and environment a room is made from.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use plim_host::Environment;

/// What there is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A folder, or a link to one.
    Folder,
    /// A file, socket or device, or a link to one.
    File,
}

/// The tree of files as the user sees it.
pub trait Tree {
    /// What is at `path`; none when nothing is, or when it cannot be reached.
    fn kind(&self, path: &Path) -> Option<Kind>;
    /// The names in a folder; none when it cannot be read.
    fn names(&self, folder: &Path) -> Vec<OsString>;
    /// The text of a file; none when it cannot be read or is no text.
    fn text(&self, file: &Path) -> Option<String>;
    /// `path` without symbolic links; none when nothing is there.
    fn real(&self, path: &Path) -> Option<PathBuf>;
}

/// The tree of files of this machine.
#[derive(Clone, Copy, Debug)]
pub struct Disk;

impl Tree for Disk {
    fn kind(&self, path: &Path) -> Option<Kind> {
        let is_folder = fs::metadata(path).ok()?.is_dir();
        Some(if is_folder { Kind::Folder } else { Kind::File })
    }

    fn names(&self, folder: &Path) -> Vec<OsString> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name()).collect()
    }

    fn text(&self, file: &Path) -> Option<String> {
        fs::read_to_string(file).ok()
    }

    fn real(&self, path: &Path) -> Option<PathBuf> {
        path.canonicalize().ok()
    }
}

/// Who runs `plim`.
#[derive(Clone, Copy)]
pub struct UserFacts<'a> {
    /// The real home, absolute.
    pub home: &'a Path,
    /// The number of the user.
    pub id: u32,
    /// The environment of `plim`.
    pub environment: &'a Environment,
    /// The files.
    pub tree: &'a dyn Tree,
}

/// Folders of a home that a variable may move elsewhere.
const MOVABLE: &[(&str, &str)] = &[
    (".config/gh", "GH_CONFIG_DIR"),
    (".config/gcloud", "CLOUDSDK_CONFIG"),
    (".config", "XDG_CONFIG_HOME"),
    (".cache/huggingface", "HF_HOME"),
    (".cache", "XDG_CACHE_HOME"),
    (".local/share", "XDG_DATA_HOME"),
    (".local/state", "XDG_STATE_HOME"),
    (".cargo", "CARGO_HOME"),
    (".gnupg", "GNUPGHOME"),
    (".docker", "DOCKER_CONFIG"),
    (".azure", "AZURE_CONFIG_DIR"),
    (".gradle", "GRADLE_USER_HOME"),
    (".npm", "NPM_CONFIG_CACHE"),
    ("go/pkg/mod", "GOMODCACHE"),
    ("go", "GOPATH"),
];

impl UserFacts<'_> {
    /// Where `path`, relative to a home as programs make it by themselves, lies for this user.
    pub(super) fn place(&self, path: &str) -> PathBuf {
        let moved = MOVABLE.iter().find_map(|(folder, variable)| {
            let rest = Path::new(path).strip_prefix(folder).ok()?;
            Some((rest, self.absolute(variable)?))
        });
        match moved {
            Some((rest, root)) if rest.as_os_str().is_empty() => root,
            Some((rest, root)) => root.join(rest),
            None => self.home.join(path),
        }
    }

    /// The absolute path that a variable holds.
    pub(super) fn absolute(&self, variable: &str) -> Option<PathBuf> {
        self.environment.text(variable).map(PathBuf::from).filter(|path| path.is_absolute())
    }

    /// The folder of the user's sockets.
    pub(super) fn runtime(&self) -> PathBuf {
        let usual = || PathBuf::from(format!("/run/user/{}", self.id));
        self.absolute("XDG_RUNTIME_DIR").unwrap_or_else(usual)
    }

    pub(super) fn exists(&self, path: &Path) -> bool {
        self.tree.kind(path).is_some()
    }

    /// `path` without symbolic links, or as it is when nothing is there.
    pub(super) fn real(&self, path: &Path) -> PathBuf {
        self.tree.real(path).unwrap_or_else(|| path.to_owned())
    }
}
