//! Reuses what passed in an earlier run, when all that it was given is the same.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use plim_host::HostError;

use super::World;
use crate::{
    actions::ActionName,
    basis::{self, Basis, RunBasis},
    event::{JobKey, Level},
    history::{Earlier, EarlierEnd, EarlierJob},
    store::Artifact,
};

/// So many names are listed before the rest is only counted.
const NAMED: usize = 3;

/// A result of an earlier run that still holds.
pub(crate) struct Reused {
    /// The run in which it was made.
    pub(crate) from: Arc<str>,
    pub(crate) outputs: Vec<(Arc<str>, String)>,
    pub(crate) milliseconds: u64,
    pub(crate) basis: Box<Basis>,
    /// What it had stored, and this run has now.
    pub(crate) artifacts: Vec<Artifact>,
}

/// Why a job runs.
pub(crate) enum Runs {
    /// It has to: it did not pass before, or why it runs again was told for the whole run.
    Anyway,
    /// It passed before, but not with what it is given now.
    Because(String),
}

impl World {
    /// What every job of this run is given; `None` when it cannot be told, so that nothing can rest on it.
    pub(crate) fn run_basis(&self) -> Option<&RunBasis> {
        self.run_basis.get_or_init(|| self.find_run_basis()).as_ref()
    }

    fn find_run_basis(&self) -> Option<RunBasis> {
        let request = self.planner.request();
        let secrets: Vec<&String> = request.secrets.keys().collect();
        let credentials: Vec<&str> =
            self.options.credentials.iter().map(|given| given.name).collect();
        let folders =
            self.options.actions.iter().map(|(name, folder)| (name.as_str(), folder.as_path()));
        let is_known = self.commit_is_certain;
        Some(RunBasis {
            commit: is_known.then(|| self.source.commit().to_string())?,
            variables: basis::fingerprint(&request.variables),
            environment: basis::fingerprint(&(&self.options.variables, self.options.debug)),
            secrets: basis::fingerprint(&(secrets, request.token.is_some())),
            allowed: basis::fingerprint(&(credentials, self.options.allow_sudo)),
            actions: basis::folders_fingerprint(folders).ok()?,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        })
    }

    /// Says which run is repeated, and which jobs that passed in it run again whatever else they are given.
    pub(crate) fn begin_reuse(&self) {
        let Some(earlier) = &self.earlier else { return };
        let text = format!("repeats what did not pass in run {}", earlier.run);
        self.notice(None, Level::Notice, &text);
        if let Err(error) = self.stores.artifacts.number_after(&earlier.artifacts()) {
            self.notice(
                None,
                Level::Warning,
                &format!("artifacts of run {}: {error}", earlier.run),
            );
        }
        let mut again: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (_, job) in earlier.jobs() {
            if let Some(reason) = passed(job).and_then(|basis| self.run_change(&basis.run)) {
                again.entry(reason).or_default().push(&job.name);
            }
        }
        for (reason, mut names) in again {
            names.sort_unstable();
            let text = format!("runs again, because {reason}: {}", listed(&names, "job"));
            self.notice(None, Level::Notice, &text);
        }
    }

    /// The result of a leg in the earlier run, if that still holds.
    ///
    /// `settled` says that everything it needs is as it was then.
    pub(crate) fn reuse(&self, key: &JobKey, now: &Basis, settled: bool) -> Result<Reused, Runs> {
        let earlier = self.earlier.as_ref().ok_or(Runs::Anyway)?;
        let job = earlier.job(key).ok_or(Runs::Anyway)?;
        let EarlierEnd::Passed { from, outputs, milliseconds } = &job.end else {
            return Err(Runs::Anyway);
        };
        let Some(then) = &job.basis else {
            return Err(Runs::Because("what its result rests on was not kept".into()));
        };
        if self.run_change(&then.run).is_some() {
            return Err(Runs::Anyway);
        }
        let changed = self.action_change(then).or_else(|| own_change(then, now, settled));
        if let Some(reason) = changed {
            return Err(Runs::Because(reason));
        }
        let artifacts = self.inherit(earlier, job).map_err(Runs::Because)?;
        let mut basis = then.clone();
        basis.run.commit = self.source.commit().to_string();
        let (from, outputs, milliseconds) = (from.clone(), outputs.clone(), *milliseconds);
        Ok(Reused { from, outputs, milliseconds, basis, artifacts })
    }

