//! The graph of jobs: who needs whom.

use std::collections::{HashMap, HashSet};

use plim_workflow::{Job, Workflow};

/// Which jobs of a workflow need which others. Ids are compared without regard to case.
#[derive(Clone, Debug, Default)]
pub struct JobGraph<'a> {
    jobs: HashMap<String, &'a Job>,
    ancestors: HashMap<String, HashSet<String>>,
}

impl<'a> JobGraph<'a> {
    /// The graph of the jobs of `workflow`.
    #[must_use]
    pub fn new(workflow: &'a Workflow) -> Self {
        let jobs: HashMap<String, &Job> =
            workflow.jobs.iter().map(|job| (job.id.value.to_ascii_lowercase(), job)).collect();
        let mut graph = Self { jobs, ancestors: HashMap::new() };
        for job in &workflow.jobs {
            let found = graph.reach(job);
            graph.ancestors.insert(job.id.value.to_ascii_lowercase(), found);
        }
        graph
    }

    /// The job called `id`.
    #[must_use]
    pub fn job(&self, id: &str) -> Option<&'a Job> {
        self.jobs.get(&id.to_ascii_lowercase()).copied()
    }

    /// Whether `job` waits for `other`, directly or through others.
    #[must_use]
    pub fn waits_for(&self, job: &str, other: &str) -> bool {
        let ancestors = self.ancestors.get(&job.to_ascii_lowercase());
        ancestors.is_some_and(|ancestors| ancestors.contains(&other.to_ascii_lowercase()))
    }

    /// The ids, in lower case, of all jobs that `job` waits for.
    pub fn ancestors(&self, job: &str) -> impl Iterator<Item = &str> {
        let ancestors = self.ancestors.get(&job.to_ascii_lowercase());
        ancestors.into_iter().flatten().map(String::as_str)
    }

    fn reach(&self, job: &Job) -> HashSet<String> {
        let mut found = HashSet::new();
        let mut open = vec![job];
        while let Some(job) = open.pop() {
            for need in &job.needs {
                let id = need.value.to_ascii_lowercase();
                let Some(&needed) = self.jobs.get(&id) else { continue };
                // What was computed for a job above need not be walked again.
                if let Some(known) = self.ancestors.get(&id) {
                    found.extend(known.iter().cloned());
                    found.insert(id);
                } else if found.insert(id) {
                    open.push(needed);
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_is_transitive_and_case_does_not_count() {
        let job = |id: &str, needs: &str| {
            format!("  {id}:\n    runs-on: x\n    needs: [{needs}]\n    steps: [run: a]\n")
        };
        let text = format!("on: push\njobs:\n{}{}{}", job("C", "b"), job("a", ""), job("b", "A"));
        let read = Workflow::read("ci.yml", &text);
        let graph = JobGraph::new(&read.value);
        assert!(graph.waits_for("c", "a") && graph.waits_for("b", "a"));
        assert!(!graph.waits_for("a", "c") && !graph.waits_for("a", "a"));
        assert_eq!(graph.ancestors("C").count(), 2);
        assert!(graph.job("B").is_some());
    }

    #[test]
    fn a_cycle_ends() {
        let text = "on: push\njobs:\n  a: { needs: b }\n  b: { needs: a }\n";
        let read = Workflow::read("ci.yml", text);
        assert!(JobGraph::new(&read.value).waits_for("a", "b"));
    }
}
