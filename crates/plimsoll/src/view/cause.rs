//! Why jobs do not run here: gathered under what would have to change, with what to do about it.

use plim_run::event::Cause;

use super::{
    progress::{Job, JobState, Progress},
    remedy::Remedy,
};

/// What became of jobs that do not run here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fate {
    /// Something is missing here.
    Blocked,
    /// They would publish, and nobody allowed it.
    Withheld,
    /// They ask for another machine.
    Elsewhere,
}

impl Fate {
    /// As documents spell it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Withheld => "withheld",
            Self::Elsewhere => "elsewhere",
        }
    }
}

/// Jobs that do not run here, and about which the same is to be done.
#[derive(Clone, Debug)]
pub(crate) struct RootCause {
    pub(crate) fate: Fate,
    pub(crate) remedy: Remedy,
    /// The jobs that are stopped themselves, each with its cause.
    pub(crate) jobs: Vec<(String, Cause)>,
    /// How many more are stopped because they need those.
    pub(crate) dependants: usize,
}

impl RootCause {
    /// How many jobs it stops.
    pub(crate) fn count(&self) -> usize {
        self.jobs.len() + self.dependants
    }

    /// Whether `plimsoll.toml` says that all of it runs elsewhere.
    pub(crate) fn is_expected(&self) -> bool {
        let expected = |cause: &Cause| matches!(cause, Cause::Runner { expected: true, .. });
        !self.jobs.is_empty() && self.jobs.iter().all(|(_, cause)| expected(cause))
    }

    /// What its jobs miss, with how many miss each, the most frequent first.
    pub(crate) fn subjects(&self) -> Vec<(String, usize)> {
        let mut counted: Vec<(String, usize)> = vec![];
        for subject in self.jobs.iter().filter_map(|(_, cause)| subject(cause)) {
            match counted.iter_mut().find(|(known, _)| *known == subject) {
                Some((_, number)) => *number += 1,
                None => counted.push((subject, 1)),
            }
        }
        counted.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
        counted
    }
}

/// All causes of a run, those that stop most jobs first.
pub(crate) fn root_causes(progress: &Progress) -> Vec<RootCause> {
    let stopped = progress.jobs.iter().filter_map(|job| {
        let JobState::Blocked { cause } = &job.state else { return None };
        let root = root(progress, job, cause);
        Some((progress.label(&job.key), root, !std::ptr::eq(root, cause)))
    });
    gather(stopped)
}

/// Gathers jobs by what is to be done about them: each has a label, what is at the root of it, and whether that is the
/// cause of another job that it needs.
pub(crate) fn gather<'a>(
    stopped: impl Iterator<Item = (String, &'a Cause, bool)>,
) -> Vec<RootCause> {
    let mut roots: Vec<RootCause> = vec![];
    for (label, cause, inherited) in stopped {
        let (fate, remedy) = (fate(cause), Remedy::of(cause));
        let place = roots.iter().position(|root| root.fate == fate && root.remedy == remedy);
        let place = place.unwrap_or_else(|| {
            roots.push(RootCause { fate, remedy, jobs: vec![], dependants: 0 });
            roots.len() - 1
        });
        if inherited {
            roots[place].dependants += 1;
        } else {
            roots[place].jobs.push((label, cause.clone()));
        }
    }
    roots.sort_by_key(|root| (root.fate, std::cmp::Reverse(root.count())));
    roots
}

/// What a job misses, asks for or may not use, where jobs share that.
fn subject(cause: &Cause) -> Option<String> {
    match cause {
        // All versions of an action come by the same way.
        Cause::Action { uses } => Some(uses.split('@').next().unwrap_or(uses).to_owned()),
        Cause::Tool { name, .. } => Some(name.clone()),
        Cause::Missing { want, .. } => Some(want.to_string()),
        Cause::Runner { labels, .. } => Some(labels.join(" and ")),
        Cause::Container { what } | Cause::Privilege { what, .. } => Some(what.clone()),
        Cause::Input { .. } | Cause::Unreadable { .. } => Some(what(cause)),
        Cause::Heavy { what } => Some(what.clone()),
        Cause::Publishes { .. } | Cause::Approval { .. } | Cause::Needs { .. } => None,
    }
}

