//! Selects the jobs that take part: all, or one with what it needs, less those that are left out.

use std::collections::HashMap;

use plim_workflow::{Job, Name};

/// Which jobs of a workflow take part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Selection {
    /// All.
    All,
    /// The job that the first part names; of the workflow that it calls, what the other parts name.
    One {
        /// Ids from the outside in.
        path: Vec<String>,
        /// Whether what it needs takes part too.
        with_needs: bool,
    },
}

impl Selection {
    /// Reads `build`, `ci.yml:build` and `ci.yml:release/build`; `None` when it is about another file.
    pub(super) fn read(text: &str, with_needs: bool, file: &str) -> Option<Self> {
        let path = match text.split_once(':') {
            Some((named, path)) if named == file => path,
            Some(_) => return None,
            None => text,
        };
        Some(Self::One { path: path.split('/').map(str::to_owned).collect(), with_needs })
    }

    /// What is selected in the workflow that the job `id` calls.
    pub(super) fn within(&self, id: &str) -> Self {
        match self {
            Self::One { path, with_needs } if path.len() > 1 && path[0] == id => {
                Self::One { path: path[1..].to_vec(), with_needs: *with_needs }
            }
            _ => Self::All,
        }
    }
}

/// Which jobs need which.
#[derive(Debug)]
pub(super) struct Graph {
    /// The places of the jobs that each job needs directly.
    pub(super) needs: Vec<Vec<usize>>,
    /// The places of all jobs in file order, but what a job needs comes before it.
    pub(super) order: Vec<usize>,
}

impl Graph {
    pub(super) fn of(jobs: &[Job]) -> Self {
        let mut places: HashMap<String, usize> = HashMap::with_capacity(jobs.len());
        for (at, job) in jobs.iter().enumerate() {
            places.entry(job.id.value.to_ascii_lowercase()).or_insert(at);
        }
        let place = |need: &Name| places.get(&need.value.to_ascii_lowercase()).copied();
        let needs: Vec<Vec<usize>> =
            jobs.iter().map(|job| job.needs.iter().filter_map(place).collect()).collect();
        Self { order: order(&needs), needs }
    }

    /// Whether each job takes part.
    ///
    /// `left_out` says which jobs the user leaves out; what needs one of those is left out too.
    pub(super) fn selected(
        &self,
        jobs: &[Job],
        selection: &Selection,
        left_out: &dyn Fn(&str) -> bool,
    ) -> Vec<bool> {
        let mut selected = match selection {
            Selection::All => vec![true; jobs.len()],
            Selection::One { path, .. } => {
                let named = |job: &Job| path.first().is_some_and(|id| **id == *job.id.value);
                jobs.iter().map(named).collect()
            }
        };
        let with_needs = matches!(selection, Selection::One { with_needs: true, .. });
        for &at in self.order.iter().rev().filter(|_| with_needs) {
            if selected[at] {
                self.needs[at].iter().for_each(|&need| selected[need] = true);
            }
        }
        let alone = matches!(selection, Selection::One { with_needs: false, .. });
        for &at in &self.order {
            let lacks = !alone && self.needs[at].iter().any(|&need| !selected[need]);
            selected[at] &= !lacks && !left_out(&jobs[at].id.value);
        }
        selected
    }
}

fn order(needs: &[Vec<usize>]) -> Vec<usize> {
    let (mut order, mut seen) = (Vec::with_capacity(needs.len()), vec![false; needs.len()]);
    for start in 0..needs.len() {
        if std::mem::replace(&mut seen[start], true) {
            continue;
        }
        // A path from a job down its needs: the job, and how many of its needs were followed.
        let mut path = vec![(start, 0)];
        while let Some((at, followed)) = path.last_mut() {
            let next = needs[*at].get(*followed).copied();
            *followed += 1;
            match next {
                // In a circle, which the reader reports, the need that closes it is passed over.
                Some(need) if !std::mem::replace(&mut seen[need], true) => path.push((need, 0)),
                Some(_) => {}
                None => {
                    order.push(*at);
                    path.pop();
                }
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use plim_workflow::Workflow;

    fn jobs(text: &str) -> Vec<Job> {
        let mut file = "on: push\njobs:\n".to_owned();
        for line in text.split(';') {
            let (id, needs) = line.split_once('<').unwrap_or((line, ""));
            file.push_str(&format!(
                "  {}: {{ needs: [{needs}], runs-on: x, steps: [{{ run: a }}] }}\n",
                id.trim()
            ));
        }
        Workflow::read("ci.yml", &file).value.jobs
    }

    fn chosen(text: &str, job: &str, with_needs: bool, skip: &str) -> String {
        let jobs = jobs(text);
        let selection = match job {
            "" => Selection::All,
            job => Selection::read(job, with_needs, "ci.yml").unwrap(),
        };
        let selected = Graph::of(&jobs).selected(&jobs, &selection, &|id| id == skip);
        let ids = jobs.iter().zip(selected).filter(|(_, yes)| *yes);
        ids.map(|(job, _)| job.id.value.to_string()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_a_job_needs_comes_before_it() {
        let jobs = jobs("d < c, a; c < b; b; a < b");
        let order = Graph::of(&jobs).order;
        let ids: Vec<&str> = order.into_iter().map(|at| &*jobs[at].id.value).collect();
        assert_eq!(ids, ["b", "c", "a", "d"]);
    }

    #[test]
    fn a_job_is_selected_with_what_it_needs_or_alone() {
        let jobs = "a; b < a; c < b; d";
        assert_eq!(chosen(jobs, "", true, ""), "a b c d");
        assert_eq!(chosen(jobs, "b", true, ""), "a b");
        assert_eq!(chosen(jobs, "ci.yml:c", true, ""), "a b c");
        assert_eq!(chosen(jobs, "c", false, ""), "c");
    }

    #[test]
    fn what_needs_a_job_that_is_left_out_is_left_out_too() {
        assert_eq!(chosen("a; b < a; c < b; d", "", true, "b"), "a d");
        assert_eq!(chosen("a; b < a; c < b; d", "c", true, "a"), "");
    }

    #[test]
    fn a_path_leads_into_called_workflows() {
        let selection = Selection::read("release/build", true, "ci.yml").unwrap();
        let inner = Selection::One { path: vec!["build".into()], with_needs: true };
        assert_eq!(selection.within("release"), inner);
        assert_eq!(selection.within("other"), Selection::All);
        assert_eq!(Selection::read("other.yml:build", true, "ci.yml"), None);
    }
}
