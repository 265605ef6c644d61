//! The reckoning of a plan: how many legs will run here, why the others will not, and what changes most of that.

use std::collections::{HashMap, HashSet};

use plim_run::{
    Event, Plan,
    event::{Cause, Fix},
    plan::{Entry, Forecast, PlannedJob, PlannedLeg, PlannedWorkflow, Prospect},
};

use serde_json::{Value, json};

use super::{
    cause::{self, Fate, RootCause, fate, gather},
    remedy::Remedy,
};
use crate::render::text;

/// What a plan comes to, counted in legs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reckoning {
    pub(crate) ready: usize,
    pub(crate) blocked: usize,
    pub(crate) withheld: usize,
    pub(crate) elsewhere: usize,
    pub(crate) skipped: usize,
    pub(crate) later: usize,
    /// How many would be ready if everything was installed that `plim setup` installs.
    pub(crate) after_setup: usize,
    /// What would let blocked legs run; the one that unblocks most comes first.
    pub(crate) fixes: Vec<Fix>,
    /// Why legs do not run here.
    pub(crate) roots: Vec<RootCause>,
    /// What becomes of each job.
    jobs: Vec<JobProspect>,
}

/// What becomes of a job: the best of its legs.
#[derive(Clone, Debug)]
struct JobProspect {
    key: String,
    prospect: &'static str,
    /// What would still keep it from running once `plim setup` ran, or does now if that is all.
    root: Option<String>,
}

impl Reckoning {
    /// Of everything in `plan`, of which `forecast` is made.
    pub(crate) fn of(plan: &Plan, forecast: &Forecast) -> Self {
        let mut sums = Self::default();
        let entries = forecast.entries(plan);
        let mut stopped = vec![];
        for entry in &entries {
            match entry.prospect {
                Prospect::Ready => sums.ready += 1,
                Prospect::Later => sums.later += 1,
                Prospect::Skipped => sums.skipped += 1,
                Prospect::Stopped { cause, inherited } => {
                    match fate(cause) {
                        Fate::Blocked => sums.blocked += 1,
                        Fate::Withheld => sums.withheld += 1,
                        Fate::Elsewhere => sums.elsewhere += 1,
                    }
                    stopped.push((label(plan, entry.key, entry.name), cause, inherited));
                }
            }
        }
        let remedies = remedies(plan);
        sums.fixes = fixes(plan, sums.ready, remedies);
        let after = Forecast::if_lifted(plan, &|cause| Remedy::Setup.unblocks(cause));
        let after = after.entries(plan);
        sums.after_setup = after.iter().filter(|entry| entry.prospect == Prospect::Ready).count();
        sums.jobs = jobs(&entries, &after);
        sums.roots = gather(stopped.into_iter());
        sums
    }

    /// The same as a part of `docs/schema/plan.schema.json`.
    pub(crate) fn json(&self) -> Value {
        let roots = self.roots.iter().map(|root| {
            let subjects = root.subjects().into_iter();
            let subjects = subjects.map(|(what, number)| json!({ "what": what, "count": number }));
            json!({
                "fate": root.fate.word(),
                "says": root.remedy.says(),
                "command": root.remedy.command(),
                "count": root.count(),
                "dependants": root.dependants,
                "subjects": subjects.collect::<Vec<_>>(),
            })
        });
        json!({
            "ready": self.ready,
            "ready-after-setup": self.after_setup,
            "blocked": self.blocked,
            "withheld": self.withheld,
            "elsewhere": self.elsewhere,
            "skipped": self.skipped,
            "later": self.later,
            "fixes": self.fixes,
            "roots": roots.collect::<Vec<_>>(),
            "jobs": self.jobs.iter().map(|job| {
                json!({ "key": job.key, "prospect": job.prospect, "root": job.root })
            }).collect::<Vec<_>>(),
        })
    }

    /// The same as an event.
    pub(crate) fn event(&self) -> Event {
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Event::Planned {
            ready: number(self.ready),
            blocked: number(self.blocked),
            withheld: number(self.withheld),
            elsewhere: number(self.elsewhere),
            skipped: number(self.skipped),
            later: number(self.later),
            fixes: self.fixes.clone(),
        }
    }
}

