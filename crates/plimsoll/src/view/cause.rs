//! Why jobs do not run here: gathered under what would have to change, with what to do about it.

use plim_run::event::Cause;

use super::progress::{Job, JobState, Progress};

/// What became of jobs that do not run here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fate {
    /// Something is missing here.
    Blocked,
    /// They would publish, and nobody allowed it.
    Withheld,
    /// They are known to run elsewhere.
    Elsewhere,
}

/// Jobs that would run if one thing changed.
#[derive(Debug)]
pub(crate) struct RootCause<'a> {
    pub(crate) fate: Fate,
    /// What is the case.
    pub(crate) what: String,
    /// What to do about it.
    pub(crate) advice: Option<String>,
    /// The jobs it stops itself.
    pub(crate) jobs: Vec<&'a Job>,
    /// How many more it stops because they need those.
    pub(crate) dependants: usize,
}

impl RootCause<'_> {
    /// How many jobs it stops.
    pub(crate) fn count(&self) -> usize {
        self.jobs.len() + self.dependants
    }
}

/// All causes of a run, those that stop most jobs first.
pub(crate) fn root_causes(progress: &Progress) -> Vec<RootCause<'_>> {
    let mut roots: Vec<RootCause<'_>> = vec![];
    for job in &progress.jobs {
        let JobState::Blocked { cause } = &job.state else { continue };
        let root = root(progress, job, cause);
        let (fate, what) = (fate(root), what(root));
        let place = roots.iter().position(|known| (known.fate, &known.what) == (fate, &what));
        let place = place.unwrap_or_else(|| {
            roots.push(RootCause { fate, what, advice: advice(root), jobs: vec![], dependants: 0 });
            roots.len() - 1
        });
        if std::ptr::eq(root, cause) {
            roots[place].jobs.push(job);
        } else {
            roots[place].dependants += 1;
        }
    }
    roots.sort_by_key(|root| (root.fate, std::cmp::Reverse(root.count())));
    roots
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

fn fate(cause: &Cause) -> Fate {
    match cause {
        Cause::Publishes { .. } => Fate::Withheld,
        Cause::Runner { expected: true, .. } => Fate::Elsewhere,
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
        Cause::Unreadable { reason } => format!("it cannot be read: {reason}"),
        Cause::Needs { job } => format!("`{job}` does not run here"),
    }
}

/// What a person can do about it, as an instruction.
pub(crate) fn advice(cause: &Cause) -> Option<String> {
    match cause {
        Cause::Runner { expected: true, .. } | Cause::Container { .. } | Cause::Needs { .. } => {
            None
        }
        Cause::Runner { labels, .. } => {
            let label = labels.first()?;
            Some(format!(
                "say that it runs elsewhere, `[run] expect-elsewhere = [\"{label}\"]` in plimsoll.toml, \
                 or run it here, `--runner '{label}=host'`"
            ))
        }
        Cause::Tool { name, .. } => Some(format!("install `{name}`")),
        Cause::Missing { want, .. } => Some(format!("`plim setup` gets {want}")),
        Cause::Action { uses } => Some(format!("get it with `plim actions fetch {uses}`")),
        Cause::Input { .. } | Cause::Unreadable { .. } => Some("change the workflow".to_owned()),
        Cause::Publishes { .. } => Some("allow it for a job with `--allow-publish JOB`".to_owned()),
        Cause::Approval { environment } => {
            Some(format!("approve it with `--approve {environment}`"))
        }
        Cause::Privilege { .. } => Some("allow them with `--allow-sudo`".to_owned()),
    }
}

/// What differs between jobs that one change would free, where something does.
pub(crate) fn detail(cause: &Cause) -> Option<&str> {
    match cause {
        Cause::Publishes { what } | Cause::Privilege { what } => Some(what),
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
                format!("{:?} {} + {}: {}", root.fate, root.jobs.len(), root.dependants, root.what)
            })
            .collect();
        let expected = [
            "Blocked 1 + 2: no runner for `macos-14` here",
            "Blocked 2 + 0: `typos` is missing",
            "Blocked 1 + 0: no runner for `ubuntu-arm` here",
            "Withheld 1 + 0: publishing, pushing, deploying and releasing are withheld",
            "Elsewhere 1 + 0: no runner for `windows-latest` here",
        ];
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
