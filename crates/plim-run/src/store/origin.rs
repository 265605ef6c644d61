//! Where checkouts come from: the repository of the run, as this machine has it.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock, PoisonError},
};

use plim_host::{
    Environment, HostError,
    git::{Git, Layout, Refs, Source, Store},
};

/// The repository of the run, and what jobs can fetch of it.
#[derive(Debug)]
pub struct Origin {
    store: Store,
    /// The folder of the store; those of submodules lie beside it.
    folder: PathBuf,
    layout: Option<Layout>,
    environment: Environment,
    refs: OnceLock<Refs>,
    /// What was offered for fetching last.
    offered: Mutex<Option<(Option<String>, String)>>,
}

impl Origin {
    /// Opens the store at `folder` for the repository or folder `source`. Snapshots of uncommitted work
    /// must have been made in a store at the same folder.
    ///
    /// Errors: those of [`Store::open`].
    pub fn open(
        folder: &Path,
        source: Source,
        environment: &Environment,
    ) -> Result<Self, HostError> {
        let layout = match &source {
            Source::Repository(layout) => Some(layout.clone()),
            Source::Folder(_) => None,
        };
        Ok(Self {
            store: Store::open(folder, source, environment)?,
            folder: folder.to_owned(),
            layout,
            environment: environment.clone(),
            refs: OnceLock::new(),
            offered: Mutex::default(),
        })
    }

    /// The objects of the repository and its snapshots.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Where the user's Git LFS keeps large files; nothing without git.
    pub fn large_files(&self) -> Option<PathBuf> {
        self.layout.as_ref().map(Layout::large_files)
    }

    /// The branches and tags of the user's repository; none without git.
    ///
    /// Errors: those of running git.
    pub fn refs(&self) -> Result<&Refs, HostError> {
        if let Some(refs) = self.refs.get() {
            return Ok(refs);
        }
        let refs = match &self.layout {
            Some(layout) => Git::open(layout.clone(), &self.environment)?.refs()?,
            None => Refs::default(),
        };
        Ok(self.refs.get_or_init(|| refs))
    }

    /// The commit that something leads to, when it is on this machine.
    ///
    /// Errors: those of running git.
    pub fn commit(&self, revision: &str) -> Result<Option<String>, HostError> {
        self.store.git().resolve(revision)
    }

    /// Lets jobs fetch what is at the remote, and `branch` as the run has it.
    ///
    /// Errors: those of [`Store::offer`] and of [`refs`](Self::refs).
    pub fn offer(&self, branch: Option<&str>, commit: &str) -> Result<(), HostError> {
        let wanted = Some((branch.map(str::to_owned), commit.to_owned()));
        let mut offered = self.offered.lock().unwrap_or_else(PoisonError::into_inner);
        if *offered != wanted {
            self.store.offer(self.refs()?, branch, commit)?;
            *offered = wanted;
        }
        Ok(())
    }

    /// The folders that git reads in a job that checked something out: the store, what it borrows from, and
    /// those of submodules. Jobs must see them, and need not write them.
    ///
    /// Errors: [`HostError::File`] when the folder for stores of submodules cannot be made.
    pub fn folders(&self) -> Result<Vec<PathBuf>, HostError> {
        let modules = self.modules();
        std::fs::create_dir_all(&modules).map_err(HostError::file("make", &modules))?;
        let mut folders = vec![self.folder.clone(), modules];
        if let Some(layout) = &self.layout {
            let inner = layout.common_folder.join("modules");
            folders.extend(borrowed(&layout.common_folder.join("objects")));
            folders.extend(Some(inner).filter(|inner| inner.is_dir()));
        }
        Ok(folders)
    }

    fn modules(&self) -> PathBuf {
        self.folder.with_extension("modules")
    }

    /// The repository of the submodule that the user's tree has at `path`; nothing when it has none.
    ///
    /// Errors: those of [`Layout::discover`] and [`Store::open`].
    pub fn submodule(&self, path: &Path) -> Result<Option<Self>, HostError> {
        let Some(layout) = &self.layout else { return Ok(None) };
        let tree = layout.tree.join(path);
        let Some(inner) = Layout::discover(&tree)?.filter(|inner| inner.tree == tree) else {
            return Ok(None);
        };
        let name: String =
            path.to_string_lossy().chars().map(|c| if c == '/' { '.' } else { c }).collect();
        let folder = self.modules().join(name);
        Self::open(&folder, Source::Repository(inner), &self.environment).map(Some)
    }

    /// The addresses of the submodules that the checked-out `tree` names, by path.
    ///
    /// Errors: those of running git.
    pub fn submodule_urls(&self, tree: &Path) -> Result<Vec<(String, String)>, HostError> {
        match Layout::discover(tree)?.filter(|layout| layout.tree == tree) {
            Some(layout) => Git::open(layout, &self.environment)?.submodules(),
            None => Ok(Vec::new()),
        }
    }
}

/// How far borrowing goes: as far as git itself follows it.
const FARTHEST: usize = 5;

/// A folder of objects, and those that it borrows from, as a clone made with `--reference` does.
fn borrowed(objects: &Path) -> Vec<PathBuf> {
    let mut all = vec![objects.to_owned()];
    let mut level = all.clone();
    for _ in 0..FARTHEST {
        level =
            level.iter().flat_map(|folder| alternates(folder)).filter(|one| one.is_dir()).collect();
        level.retain(|folder| !all.contains(folder));
        all.extend(level.clone());
    }
    all
}

fn alternates(objects: &Path) -> Vec<PathBuf> {
    let text = std::fs::read_to_string(objects.join("info/alternates")).unwrap_or_default();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| objects.join(line)).collect()
}

#[cfg(test)]
mod tests {
    use plim_test::sandbox::Sandbox;

    use super::*;

    #[test]
    fn borrowing_is_followed_and_circles_end() {
        let world = Sandbox::new();
        let at = |name: &str| world.at(name);
        world.write("a/info/alternates", format!("# a comment\n{}\n../c\n", at("b").display()));
        world.write("b/info/alternates", at("a").display().to_string()).folder("c");
        assert_eq!(borrowed(&at("a")), [at("a"), at("b"), at("a/../c")]);
    }
}
