//! The files that git tracks, with their text.
#![expect(clippy::disallowed_methods, reason = "a test asks git itself")]

use std::path::Path;
use std::process::Command;
use std::{fs, str};

use plim_test::conformance::workspace_root;

/// A tracked text file.
pub(crate) struct File {
    /// Relative to the root of the repository, with `/`.
    pub(crate) path: String,
    /// Empty for a file that is not UTF-8.
    pub(crate) text: String,
}

impl File {
    /// A file that a check is tried on.
    pub(crate) fn new(path: &str, text: &str) -> Self {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    /// The lines with their numbers, from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(i, line)| (i + 1, line))
    }

    /// The path of the folder that holds it, empty at the root.
    pub(crate) fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

/// Every file that is tracked and present.
pub(crate) fn files() -> Vec<File> {
    let root = workspace_root();
    let output = Command::new("git").args(["ls-files", "-z"]).current_dir(&root).output();
    let output = output.unwrap_or_else(|error| fail(&format!("cannot start `git`: {error}")));
    assert!(output.status.success(), "`git ls-files`: {}", String::from_utf8_lossy(&output.stderr));
    let listed = String::from_utf8_lossy(&output.stdout).into_owned();
    let paths = listed.split('\0').filter(|path| !path.is_empty());
    let files: Vec<File> = paths.filter_map(|path| read(&root, path)).collect();
    assert!(files.iter().any(|file| file.path == "Cargo.toml"), "git lists no `Cargo.toml`");
    files
}

/// Those whose path ends with `ending`.
pub(crate) fn ending(ending: &str) -> Vec<File> {
    files().into_iter().filter(|file| file.path.ends_with(ending)).collect()
}

fn read(root: &Path, path: &str) -> Option<File> {
    let bytes = fs::read(root.join(path)).ok()?;
    Some(File::new(path, str::from_utf8(&bytes).unwrap_or_default()))
}

#[expect(clippy::panic, reason = "a repository that cannot be listed fails the test")]
fn fail(message: &str) -> ! {
    panic!("{message}")
}
