//! Finds the commit that a checkout is about, and the names that it brings along.

use plim_host::git::{Head, Refs};

use super::{Failure, Invocation};
use crate::store::Origin;

/// What is checked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Point {
    /// The reference as the action tells it; empty for a commit that was named itself.
    pub(super) reference: String,
    pub(super) commit: String,
    pub(super) head: Head,
    /// The name that leads to the commit in the new repository, in full.
    name: Option<(String, String)>,
}

impl Point {
    /// Reads `ref`, or takes the commit of the event.
    pub(super) fn find(cx: &Invocation<'_>, origin: &Origin) -> Result<Self, Failure> {
        let (reference, sha) = match cx.input("ref") {
            "" => (qualified(cx.github("ref")), cx.github("sha")),
            commit if is_commit(commit) => (String::new(), commit),
            reference => (reference.to_owned(), ""),
        };
        if sha.is_empty() {
            return Self::by_name(cx, origin, &reference);
        }
        let commit = origin.commit(sha)?.ok_or_else(|| missing(&format!("the commit `{sha}`")))?;
        Ok(Self::at(origin.refs()?, reference, commit))
    }

    /// A commit that is known, under the name that it has at the remote.
    fn at(refs: &Refs, reference: String, commit: String) -> Self {
        let (head, name) = match split(&reference) {
            Kind::Branch(branch) => (
                Head::Branch(branch.to_owned()),
                Some((format!("refs/remotes/origin/{branch}"), commit.clone())),
            ),
            Kind::Pull(pull) => {
                (Head::Detached, Some((format!("refs/remotes/pull/{pull}"), commit.clone())))
            }
            Kind::Tag => {
                let tag = refs.get(&reference).filter(|tag| tag.commit() == commit);
                let id = tag.map_or(commit.clone(), |tag| tag.id.clone());
                (Head::Detached, Some((reference.clone(), id)))
            }
            Kind::Other | Kind::Unqualified => (Head::Detached, None),
        };
        Self { reference, commit, head, name }
    }

    /// What a branch, a tag or another reference leads to here. The branch of the run is what the run
    /// has; any other is as the user last saw it at the remote.
    fn by_name(cx: &Invocation<'_>, origin: &Origin, reference: &str) -> Result<Self, Failure> {
        let refs = origin.refs()?;
        let candidates = match split(reference) {
            Kind::Unqualified => {
                vec![format!("refs/heads/{reference}"), format!("refs/tags/{reference}")]
            }
            _ => vec![reference.to_owned()],
        };
        for full in candidates {
            let found = if full == cx.github("ref") {
                Some(cx.github("sha").to_owned())
            } else {
                known(refs, &full)
            };
            let Some(found) = found else { continue };
            let what = format!("the commit `{found}` of `{reference}`");
            let commit = origin.commit(&found)?.ok_or_else(|| missing(&what))?;
            let point = Self::at(refs, full, commit);
            return Ok(Self { reference: reference.to_owned(), ..point });
        }
        Err(missing(&format!("a branch or tag with the name `{reference}`")))
    }

    /// The names that the new repository has besides `HEAD`.
    pub(super) fn names(
        &self,
        cx: &Invocation<'_>,
        origin: &Origin,
    ) -> Result<Vec<(String, String)>, Failure> {
        let refs = origin.refs()?;
        let mut names = if super::depth(cx).is_none() {
            everything(refs)
        } else if cx.is_true("fetch-tags") {
            refs.below("refs/tags/").map(|(_, tag)| (tag.name.clone(), tag.id.clone())).collect()
        } else {
            Vec::new()
        };
        if let Some(own) = &self.name {
            names.retain(|(name, _)| *name != own.0);
            names.push(own.clone());
        }
        names.sort();
        Ok(names)
    }
}

/// The commit of a reference at the remote, else here.
fn known(refs: &Refs, full: &str) -> Option<String> {
    let remote = match split(full) {
        Kind::Branch(branch) => refs.get(&format!("refs/remotes/origin/{branch}")),
        _ => None,
    };
    remote.or_else(|| refs.get(full)).map(|found| found.commit().to_owned())
}

/// All branches and tags, as a clone has them. What has no remote is taken to be its own.
fn everything(refs: &Refs) -> Vec<(String, String)> {
    let cloned = refs.as_cloned();
    if cloned.iter().any(|(name, _)| name.starts_with("refs/remotes/origin/")) {
        return cloned;
    }
    let own = refs.below("refs/heads/");
    let own = own.map(|(branch, one)| (format!("refs/remotes/origin/{branch}"), one.id.clone()));
    cloned.into_iter().chain(own).collect()
}

fn missing(what: &str) -> Failure {
    Failure::new(format!("{what} could not be found: it is not in the local clone"))
        .advise("fetch it first: `git fetch --tags origin`")
}

enum Kind<'a> {
    Branch(&'a str),
    Tag,
    Pull(&'a str),
    /// Another one that begins with `refs/`.
    Other,
    Unqualified,
}

fn split(reference: &str) -> Kind<'_> {
    let after = |prefix: &str| {
        let (start, rest) = reference.split_at_checked(prefix.len())?;
        start.eq_ignore_ascii_case(prefix).then_some(rest)
    };
    if let Some(branch) = after("refs/heads/") {
        Kind::Branch(branch)
    } else if let Some(pull) = after("refs/pull/") {
        Kind::Pull(pull)
    } else if after("refs/tags/").is_some() {
        Kind::Tag
    } else if after("refs/").is_some() {
        Kind::Other
    } else {
        Kind::Unqualified
    }
}

/// Some events name a branch without `refs/heads/`.
fn qualified(reference: &str) -> String {
    match split(reference) {
        Kind::Unqualified if !reference.is_empty() => format!("refs/heads/{reference}"),
        _ => reference.to_owned(),
    }
}

fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
