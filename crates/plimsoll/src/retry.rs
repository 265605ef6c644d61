//! Finds the run that `plim run --failed` repeats, or says why there is nothing to retry; with `-n`, what of it would be
//! reused.

use plim_diag::{Code, Diagnostic, Sources};
use plim_run::{
    JobKey, Plan, basis,
    history::{Earlier, EarlierEnd, History},
    plan::{Legs, PlannedWorkflow},
};
use serde_json::{Value, json};

use crate::{exit::Exit, refusal::Refusal, render::text};

/// The last run of what `plan` asks for, in which something did not pass.
///
/// Errors, with the exit code of nothing triggered: no such run is kept, or nothing in it is left to retry.
pub(crate) fn earlier(plan: &Plan) -> Result<Earlier, Refusal> {
    let earlier = last(plan)?;
    if earlier.is_settled(plan) {
        let message = format!("nothing to retry: no job failed in run {}", earlier.run);
        let help = "run all of it again with `plim run`";
        return Err(nothing(Diagnostic::note(Code("nothing-to-retry"), message).help(help)));
    }
    Ok(earlier)
}

/// The last run of what `plan` asks for, however it ended.
///
/// Errors, with the exit code of nothing triggered: no such run is kept.
pub(crate) fn last(plan: &Plan) -> Result<Earlier, Refusal> {
    let history = History::of(&plan.source.root);
    history.last_like(&basis::asked(plan))?.ok_or_else(|| none_kept(&history))
}

/// What `plim run --failed` would do, as far as it can be told without running anything: whether files, variables and
/// rights are as they were is found out only then.
#[derive(Debug)]
pub(crate) struct Retry {
    run: String,
    reused: Vec<String>,
    again: Vec<String>,
}

impl Retry {
    /// Errors: those of [`earlier`].
    pub(crate) fn of(plan: &Plan) -> Result<Self, Refusal> {
        let earlier = earlier(plan)?;
        let run = earlier.run.to_string();
        let mut retry = Self { run, reused: Vec::new(), again: Vec::new() };
        for workflow in &plan.workflows {
            retry.workflow(workflow, &earlier, true);
        }
        Ok(retry)
    }

    /// Whether nothing of a workflow runs again; `settled` says so of what it needs.
    fn workflow(&mut self, planned: &PlannedWorkflow, earlier: &Earlier, settled: bool) -> bool {
        let mut ends: Vec<bool> = Vec::with_capacity(planned.jobs.len());
        for job in &planned.jobs {
            let settled =
                settled && job.needs.iter().all(|&at| ends.get(at).copied().unwrap_or(false));
            let mut end = settled && !matches!(job.legs, Legs::Deferred { .. });
            for leg in job.known_legs().iter().filter(|_| job.selected) {
                end &= match &leg.call {
                    Some(call) => self.workflow(call, earlier, settled),
                    None => {
                        leg.blocked.is_none() && self.leg(&leg.key, &leg.name, earlier, settled)
                    }
                };
            }
            ends.push(end || !job.selected);
        }
        ends.into_iter().all(|end| end)
    }

    fn leg(&mut self, key: &JobKey, name: &str, earlier: &Earlier, settled: bool) -> bool {
        let job = earlier.job(key);
        let holds = job.is_some_and(|job| {
            let basis = job.basis.as_ref();
            let whole = basis.is_some_and(|basis| {
                let same = basis.run.version == env!("CARGO_PKG_VERSION");
                same && !basis.by_hand && basis.withheld.is_empty()
            });
            whole && matches!(job.end, EarlierEnd::Passed { .. })
        });
        let skipped = job.is_some_and(|job| job.end == EarlierEnd::Skipped);
        if skipped && settled {
            return true;
        }
        let list = if holds && settled { &mut self.reused } else { &mut self.again };
        list.push(name.to_owned());
        holds && settled
    }

    /// For people.
    pub(crate) fn text(&self) -> String {
        let listed = |names: &[String]| match names {
            [] => "nothing".to_owned(),
            names => text::name(&names.join(", ")),
        };
        format!(
            "\nwith --failed, repeats run {}\n  reused, unless what it was given changed: {}\n  run again: {}\n",
            self.run,
            listed(&self.reused),
            listed(&self.again)
        )
    }

    /// The form of `retry` in `docs/schema/plan.schema.json`.
    pub(crate) fn json(&self) -> Value {
        json!({ "run": self.run, "reused": self.reused, "again": self.again })
    }
}

/// Tells a repository that never ran from one whose history holds other runs only.
fn none_kept(history: &History) -> Refusal {
    let kept = history.runs().map_or(0, |runs| runs.len());
    let diagnostic = if kept == 0 {
        let message = "nothing to retry: no run is kept here; it may have been evicted";
        Diagnostic::note(Code("nothing-to-retry"), message).help("run it with `plim run`")
    } else {
        let message =
            format!("nothing to retry: none of the {kept} runs that are kept is one of just this");
        let help = "give the workflows, event, inputs and jobs of the run that failed (`plim runs` lists \
                    them); it may also have been evicted, then run it again without `--failed`";
        Diagnostic::note(Code("nothing-to-retry"), message).help(help)
    };
    nothing(diagnostic)
}

fn nothing(diagnostic: Diagnostic) -> Refusal {
    Refusal { exit: Exit::Nothing, diagnostics: vec![diagnostic], sources: Sources::new() }
}