/// `ready 9, blocked 41 (one fix unblocks 31: plim setup), withheld 2 (publish), elsewhere 4`; `None` for other events.
pub(crate) fn sentence(event: &Event) -> Option<String> {
    let Event::Planned { ready, blocked, withheld, elsewhere, skipped, later, fixes } = event
    else {
        return None;
    };
    let mut parts = vec![format!("ready {ready}")];
    let mut part = |number: u32, word: &str, more: String| {
        if number > 0 {
            parts.push(format!("{word} {number}{more}"));
        }
    };
    part(*blocked, "blocked", one_fix(fixes));
    part(*withheld, "withheld", " (publish)".to_owned());
    part(*elsewhere, "elsewhere", String::new());
    part(*skipped, "skipped", String::new());
    part(*later, "known later", String::new());
    Some(parts.join(", "))
}

/// ` (one fix unblocks 31: plim setup)`; where it takes several, ` (3 fixes unblock 31: …)`.
pub(crate) fn one_fix(fixes: &[Fix]) -> String {
    match fixes {
        [first, ..] if first.unblocks > 0 => {
            let command = text::name(&first.command);
            format!(" (one fix unblocks {}: {command})", first.unblocks)
        }
        [_, _, ..] => {
            let unblocked: u32 = fixes.iter().map(|fix| fix.adds).sum();
            let needed = fixes.iter().rposition(|fix| fix.adds > 0).map_or(0, |last| last + 1);
            let commands: Vec<_> = fixes[..needed].iter().map(|fix| &*fix.command).collect();
            if needed == 0 {
                return String::new();
            }
            let commands = text::name(&commands.join(", "));
            format!(" ({needed} fixes together unblock {unblocked}: {commands})")
        }
        _ => String::new(),
    }
}

/// What becomes of each job, now and once everything is installed.
fn jobs(now: &[Entry<'_>], after: &[Entry<'_>]) -> Vec<JobProspect> {
    let (before, after) = (best(now), best(after));
    let mut told = HashSet::new();
    let keys = now.iter().map(|entry| entry.job).filter(|key| told.insert(*key));
    let job = |key: &str| {
        let (rank, root) = before.get(key).cloned().unwrap_or((WORST, None));
        let (later, left) = after.get(key).cloned().unwrap_or((WORST, None));
        let (prospect, root) = match (PROSPECTS[rank], PROSPECTS[later]) {
            ("ready", _) => ("ready", None),
            (_, "ready" | "later") => ("after-setup", root),
            (prospect, _) => (prospect, left.or(root)),
        };
        JobProspect { key: key.to_owned(), prospect, root }
    };
    keys.map(job).collect()
}

/// From the best to the worst.
const PROSPECTS: [&str; 6] = ["ready", "later", "blocked", "withheld", "elsewhere", "skipped"];

/// The place of the worst.
const WORST: usize = PROSPECTS.len() - 1;

/// The best prospect of each job's legs, and what stops that leg.
fn best<'e>(entries: &[Entry<'e>]) -> HashMap<&'e str, (usize, Option<String>)> {
    let mut best: HashMap<&str, (usize, Option<String>)> = HashMap::new();
    for entry in entries {
        let (rank, cause) = match entry.prospect {
            Prospect::Ready => (0, None),
            Prospect::Later => (1, None),
            Prospect::Stopped { cause, .. } => (2 + fate(cause) as usize, Some(cause)),
            Prospect::Skipped => (WORST, None),
        };
        if best.get(entry.job).is_none_or(|(known, _)| rank < *known) {
            best.insert(entry.job, (rank, cause.map(cause::what)));
        }
    }
    best
}

/// With the file where there are several workflows: `ci.yml: test (beta)`.
fn label(plan: &Plan, key: &str, name: &str) -> String {
    let file = key.split_once(':').map_or("", |(file, _)| file);
    if plan.workflows.len() > 1 { format!("{file}: {name}") } else { name.to_owned() }
}

