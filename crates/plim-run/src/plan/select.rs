//! Selects the jobs that take part: all, or one with what it needs, less those that are left out.

use std::sync::Arc;

use plim_workflow::Job;

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

/// Whether each job takes part.
///
/// `order` lists places of jobs so that what a job needs comes before it; `left_out` says which jobs the user leaves
/// out, and what needs one of those is left out too.
pub(super) fn selected(
    jobs: &[Job],
    order: &[usize],
    selection: &Selection,
    left_out: &dyn Fn(&str) -> bool,
) -> Vec<bool> {
    let mut selected = match selection {
        Selection::All => vec![true; jobs.len()],
        Selection::One { path, .. } => {
            jobs.iter().map(|job| path.first().is_some_and(|id| **id == *job.id.value)).collect()
        }
    };
    if let Selection::One { with_needs: true, .. } = selection {
        for &at in order.iter().rev().filter(|&&at| at < jobs.len()) {
            if selected[at] {
                needs(jobs, at).for_each(|need| selected[need] = true);
            }
        }
    }
    let alone = matches!(selection, Selection::One { with_needs: false, .. });
    for &at in order {
        let blocked = !alone && needs(jobs, at).any(|need| !selected[need]);
        selected[at] &= !blocked && !left_out(&jobs[at].id.value);
    }
    selected
}

/// The places of the jobs that the job at `at` needs directly.
pub(super) fn needs(jobs: &[Job], at: usize) -> impl Iterator<Item = usize> + '_ {
    jobs[at].needs.iter().filter_map(|need| place(jobs, &need.value))
}

fn place(jobs: &[Job], id: &Arc<str>) -> Option<usize> {
    let exact = jobs.iter().position(|job| job.id.value == *id);
    exact.or_else(|| jobs.iter().position(|job| job.id.value.eq_ignore_ascii_case(id)))
}

/// The places of all jobs in file order, but what a job needs comes before it.
pub(super) fn order(jobs: &[Job]) -> Vec<usize> {
    let (mut order, mut seen) = (Vec::with_capacity(jobs.len()), vec![false; jobs.len()]);
    // A path from a job down its needs: the job, and how many of its needs were followed.
    for start in 0..jobs.len() {
        let mut path = vec![(start, 0)];
        if std::mem::replace(&mut seen[start], true) {
            continue;
        }
        while let Some((at, followed)) = path.last_mut() {
            let next = needs(jobs, *at).nth(*followed);
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
        let selected = selected(&jobs, &order(&jobs), &selection, &|id| id == skip);
        let ids = jobs.iter().zip(selected).filter(|(_, yes)| *yes);
        ids.map(|(job, _)| job.id.value.to_string()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_a_job_needs_comes_before_it() {
        let jobs = jobs("d < c, a; c < b; b; a < b");
        let ids: Vec<&str> = order(&jobs).into_iter().map(|at| &*jobs[at].id.value).collect();
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
