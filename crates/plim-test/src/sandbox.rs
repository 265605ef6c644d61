//! Makes folders and git repositories that are gone when the test ends.
#![expect(
    clippy::disallowed_methods,
    reason = "a test prepares its world with real programs, before the code under test runs"
)]
#![expect(clippy::panic, reason = "a world that cannot be prepared fails the test")]

use std::cell::Cell;
use std::fmt::Debug;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A fresh folder. Paths given to its methods are relative to it; parents are made as needed.
#[derive(Debug)]
pub struct Sandbox {
    folder: TempDir,
    path: PathBuf,
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

impl Sandbox {
    /// Makes an empty folder with a path that has no symbolic link in it.
    pub fn new() -> Self {
        let folder = sure(tempfile::Builder::new().prefix("plim-").tempdir());
        let path = sure(folder.path().canonicalize());
        Self { folder, path }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The absolute path of something in the folder.
    pub fn at(&self, path: impl AsRef<Path>) -> PathBuf {
        self.path.join(path)
    }

    /// Writes a file.
    pub fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> &Self {
        let path = self.with_parent(path.as_ref());
        sure(fs::write(path, content));
        self
    }

    /// Writes a file that may be executed.
    pub fn executable(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> &Self {
        self.write(&path, content).chmod(path, 0o755)
    }

    /// Makes a symbolic link at `path` that points to `target`.
    pub fn symlink(&self, path: impl AsRef<Path>, target: impl AsRef<Path>) -> &Self {
        sure(symlink(target, self.with_parent(path.as_ref())));
        self
    }

    /// Makes a folder.
    pub fn folder(&self, path: impl AsRef<Path>) -> &Self {
        sure(fs::create_dir_all(self.at(path)));
        self
    }

    /// Sets the permission bits of something.
    pub fn chmod(&self, path: impl AsRef<Path>, mode: u32) -> &Self {
        sure(fs::set_permissions(self.at(path), fs::Permissions::from_mode(mode)));
        self
    }

    /// Removes a file, a symbolic link, or a folder with all in it.
    pub fn remove(&self, path: impl AsRef<Path>) -> &Self {
        let path = self.at(path);
        match sure(fs::symlink_metadata(&path)).is_dir() {
            true => sure(fs::remove_dir_all(path)),
            false => sure(fs::remove_file(path)),
        }
        self
    }

    /// Reads a text file.
    pub fn read(&self, path: impl AsRef<Path>) -> String {
        sure(fs::read_to_string(self.at(path)))
    }

    /// Whether something is there; a dangling symbolic link is.
    pub fn exists(&self, path: impl AsRef<Path>) -> bool {
        fs::symlink_metadata(self.at(path)).is_ok()
    }

    /// Leaves the folder behind and returns where, to look at it after a failed test.
    pub fn keep(self) -> PathBuf {
        self.folder.keep()
    }

    fn with_parent(&self, path: &Path) -> PathBuf {
        let path = self.at(path);
        sure(fs::create_dir_all(path.parent().unwrap_or(&self.path)));
        path
    }
}

/// A git repository in a fresh folder, with the branch `main`, a fixed author, and a clock that
/// moves one second with each commit. The configuration of the user and the machine are not read.
#[derive(Debug)]
pub struct Repository {
    sandbox: Sandbox,
    seconds: Cell<u32>,
}

impl Default for Repository {
    fn default() -> Self {
        Self::new()
    }
}

impl std::ops::Deref for Repository {
    type Target = Sandbox;

    fn deref(&self) -> &Sandbox {
        &self.sandbox
    }
}

impl Repository {
    /// Makes a repository without commits.
    pub fn new() -> Self {
        Self::with_format("sha1")
    }

    /// Makes a repository without commits whose objects are named by `format`: `sha1` or `sha256`.
    pub fn with_format(format: &str) -> Self {
        let repository = Self { sandbox: Sandbox::new(), seconds: Cell::new(0) };
        repository.git(&["init", "--quiet", "--initial-branch=main", "--object-format", format]);
        repository
    }

    /// Adds everything that is not ignored and commits it, also when nothing changed; returns the
    /// name of the commit.
    pub fn commit(&self, message: &str) -> String {
        self.seconds.set(self.seconds.get() + 1);
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self.head()
    }

    /// The name of the commit at `HEAD`.
    pub fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"])
    }

    /// Runs git in the repository and returns what it wrote, without the last line's end.
    ///
    /// Panics with what git said when it fails.
    pub fn git(&self, arguments: &[&str]) -> String {
        match self.try_git(arguments) {
            Ok(output) => output,
            Err(error) => panic!("git {arguments:?} failed: {error}"),
        }
    }

    /// Runs git as [`git`](Self::git) does; what it said when it fails.
    pub fn try_git(&self, arguments: &[&str]) -> Result<String, String> {
        let output = sure(self.command(arguments).output());
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end_matches('\n').to_owned();
        match output.status.success() {
            true => Ok(text(&output.stdout)),
            false => Err(text(&output.stderr)),
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let date =
            format!("2026-01-02T03:{:02}:{:02}Z", self.seconds.get() / 60, self.seconds.get() % 60);
        let mut command = Command::new("git");
        command.args(arguments).current_dir(self.path()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.path()).env("LC_ALL", "C");
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "Ada Example");
            command.env(format!("GIT_{who}_EMAIL"), "ada@example.com");
            command.env(format!("GIT_{who}_DATE"), &date);
        }
        command
    }
}

fn sure<T, E: Debug>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("the world of this test could not be prepared: {error:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_steps_make_the_same_commit() {
        let build = || {
            let repository = Repository::new();
            repository.write("src/a", "1").executable("b", "#!/bin/sh\n").symlink("c", "b");
            repository.commit("first");
            repository.remove("src");
            repository.commit("second")
        };
        assert_eq!(build(), build());
    }
}
