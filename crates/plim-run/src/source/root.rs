//! The root is the folder that holds the workflows; below it lie their files.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plim_workflow::Forge;

use super::SourceError;

/// A workflow file.
#[derive(Debug)]
pub struct WorkflowFile {
    /// Relative to the root, with `/`.
    pub path: Arc<str>,
    /// Its bytes, or why they cannot be read.
    pub content: Result<Vec<u8>, std::io::Error>,
}

/// The nearest folder from `start` upwards that holds a folder of workflows, and for which forge.
///
/// Errors: [`SourceError::NoWorkflows`], and [`SourceError::Unreadable`] where it cannot be seen whether there is one.
pub(super) fn find(start: &Path) -> Result<(PathBuf, Forge), SourceError> {
    for folder in start.ancestors() {
        for forge in Forge::ALL {
            if is_folder(&folder.join(forge.workflows()))? {
                return Ok((folder.to_owned(), forge));
            }
        }
    }
    Err(SourceError::NoWorkflows { start: start.to_owned() })
}

fn is_folder(path: &Path) -> Result<bool, SourceError> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(metadata.is_dir()),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(false)
        }
        Err(error) => Err(SourceError::Unreadable { path: path.to_owned(), error }),
    }
}

/// The `*.yml` and `*.yaml` files of the three folders, ordered by path; folders in them are not looked into.
pub(super) fn workflow_files(root: &Path) -> Result<Vec<WorkflowFile>, SourceError> {
    let mut files = Vec::new();
    for forge in Forge::ALL {
        let folder = root.join(forge.workflows());
        if !is_folder(&folder)? {
            continue;
        }
        for name in names(&folder)? {
            let content = fs::read(folder.join(&name));
            let path = format!("{}/{name}", forge.workflows()).into();
            files.push(WorkflowFile { path, content });
        }
    }
    Ok(files)
}

fn names(folder: &Path) -> Result<Vec<String>, SourceError> {
    let unreadable = |error| SourceError::Unreadable { path: folder.to_owned(), error };
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name().to_string_lossy().into_owned();
        let is_workflow = name.ends_with(".yml") || name.ends_with(".yaml");
        if is_workflow && !folder.join(&name).is_dir() {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Every file below `root`, relative to it and sorted: without git all of them are new.
///
/// Git's and our own folders are left out. `None` where a folder cannot be read.
pub(super) fn all_files(root: &Path) -> Option<Arc<[String]>> {
    let (mut files, mut open) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).ok()? {
            let entry = entry.ok()?;
            let name = entry.file_name();
            if name == ".git" || name == ".plimsoll" {
                continue;
            }
            if entry.file_type().ok()?.is_dir() {
                open.push(entry.path());
            } else if let Ok(path) = entry.path().strip_prefix(root) {
                files.push(path.to_string_lossy().into_owned());
            }
        }
    }
    files.sort_unstable();
    Some(files.into())
}
