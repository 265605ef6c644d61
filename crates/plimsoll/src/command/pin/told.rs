//! What is told of each use that was to be pinned.

use plim_diag::{Diagnostic, Span};
use plim_run::actions::ActionStoreError;
use serde_json::{Value, json};

use super::{CODE, decide::Decided};
use crate::{
    args::Format,
    render::{quantity::count, text},
};

/// As many digits of a commit as people compare.
const DIGITS: usize = 12;

/// What became of one use.
#[derive(Debug)]
pub(super) enum State {
    /// A tag was replaced by its commit, or a digest was written.
    Pinned,
    /// What it was found by leads to another commit now, which was written.
    Updated,
    /// The name of a commit was written behind it.
    Named,
    /// It is as the lock says.
    Present,
    /// A tag that names a version, which will do here.
    Kept,
    /// A commit that no tag leads to.
    Unnamed,
    /// An image of which the lock knows no digest.
    Left,
    /// It could not be resolved.
    Failed(Fault),
}

/// Why something could not be resolved.
#[derive(Debug)]
pub(super) struct Fault {
    message: String,
    help: Option<String>,
}

/// One use, with its place.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) path: String,
    /// Counted from 1.
    pub(super) line: u32,
    pub(super) one: Decided,
}

impl Fault {
    pub(super) fn new(message: String, help: Option<String>) -> Self {
        Self { message, help }
    }

    pub(super) fn crowded() -> Self {
        let message = "there is no room for a comment with the version behind this";
        Self::new(message.to_owned(), Some("write `uses` on a line of its own".to_owned()))
    }

    /// Here it is `said`, and `known` for somebody else.
    pub(super) fn contradiction(said: &str, known: &str, whom: &str) -> Self {
        let message = format!("this commit is `{said}` in its comment, and `{known}` for {whom}");
        let help = "see which is right, and write the other likewise; or write the tag alone and run `plim pin` again";
        Self::new(message, Some(help.to_owned()))
    }

    pub(super) fn digest(image: &str, known: &str) -> Self {
        let message = format!("the lock knows `{image}` with another digest: {}", short(known));
        let help = "see which is right; `plim pin --update` takes the one that is written here";
        Self::new(message, Some(help.to_owned()))
    }

    pub(super) fn diagnostic(&self, path: &str, span: Span) -> Diagnostic {
        Diagnostic::error(CODE, self.message.clone()).at(path, span).maybe_help(self.help.clone())
    }
}

impl From<ActionStoreError> for Fault {
    fn from(error: ActionStoreError) -> Self {
        Self::new(error.to_string(), error.help())
    }
}

impl State {
    fn name(&self) -> &'static str {
        match self {
            Self::Pinned => "pinned",
            Self::Updated => "updated",
            Self::Named => "named",
            Self::Present => "present",
            Self::Kept => "kept",
            Self::Unnamed => "unnamed",
            Self::Left => "left",
            Self::Failed(_) => "failed",
        }
    }
}

/// Everything, in the form of `format`.
pub(super) fn shown(told: &[Told], format: Format, dry_run: bool) -> String {
    match format {
        Format::Json => {
            let list: Value = told.iter().map(|one| one.json(dry_run)).collect();
            format!("{list}\n")
        }
        Format::Concise => told.iter().map(Told::concise).collect(),
        Format::Full => {
            let lines = told.iter().filter(|one| !matches!(one.one.state, State::Present));
            let mut text: String = lines.map(Told::line).collect();
            text.push_str(&summary(told, dry_run));
            text
        }
    }
}

fn summary(told: &[Told], dry_run: bool) -> String {
    let number = |name: &str| told.iter().filter(|one| one.one.state.name() == name).count();
    let written = number("pinned") + number("updated") + number("named");
    let verb = if dry_run { "would be " } else { "" };
    let mut parts =
        vec![format!("{written} {verb}written"), format!("{} as the lock says", number("present"))];
    for (name, said) in [
        ("kept", "kept at a version tag"),
        ("unnamed", "at a commit without a tag"),
        ("left", "left, since the lock knows no digest"),
        ("failed", "could not be resolved"),
    ] {
        if number(name) > 0 {
            parts.push(format!("{} {said}", number(name)));
        }
    }
    format!("{}: {}\n", count(told.len(), "use"), parts.join(", "))
}

impl Told {
    fn line(&self) -> String {
        let state = text::pad(self.one.state.name(), 7);
        format!(
            "{state}  {}:{}  {}  {}\n",
            self.path,
            self.line,
            text::name(&self.one.uses),
            self.meaning()
        )
    }

    fn concise(&self) -> String {
        let (state, uses) = (self.one.state.name(), text::name(&self.one.uses));
        format!("{}:{}: {uses}: {state} {}\n", self.path, self.line, self.meaning())
    }

    fn meaning(&self) -> String {
        let commit = self.one.commit.as_deref().map(short).unwrap_or_default();
        match (&self.one.state, &self.one.name) {
            (State::Left, _) => {
                "write its digest behind it, or under `[images]` in the lock".into()
            }
            (State::Failed(fault), _) => fault.message.clone(),
            (_, Some(name)) => format!("{commit} # {}", text::name(name)),
            (_, None) => commit.to_owned(),
        }
    }

    /// The form of an item of `docs/schema/pinned.schema.json`.
    fn json(&self, dry_run: bool) -> Value {
        let error = match &self.one.state {
            State::Failed(fault) => Some(&fault.message),
            _ => None,
        };
        json!({
            "path": self.path,
            "line": self.line,
            "uses": self.one.uses,
            "state": self.one.state.name(),
            "commit": self.one.commit,
            "name": self.one.name,
            "dry-run": dry_run,
            "error": error,
        })
    }
}

fn short(commit: &str) -> &str {
    let length = if commit.starts_with("sha256:") { DIGITS + 7 } else { DIGITS };
    commit.get(..length).unwrap_or(commit)
}
