//! What is known of a run so far, gathered from its events for every reader.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use plim_run::{
    Event, JobKey,
    event::{Annotation, Cause, Conclusion, Counts, Fix, Level, LineKind, RunResult, StepNumber},
};

use crate::render::text;

/// How many lines of a step are shown when it fails.
pub(crate) const TAIL: usize = 20;

/// How much of one line is kept for that, in bytes; a line may be a gigabyte long.
const LONGEST: usize = 2000;

/// How many annotations of one step are kept.
const ANNOTATIONS: usize = 20;

/// A run so far.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    pub(crate) run: Arc<str>,
    pub(crate) repository: Arc<str>,
    pub(crate) commit: Arc<str>,
    pub(crate) dirty: bool,
    pub(crate) at: String,
    pub(crate) workflows: Vec<Workflow>,
    /// In the order in which they were told.
    pub(crate) jobs: Vec<Job>,
    places: HashMap<JobKey, usize>,
    /// Jobs of which some leg cannot run here: `ci.yml:test`.
    blocked: HashSet<String>,
    /// How many jobs have started.
    pub(crate) started: u32,
    pub(crate) artifacts: Vec<Artifact>,
    /// Warnings and errors of `plim` itself.
    pub(crate) notices: Vec<(Level, String)>,
    /// What would let blocked jobs run, by the plan.
    pub(crate) fixes: Vec<Fix>,
    pub(crate) end: Option<End>,
    /// How long after the beginning this was looked at last.
    pub(crate) now: Duration,
}

#[derive(Debug)]
pub(crate) struct Workflow {
    pub(crate) path: Arc<str>,
    pub(crate) name: String,
}

#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) key: JobKey,
    pub(crate) name: String,
    pub(crate) workflow: Arc<str>,
    pub(crate) state: JobState,
    pub(crate) steps: Vec<Step>,
    /// How many jobs had started when it did, itself included; 0 when it did not start.
    pub(crate) number: u32,
}

#[derive(Debug)]
pub(crate) enum JobState {
    Running {
        /// Since when, counted from the beginning.
        since: Duration,
    },
    Finished {
        conclusion: Conclusion,
        milliseconds: u64,
    },
    Skipped {
        reason: String,
    },
    /// It passed in an earlier run, which still holds.
    Reused {
        from: Arc<str>,
        milliseconds: u64,
    },
    Blocked {
        cause: Cause,
    },
}

#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) number: StepNumber,
    pub(crate) name: String,
    pub(crate) end: Option<StepEnd>,
    /// The last lines, while it runs and after it failed.
    pub(crate) tail: VecDeque<(LineKind, String)>,
    /// How many lines came before them.
    pub(crate) before: u64,
    pub(crate) annotations: Vec<Annotation>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct StepEnd {
    pub(crate) outcome: Conclusion,
    pub(crate) conclusion: Conclusion,
    pub(crate) exit_code: Option<i32>,
    pub(crate) milliseconds: u64,
}

#[derive(Debug)]
pub(crate) struct Artifact {
    pub(crate) job: JobKey,
    pub(crate) name: String,
    pub(crate) bytes: u64,
    pub(crate) digest: String,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct End {
    pub(crate) result: RunResult,
    pub(crate) counts: Counts,
    pub(crate) milliseconds: u64,
}

impl Progress {
    /// Takes in `event`, which came `now` after the first.
    pub(crate) fn apply(&mut self, event: &Event, now: Duration) {
        self.now = now;
        match event {
            Event::RunStarted { run, repository, commit, dirty, at, .. } => {
                self.run = run.clone();
                self.repository = text::name(repository).into();
                self.commit = commit.clone();
                self.dirty = *dirty;
                self.at.clone_from(at);
            }
            Event::WorkflowStarted { workflow, name, .. } => {
                self.workflows.push(Workflow { path: workflow.clone(), name: text::name(name) });
            }
            Event::JobSkipped { job, name, workflow, reason } => {
                let state = JobState::Skipped { reason: reason.clone() };
                self.tell(job, name, workflow, state);
            }
            Event::JobReused { job, name, workflow, from, milliseconds, .. } => {
                let (from, milliseconds) = (from.clone(), *milliseconds);
                self.tell(job, name, workflow, JobState::Reused { from, milliseconds });
            }
            Event::JobBlocked { job, name, workflow, cause } => {
                self.blocked.insert(base(job).to_owned());
                self.tell(job, name, workflow, JobState::Blocked { cause: cause.clone() });
            }
            Event::JobStarted { job, name, workflow, .. } => {
                self.started += 1;
                self.tell(job, name, workflow, JobState::Running { since: now });
                if let Some(started) = self.jobs.last_mut() {
                    started.number = self.started;
                }
            }
            Event::JobFinished { job, conclusion, milliseconds, .. } => {
                let (conclusion, milliseconds) = (*conclusion, *milliseconds);
                if let Some(job) = self.job_mut(job) {
                    job.state = JobState::Finished { conclusion, milliseconds };
                }
            }
            Event::ArtifactStored { job, name, bytes, digest } => {
                let (job, name, digest) = (job.clone(), text::name(name), digest.clone());
                self.artifacts.push(Artifact { job, name, bytes: *bytes, digest });
            }
            Event::Notice { level, text, .. } if *level > Level::Notice => {
                self.notices.push((*level, text.clone()));
            }
            Event::RunFinished { result, counts, milliseconds } => {
                let (result, counts, milliseconds) = (*result, *counts, *milliseconds);
                self.end = Some(End { result, counts, milliseconds });
            }
            Event::Planned { fixes, .. } => self.fixes.clone_from(fixes),
            Event::Notice { .. }
            | Event::Summary { .. }
            | Event::ActionUsed { .. }
            | Event::JobBasis { .. } => {}
            Event::StepStarted { .. }
            | Event::Log { .. }
            | Event::Annotated { .. }
            | Event::StepFinished { .. } => self.apply_to_step(event),
        }
    }

