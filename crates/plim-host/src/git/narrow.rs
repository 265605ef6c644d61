//! Leaves only a part of a job's working tree.

use super::checkout::Workspace;
use super::store::Store;
use crate::error::HostError;

impl Workspace {
    /// Takes out of the working tree what `patterns` do not name, and tells the job's repository, as
    /// `git sparse-checkout set` does: folders with `cone`, else patterns as in `.gitignore`.
    ///
    /// The next checkout brings everything back. Errors: those of running git, which refuses a file
    /// where it wants a folder.
    pub fn narrow(&self, store: &Store, patterns: &[String], cone: bool) -> Result<(), HostError> {
        let git = store.git.moved(&self.tree.join(".git"), Some(&self.tree), None);
        let mode = if cone { "--cone" } else { "--no-cone" };
        let lines: String = patterns.iter().map(|pattern| format!("{pattern}\n")).collect();
        let tool = git.tool(&["sparse-checkout", "set", mode, "--stdin"])?;
        tool.input(lines).succeed().map(|_| ())
    }
}