/// Follows needs to what stops the first of them; one that is not known stays as it is.
fn root<'a>(progress: &'a Progress, job: &'a Job, cause: &'a Cause) -> &'a Cause {
    let (mut job, mut cause) = (job, cause);
    // As many steps as there are jobs, should the needs go in a circle.
    for _ in 0..progress.jobs.len() {
        let Cause::Needs { job: needed } = cause else { break };
        let blocked = |other: &&Job| other.workflow == job.workflow && is_called(other, needed);
        let next = progress.jobs.iter().filter(blocked).find_map(|other| match &other.state {
            JobState::Blocked { cause } => Some((other, cause)),
            _ => None,
        });
        match next {
            Some(next) => (job, cause) = next,
            None => break,
        }
    }
    cause
}

/// Whether `needed` means `job`: by its name, or by its id after the workflow's file.
fn is_called(job: &Job, needed: &str) -> bool {
    job.name == needed || job.id().split('[').next() == Some(needed)
}

pub(crate) fn fate(cause: &Cause) -> Fate {
    match cause {
        Cause::Publishes { .. } => Fate::Withheld,
        Cause::Runner { .. } => Fate::Elsewhere,
        _ => Fate::Blocked,
    }
}

/// What is the case, without what differs between jobs that one change would free.
pub(crate) fn what(cause: &Cause) -> String {
    match cause {
        Cause::Runner { labels, .. } => {
            let labels: Vec<_> = labels.iter().map(|label| format!("`{label}`")).collect();
            format!("no runner for {} here", labels.join(", "))
        }
        Cause::Container { what } => format!("containers do not run here yet: {what}"),
        Cause::Tool { name, .. } => format!("`{name}` is missing"),
        Cause::Missing { want, found: Some(found), .. } => {
            format!("needs {want}; this machine has {found}")
        }
        Cause::Missing { want, found: None, .. } => format!("needs {want}"),
        Cause::Action { uses } => {
            format!("the action `{uses}` is neither built in nor in the action store")
        }
        Cause::Input { action, input, reason } => {
            format!("`{input}` of `{action}` is refused: {reason}")
        }
        Cause::Publishes { .. } => {
            "publishing, pushing, deploying and releasing are withheld".to_owned()
        }
        Cause::Approval { environment } => {
            format!("the environment `{environment}` needs an approval")
        }
        Cause::Privilege { .. } => "elevated rights are withheld".to_owned(),
        Cause::Heavy { .. } => "it is heavy, and was not named".to_owned(),
        Cause::Unreadable { reason } => format!("it cannot be read: {reason}"),
        Cause::Needs { job } => format!("`{job}` does not run here"),
    }
}

/// What differs between jobs that one change would free, where something does.
pub(crate) fn detail(cause: &Cause) -> Option<&str> {
    match cause {
        Cause::Publishes { what } | Cause::Privilege { what, .. } | Cause::Heavy { what } => {
            Some(what)
        }
        Cause::Tool { needed_by, .. } | Cause::Missing { needed_by, .. } => Some(needed_by),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::view::sample;

    #[test]
    fn jobs_are_gathered_under_what_would_have_to_change() {
        let mut progress = Progress::default();
        sample::mixed().iter().for_each(|event| progress.apply(event, Duration::ZERO));
        let found: Vec<_> = root_causes(&progress)
            .iter()
            .map(|root| {
                let (fate, remedy) = (root.fate, &root.remedy);
                format!("{fate:?} {} + {}: {remedy:?}", root.jobs.len(), root.dependants)
            })
            .collect();
        let expected =
            ["Blocked 2 + 0: Setup", "Withheld 1 + 0: Publish", "Elsewhere 3 + 2: Elsewhere"];
        assert_eq!(found, expected);
    }

    #[test]
    fn needs_in_a_circle_end() {
        let mut progress = Progress::default();
        let needs = |job: &str| Cause::Needs { job: job.to_owned() };
        for event in
            [sample::job_blocked("c:a", needs("b")), sample::job_blocked("c:b", needs("a"))]
        {
            progress.apply(&event, Duration::ZERO);
        }
        assert_eq!(root_causes(&progress).iter().map(RootCause::count).sum::<usize>(), 2);
    }

    #[test]
    fn every_cause_says_something() {
        for cause in sample::causes() {
            assert!(!what(&cause).is_empty());
        }
    }
}