/// Everything that a person could do about what is blocked in `plan`.
fn remedies(plan: &Plan) -> Vec<Remedy> {
    let mut remedies: Vec<Remedy> = vec![];
    let causes = plan.workflows.iter().flat_map(causes);
    for remedy in causes.filter(|cause| fate(cause) == Fate::Blocked).map(Remedy::of) {
        if remedy.command().is_some() && !remedies.contains(&remedy) {
            remedies.push(remedy);
        }
    }
    remedies
}

/// Every cause of a workflow, those behind other causes and in called workflows included.
fn causes(workflow: &PlannedWorkflow) -> Vec<&Cause> {
    let legs = || workflow.jobs.iter().flat_map(PlannedJob::known_legs);
    let of_jobs = workflow.jobs.iter().filter_map(|job| job.blocked.as_ref());
    let of_calls = legs().filter_map(|leg| leg.call.as_deref()).flat_map(causes);
    of_jobs.chain(legs().flat_map(PlannedLeg::causes)).chain(of_calls).collect()
}

/// How many legs are ready once everything in `done` is done.
fn ready_with(plan: &Plan, done: &[Remedy]) -> usize {
    let lifted = |cause: &Cause| done.iter().any(|remedy| remedy.unblocks(cause));
    let forecast = Forecast::if_lifted(plan, &lifted);
    forecast.entries(plan).iter().filter(|entry| entry.prospect == Prospect::Ready).count()
}

/// Puts first what unblocks most, then what adds most to it, and so on.
fn fixes(plan: &Plan, ready: usize, mut remedies: Vec<Remedy>) -> Vec<Fix> {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let alone: Vec<_> =
        remedies.iter().map(|r| ready_with(plan, std::slice::from_ref(r))).collect();
    let alone: Vec<(Remedy, usize)> = remedies.iter().cloned().zip(alone).collect();
    let (mut done, mut before, mut fixes) = (vec![], ready, vec![]);
    while !remedies.is_empty() {
        let reached = |remedy: &Remedy| {
            let all: Vec<_> = done.iter().chain([remedy]).cloned().collect();
            ready_with(plan, &all)
        };
        let reached: Vec<usize> = remedies.iter().map(reached).collect();
        let best = (0..reached.len()).min_by_key(|&i| std::cmp::Reverse(reached[i])).unwrap_or(0);
        let remedy = remedies.remove(best);
        let of_alone = alone.iter().find(|(known, _)| *known == remedy);
        let unblocks = of_alone.map_or(0, |(_, with)| with.saturating_sub(ready));
        let adds = reached[best].saturating_sub(before);
        before = before.max(reached[best]);
        let command = remedy.command().unwrap_or_default();
        fixes.push(Fix { command, unblocks: number(unblocks), adds: number(adds) });
        done.push(remedy);
    }
    fixes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(fixes: &[(&str, u32, u32)]) -> String {
        let fix = |&(command, unblocks, adds): &(&str, u32, u32)| Fix {
            command: command.to_owned(),
            unblocks,
            adds,
        };
        let fixes = fixes.iter().map(fix).collect();
        let event = Event::Planned {
            ready: 9,
            blocked: 41,
            withheld: 2,
            elsewhere: 4,
            skipped: 0,
            later: 0,
            fixes,
        };
        sentence(&event).unwrap()
    }

    #[test]
    fn a_plan_is_summed_up_in_one_line_with_the_fix_that_unblocks_most() {
        let told = planned(&[("plim setup", 31, 31), ("plim run --allow-sudo", 2, 8)]);
        let wanted = "ready 9, blocked 41 (one fix unblocks 31: plim setup), withheld 2 (publish), elsewhere 4";
        assert_eq!(told, wanted);
    }

    #[test]
    fn where_no_fix_is_enough_alone_all_that_are_needed_are_named() {
        let told = planned(&[("plim setup", 0, 0), ("plim run --allow-sudo", 0, 8)]);
        assert!(
            told.contains(
                "blocked 41 (2 fixes together unblock 8: plim setup, plim run --allow-sudo)"
            ),
            "{told}"
        );
        assert!(planned(&[]).contains("blocked 41, withheld 2"));
    }
}
