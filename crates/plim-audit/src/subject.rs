//! A subject is one file that is judged, as it was read.

use std::sync::Arc;

use plim_diag::Diagnostic;
use plim_workflow::yaml::Tree;
use plim_workflow::{Action, Forge, Read, Workflow};

/// One file.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Its path, relative to the root of its repository, with `/`.
    pub path: Arc<str>,
    /// The forge it is written for.
    pub forge: Forge,
    /// What it is, as it was read.
    pub document: Document,
}

/// What was read of a file.
#[derive(Clone, Debug)]
pub enum Document {
    /// A workflow.
    Workflow(Read<Workflow>),
    /// An `action.yml`.
    Action(Read<Action>),
    /// A `dependabot.yml`.
    Dependabot(Tree),
    /// A `.pre-commit-config.yaml`.
    PreCommit(Tree),
}

/// What a file is.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// A workflow.
    Workflow,
    /// An `action.yml`.
    Action,
    /// A `dependabot.yml`.
    Dependabot,
    /// A `.pre-commit-config.yaml`.
    PreCommit,
}

impl Kind {
    /// What the file is of which `document` was read.
    #[must_use]
    pub fn of_document(document: &Document) -> Self {
        match document {
            Document::Workflow(_) => Self::Workflow,
            Document::Action(_) => Self::Action,
            Document::Dependabot(_) => Self::Dependabot,
            Document::PreCommit(_) => Self::PreCommit,
        }
    }

    /// What the file at `path` is, by its name and folder alone.
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        match name {
            "action.yml" | "action.yaml" => return Some(Self::Action),
            ".pre-commit-config.yaml" | ".pre-commit-config.yml" => return Some(Self::PreCommit),
            "dependabot.yml" | "dependabot.yaml" if in_folder(folder, ".github") => {
                return Some(Self::Dependabot);
            }
            _ => {}
        }
        let is_yaml = name.ends_with(".yml") || name.ends_with(".yaml");
        let in_workflows = Forge::ALL.iter().any(|forge| in_folder(folder, forge.workflows()));
        (is_yaml && in_workflows).then_some(Self::Workflow)
    }

    /// What the file with this `text` is, where its path does not tell: by the keys of its outermost mapping.
    #[must_use]
    pub fn of_text(text: &str) -> Option<Self> {
        let has = |key: &str| text.lines().any(|line| begins_with_key(line, key));
        if has("jobs") && (has("on") || has("\"on\"") || has("'on'")) {
            return Some(Self::Workflow);
        }
        (has("runs") && text.contains("using")).then_some(Self::Action)
    }
}

fn in_folder(folder: &str, wanted: &str) -> bool {
    folder.strip_suffix(wanted).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
}

fn begins_with_key(line: &str, key: &str) -> bool {
    line.trim_start_matches('\u{feff}').strip_prefix(key).is_some_and(|rest| rest.starts_with(':'))
}

impl Subject {
    /// Reads the bytes of the file at `path`, whatever they are.
    #[must_use]
    pub fn read(path: impl Into<Arc<str>>, bytes: &[u8], kind: Kind, forge: Forge) -> Self {
        let path = path.into();
        let tree = Tree::parse_bytes(Arc::clone(&path), bytes);
        let document = match kind {
            Kind::Workflow => Document::Workflow(Workflow::read_tree_for(tree, forge)),
            Kind::Action => Document::Action(Action::read_tree_for(tree, forge)),
            Kind::Dependabot => Document::Dependabot(tree),
            Kind::PreCommit => Document::PreCommit(tree),
        };
        Self { path, forge, document }
    }

    /// The file as YAML.
    #[must_use]
    pub fn tree(&self) -> &Tree {
        match &self.document {
            Document::Workflow(read) => &read.tree,
            Document::Action(read) => &read.tree,
            Document::Dependabot(tree) | Document::PreCommit(tree) => tree,
        }
    }

    /// Its text; spans speak of it.
    #[must_use]
    pub fn text(&self) -> &str {
        self.tree().source()
    }

    /// What the reader of the language found.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        match &self.document {
            Document::Workflow(read) => &read.diagnostics,
            Document::Action(read) => &read.diagnostics,
            Document::Dependabot(tree) | Document::PreCommit(tree) => tree.diagnostics(),
        }
    }

    /// Whether something in the file could not be read, so that nothing follows from what is absent.
    #[must_use]
    pub fn partly_read(&self) -> bool {
        self.tree().partly_read()
    }

    /// The workflow, if it is one.
    #[must_use]
    pub fn workflow(&self) -> Option<&Workflow> {
        match &self.document {
            Document::Workflow(read) => Some(&read.value),
            _ => None,
        }
    }

    /// The action, if it is one.
    #[must_use]
    pub fn action(&self) -> Option<&Action> {
        match &self.document {
            Document::Action(read) => Some(&read.value),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_tells_what_a_file_is() {
        for (path, kind) in [
            (".github/workflows/ci.yml", Some(Kind::Workflow)),
            ("some/repo/.forgejo/workflows/ci.yaml", Some(Kind::Workflow)),
            (".github/workflows/deep/ci.yml", None),
            ("not.github/workflows/ci.yml", None),
            (".github/actions/x/action.yml", Some(Kind::Action)),
            ("action.yaml", Some(Kind::Action)),
            (".github/dependabot.yml", Some(Kind::Dependabot)),
            ("dependabot.yml", None),
            (".pre-commit-config.yaml", Some(Kind::PreCommit)),
            ("ci.yml", None),
        ] {
            assert_eq!(Kind::of_path(path), kind, "{path}");
        }
    }

    #[test]
    fn a_text_tells_what_its_path_does_not() {
        assert_eq!(Kind::of_text("\u{feff}on: push\njobs:\n"), Some(Kind::Workflow));
        assert_eq!(Kind::of_text("\"on\": push\njobs: {}\n"), Some(Kind::Workflow));
        assert_eq!(Kind::of_text("runs:\n  using: node24\n"), Some(Kind::Action));
        assert_eq!(Kind::of_text("kind: Service\n"), None);
    }
}
