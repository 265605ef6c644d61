//! Checks that `needs` names jobs and goes in no circle.

use std::collections::HashMap;

use super::{Reader, codes, head};
use crate::yaml::NodeRef;
use crate::{Job, Name};

impl Reader {
    /// Checks the needs of all jobs under `node`.
    pub(super) fn check_needs(&mut self, node: NodeRef<'_>, jobs: &[Job]) {
        if jobs.is_empty() {
            if node.entries().len() == 0 {
                let message = "there are no jobs";
                self.absent(head(node), codes::NO_FIRST_JOB, message, "add a job");
            }
            return;
        }
        let graph = Graph::new(jobs);
        for job in jobs {
            for need in &job.needs {
                if graph.job(need).is_none() {
                    self.unknown_need(job, need, jobs);
                }
            }
        }
        let none_starts =
            jobs.iter().all(|job| job.needs.iter().any(|need| graph.job(need).is_some()));
        for cycle in graph.cycles() {
            self.cycle(node, &cycle, none_starts);
        }
    }

    fn unknown_need(&mut self, job: &Job, need: &Name, jobs: &[Job]) {
        let message = format!("the job `{}` needs `{}`, which is no job", job.id.value, need.value);
        let near =
            plim_diag::closest(&need.value, jobs.iter().take(MOST_ASKED).map(|job| &*job.id.value));
        let help = match near {
            Some(near) => format!("write `{near}`"),
            None => "name the id of a job of this file".to_owned(),
        };
        self.absent(need.span, codes::UNKNOWN_NEED, message, help);
    }

    fn cycle(&mut self, node: NodeRef<'_>, cycle: &[(&Job, &Name)], none_starts: bool) {
        let Some((first, need)) = cycle.first() else { return };
        let mut names: Vec<String> =
            cycle.iter().map(|(job, _)| format!("`{}`", job.id.value)).collect();
        names.push(format!("`{}`", first.id.value));
        let circle = names.join(" needs ");
        let (code, message, span) = if none_starts {
            (codes::NO_FIRST_JOB, format!("no job can be the first: {circle}"), head(node))
        } else {
            (codes::NEEDS_CYCLE, format!("`needs` goes in a circle: {circle}"), need.span)
        };
        let mut diagnostic =
            plim_diag::Diagnostic::error(code, message).help("remove one of these needs");
        let skipped = usize::from(!none_starts);
        for (job, need) in cycle.iter().skip(skipped) {
            let place = self.place(need.span);
            diagnostic = diagnostic.related(place, format!("`{}` needs it here", job.id.value));
        }
        self.report(diagnostic, span);
    }
}

/// Comparing every unknown name with every job would take a hostile file hours.
const MOST_ASKED: usize = 200;

/// How far the needs of a job were followed.
#[derive(Clone, Copy, PartialEq)]
enum Walked {
    Not,
    /// They are being followed, and this is the place of the job on the way.
    OnWay(usize),
    Through,
}

/// The jobs by their ids, without regard to case.
struct Graph<'j> {
    jobs: &'j [Job],
    places: HashMap<String, usize>,
}

impl<'j> Graph<'j> {
    fn new(jobs: &'j [Job]) -> Self {
        let place = |(at, job): (usize, &Job)| (job.id.value.to_ascii_lowercase(), at);
        Self { jobs, places: jobs.iter().enumerate().map(place).collect() }
    }

    fn job(&self, need: &Name) -> Option<usize> {
        self.places.get(&need.value.to_ascii_lowercase()).copied()
    }

    /// Each circle once: the jobs in the order of their needs, each with the need that leads on.
    fn cycles(&self) -> Vec<Vec<(&'j Job, &'j Name)>> {
        let mut walked = vec![Walked::Not; self.jobs.len()];
        (0..self.jobs.len()).filter_map(|start| self.walk(start, &mut walked)).collect()
    }

    /// Walks from `start` as deep as it goes; every job is walked from once, so the time is that of the file.
    fn walk(&self, start: usize, walked: &mut [Walked]) -> Option<Vec<(&'j Job, &'j Name)>> {
        let mut found = None;
        // The jobs on the way, each with the next of its needs to follow.
        let mut way: Vec<(usize, usize)> = Vec::new();
        if walked[start] == Walked::Not {
            walked[start] = Walked::OnWay(0);
            way.push((start, 0));
        }
        while let Some((at, next)) = way.last_mut() {
            let Some(need) = self.jobs[*at].needs.get(*next) else {
                walked[*at] = Walked::Through;
                way.pop();
                continue;
            };
            *next += 1;
            let Some(to) = self.job(need) else { continue };
            match walked[to] {
                Walked::Through => {}
                Walked::OnWay(from) => found = found.or_else(|| Some(self.circle(&way[from..]))),
                Walked::Not => {
                    walked[to] = Walked::OnWay(way.len());
                    way.push((to, 0));
                }
            }
        }
        found
    }

    fn circle(&self, way: &[(usize, usize)]) -> Vec<(&'j Job, &'j Name)> {
        let step = |(at, next): &(usize, usize)| {
            let job = &self.jobs[*at];
            (job, &job.needs[next - 1])
        };
        way.iter().map(step).collect()
    }
}
