//! Finds common ancestors, and which paths differ between two commits.

use std::path::PathBuf;

use super::{Git, path_of, split_zero};
use crate::error::HostError;
use crate::process::ExitStatus;

impl Git {
    /// The best common ancestor of two commits; `None` when they have none, or when it lies
    /// beyond the end of a shallow history.
    ///
    /// Errors: those of running git, also when one is no commit.
    pub fn merge_base(&self, one: &str, other: &str) -> Result<Option<String>, HostError> {
        let tool = self.tool(&["merge-base", "--end-of-options", one, other])?;
        let output = tool.run()?;
        match output.status {
            ExitStatus::Code(0) => {
                Ok(Some(String::from_utf8_lossy(&output.stdout).trim().to_owned()))
            }
            ExitStatus::Code(1) => Ok(None),
            _ => Err(tool.failed(&output)),
        }
    }

    /// The paths that differ between two commits or trees, sorted; of a moved file both.
    ///
    /// With `three_dot` the first side is their common ancestor, as the forge compares a pull
    /// request. Errors: those of running git, also when one does not exist or, with `three_dot`,
    /// when they have no common ancestor.
    pub fn diff_names(
        &self,
        from: &str,
        to: &str,
        three_dot: bool,
    ) -> Result<Vec<PathBuf>, HostError> {
        let mut arguments = vec!["diff-tree", "-r", "-z", "--name-only", "--no-renames"];
        arguments.extend(["--no-ext-diff", "--no-textconv", "--no-commit-id"]);
        arguments.extend(three_dot.then_some("--merge-base"));
        arguments.extend(["--end-of-options", from, to, "--"]);
        let output = self.tool(&arguments)?.succeed()?;
        Ok(split_zero(&output).map(path_of).collect())
    }
}
