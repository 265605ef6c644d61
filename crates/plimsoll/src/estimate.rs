//! Estimates how long a plan takes, from how long its legs took before, and how much disk.

use std::{collections::HashMap, fs, path::Path, time::Duration};

use plim_host::files::disk_space;
use plim_run::{
    JobKey, Plan,
    event::Conclusion,
    history::{History, Kept, State, Verdict},
    plan::{Forecast, Outlook, PlannedJob, PlannedLeg, PlannedWorkflow},
};

use crate::{
    render::quantity::{bytes, count},
    run::Run,
};

/// So many past runs are looked into: enough to know most legs, few enough to be quick.
const RUNS: usize = 10;

/// How long legs took when they last passed.
#[derive(Default)]
pub(crate) struct Past {
    took: HashMap<JobKey, Duration>,
}

impl Past {
    /// Looks into the newest runs of the repository. A history that cannot be read tells nothing.
    pub(crate) fn of(history: &History) -> Self {
        let mut took = HashMap::new();
        for run in history.runs().unwrap_or_default().iter().take(RUNS) {
            let State::Finished(outcome) = run.state() else { continue };
            for job in outcome.jobs {
                if let Verdict::Ran { conclusion: Conclusion::Success, milliseconds } = job.verdict
                {
                    took.entry(job.job).or_insert(Duration::from_millis(milliseconds));
                }
            }
        }
        Self { took }
    }

    /// What was looked up before.
    pub(crate) fn known(took: HashMap<JobKey, Duration>) -> Self {
        Self { took }
    }

    /// How long each leg took when it last passed.
    pub(crate) fn into_times(self) -> HashMap<JobKey, Duration> {
        self.took
    }

    /// How long a leg took when it last passed.
    pub(crate) fn took(&self, key: &JobKey) -> Option<Duration> {
        self.took.get(key).copied()
    }
}

/// What a run of a plan takes, about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Estimate {
    /// From beginning to end, as far as it is known.
    pub(crate) time: Duration,
    /// Legs of which nobody knows how long they take; they count nothing in `time`.
    pub(crate) unknown: usize,
    /// Bytes that new workspaces take before anything is built in them.
    pub(crate) bytes: u64,
    /// How many workspaces are new.
    pub(crate) new: usize,
}

impl Estimate {
    /// Of everything in `plan`, `jobs` at once.
    pub(crate) fn of(
        plan: &Plan,
        forecast: &Forecast,
        past: &Past,
        jobs: usize,
        kept: Option<&Kept>,
    ) -> Self {
        let mut estimate = Self::without_bytes(plan, forecast, past, jobs, kept);
        if estimate.new > 0 {
            estimate.bytes = tree_bytes(&plan.source.root).saturating_mul(estimate.new as u64);
        }
        estimate
    }

    /// Without looking at any file but the folders of workspaces.
    fn without_bytes(
        plan: &Plan,
        forecast: &Forecast,
        past: &Past,
        jobs: usize,
        kept: Option<&Kept>,
    ) -> Self {
        let slots = vec![Duration::ZERO; jobs.max(1)];
        let mut schedule = Schedule { forecast, past, kept, slots, estimate: Self::default() };
        let ends =
            plan.workflows.iter().map(|workflow| schedule.workflow(workflow, Duration::ZERO));
        let time = ends.max().unwrap_or_default();
        Self { time, ..schedule.estimate }
    }
}

/// A workspace that is larger is so rare that nothing is measured where there is room for one for each new leg.
const ROOMY: u64 = 8 << 30;

/// What to say before a run that writes more than `[run] disk` allows, or, where that is not set, more than half of what
/// is free.
///
/// A new workspace is taken to become as large as the largest that is kept of the same repository, build folders
/// included; without any, as large as the work tree with what is built in it.
pub(crate) fn too_large(run: &Run<'_>) -> Option<String> {
    let root = &run.plan.source.root;
    let cache = run.world.cache();
    let limit = run.wanted.disk.map(Limit::Set).or_else(|| free(cache.as_deref()?))?;
    let kept = cache.map(|cache| Kept::of(root, &cache));
    let forecast = Forecast::of(&run.plan);
    let past = Past::default();
    let estimate = Estimate::without_bytes(&run.plan, &forecast, &past, 1, kept.as_ref());
    if limit.is_roomy(estimate.new) {
        return None;
    }
    let one = kept.as_ref().and_then(largest).unwrap_or_else(|| folder_bytes(root));
    told_if_too_large(estimate.new, one, limit)
}

/// How many bytes a run may write without a word.
#[derive(Clone, Copy, Debug)]
enum Limit {
    /// As `[run] disk` says.
    Set(u64),
    /// Half of so many that are free.
    Free(u64),
}

impl Limit {
    /// Whether so many workspaces fit for sure. Measuring takes long where much was built.
    fn is_roomy(self, new: usize) -> bool {
        match self {
            _ if new == 0 => true,
            Self::Set(_) => false,
            Self::Free(free) => free / 2 / new as u64 >= ROOMY,
        }
    }
}

/// What is free where workspaces are made, which may still have to be.
fn free(cache: &Path) -> Option<Limit> {
    let there = cache.ancestors().find(|folder| folder.exists())?;
    disk_space(there).ok().map(|space| Limit::Free(space.free))
}