    fn apply_to_step(&mut self, event: &Event) {
        match event {
            Event::StepStarted { job, step, name } => {
                if let Some(job) = self.job_mut(job) {
                    job.steps.push(Step::new(*step, name));
                }
            }
            Event::Log { job, step, kind, text } => {
                if let Some(step) = self.step_mut(job, *step) {
                    step.log(*kind, text);
                }
            }
            Event::Annotated { job, step, annotation } => {
                if let Some(step) = self.step_mut(job, *step)
                    && step.annotations.len() < ANNOTATIONS
                {
                    step.annotations.push(annotation.clone());
                }
            }
            Event::StepFinished { job, step, outcome, conclusion, exit_code, milliseconds } => {
                let (outcome, conclusion) = (*outcome, *conclusion);
                let (exit_code, milliseconds) = (*exit_code, *milliseconds);
                if let Some(step) = self.step_mut(job, *step) {
                    step.finish(StepEnd { outcome, conclusion, exit_code, milliseconds });
                }
            }
            _ => {}
        }
    }

    fn tell(&mut self, key: &JobKey, name: &str, workflow: &Arc<str>, state: JobState) {
        self.places.insert(key.clone(), self.jobs.len());
        let (key, name, workflow) = (key.clone(), text::name(name), workflow.clone());
        self.jobs.push(Job { key, name, workflow, state, steps: vec![], number: 0 });
    }

    pub(crate) fn job(&self, key: &JobKey) -> Option<&Job> {
        self.places.get(key).map(|&place| &self.jobs[place])
    }

    fn job_mut(&mut self, key: &JobKey) -> Option<&mut Job> {
        self.places.get(key).map(|&place| &mut self.jobs[place])
    }

    pub(crate) fn step(&self, key: &JobKey, step: StepNumber) -> Option<&Step> {
        self.job(key)?.steps.iter().rev().find(|known| known.number == step)
    }

    fn step_mut(&mut self, key: &JobKey, step: StepNumber) -> Option<&mut Step> {
        self.job_mut(key)?.steps.iter_mut().rev().find(|known| known.number == step)
    }

    /// The name of a job for people: with its workflow's where there are several.
    pub(crate) fn label(&self, key: &JobKey) -> String {
        let Some(job) = self.job(key) else { return text::name(&key.0) };
        match self.workflows.iter().find(|workflow| workflow.path == job.workflow) {
            Some(workflow) if self.workflows.len() > 1 => {
                format!("{} / {}", workflow.name, job.name)
            }
            _ => job.name.clone(),
        }
    }

    /// Adds a line to the last lines of a step that failed in the past.
    pub(crate) fn remember(&mut self, key: &JobKey, step: StepNumber, kind: LineKind, text: &str) {
        if let Some(step) = self.step_mut(key, step)
            && step.has(Conclusion::Failure)
        {
            step.log(kind, text);
        }
    }

