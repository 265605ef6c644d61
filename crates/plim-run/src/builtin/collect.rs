//! Collects the files of an artifact, and checks their names, as `upload-artifact` does.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

use super::{Failure, Invocation};
use crate::glob::{Glob, Options};

/// The files that some patterns name, and the folder that their paths in the artifact begin at.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Collected {
    pub(super) files: Vec<PathBuf>,
    pub(super) root: PathBuf,
}

/// Finds the files; folders count only through what is in them.
pub(super) fn collect(
    cx: &mut Invocation<'_>,
    patterns: &str,
    folder: &Path,
    hidden: bool,
) -> Result<Collected, Failure> {
    let options = Options { exclude_hidden_files: !hidden, ..Options::default() };
    let glob = Glob::new(patterns, folder, cx.tilde(), options)?;
    let mut files = Vec::new();
    let cancelled = cx.cancelled;
    let found = glob.visit(&mut |path| {
        if !fs::metadata(&path).is_ok_and(|metadata| metadata.is_dir()) {
            files.push(path);
        }
        !cancelled()
    });
    cx.check_cancelled()?;
    found?;
    note_case(cx, &files);
    let root = root(cx, &glob.search_paths(), &files);
    Ok(Collected { files, root })
}

/// GitHub's storage does not tell upper from lower case.
fn note_case(cx: &mut Invocation<'_>, files: &[PathBuf]) {
    let mut seen = HashSet::new();
    for file in files {
        if !seen.insert(file.to_string_lossy().to_lowercase()) {
            cx.log.line(&format!(
                "Uploads are case insensitive: {} was detected that it will be overwritten by another file with the same path",
                file.display()
            ));
        }
    }
}

fn root(cx: &mut Invocation<'_>, search_paths: &[PathBuf], files: &[PathBuf]) -> PathBuf {
    match (search_paths, files) {
        ([], _) => PathBuf::new(),
        // A single file without a wildcard loses the folders it lies in.
        ([path], [file]) if path == file => file.parent().unwrap_or(file).to_owned(),
        ([path], _) => path.clone(),
        (paths, _) => {
            let ancestor = least_common_ancestor(paths);
            cx.log.line("Multiple search paths detected. Calculating the least common ancestor of all paths");
            cx.log.line(&format!(
                "The least common ancestor is {}. This will be the root directory of the artifact",
                ancestor.display()
            ));
            ancestor
        }
    }
}

/// The deepest folder, or path, that all paths begin with.
fn least_common_ancestor(paths: &[PathBuf]) -> PathBuf {
    let Some((first, rest)) = paths.split_first() else { return PathBuf::new() };
    let common = |ancestor: &&Path| rest.iter().all(|path| path.starts_with(ancestor));
    first.ancestors().find(common).unwrap_or(Path::new("/")).to_owned()
}

/// What GitHub does not allow in a path of an artifact, because some file system does not.
const IN_PATHS: [(char, &str); 9] = [
    ('"', "Double quote \""),
    (':', "Colon :"),
    ('<', "Less than <"),
    ('>', "Greater than >"),
    ('|', "Vertical bar |"),
    ('*', "Asterisk *"),
    ('?', "Question mark ?"),
    ('\r', "Carriage return \\r"),
    ('\n', "Line feed \\n"),
];

/// What it does not allow in a name besides.
const IN_NAMES: [(char, &str); 2] = [('\\', "Backslash \\"), ('/', "Forward slash /")];

/// The longest name whose files fit into a folder: 255 bytes less `.json`.
const LONGEST_NAME: usize = 250;

/// Checks the name of an artifact.
pub(super) fn check_name(name: &str) -> Result<(), Failure> {
    if name.is_empty() {
        return Err(Failure::new("Provided artifact name input during validation is empty"));
    }
    if let Some((_, wrong)) = IN_PATHS.iter().chain(&IN_NAMES).find(|(c, _)| name.contains(*c)) {
        return Err(Failure::new(format!(
            "The artifact name is not valid: {name}. Contains the following character: {wrong}"
        ))
        .advise("use letters, digits, `-`, `_` and `.`, which every file system takes"));
    }
    // As a folder of a download it would lead elsewhere.
    if matches!(name, "." | "..") || name.contains('\0') || name.len() > LONGEST_NAME {
        return Err(Failure::new(format!("The artifact name is not valid: {name}"))
            .advise(format!("use at most {LONGEST_NAME} bytes, and not only dots")));
    }
    Ok(())
}

/// The path of `file` in an artifact that begins at `root`.
pub(super) fn entry_name(file: &Path, root: &Path) -> Result<String, Failure> {
    let shown = file.display();
    let path = file.strip_prefix(root).map_err(|_| {
        Failure::new(format!(
            "the artifact's root `{}` is not above the file `{shown}`",
            root.display()
        ))
    })?;
    let name = path.to_str().ok_or_else(|| {
        Failure::new(format!("the name of `{shown}` is not UTF-8, which an artifact cannot hold"))
            .advise("rename the file, or put it into an archive first")
    })?;
    match IN_PATHS.iter().find(|(c, _)| name.contains(*c)) {
        Some((_, wrong)) => Err(Failure::new(format!(
            "The path for one of the files in artifact is not valid: /{name}. Contains the following character: {wrong}"
        ))
        .advise("rename the file, or put it into an archive first")),
        // The real archiver knows one separator only.
        None => Ok(name.replace('\\', "/")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ancestor_of_several_paths_is_the_deepest_that_they_share() {
        let ancestor = |paths: &[&str]| {
            let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
            least_common_ancestor(&paths).display().to_string()
        };
        assert_eq!(ancestor(&["/a/b/c", "/a/b/d"]), "/a/b");
        assert_eq!(ancestor(&["/a/b", "/a/bc"]), "/a");
        assert_eq!(ancestor(&["/foo", "/bar"]), "/");
        assert_eq!(ancestor(&["/a/b", "/a/b"]), "/a/b");
    }

    #[test]
    fn names_with_characters_of_other_systems_are_refused() {
        assert!(check_name("a-b_c.1 é").is_ok());
        for name in ["", "a/b", "a\\b", "a:b", "a\"", "<", ">", "|", "*", "?", "a\nb", "..", "."] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
        let message = check_name("a:b").unwrap_err().message;
        assert_eq!(
            message,
            "The artifact name is not valid: a:b. Contains the following character: Colon :"
        );
    }

    #[test]
    fn paths_in_an_artifact_begin_at_its_root() {
        let name = |file: &str| entry_name(Path::new(file), Path::new("/w"));
        assert_eq!(name("/w/a/b").unwrap(), "a/b");
        assert_eq!(name("/w/a\\b").unwrap(), "a/b");
        assert!(name("/w/a:b").unwrap_err().message.contains("Colon"));
        assert!(name("/x/a").is_err());
    }
}
