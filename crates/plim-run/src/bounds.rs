//! Bounds: the folders that a built-in action may read and write for a job.
//!
//! A built-in works in `plim`'s own process, which sees more than the steps of the job do. A link that a
//! step left must not make it read the user's keys into an artifact, or write over the user's files.

use std::{
    fmt,
    fs::{self, File},
    io,
    os::fd::AsRawFd,
    path::{Component, Path, PathBuf},
};

/// The folders of a job.
#[derive(Clone, Debug)]
pub(crate) struct Bounds {
    roots: Vec<PathBuf>,
}

/// Folders that every process of this machine may use for a while.
const SHARED: [&str; 2] = ["/tmp", "/var/tmp"];

impl Bounds {
    /// Only these, without links in their paths.
    pub(crate) fn new<'a>(roots: impl IntoIterator<Item = &'a Path>) -> Self {
        let real = |path: &Path| fs::canonicalize(path).ok();
        let roots = roots.into_iter().filter(|path| path.is_absolute()).filter_map(real);
        Self { roots: roots.filter(|path| path.parent().is_some()).collect() }
    }

    /// Adds the machine's temporary folders.
    #[must_use]
    pub(crate) fn and_shared(mut self) -> Self {
        self.roots.extend(Self::new(SHARED.map(Path::new)).roots);
        self
    }

    /// True for a path, which must have no links in it, within one of the folders.
    pub(crate) fn hold(&self, real: &Path) -> bool {
        self.roots.iter().any(|root| real.starts_with(root))
    }

    /// Opens a regular file to read it.
    ///
    /// Errors: when it cannot be opened, is no regular file, or really lies outside the bounds.
    pub(crate) fn open(&self, path: &Path) -> Result<File, OutOfBounds> {
        let failed = |error: io::Error| cannot("read", path, error);
        if !fs::metadata(path).map_err(failed)?.is_file() {
            return Err(failed(io::Error::other("it is not a regular file")));
        }
        let file = File::open(path).map_err(failed)?;
        // Asking for the name of what was opened leaves no moment in which a link could be swapped.
        let real = fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())).map_err(failed)?;
        if self.hold(&real) { Ok(file) } else { Err(outside("read", path)) }
    }

    /// Makes a folder and those above it.
    ///
    /// Errors: when one cannot be made, or would really lie outside the bounds.
    pub(crate) fn make_folder(&self, path: &Path) -> Result<(), OutOfBounds> {
        self.check_target(path)?;
        fs::create_dir_all(path).map_err(|error| cannot("make the folder", path, error))?;
        let real = fs::canonicalize(path).map_err(|error| cannot("look at", path, error))?;
        if self.hold(&real) { Ok(()) } else { Err(outside("write to", path)) }
    }

    /// Fails unless something made at `path` would really lie within the bounds.
    pub(crate) fn check_target(&self, path: &Path) -> Result<(), OutOfBounds> {
        if path.components().any(|part| part == Component::ParentDir) || !path.is_absolute() {
            return Err(outside("write to", path));
        }
        let existing = path.ancestors().find(|ancestor| fs::symlink_metadata(ancestor).is_ok());
        let existing = existing.unwrap_or(Path::new("/"));
        let real =
            fs::canonicalize(existing).map_err(|error| cannot("look at", existing, error))?;
        if self.hold(&real) { Ok(()) } else { Err(outside("write to", path)) }
    }
}

/// Something that could not be done with a path, or must not.
#[derive(Debug)]
pub(crate) struct OutOfBounds {
    doing: &'static str,
    path: PathBuf,
    /// What the system said; nothing when the path is out of bounds.
    source: Option<io::Error>,
}

fn cannot(doing: &'static str, path: &Path, error: io::Error) -> OutOfBounds {
    OutOfBounds { doing, path: path.to_owned(), source: Some(error) }
}

fn outside(doing: &'static str, path: &Path) -> OutOfBounds {
    OutOfBounds { doing, path: path.to_owned(), source: None }
}

impl fmt::Display for OutOfBounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (doing, path) = (self.doing, self.path.display());
        match &self.source {
            Some(error) => write!(f, "cannot {doing} `{path}`: {error}"),
            None => {
                write!(f, "refused to {doing} `{path}`: it lies outside of what this job may use")
            }
        }
    }
}

impl std::error::Error for OutOfBounds {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|error| error as _)
    }
}

impl OutOfBounds {
    /// What to do about it.
    pub(crate) fn help(&self) -> Option<&'static str> {
        match &self.source {
            None => Some("use a path in the workspace, the home folder or `${{ runner.temp }}`"),
            Some(error) if error.kind() == io::ErrorKind::StorageFull => {
                Some("free some space on that disk")
            }
            Some(_) => None,
        }
    }
}

/// `path` made absolute from `folder`, with `.` and `..` taken out by their names alone, as Node's
/// `path.resolve` does.
pub(crate) fn resolve(folder: &Path, path: &str) -> PathBuf {
    let mut resolved = PathBuf::new();
    for part in folder.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(resolved.pop()),
            part => resolved.push(part),
        }
    }
    resolved
}

#[cfg(test)]
mod tests {
    use plim_test::sandbox::Sandbox;

    use super::*;

    #[test]
    fn a_link_that_leads_out_is_neither_read_nor_written_through() {
        let (world, outside) = (Sandbox::new(), Sandbox::new());
        outside.write("key", "secret");
        world.write("real", "mine").symlink("link", outside.path()).symlink("inner", "real");
        let bounds = Bounds::new([world.path()]);
        assert!(bounds.open(&world.at("real")).is_ok());
        assert!(bounds.open(&world.at("inner")).is_ok());
        let error = bounds.open(&world.at("link/key")).unwrap_err();
        assert!(error.to_string().contains("outside of what this job may use"), "{error}");
        assert!(bounds.make_folder(&world.at("link/new")).is_err());
        assert!(bounds.make_folder(&world.at("a/b/c")).is_ok());
        assert!(bounds.make_folder(&world.at("a/../../x")).is_err());
        assert!(bounds.check_target(&outside.at("x")).is_err());
        assert!(!outside.exists("new"));
    }

    #[test]
    fn the_root_of_the_machine_is_never_a_bound() {
        assert!(
            Bounds::new([Path::new("/"), Path::new(""), Path::new("relative")]).roots.is_empty()
        );
    }

    #[test]
    fn paths_are_resolved_by_their_names() {
        assert_eq!(resolve(Path::new("/w"), "a/./b/../c"), Path::new("/w/a/c"));
        assert_eq!(resolve(Path::new("/w"), "/x/../../y"), Path::new("/y"));
        assert_eq!(resolve(Path::new("/w"), ""), Path::new("/w"));
    }
}
