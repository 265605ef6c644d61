//! An action: what `action.yml` says.

use std::sync::Arc;

use crate::{Entries, Name, Step, Text, Token};

/// One `action.yml`.
#[derive(Clone, Debug)]
pub struct Action {
    /// The file as it was named to the reader.
    pub path: Arc<str>,
    /// `name`.
    pub name: Option<Arc<str>>,
    /// `description`.
    pub description: Option<Arc<str>>,
    /// `inputs`.
    pub inputs: Vec<ActionInput>,
    /// `outputs`.
    pub outputs: Vec<ActionOutput>,
    /// `runs`.
    pub body: ActionBody,
    /// True after a syntax error of YAML itself.
    pub partly_read: bool,
}

/// One input.
#[derive(Clone, Debug)]
pub struct ActionInput {
    /// Its name, as written; names are looked up without regard to case.
    pub name: Name,
    /// `description`.
    pub description: Option<Arc<str>>,
    /// `required`; GitHub does not enforce it.
    pub required: bool,
    /// `default`, which may read `github`, `strategy`, `matrix`, `job` and `runner`.
    pub default: Option<Text>,
    /// `deprecationMessage`.
    pub deprecation: Option<Arc<str>>,
}

/// One output.
#[derive(Clone, Debug)]
pub struct ActionOutput {
    /// Its name.
    pub name: Name,
    /// `description`.
    pub description: Option<Arc<str>>,
    /// `value`: composite actions only.
    pub value: Option<Text>,
}

/// What an action runs.
#[derive(Clone, Debug)]
pub enum ActionBody {
    /// `using: node20` and the like.
    JavaScript(JavaScriptAction),
    /// `using: composite`.
    Composite(CompositeAction),
    /// `using: docker`.
    Docker(DockerAction),
    /// Could not be read; a diagnostic says why.
    Unreadable,
}

/// A JavaScript action.
#[derive(Clone, Debug)]
pub struct JavaScriptAction {
    /// `using`: `node12` … `node24`.
    pub using: Name,
    /// `main`, relative to the action's folder.
    pub main: Arc<str>,
    /// `pre`.
    pub pre: Option<Arc<str>>,
    /// `pre-if`; `always()` when absent.
    pub pre_if: Option<crate::Condition>,
    /// `post`.
    pub post: Option<Arc<str>>,
    /// `post-if`; `always()` when absent.
    pub post_if: Option<crate::Condition>,
}

/// A composite action.
#[derive(Clone, Debug)]
pub struct CompositeAction {
    /// `steps`.
    pub steps: Vec<Step>,
}

/// A Docker action.
#[derive(Clone, Debug)]
pub struct DockerAction {
    /// `image`: `Dockerfile` or `docker://…`.
    pub image: Arc<str>,
    /// `entrypoint`.
    pub entrypoint: Option<Arc<str>>,
    /// `pre-entrypoint`.
    pub pre_entrypoint: Option<Arc<str>>,
    /// `pre-if`; `always()` when absent.
    pub pre_if: Option<crate::Condition>,
    /// `post-entrypoint`.
    pub post_entrypoint: Option<Arc<str>>,
    /// `post-if`; `always()` when absent.
    pub post_if: Option<crate::Condition>,
    /// `args`.
    pub args: Vec<Token>,
    /// `env`.
    pub env: Option<Entries<Text>>,
}
