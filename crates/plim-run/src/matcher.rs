//! Problem matchers: regular expressions that find annotations in what tools print.

mod definition;
mod dialect;
mod found;
mod scanner;

use std::sync::{Arc, PoisonError, RwLock};

pub use definition::MatcherError;
use definition::{Definition, Matcher};
pub use found::{Files, Found, Place};
pub use scanner::{Scan, Scanner};

/// The matchers of a job, shared by its steps; cheap to clone.
#[derive(Clone, Default)]
pub struct Matchers {
    list: Arc<RwLock<Vec<Arc<Matcher>>>>,
}

impl Matchers {
    /// Adds what a matcher file (`problemMatcher`) defines, before those that are there, and returns their owners.
    ///
    /// A matcher replaces the one of the same owner. Errors: any that [`MatcherError`] names; then none is added
    /// and, as in the runner, the step fails.
    pub fn add(&self, json: &str) -> Result<Vec<String>, MatcherError> {
        let mut new = definition::matchers(json)?;
        let owners: Vec<_> = new.iter().map(|matcher| matcher.owner.clone()).collect();
        let mut list = self.list.write().unwrap_or_else(PoisonError::into_inner);
        let kept = list.iter().filter(|old| !owners.iter().any(|owner| same(owner, &old.owner)));
        new.extend(kept.cloned());
        *list = new;
        Ok(owners)
    }

    /// Removes the matcher of `owner`, letters of either case. One that is not there is no error.
    pub fn remove(&self, owner: &str) {
        let mut list = self.list.write().unwrap_or_else(PoisonError::into_inner);
        list.retain(|matcher| !same(&matcher.owner, owner));
    }

    /// Removes the matchers whose owners a matcher file names.
    ///
    /// Errors: the file is not JSON of that form; its patterns need not be valid.
    pub fn remove_listed(&self, json: &str) -> Result<(), MatcherError> {
        for Definition { owner, .. } in definition::read(json)? {
            self.remove(&owner);
        }
        Ok(())
    }

    /// The owners, in the order in which their matchers are tried.
    pub fn owners(&self) -> Vec<String> {
        self.snapshot().iter().map(|matcher| matcher.owner.clone()).collect()
    }

    /// Reads one stream of one step: what a multi-line matcher has seen belongs to it.
    pub fn scanner(&self) -> Scanner {
        Scanner::new(self.clone())
    }

    fn snapshot(&self) -> Vec<Arc<Matcher>> {
        self.list.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}
