//! Permissions say what the token of a job may do.
//!
//! In a reusable workflow they can only shrink; the comparison is that of the runner's `PermissionsHelper.cs`.

use std::fmt;

use plim_diag::Span;

use crate::Name;

/// `permissions`.
#[derive(Clone, Debug)]
pub enum Permissions {
    /// `read-all`.
    ReadAll(Span),
    /// `write-all`.
    WriteAll(Span),
    /// Scopes written out; those not named are `none`.
    Scopes(Vec<(Name, Access)>, Span),
}

/// What one scope of a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// Nothing.
    None,
    /// Read.
    Read,
    /// Read and write.
    Write,
}

impl Access {
    /// The word in a file: `none`, `read` or `write`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    /// The access that a file names so.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        [Self::None, Self::Read, Self::Write].into_iter().find(|access| access.as_str() == word)
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One scope of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Its key under `permissions`.
    pub name: &'static str,
    /// What it may be set to.
    pub levels: &'static [Access],
}

impl Scope {
    /// The scope called `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        SCOPES.iter().find(|scope| scope.name == name)
    }

    fn most(&self) -> Access {
        self.levels.last().copied().unwrap_or(Access::None)
    }
}

const ANY: &[Access] = &[Access::None, Access::Read, Access::Write];
const READ: &[Access] = &[Access::None, Access::Read];
const WRITE: &[Access] = &[Access::None, Access::Write];

/// Every scope, ordered by name, as GitHub's workflow schema has them.
pub const SCOPES: &[Scope] = &[
    Scope { name: "actions", levels: ANY },
    Scope { name: "artifact-metadata", levels: ANY },
    Scope { name: "attestations", levels: ANY },
    Scope { name: "checks", levels: ANY },
    Scope { name: "code-quality", levels: ANY },
    Scope { name: "contents", levels: ANY },
    Scope { name: "copilot-requests", levels: WRITE },
    Scope { name: "deployments", levels: ANY },
    Scope { name: "discussions", levels: ANY },
    Scope { name: "drives", levels: ANY },
    Scope { name: "id-token", levels: WRITE },
    Scope { name: "issues", levels: ANY },
    Scope { name: "models", levels: READ },
    Scope { name: "packages", levels: ANY },
    Scope { name: "pages", levels: ANY },
    Scope { name: "pull-requests", levels: ANY },
    Scope { name: "repository-projects", levels: ANY },
    Scope { name: "security-events", levels: ANY },
    Scope { name: "statuses", levels: ANY },
    Scope { name: "vulnerability-alerts", levels: READ },
];

/// What the token of a job may do when no file says it: a setting of the repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum DefaultAccess {
    /// GitHub's default: contents and packages may be read.
    #[default]
    Restricted,
    /// Everything may be read and written.
    Permissive,
}

impl DefaultAccess {
    /// The same, written out.
    #[must_use]
    pub fn permissions(self) -> Permissions {
        let read = |name: &str| (Name::new(name.into(), Span::default()), Access::Read);
        match self {
            Self::Restricted => {
                Permissions::Scopes(vec![read("contents"), read("packages")], Span::default())
            }
            Self::Permissive => Permissions::WriteAll(Span::default()),
        }
    }
}

/// A called workflow, or a job of it, that asks for more than its caller may give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excess {
    /// Each scope that is asked too much of: its name, what is asked for, what is allowed.
    pub scopes: Vec<(&'static str, Access, Access)>,
}

impl Excess {
    /// What is asked for: `actions: write, checks: read`.
    #[must_use]
    pub fn requested(&self) -> String {
        list(self.scopes.iter().map(|(scope, requested, _)| (*scope, *requested)))
    }

    /// What is allowed of the same scopes.
    #[must_use]
    pub fn allowed(&self) -> String {
        list(self.scopes.iter().map(|(scope, _, allowed)| (*scope, *allowed)))
    }
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "asks for `{}`, and its caller allows only `{}`",
            self.requested(),
            self.allowed()
        )
    }
}

impl std::error::Error for Excess {}

fn list(scopes: impl Iterator<Item = (&'static str, Access)>) -> String {
    scopes.map(|(scope, access)| format!("{scope}: {access}")).collect::<Vec<_>>().join(", ")
}

impl Permissions {
    /// Where they stand in the file.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::ReadAll(span) | Self::WriteAll(span) | Self::Scopes(_, span) => *span,
        }
    }

    /// What `scope` may do; a scope GitHub does not know may do nothing.
    #[must_use]
    pub fn access(&self, scope: &str) -> Access {
        let most = Scope::named(scope).map_or(Access::None, Scope::most);
        match self {
            Self::WriteAll(_) => most,
            Self::ReadAll(_) => most.min(Access::Read),
            Self::Scopes(scopes, _) => scopes
                .iter()
                .find(|(name, _)| &*name.value == scope)
                .map_or(Access::None, |(_, access)| (*access).min(most)),
        }
    }

    /// What a called workflow or one of its jobs that asks for `self` gets from a caller that has `caller`.
    ///
    /// Errors: [`Excess`], where it asks for more than the caller has; GitHub refuses to start the run.
    pub fn limit(&self, caller: &Self) -> Result<Self, Excess> {
        let beyond = SCOPES.iter().filter_map(|scope| {
            let (requested, allowed) = (self.access(scope.name), caller.access(scope.name));
            (requested > allowed).then_some((scope.name, requested, allowed))
        });
        let scopes: Vec<_> = beyond.collect();
        if scopes.is_empty() { Ok(self.clone()) } else { Err(Excess { scopes }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(scopes: &[(&str, Access)]) -> Permissions {
        let scope =
            |(name, access): &(&str, Access)| (Name::new((*name).into(), Span::default()), *access);
        Permissions::Scopes(scopes.iter().map(scope).collect(), Span::default())
    }

    #[test]
    fn the_table_is_ordered() {
        assert!(SCOPES.is_sorted_by(|a, b| a.name < b.name));
        assert!(SCOPES.iter().all(|scope| scope.levels.is_sorted()));
    }

    #[test]
    fn what_is_not_named_is_none() {
        let permissions = scopes(&[("contents", Access::Write), ("models", Access::Write)]);
        assert_eq!(permissions.access("contents"), Access::Write);
        assert_eq!(permissions.access("issues"), Access::None);
        assert_eq!(permissions.access("models"), Access::Read, "it cannot be written");
        assert_eq!(Permissions::ReadAll(Span::default()).access("models"), Access::Read);
        assert_eq!(Permissions::WriteAll(Span::default()).access("id-token"), Access::Write);
    }

    #[test]
    fn semantic_36_permissions_of_a_called_workflow_can_only_shrink() {
        let caller = scopes(&[("contents", Access::Read), ("issues", Access::Write)]);
        assert!(scopes(&[("issues", Access::Read)]).limit(&caller).is_ok());
        let excess =
            scopes(&[("actions", Access::Write), ("contents", Access::Write)]).limit(&caller);
        assert_eq!(
            excess.unwrap_err().to_string(),
            "asks for `actions: write, contents: write`, and its caller allows only `actions: none, contents: read`"
        );
        let restricted = DefaultAccess::Restricted.permissions();
        assert!(scopes(&[("packages", Access::Read)]).limit(&restricted).is_ok());
        assert!(Permissions::ReadAll(Span::default()).limit(&restricted).is_err());
        assert!(
            Permissions::WriteAll(Span::default())
                .limit(&DefaultAccess::Permissive.permissions())
                .is_ok()
        );
    }
}
