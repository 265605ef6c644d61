//! A problem that a matcher found, and where it lies in the repository.

use std::path::{Component, Path, PathBuf};

use crate::event::{Annotation, Level};

/// How many folders upwards a repository is looked for, as in the runner.
const MOST_FOLDERS: usize = 50;

/// A problem, as the tool printed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Whose matcher found it.
    pub owner: String,
    /// How serious.
    pub level: Level,
    /// Never blank.
    pub message: String,
    /// The file in the tool's words; see [`Found::annotate`].
    pub file: Option<String>,
    /// From 1.
    pub line: Option<u32>,
    /// From 1.
    pub column: Option<u32>,
    /// The tool's code of the problem.
    pub code: Option<String>,
    /// The file, such as a project's, to whose folder `file` is relative.
    pub from_path: Option<String>,
    /// The line without colours, which is shown at the problem's level. Not masked.
    pub shown: String,
}

/// The files that a place is looked up among.
pub trait Files {
    /// True for a file that is there.
    fn is_file(&self, path: &Path) -> bool;
    /// Its text, if it can be read.
    fn read(&self, path: &Path) -> Option<String>;
}

/// Where a job works.
pub struct Place<'a> {
    /// The workspace of the job.
    pub workspace: &'a Path,
    /// The remotes that make a repository the one whose workflow runs.
    pub remotes: Vec<String>,
    /// The files.
    pub files: &'a dyn Files,
}

impl<'a> Place<'a> {
    /// A place whose repository `owner/name` comes from `server_url`, by HTTPS or SSH.
    pub fn new(
        workspace: &'a Path,
        server_url: &str,
        repository: &str,
        files: &'a dyn Files,
    ) -> Self {
        let server = if server_url.is_empty() { "https://github.com" } else { server_url };
        let host = server.split_once("://").map_or(server, |(_, rest)| rest);
        let host = host.split(['/', ':']).next().unwrap_or(host);
        let remotes =
            vec![format!("{server}/{repository}"), format!("git@{host}:{repository}.git")];
        Self { workspace, remotes, files }
    }

    /// The root of the repository that holds `file`, if it is the one whose workflow runs.
    ///
    /// The nearest folder with a `.git/config` decides.
    fn repository(&self, file: &Path) -> Option<PathBuf> {
        for folder in file.ancestors().skip(1).take(MOST_FOLDERS) {
            let config = folder.join(".git/config");
            if self.files.is_file(&config) {
                let text = self.files.read(&config)?;
                return self.is_remote(&text).then(|| folder.to_owned());
            }
        }
        None
    }

    fn is_remote(&self, config: &str) -> bool {
        let urls = config.lines().filter_map(|line| line.trim().strip_prefix("url = "));
        urls.into_iter()
            .any(|url| self.remotes.iter().any(|remote| remote.eq_ignore_ascii_case(url)))
    }
}

impl Found {
    /// The annotation of this problem. Its file is dropped unless it exists in the repository whose workflow runs;
    /// else it is relative to that repository's root.
    pub fn annotate(&self, place: &Place<'_>) -> Annotation {
        Annotation {
            level: self.level,
            message: self.message.clone(),
            title: None,
            path: self.path(place),
            line: self.line,
            end_line: None,
            column: self.column,
            end_column: None,
        }
    }

    fn path(&self, place: &Place<'_>) -> Option<String> {
        let mut file = PathBuf::from(self.file.as_deref()?);
        if file.is_relative()
            && let Some(folder) =
                self.from_path.as_deref().and_then(|from| Path::new(from).parent())
        {
            file = folder.join(file);
        }
        let file = without_dots(&place.workspace.join(file));
        if !place.files.is_file(&file) {
            return None;
        }
        let root = place.repository(&file)?;
        Some(file.strip_prefix(root).ok()?.to_string_lossy().into_owned())
    }
}

