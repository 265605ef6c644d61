//! A workflow reference names the reusable workflow that a job calls.

use std::fmt;
use std::sync::Arc;

use crate::Forge;

/// Where a called workflow is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum WorkflowReference {
    /// In the repository of the caller.
    Local {
        /// The file, relative to the repository's root.
        path: Arc<str>,
    },
    /// In another one.
    Remote {
        /// The owner.
        owner: Arc<str>,
        /// The repository.
        repository: Arc<str>,
        /// The file, relative to the repository's root.
        path: Arc<str>,
        /// The tag, branch or commit.
        reference: Arc<str>,
    },
}

/// Why a `uses` of a job names no workflow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkflowReferenceError {
    /// It is neither a path nor `owner/repository/path@reference`.
    Syntax(String),
    /// The file is not directly in the folder of workflows.
    Elsewhere(String),
    /// The file is not called `.yml` or `.yaml`.
    NotYaml(String),
    /// A path in this repository cannot have `@reference`.
    LocalWithReference(String),
}

impl fmt::Display for WorkflowReferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(text) => write!(f, "`{text}` names no workflow"),
            Self::Elsewhere(path) => {
                write!(f, "`{path}` is not directly in the folder of workflows")
            }
            Self::NotYaml(path) => write!(f, "`{path}` is no YAML file"),
            Self::LocalWithReference(text) => {
                write!(f, "`{text}` is in this repository and cannot have a reference")
            }
        }
    }
}

impl std::error::Error for WorkflowReferenceError {}

impl WorkflowReferenceError {
    /// What to do about it.
    #[must_use]
    pub fn help(&self, forge: Forge) -> String {
        let folder = forge.workflows();
        match self {
            Self::Syntax(_) | Self::NotYaml(_) => {
                format!(
                    "write `./{folder}/FILE.yml` or `OWNER/REPOSITORY/{folder}/FILE.yml@REFERENCE`"
                )
            }
            Self::Elsewhere(_) => {
                format!("move the file into `{folder}`; folders in it are not read")
            }
            Self::LocalWithReference(_) => "remove the `@` and what follows it".to_owned(),
        }
    }
}

impl WorkflowReference {
    /// Reads the `uses` of a job.
    ///
    /// Errors: every [`WorkflowReferenceError`].
    pub fn parse(uses: &str, forge: Forge) -> Result<Self, WorkflowReferenceError> {
        if let Some(path) = uses.strip_prefix("./").or_else(|| uses.strip_prefix("$/")) {
            if path.contains('@') {
                return Err(WorkflowReferenceError::LocalWithReference(uses.to_owned()));
            }
            check_path(path, forge)?;
            return Ok(Self::Local { path: path.into() });
        }
        let syntax = || WorkflowReferenceError::Syntax(uses.to_owned());
        let (name, reference) = uses.split_once('@').ok_or_else(syntax)?;
        let (owner, rest) = name.split_once('/').ok_or_else(syntax)?;
        let (repository, path) = rest.split_once('/').ok_or_else(syntax)?;
        if owner.is_empty() || repository.is_empty() || reference.is_empty() {
            return Err(syntax());
        }
        check_path(path, forge)?;
        Ok(Self::Remote {
            owner: owner.into(),
            repository: repository.into(),
            path: path.into(),
            reference: reference.into(),
        })
    }
}

impl fmt::Display for WorkflowReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local { path } => write!(f, "./{path}"),
            Self::Remote { owner, repository, path, reference } => {
                write!(f, "{owner}/{repository}/{path}@{reference}")
            }
        }
    }
}

/// Gitea and Forgejo read GitHub's folder too.
fn check_path(path: &str, forge: Forge) -> Result<(), WorkflowReferenceError> {
    let elsewhere = || WorkflowReferenceError::Elsewhere(path.to_owned());
    let in_folder = |forge: Forge| path.strip_prefix(forge.workflows())?.strip_prefix('/');
    let folders = [forge, Forge::GitHub];
    let file = folders.into_iter().find_map(in_folder).ok_or_else(elsewhere)?;
    if file.is_empty() || file.contains('/') {
        return Err(elsewhere());
    }
    if !file.ends_with(".yml") && !file.ends_with(".yaml") {
        return Err(WorkflowReferenceError::NotYaml(path.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_names_a_file_of_the_folder_of_workflows() {
        let parse = |uses: &str| {
            WorkflowReference::parse(uses, Forge::GitHub).map(|found| found.to_string())
        };
        for uses in ["./.github/workflows/a.yml", "o/r/.github/workflows/a.yaml@v1"] {
            assert_eq!(parse(uses), Ok(uses.to_owned()));
        }
        for (uses, wanted) in [
            (
                "./.github/workflows/x/a.yml",
                "`.github/workflows/x/a.yml` is not directly in the folder of workflows",
            ),
            ("./ci/a.yml", "`ci/a.yml` is not directly in the folder of workflows"),
            ("./.github/workflows/a.txt", "`.github/workflows/a.txt` is no YAML file"),
            (
                "./.github/workflows/a.yml@v1",
                "`./.github/workflows/a.yml@v1` is in this repository and cannot have a reference",
            ),
            ("o/r/.github/workflows/a.yml", "`o/r/.github/workflows/a.yml` names no workflow"),
            ("a.yml", "`a.yml` names no workflow"),
        ] {
            assert_eq!(parse(uses).map_err(|error| error.to_string()), Err(wanted.to_owned()));
        }
        let gitea = "./.gitea/workflows/a.yml";
        assert!(WorkflowReference::parse(gitea, Forge::Gitea).is_ok());
        assert!(WorkflowReference::parse(gitea, Forge::GitHub).is_err());
    }
}