    /// Why nothing that rests on `then` holds in this run, in a few words.
    fn run_change(&self, then: &RunBasis) -> Option<String> {
        let Some(now) = self.run_basis() else {
            return Some("it cannot be told what jobs of this run are given".into());
        };
        self.tree_change(&then.commit).or_else(|| then.change(now))
    }

    /// What differs between the files of another commit and those of this run, in a few words.
    fn tree_change(&self, then: &str) -> Option<String> {
        if self.source.commit() == then {
            return None;
        }
        let mut known = self.tree_changes.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let find = || {
            let unknown = |_| Some("the files of that run are no longer known".to_owned());
            self.find_tree_change(then).unwrap_or_else(unknown)
        };
        known.entry(then.to_owned()).or_insert_with(find).clone()
    }

    fn find_tree_change(&self, then: &str) -> Result<Option<String>, HostError> {
        let Ok(origin) = self.stores.origin() else {
            return Ok(Some("the files of that run cannot be compared".into()));
        };
        let paths = origin.store().git().diff_names(then, self.source.commit(), false)?;
        Ok((!paths.is_empty()).then(|| changed_files(&paths)))
    }

    /// Which action of the store that a job used is another one by now, in a few words.
    fn action_change(&self, then: &Basis) -> Option<String> {
        let is_other = |(name, tree): &&(ActionName, String)| {
            let store = self.planner.action_store();
            let found = store.and_then(|store| store.find(name).ok().flatten());
            found.is_none_or(|now| now.tree != *tree)
        };
        let (name, _) = then.used.iter().find(is_other)?;
        Some(format!("the action `{name}` is another one in the store"))
    }

    /// Takes over what a job had stored; all of it, or the job has to store it again.
    fn inherit(&self, earlier: &Earlier, job: &EarlierJob) -> Result<Vec<Artifact>, String> {
        let folder = earlier.artifacts();
        let one = |(name, digest): &(Arc<str>, String)| {
            let found = self.stores.artifacts.inherit(&folder, name, digest);
            let gone = || format!("its artifact `{name}` is no longer kept as it stored it");
            found.map_err(|error| error.to_string())?.ok_or_else(gone)
        };
        job.artifacts.iter().map(one).collect()
    }
}

/// What of a job's own changed since an earlier run, in a few words.
fn own_change(then: &Basis, now: &Basis, settled: bool) -> Option<String> {
    if then.by_hand {
        return Some("somebody had worked in its workspace".into());
    }
    if let Some(name) = then.withheld.first() {
        return Some(format!("its output `{name}` may hold a secret, so it was not kept"));
    }
    let needs = || (!settled).then(|| "a job that it needs runs again".to_owned());
    then.change(now).or_else(needs)
}

fn passed(job: &EarlierJob) -> Option<&Basis> {
    let passed = matches!(job.end, EarlierEnd::Passed { .. });
    job.basis.as_deref().filter(|_| passed)
}

/// `` `src/lib.rs` changed``.
fn changed_files(paths: &[PathBuf]) -> String {
    let names: Vec<_> = paths.iter().map(|path| path.to_string_lossy()).collect();
    let names: Vec<&str> = names.iter().map(|name| &**name).collect();
    format!("{} changed", listed(&names, "file"))
}

/// Some names, and how many more there are.
fn listed(names: &[&str], kind: &str) -> String {
    let some: Vec<String> = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(NAMED) {
        0 => some.join(", "),
        1 => format!("{} and 1 more {kind}", some.join(", ")),
        more => format!("{} and {more} more {kind}s", some.join(", ")),
    }
}