    /// Whether some legs of this job could not run here, so that what the others say is provisional.
    pub(crate) fn is_provisional(&self, job: &Job) -> bool {
        matches!(job.state, JobState::Finished { .. }) && self.blocked.contains(base(&job.key))
    }
}

impl Job {
    /// Its key without the workflow's file: `release/build`, `test[2]`.
    pub(crate) fn id(&self) -> &str {
        self.key.0.split_once(':').map_or(&*self.key.0, |(_, id)| id)
    }

    /// The steps that decided that it failed.
    pub(crate) fn failures(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.has(Conclusion::Failure))
    }

    pub(crate) fn is_failed(&self) -> bool {
        self.has(Conclusion::Failure)
    }

    pub(crate) fn has(&self, wanted: Conclusion) -> bool {
        matches!(self.state, JobState::Finished { conclusion, .. } if conclusion == wanted)
    }

    /// The step that runs, the latest where several do.
    pub(crate) fn current(&self) -> Option<&Step> {
        self.steps.iter().rev().find(|step| step.end.is_none())
    }
}

impl Step {
    fn new(number: StepNumber, name: &str) -> Self {
        let (tail, annotations) = (VecDeque::new(), vec![]);
        Self { number, name: text::name(name), end: None, tail, before: 0, annotations }
    }

    pub(crate) fn has(&self, conclusion: Conclusion) -> bool {
        self.end.is_some_and(|end| end.conclusion == conclusion)
    }

    fn log(&mut self, kind: LineKind, text: &str) {
        if matches!(kind, LineKind::Debug | LineKind::Command | LineKind::EndGroup) {
            return;
        }
        if self.tail.len() == TAIL {
            self.tail.pop_front();
            self.before += 1;
        }
        let text = &text[..text.floor_char_boundary(LONGEST)];
        self.tail.push_back((kind, text.to_owned()));
    }

    /// Only what failed is asked for its last lines.
    fn finish(&mut self, end: StepEnd) {
        self.end = Some(end);
        if end.outcome != Conclusion::Failure && end.outcome != Conclusion::Cancelled {
            self.tail = VecDeque::new();
        }
    }
}

/// The job that a leg is of: `ci.yml:test` for `ci.yml:test[2]`.
fn base(key: &JobKey) -> &str {
    match key.0.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')) {
        Some((base, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => base,
        _ => &key.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::sample;

    fn after(events: Vec<Event>) -> Progress {
        let mut progress = Progress::default();
        events.iter().for_each(|event| progress.apply(event, Duration::ZERO));
        progress
    }

    #[test]
    fn a_failed_step_keeps_its_last_lines_and_a_passed_one_none() {
        let mut events = sample::started();
        events.extend((0..30).map(|i| sample::line("ci.yml:test", 0, &format!("line {i}"))));
        let running = after(events.clone());
        let tail = &running.jobs[0].steps[0].tail;
        assert_eq!(
            (tail.len(), tail[0].1.as_str(), running.jobs[0].steps[0].before),
            (20, "line 10", 10)
        );
        events.push(sample::step_finished("ci.yml:test", 0, Conclusion::Success));
        assert!(after(events).jobs[0].steps[0].tail.is_empty());
    }

    #[test]
    fn a_line_of_any_length_costs_little() {
        let mut events = sample::started();
        events.push(sample::line("ci.yml:test", 0, &"é".repeat(5000)));
        assert_eq!(after(events).jobs[0].steps[0].tail[0].1.len(), LONGEST);
    }

    #[test]
    fn legs_that_ran_are_provisional_when_others_could_not() {
        let mut events = sample::started();
        events.push(sample::job_finished("ci.yml:test", Conclusion::Success));
        let blocked = |key: &str| Event::JobBlocked {
            job: sample::key(key),
            name: "mac".into(),
            workflow: "ci.yml".into(),
            cause: Cause::Container { what: "container".into() },
        };
        let progress = after([events.clone(), vec![blocked("ci.yml:other[2]")]].concat());
        assert!(!progress.is_provisional(&progress.jobs[0]));
        let progress = after([events, vec![blocked("ci.yml:test[2]")]].concat());
        assert!(progress.is_provisional(&progress.jobs[0]));
    }

    #[test]
    fn what_belongs_to_no_known_job_is_no_fault() {
        let progress = after(vec![
            sample::line("no:job", 0, "x"),
            sample::step_finished("no:job", 0, Conclusion::Failure),
            sample::job_finished("no:job", Conclusion::Failure),
        ]);
        assert!(progress.jobs.is_empty());
        assert_eq!(progress.label(&sample::key("no:job")), "no:job");
    }
}
