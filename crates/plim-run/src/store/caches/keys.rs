//! Decides which entry answers a key: limits of keys, versions of paths, and who sees what.

use std::fmt;

use sha2::{Digest, Sha256};

use super::CacheEntry;
use crate::hash_files::hexadecimal;

/// How many keys a restore may name, the first one included.
const MOST_KEYS: usize = 10;
/// How long a key may be, in UTF-16 units.
const LONGEST_KEY: usize = 512;

/// Why a key is not valid; worded as in `@actions/cache`, so that what people search for is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// It is too long.
    Long(String),
    /// It holds a comma.
    Comma(String),
    /// They are too many.
    Many,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key Validation Error: ")?;
        match self {
            Self::Long(key) => write!(f, "{key} cannot be larger than {LONGEST_KEY} characters."),
            Self::Comma(key) => write!(f, "{key} cannot contain commas."),
            Self::Many => write!(f, "Keys are limited to a maximum of {MOST_KEYS}."),
        }
    }
}

impl std::error::Error for KeyError {}

/// Checks one key.
///
/// Errors: [`KeyError::Long`], [`KeyError::Comma`].
pub fn check_key(key: &str) -> Result<(), KeyError> {
    if key.encode_utf16().count() > LONGEST_KEY {
        Err(KeyError::Long(key.to_owned()))
    } else if key.contains(',') {
        Err(KeyError::Comma(key.to_owned()))
    } else {
        Ok(())
    }
}

/// Checks the keys of a restore.
///
/// Errors: those of [`check_key`], and [`KeyError::Many`].
pub fn check_keys(key: &str, restore_keys: &[&str]) -> Result<(), KeyError> {
    if restore_keys.len() + 1 > MOST_KEYS {
        return Err(KeyError::Many);
    }
    check_key(key)?;
    restore_keys.iter().try_for_each(|key| check_key(key))
}

/// The version of a list of paths: an entry is only found by the very same list, as in
/// `getCacheVersion` of `@actions/cache`.
pub fn version(paths: &[&str]) -> String {
    let mut parts = paths.to_vec();
    parts.extend(["zstd-without-long", "1.0"]);
    hexadecimal(&Sha256::digest(parts.join("|")))
}

/// Whose entries a job sees, and where it writes: the reference of its event, then the branch that a pull
/// request goes into, then the default branch. So what a pull request saves is never seen by a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scopes {
    /// Where it writes, and the first that it sees.
    pub own: String,
    /// What else it sees, in this order.
    pub inherited: Vec<String>,
}

impl Scopes {
    /// `reference` as `refs/heads/main`, the branches by their names; empty ones are left out.
    pub fn new(reference: &str, base_branch: &str, default_branch: &str) -> Self {
        let mut inherited: Vec<String> = Vec::new();
        for branch in [base_branch, default_branch] {
            let scope = format!("refs/heads/{branch}");
            if !branch.is_empty() && scope != reference && !inherited.contains(&scope) {
                inherited.push(scope);
            }
        }
        Self { own: reference.to_owned(), inherited }
    }

    fn all(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.own).chain(&self.inherited).map(String::as_str)
    }
}

/// What a restore asks for.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// The version of its paths.
    pub version: &'a str,
    /// Whose entries it sees.
    pub scopes: &'a Scopes,
    /// Its key.
    pub key: &'a str,
    /// What else would do, each as the beginning of a key.
    pub restore_keys: &'a [&'a str],
}

impl Wanted<'_> {
    /// The entries that would do, the best first; `entries` are the newest first.
    ///
    /// As GitHub's reference says: within a scope first the key itself, then the newest that begins with
    /// it, then each restore key in turn; then the same in the next scope.
    pub(super) fn choose(&self, entries: Vec<CacheEntry>) -> Vec<CacheEntry> {
        let mut ranked: Vec<((usize, usize), CacheEntry)> = entries
            .into_iter()
            .filter(|entry| entry.version == self.version)
            .filter_map(|entry| Some((self.rank(&entry)?, entry)))
            .collect();
        // Stable: within a rank the newest stays first.
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked.into_iter().map(|(_, entry)| entry).collect()
    }

    fn rank(&self, entry: &CacheEntry) -> Option<(usize, usize)> {
        let scope = self.scopes.all().position(|scope| scope == entry.scope)?;
        let keys = std::iter::once(self.key).chain(self.restore_keys.iter().copied());
        let place = keys.enumerate().find_map(|(i, key)| match entry.key.strip_prefix(key)? {
            "" => Some(2 * i),
            _ => Some(2 * i + 1),
        });
        Some((scope, place?))
    }
}
