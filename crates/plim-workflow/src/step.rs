//! A step: a script, an action, or a word to the steps in the background.

use std::sync::{Arc, OnceLock};

use plim_diag::{Span, Spanned};

use crate::script::{Invoked, Script};
use crate::{Condition, Entries, Name, Setting, Text};

/// One step.
#[derive(Clone, Debug)]
pub struct Step {
    /// `id`, or the generated one (`__run`, `__run_2`, `__actions_checkout`).
    pub id: Arc<str>,
    /// Where `id` was written; `None` when generated.
    pub id_span: Option<Span>,
    /// `name`.
    pub name: Option<Text>,
    /// `if`.
    pub condition: Option<Condition>,
    /// `env`.
    pub env: Option<Entries<Text>>,
    /// `continue-on-error`.
    pub continue_on_error: Option<Setting<bool>>,
    /// `timeout-minutes`.
    pub timeout_minutes: Option<Setting<f64>>,
    /// `background`.
    pub background: bool,
    /// What it does.
    pub body: StepBody,
    /// Where the step's mapping stands.
    pub span: Span,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum StepBody {
    /// `run`.
    Run(Run),
    /// `uses`.
    Uses(Uses),
    /// `wait`: for these background steps.
    Wait(Vec<Name>),
    /// `wait-all`.
    WaitAll,
    /// `cancel`: this background step.
    Cancel(Name),
    /// `parallel`: these at once.
    Parallel(Vec<Step>),
    /// Could not be read; a diagnostic says why. Running it fails.
    Unreadable,
}

/// A script.
#[derive(Clone, Debug)]
pub struct Run {
    /// `run`.
    pub script: Text,
    /// `shell`.
    pub shell: Option<Text>,
    /// `working-directory`.
    pub working_directory: Option<Text>,
    pub(crate) programs: OnceLock<Vec<Invoked>>,
}

impl Run {
    /// The programs that the script starts; read when first asked for, expressions as they are written.
    #[must_use]
    pub fn programs(&self) -> &[Invoked] {
        self.programs.get_or_init(|| Script::read(&self.script.template.source()).programs())
    }
}

/// A use of an action.
#[derive(Clone, Debug)]
pub struct Uses {
    /// `uses`.
    pub action: Spanned<ActionReference>,
    /// `with`, `args` and `entrypoint` of Docker actions included.
    pub with: Entries<Text>,
}

/// Which action a `uses` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionReference {
    /// `./path` (of the job's workspace) or `$/path` (of the repository that holds the workflow).
    Local {
        /// Without the prefix.
        path: Arc<str>,
        /// True for `$/`.
        of_repository: bool,
    },
    /// `owner/repo[/path]@reference`, or an absolute URL in Gitea and Forgejo.
    Remote {
        /// The forge's address when the URL was absolute.
        host: Option<Arc<str>>,
        /// The owner.
        owner: Arc<str>,
        /// The repository.
        repository: Arc<str>,
        /// The folder in it, empty for its root.
        path: Arc<str>,
        /// The tag, branch or commit.
        reference: Arc<str>,
    },
    /// `docker://image`.
    Docker(Arc<str>),
    /// Not one of these; a diagnostic says why.
    Unreadable(Arc<str>),
}

impl ActionReference {
    /// Reads what a `uses` says, in the language of every forge.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if let Some(image) = text.strip_prefix("docker://") {
            return Self::Docker(image.into());
        }
        if let Some(path) = text.strip_prefix("./").or_else(|| text.strip_prefix(".\\")) {
            return Self::Local { path: path.into(), of_repository: false };
        }
        if let Some(path) = text.strip_prefix("$/") {
            return Self::Local { path: path.into(), of_repository: true };
        }
        Self::remote(text).unwrap_or_else(|| Self::Unreadable(text.into()))
    }

    fn remote(text: &str) -> Option<Self> {
        let (host, rest) =
            match text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) {
                Some(address) => {
                    let (host, rest) =
                        address.split_once('/').filter(|(host, _)| !host.is_empty())?;
                    let scheme = &text[..text.len() - address.len()];
                    (Some(format!("{scheme}{host}").into()), rest)
                }
                None => (None, text),
            };
        let (name, reference) = rest.split_once('@')?;
        if reference.is_empty() || reference.contains('@') {
            return None;
        }
        let mut parts = name.split(['/', '\\']).filter(|part| !part.is_empty());
        let (owner, repository) = (parts.next()?.into(), parts.next()?.into());
        let path = parts.collect::<Vec<_>>().join("/").into();
        Some(Self::Remote { host, owner, repository, path, reference: reference.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remote(text: &str) -> Option<[String; 5]> {
        match ActionReference::parse(text) {
            ActionReference::Remote { host, owner, repository, path, reference } => {
                let host = host.unwrap_or_default();
                Some([host, owner, repository, path, reference].map(|part| part.to_string()))
            }
            _ => None,
        }
    }

    #[test]
    fn an_action_is_named_by_repository_path_and_reference() {
        let wanted = ["", "actions", "cache", "restore", "v4"].map(str::to_owned);
        assert_eq!(remote("actions/cache/restore@v4"), Some(wanted));
        let wanted = ["https://code.example", "a", "b", "", "main"].map(str::to_owned);
        assert_eq!(remote("https://code.example/a/b@main"), Some(wanted));
        for text in ["badrepo@invalid", "a/b", "a/b@", "a/b@c@d", "@v1", "", "https:///a/b@c"] {
            assert_eq!(remote(text), None, "`{text}`");
        }
    }

    #[test]
    fn an_action_may_be_local_or_an_image() {
        let local =
            |path: &str, of_repository| ActionReference::Local { path: path.into(), of_repository };
        assert_eq!(ActionReference::parse("./a/b"), local("a/b", false));
        assert_eq!(ActionReference::parse("$/a/b"), local("a/b", true));
        assert_eq!(ActionReference::parse("docker://a"), ActionReference::Docker("a".into()));
    }
}