fn told_if_too_large(new: usize, one: u64, limit: Limit) -> Option<String> {
    let all = one.saturating_mul(new as u64);
    let (most, what) = match limit {
        Limit::Set(most) => (most, format!("the {} of `[run] disk`", bytes(most))),
        Limit::Free(free) => (free / 2, format!("half of the {} that are free", bytes(free))),
    };
    (all > most).then(|| {
        format!(
            "{} may take about {}, more than {what}; narrow the run with `--job` or `--matrix`",
            count(new, "new workspace"),
            bytes(all),
        )
    })
}

/// The largest workspace that is kept.
fn largest(kept: &Kept) -> Option<u64> {
    let entries = fs::read_dir(&kept.workspaces).ok()?.filter_map(Result::ok);
    entries.map(|entry| folder_bytes(&entry.path())).max().filter(|bytes| *bytes > 0)
}

/// All files below a folder but those of git; links are not followed.
fn folder_bytes(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let sizes = entries.filter_map(Result::ok).map(|entry| match entry.metadata() {
        Ok(found) if found.is_dir() && entry.file_name() != ".git" => folder_bytes(&entry.path()),
        Ok(found) if found.is_file() => found.len(),
        _ => 0,
    });
    sizes.sum()
}

/// Gives every leg to the slot that is free first, as the engine does.
struct Schedule<'a> {
    forecast: &'a Forecast,
    past: &'a Past,
    kept: Option<&'a Kept>,
    /// When each slot is free.
    slots: Vec<Duration>,
    estimate: Estimate,
}

impl Schedule<'_> {
    /// When a workflow that begins at `start` ends.
    fn workflow(&mut self, workflow: &PlannedWorkflow, start: Duration) -> Duration {
        let mut ends: Vec<Duration> = Vec::with_capacity(workflow.jobs.len());
        for job in &workflow.jobs {
            let needs = job.needs.iter().filter_map(|&at| ends.get(at));
            let ready = needs.max().copied().unwrap_or(start);
            let end = if self.runs(job) { self.job(job, ready) } else { ready };
            ends.push(end);
        }
        ends.into_iter().max().unwrap_or(start)
    }

    fn runs(&self, job: &PlannedJob) -> bool {
        matches!(self.forecast.job(job), Outlook::Runs | Outlook::RunsInPart | Outlook::Open)
    }

    fn job(&mut self, job: &PlannedJob, ready: Duration) -> Duration {
        let legs = job.known_legs().iter().filter(|leg| leg.blocked.is_none());
        legs.map(|leg| self.leg(leg, ready)).max().unwrap_or(ready)
    }

    fn leg(&mut self, leg: &PlannedLeg, ready: Duration) -> Duration {
        if let Some(call) = &leg.call {
            return self.workflow(call, ready);
        }
        self.estimate.new += usize::from(self.kept.is_none_or(|kept| !kept.leg(&leg.key).exists()));
        let took = self.past.took(&leg.key);
        self.estimate.unknown += usize::from(took.is_none());
        let Some(slot) = self.slots.iter_mut().min() else { return ready };
        *slot = ready.max(*slot) + took.unwrap_or_default();
        *slot
    }
}

/// What a checkout takes, about: all files but those of git, of `plim`, and of caches that say that they
/// are some (`CACHEDIR.TAG`).
fn tree_bytes(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let sizes = entries.filter_map(Result::ok).map(|entry| {
        let path = entry.path();
        match entry.metadata() {
            Ok(found) if found.is_dir() && !is_made(&path) => tree_bytes(&path),
            Ok(found) if found.is_file() => found.len(),
            _ => 0,
        }
    });
    sizes.sum()
}

fn is_made(folder: &Path) -> bool {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    matches!(name, ".git" | ".plimsoll" | "node_modules") || folder.join("CACHEDIR.TAG").exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_takes_more_than_is_allowed_says_so() {
        let gibibyte = 1 << 30;
        assert_eq!(told_if_too_large(4, 5 * gibibyte, Limit::Set(20 * gibibyte)), None);
        assert_eq!(
            told_if_too_large(5, 5 * gibibyte, Limit::Set(20 * gibibyte)).unwrap(),
            "5 new workspaces may take about 25.0 GiB, more than the 20.0 GiB of `[run] disk`; narrow the run with \
             `--job` or `--matrix`"
        );
    }

    #[test]
    fn without_a_limit_half_of_what_is_free_may_be_written() {
        let gibibyte = 1 << 30;
        assert_eq!(told_if_too_large(2, gibibyte, Limit::Free(4 * gibibyte)), None);
        assert_eq!(
            told_if_too_large(3, gibibyte, Limit::Free(4 * gibibyte)).unwrap(),
            "3 new workspaces may take about 3.0 GiB, more than half of the 4.0 GiB that are free; narrow the run with \
             `--job` or `--matrix`"
        );
        assert!(Limit::Free(32 << 30).is_roomy(2) && !Limit::Free(32 << 30).is_roomy(3));
        let Some(Limit::Free(free)) = free(Path::new("/tmp/not/there/yet")) else { panic!() };
        assert!(free > 0);
    }

    #[test]
    fn what_was_built_is_not_checked_out() {
        let root = tempfile::tempdir().unwrap();
        for (path, size) in
            [("a", 5), ("src/b", 7), (".git/c", 100), ("target/CACHEDIR.TAG", 1), ("target/d", 100)]
        {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, vec![b'x'; size]).unwrap();
        }
        assert_eq!(tree_bytes(root.path()), 12);
    }
}
