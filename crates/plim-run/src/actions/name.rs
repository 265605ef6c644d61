//! The name of an action's repository at a reference: `owner/repo@v4`, `https://host/owner/repo@v4`.

use std::{fmt, sync::Arc};

use plim_workflow::{ActionReference, WorkflowReference};
use serde::{Deserialize, Serialize};

use crate::want::Want;

/// The forge that actions come from whose name says nothing else.
const SERVER: &str = "https://github.com";

/// A repository with actions or reusable workflows, at a tag, branch or commit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ActionName {
    /// The forge: `https://github.com`.
    pub server: Arc<str>,
    /// The owner, as written.
    pub owner: Arc<str>,
    /// The repository, as written.
    pub repository: Arc<str>,
    /// A tag, a branch, or a whole commit id.
    pub reference: Arc<str>,
}

/// Why a text names no repository that can be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameError {
    text: String,
}

impl ActionName {
    /// Reads what a `uses` says of an action or of a reusable workflow; the path in the repository does not count.
    ///
    /// Errors: local actions, images, and names with characters that no forge has in them.
    pub fn parse(uses: &str) -> Result<Self, NameError> {
        let error = || NameError { text: uses.to_owned() };
        Self::of_action(&ActionReference::parse(uses)).ok_or_else(error)
    }

    /// The repository of a remote action; `None` for others, and for names that no forge has.
    pub fn of_action(reference: &ActionReference) -> Option<Self> {
        match reference {
            ActionReference::Remote { host, owner, repository, reference, .. } => {
                Self::new(host.as_deref(), owner, repository, reference)
            }
            _ => None,
        }
    }

    /// The repository of a remote workflow; `None` for a local one, and for names that no forge has.
    pub fn of_workflow(reference: &WorkflowReference) -> Option<Self> {
        match reference {
            WorkflowReference::Remote { owner, repository, reference, .. } => {
                Self::new(None, owner, repository, reference)
            }
            WorkflowReference::Local { .. } => None,
        }
    }

    /// A name of its parts; `server` is that of GitHub when `None`.
    pub fn new(
        server: Option<&str>,
        owner: &str,
        repository: &str,
        reference: &str,
    ) -> Option<Self> {
        let server = server.unwrap_or(SERVER);
        let is_server = server.split_once("://").is_some_and(|(_, host)| is_part(host, true));
        let is_named = is_part(owner, false) && is_part(repository, false);
        (is_server && is_named && is_reference(reference)).then(|| Self {
            server: server.into(),
            owner: owner.into(),
            repository: repository.into(),
            reference: reference.into(),
        })
    }

    /// A name without a reference, of the parts that [`key`](Self::key) gave.
    pub(super) fn plain(host: &str, owner: &str, repository: &str) -> Self {
        Self {
            server: format!("https://{}", host.replace('_', ":")).into(),
            owner: owner.into(),
            repository: repository.into(),
            reference: "".into(),
        }
    }

    /// The repository that a planned job wants; `None` for other things that it may want.
    pub fn of_want(want: &Want) -> Option<Self> {
        let Want::Action { host, repository, reference } = want else { return None };
        let (owner, repository) = repository.split_once('/')?;
        let server = host.as_ref().map(|host| format!("https://{host}"));
        Self::new(server.as_deref(), owner, repository, reference)
    }

    /// `github.com`.
    pub fn host(&self) -> &str {
        self.server.split_once("://").map_or(&*self.server, |(_, host)| host)
    }

    /// Host, owner and repository as names of files; case does not count in any of them.
    pub(super) fn key(&self) -> [String; 3] {
        let part = |text: &str| text.to_ascii_lowercase().replace(':', "_");
        [part(self.host()), part(&self.owner), part(&self.repository)]
    }

    /// Whether two names are of one repository.
    pub fn is_same_repository(&self, other: &Self) -> bool {
        self.key() == other.key()
    }

    /// Whether the reference is a whole commit id, which cannot come to mean something else.
    pub fn is_pinned(&self) -> bool {
        self.reference.len() == 40 && self.reference.bytes().all(|byte| byte.is_ascii_hexdigit())
    }

    /// `owner/repo`, with the server where that is not GitHub's.
    pub fn repository_name(&self) -> String {
        let server =
            if &*self.server == SERVER { String::new() } else { format!("{}/", self.server) };
        format!("{server}{}/{}", self.owner, self.repository)
    }
}

impl fmt::Display for ActionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.repository_name(), self.reference)
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` names no action of another repository", self.text)
    }
}

impl std::error::Error for NameError {}

impl NameError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        "write `OWNER/REPO@REF` as after `uses:`, such as `actions/labeler@v5`"
    }
}

/// Letters, digits, `-`, `_` and `.`, but nothing that leads out of a folder; a host may have a port.
fn is_part(text: &str, is_host: bool) -> bool {
    let is_fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !text.is_empty()
        && !text.starts_with(['.', '-'])
        && text.chars().all(|c| is_fine(c) && !(is_host && c == '_') || is_host && c == ':')
}

/// What git takes for the name of a tag or branch, less what it would read as something else.
fn is_reference(text: &str) -> bool {
    let is_odd = |c: char| c.is_control() || c == ' ' || "~^:?*[\\{}".contains(c);
    !text.is_empty()
        && !text.starts_with(['-', '/'])
        && !text.ends_with(['/', '.'])
        && !text.contains("..")
        && !text.contains(is_odd)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_is_that_of_the_repository() {
        let shown = |uses: &str| ActionName::parse(uses).map(|name| name.to_string());
        assert_eq!(shown("actions/cache/restore@v4").unwrap(), "actions/cache@v4");
        assert_eq!(shown("a/b/.github/workflows/c.yml@x/y").unwrap(), "a/b@x/y");
        let absolute = "https://code.forgejo.org/actions/checkout@v4";
        assert_eq!(shown(absolute).unwrap(), absolute);
    }

    #[test]
    fn what_leads_out_of_a_folder_or_is_an_option_is_no_name() {
        for text in [
            "../x@v1",
            "a/..@v1",
            "a/b@-v1",
            "a/b@../../x",
            "a/b@v*",
            "./a",
            "docker://a",
            "a/b",
            "https://../a/b@v1",
        ] {
            assert!(ActionName::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_a_whole_commit_id_pins() {
        let is_pinned =
            |reference: &str| ActionName::parse(&format!("a/b@{reference}")).unwrap().is_pinned();
        assert!(is_pinned(&"0123456789abcdefABCD".repeat(2)));
        assert!(!is_pinned("v4") && !is_pinned("0123456"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        #[test]
        fn what_is_a_name_stays_in_its_folder(text in ".{0,12}/.{0,12}@.{0,12}") {
            if let Ok(name) = ActionName::parse(&text) {
                for part in name.key() {
                    prop_assert!(!part.contains('/') && part != ".." && part != "." && !part.is_empty());
                }
            }
        }
    }
}