/// Resolves `.` and `..` by name alone, as .NET's `Path.GetFullPath` does.
fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    struct Tree(HashMap<PathBuf, String>);

    impl Files for Tree {
        fn is_file(&self, path: &Path) -> bool {
            self.0.contains_key(path)
        }

        fn read(&self, path: &Path) -> Option<String> {
            self.0.get(path).cloned()
        }
    }

    /// Files with the remotes of their repositories.
    fn tree(files: &[&str], repositories: &[(&str, &str)]) -> Tree {
        let files = files.iter().map(|file| (PathBuf::from(file), String::new()));
        let configs = repositories.iter().map(|(folder, url)| {
            (
                PathBuf::from(folder).join(".git/config"),
                format!("[remote \"origin\"]\n\turl = {url}\n"),
            )
        });
        Tree(files.chain(configs).collect())
    }

    fn path(tree: &Tree, file: &str, from_path: Option<&str>) -> Option<String> {
        let found = Found {
            owner: "m".into(),
            level: Level::Error,
            message: "x".into(),
            file: Some(file.into()),
            line: None,
            column: None,
            code: None,
            from_path: from_path.map(str::to_owned),
            shown: String::new(),
        };
        let place = Place::new(Path::new("/w"), "https://github.com", "my-org/workflow-repo", tree);
        found.annotate(&place).path
    }

    #[test]
    fn a_file_counts_in_the_repository_whose_workflow_runs() {
        let tree = tree(
            &[
                "/w/no-repo.txt",
                "/w/repo/a.txt",
                "/w/repo/sub/deep/b.txt",
                "/w/repo/nested-other/c.txt",
                "/w/other/d.txt",
                "/w/other/nested-workflow/e.txt",
                "/w/ssh/f.txt",
            ],
            &[
                ("/w/repo", "https://github.com/my-org/workflow-repo"),
                ("/w/repo/nested-other", "https://github.com/my-org/other-repo"),
                ("/w/other", "https://github.com/my-org/other-repo"),
                ("/w/other/nested-workflow", "https://GitHub.com/my-org/Workflow-repo"),
                ("/w/ssh", "git@github.com:my-org/workflow-repo.git"),
            ],
        );
        for (file, relative) in [
            ("/w/no-repo.txt", None),
            ("/w/repo/a.txt", Some("a.txt")),
            ("repo/a.txt", Some("a.txt")),
            ("repo/sub/../a.txt", Some("a.txt")),
            ("/w/repo/sub/deep/b.txt", Some("sub/deep/b.txt")),
            ("/w/repo/nested-other/c.txt", None),
            ("/w/other/d.txt", None),
            ("/w/other/nested-workflow/e.txt", Some("e.txt")),
            ("/w/ssh/f.txt", Some("f.txt")),
            ("/w/repo/missing.txt", None),
        ] {
            assert_eq!(path(&tree, file, None).as_deref(), relative, "{file}");
        }
    }

    #[test]
    fn a_file_is_relative_to_the_project_that_names_it() {
        let repository = [("/w", "https://github.com/my-org/workflow-repo")];
        let tree = tree(&["/w/some-project/some-directory/x.txt", "/w/x.txt"], &repository);
        assert_eq!(
            path(&tree, "some-directory/x.txt", Some("some-project/some-project.proj")).as_deref(),
            Some("some-project/some-directory/x.txt")
        );
        assert_eq!(path(&tree, "x.txt", Some("x.proj")).as_deref(), Some("x.txt"));
        assert_eq!(path(&tree, "/w/x.txt", Some("elsewhere/x.proj")).as_deref(), Some("x.txt"));
    }

    #[test]
    fn an_enterprise_server_has_its_own_remotes() {
        let tree = Tree(HashMap::new());
        let place = Place::new(Path::new("/w"), "https://ghe.example:8443", "a/b", &tree);
        assert_eq!(place.remotes, ["https://ghe.example:8443/a/b", "git@ghe.example:a/b.git"]);
    }
}
