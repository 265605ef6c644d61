//! Asks the repository of an action which commits its tags and branches lead to, and fetches nothing.

use std::{cmp::Reverse, collections::HashMap, path::PathBuf};

use plim_host::{
    Environment,
    git::{Remote, RemoteRef},
};

use super::{ActionName, ActionStoreError, fetch::address};

/// Asks repositories, each of them once.
#[derive(Debug)]
pub struct Resolver<'a> {
    template: &'a str,
    environment: &'a Environment,
    folder: PathBuf,
    known: HashMap<String, References>,
}

/// The tags and branches of one repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct References {
    all: Vec<RemoteRef>,
}

impl<'a> Resolver<'a> {
    /// Asks at the addresses that `template` makes, see [`check_template`](super::check_template); `folder` is an empty
    /// one of ours.
    pub fn new(template: &'a str, environment: &'a Environment, folder: PathBuf) -> Self {
        Self { template, environment, folder, known: HashMap::new() }
    }

    /// The address of an action's repository.
    pub fn address(&self, name: &ActionName) -> String {
        address(self.template, name)
    }

    /// The tags and branches of the repository of `name`.
    ///
    /// Errors: [`ActionStoreError::Unreachable`], [`ActionStoreError::Host`] without git.
    pub fn references(&mut self, name: &ActionName) -> Result<&References, ActionStoreError> {
        let address = self.address(name);
        if !self.known.contains_key(&address) {
            let folder = self.folder.join(self.known.len().to_string());
            let remote = Remote::open(&folder, &address, self.environment)?;
            let all = remote.references().map_err(|error| ActionStoreError::Unreachable {
                name: name.clone(),
                address: address.clone(),
                source: Box::new(error),
            })?;
            self.known.insert(address.clone(), References { all });
        }
        Ok(&self.known[&address])
    }
}

impl References {
    /// The commit of the tag, else of the branch, that is called `name`.
    pub fn commit(&self, name: &str) -> Option<&str> {
        let of = |folder: &str| {
            let wanted = format!("refs/{folder}/{name}");
            self.all.iter().find(|one| one.name == wanted)
        };
        of("tags").or_else(|| of("heads")).map(|found| found.commit.as_str())
    }

    /// The most exact version that is tagged at `commit`; of several the one that begins like `asked`, then the newest.
    pub fn version(&self, commit: &str, asked: &str) -> Option<&str> {
        let tags = self.all.iter().filter(|one| one.commit.eq_ignore_ascii_case(commit));
        let names = tags.filter_map(|one| one.name.strip_prefix("refs/tags/"));
        let versions = names.filter_map(|name| Some((Version::read(name)?, name)));
        let asked = Version::read(asked);
        versions
            .max_by_key(|(version, _)| {
                let like = asked.as_ref().is_some_and(|asked| version.begins_like(asked));
                let numbers = version.numbers.clone();
                (like, Reverse(version.has_suffix), numbers.len(), numbers, version.has_letter)
            })
            .map(|(_, name)| name)
    }
}

/// A tag that names a version: `v4.2.1`, `4`, `v1.0.0-beta.1`.
struct Version {
    numbers: Vec<u64>,
    has_suffix: bool,
    has_letter: bool,
}

impl Version {
    fn read(name: &str) -> Option<Self> {
        let bare = name.strip_prefix(['v', 'V']).unwrap_or(name);
        let end = bare.find(['-', '+']).unwrap_or(bare.len());
        let numbers: Option<Vec<u64>> =
            bare[..end].split('.').map(|part| part.parse().ok()).collect();
        let has_letter = bare.len() < name.len();
        Some(Self { numbers: numbers?, has_suffix: end < bare.len(), has_letter })
    }

    fn begins_like(&self, asked: &Self) -> bool {
        self.numbers.starts_with(&asked.numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references(all: &[(&str, &str)]) -> References {
        let one = |(name, commit): &(&str, &str)| RemoteRef {
            name: (*name).to_owned(),
            commit: (*commit).to_owned(),
        };
        References { all: all.iter().map(one).collect() }
    }

    #[test]
    fn the_most_exact_version_of_a_commit_is_told() {
        let references = references(&[
            ("refs/heads/main", "a"),
            ("refs/tags/v4", "a"),
            ("refs/tags/v4.2", "a"),
            ("refs/tags/v4.2.1", "a"),
            ("refs/tags/4.2.1", "a"),
            ("refs/tags/v4.2.1-node20", "a"),
            ("refs/tags/v5.0.0", "a"),
            ("refs/tags/latest", "a"),
            ("refs/tags/v3", "b"),
        ]);
        assert_eq!(references.version("a", "v4"), Some("v4.2.1"));
        assert_eq!(references.version("a", "main"), Some("v5.0.0"));
        assert_eq!(references.version("b", "v3"), Some("v3"));
        assert_eq!(references.version("c", "v3"), None);
    }

    #[test]
    fn a_tag_goes_before_a_branch_of_the_same_name() {
        let references = references(&[("refs/heads/v1", "a"), ("refs/tags/v1", "b")]);
        assert_eq!(references.commit("v1"), Some("b"));
        assert_eq!(references.commit("v2"), None);
    }
}
