//! Shows a plan: which jobs run, in which order, and why others do not.

use std::fmt::Write;

use plim_run::{
    Plan,
    event::Cause,
    plan::{Forecast, Legs, Outlook, PlannedJob, PlannedLeg, PlannedWorkflow},
};
use serde_json::{Value, json};

use super::{
    diagnostic,
    paint::Paint,
    quantity::{bytes, count, duration},
    text,
};
use crate::{
    estimate::{Estimate, Past},
    view::cause,
};

/// A plan and what is known about it.
pub(crate) struct PlanView<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) forecast: &'a Forecast,
    pub(crate) past: &'a Past,
    pub(crate) estimate: Estimate,
    /// How many jobs run at once.
    pub(crate) jobs: usize,
    pub(crate) paint: Paint,
}

/// How many legs of which kind a plan has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) runs: usize,
    pub(crate) blocked: usize,
    pub(crate) skipped: usize,
    /// Jobs whose legs are not known yet.
    pub(crate) open: usize,
}

impl PlanView<'_> {
    /// For people.
    pub(crate) fn full(&self) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(&mut out);
        out
    }

    /// A line for each leg, and each job without known legs.
    pub(crate) fn concise(&self) -> String {
        let mut out = String::new();
        for workflow in &self.plan.workflows {
            self.concise_jobs(&mut out, workflow);
        }
        for workflow in &self.plan.untriggered {
            let line = format!("{}: not triggered: {}", workflow.path, workflow.reason);
            out.push_str(&(text::name(&line) + "\n"));
        }
        out
    }

    /// The form of `docs/schema/plan.schema.json`.
    pub(crate) fn json(&self) -> Value {
        let mut document = plim_run::plan::document(self.plan, &|key| self.past.took(key));
        let diagnostics = self.plan.diagnostics.iter();
        let diagnostics =
            diagnostics.map(|one| diagnostic::json(one, &self.plan.sources)).collect();
        let time = u64::try_from(self.estimate.time.as_millis()).unwrap_or(u64::MAX);
        if let Value::Object(object) = &mut document {
            object.insert("diagnostics".into(), diagnostics);
            let estimate = json!({
                "milliseconds": time,
                "legs-of-unknown-time": self.estimate.unknown,
                "bytes": self.estimate.bytes,
                "new-workspaces": self.estimate.new,
                "jobs-at-once": self.jobs,
            });
            object.insert("estimate".into(), estimate);
        }
        document
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        let source = &self.plan.source;
        let commit = source.commit().get(..7).unwrap_or(source.commit());
        let dirty = if source.dirty { " with uncommitted work" } else { "" };
        let line = format!("{} at {commit}{dirty}", text::name(&source.repository));
        writeln!(out, "{}", self.paint.faint(line))?;
        for workflow in &self.plan.workflows {
            writeln!(out)?;
            let (event, reference) = (&workflow.occasion.event, &workflow.occasion.reference);
            let (name, path) = (text::name(&workflow.name), text::name(&workflow.workflow.path));
            let more = if name == path { String::new() } else { format!(" ({path})") };
            let (name, more) = (self.paint.strong(name), self.paint.faint(more));
            writeln!(out, "{name}{more} on {event}, {}", text::name(reference))?;
            self.workflow(out, workflow, 1)?;
        }
        self.untriggered(out)?;
        self.causes(out)?;
        self.totals(out)
    }

    fn workflow(
        &self,
        out: &mut String,
        workflow: &PlannedWorkflow,
        depth: usize,
    ) -> std::fmt::Result {
        let stages = stages(workflow);
        for (job, stage) in workflow.jobs.iter().zip(stages) {
            if *self.forecast.job(job) != Outlook::NotSelected {
                self.job(out, workflow, job, stage, depth)?;
            }
        }
        Ok(())
    }

    fn job(
        &self,
        out: &mut String,
        workflow: &PlannedWorkflow,
        job: &PlannedJob,
        stage: usize,
        depth: usize,
    ) -> std::fmt::Result {
        let indent = "  ".repeat(depth);
        let needs: Vec<&str> = job.needs.iter().map(|&at| &*workflow.jobs[at].id).collect();
        let after = if needs.is_empty() {
            String::new()
        } else {
            format!("  after {}", text::name(&needs.join(", ")))
        };
        let outlook = self.forecast.job(job);
        let id = self.paint.strong(text::name(&job.id));
        write!(out, "{indent}{stage:>2}  {id}{}", self.paint.faint(after))?;
        match (outlook, &job.legs) {
            (Outlook::Runs | Outlook::RunsInPart | Outlook::Open, Legs::Known(legs)) => {
                if let [leg] = &legs[..] {
                    writeln!(out, "{}", self.leg_end(leg))?;
                    self.call(out, leg, depth)?;
                } else {
                    writeln!(out)?;
                    for leg in legs {
                        let mark = if leg.blocked.is_some() {
                            self.paint.doubtful("-")
                        } else {
                            self.paint.good("+")
                        };
                        writeln!(
                            out,
                            "{indent}      {mark} {}{}",
                            text::name(&leg.name),
                            self.leg_end(leg)
                        )?;
                        self.call(out, leg, depth)?;
                    }
                }
                Ok(())
            }
            (Outlook::Open, Legs::Deferred { reason }) => {
                writeln!(
                    out,
                    ": {}",
                    self.paint.faint(format!("legs are known later: {}", text::name(reason)))
                )
            }
            (outlook, _) => writeln!(out, ": {}", self.paint.doubtful(why(outlook))),
        }
    }

    /// Why a leg does not run, or how long it took when it did.
    fn leg_end(&self, leg: &PlannedLeg) -> String {
        match &leg.blocked {
            Some(cause) => {
                let also: String =
                    leg.also.iter().map(|cause| format!("; also: {}", cause_text(cause))).collect();
                format!(": {}{}", self.paint.doubtful(cause_text(cause)), self.paint.faint(also))
            }
            None => match self.past.took(&leg.key) {
                Some(took) => {
                    format!("  {}", self.paint.faint(format!("about {}", milliseconds(took))))
                }
                None => String::new(),
            },
        }
    }

    fn call(&self, out: &mut String, leg: &PlannedLeg, depth: usize) -> std::fmt::Result {
        match &leg.call {
            Some(call) if leg.blocked.is_none() => self.workflow(out, call, depth + 2),
            _ => Ok(()),
        }
    }

    fn untriggered(&self, out: &mut String) -> std::fmt::Result {
        if !self.plan.untriggered.is_empty() {
            writeln!(out, "\n{}", self.paint.strong("not triggered"))?;
        }
        for workflow in &self.plan.untriggered {
            writeln!(
                out,
                "  {}: {}",
                text::name(&workflow.path),
                self.paint.faint(text::name(&workflow.reason))
            )?;
        }
        Ok(())
    }

    /// What would have to change, each cause once.
    fn causes(&self, out: &mut String) -> std::fmt::Result {
        if !self.forecast.blocked.is_empty() {
            writeln!(out, "\n{}", self.paint.strong("not run here"))?;
        }
        let mut told: Vec<(String, usize, Option<String>)> = vec![];
        for (cause, keys) in &self.forecast.blocked {
            let what = text::name(&cause::what(cause));
            match told.iter_mut().find(|(known, ..)| *known == what) {
                Some((_, number, _)) => *number += keys.len(),
                None => told.push((what, keys.len(), cause::advice(cause))),
            }
        }
        told.sort_by_key(|(_, number, _)| std::cmp::Reverse(*number));
        for (what, number, advice) in told {
            writeln!(out, "  {number:>4}  {what}")?;
            if let Some(advice) = advice {
                writeln!(out, "        {}", self.paint.faint(text::name(&advice)))?;
            }
        }
        Ok(())
    }

    fn totals(&self, out: &mut String) -> std::fmt::Result {
        let sums = self.sums();
        let mut parts = vec![format!("{} run here", count(sums.runs, "job"))];
        for (number, words) in
            [(sums.blocked, "do not"), (sums.skipped, "skipped"), (sums.open, "known later")]
        {
            if number > 0 {
                parts.push(format!("{number} {words}"));
            }
        }
        writeln!(out, "\n{}", parts.join(" · "))?;
        let Estimate { time, unknown, bytes: size, new } = self.estimate;
        let mut estimates = vec![];
        if !time.is_zero() {
            let more = if unknown > 0 {
                format!(" and {} of unknown time", count(unknown, "job"))
            } else {
                String::new()
            };
            estimates.push(format!(
                "time about {}{more}, {} at once",
                milliseconds(time),
                self.jobs
            ));
        } else if unknown > 0 {
            estimates.push("time unknown until it ran once".to_owned());
        }
        if new > 0 {
            estimates.push(format!(
                "disk about {} for {}",
                bytes(size),
                count(new, "new workspace")
            ));
        }
        if estimates.is_empty() {
            Ok(())
        } else {
            writeln!(out, "{}", self.paint.faint(estimates.join(" · ")))
        }
    }

    /// How many legs run, and how many do not.
    pub(crate) fn sums(&self) -> Sums {
        let mut sums = Sums::default();
        self.plan.workflows.iter().for_each(|workflow| self.add(workflow, &mut sums));
        sums
    }

    fn add(&self, workflow: &PlannedWorkflow, sums: &mut Sums) {
        for job in &workflow.jobs {
            let legs = job.known_legs();
            match self.forecast.job(job) {
                Outlook::NotSelected => {}
                Outlook::Skipped(_) => sums.skipped += 1,
                Outlook::Blocked(_) | Outlook::Undetermined { .. } => {
                    sums.blocked += legs.len().max(1)
                }
                Outlook::Runs | Outlook::RunsInPart | Outlook::Open => {
                    sums.open += usize::from(matches!(job.legs, Legs::Deferred { .. }));
                    for leg in legs {
                        match (&leg.call, &leg.blocked) {
                            (_, Some(_)) => sums.blocked += 1,
                            (Some(call), None) => self.add(call, sums),
                            (None, None) => sums.runs += 1,
                        }
                    }
                }
            }
        }
    }

    fn concise_jobs(&self, out: &mut String, workflow: &PlannedWorkflow) {
        for job in &workflow.jobs {
            let outlook = self.forecast.job(job);
            match outlook {
                Outlook::NotSelected => {}
                Outlook::Runs | Outlook::RunsInPart | Outlook::Open
                    if !job.known_legs().is_empty() =>
                {
                    job.known_legs().iter().for_each(|leg| self.concise_leg(out, leg));
                }
                _ => out.push_str(&(text::name(&format!("{}: {}", job.key, why(outlook))) + "\n")),
            }
        }
    }

    fn concise_leg(&self, out: &mut String, leg: &PlannedLeg) {
        let word = match &leg.blocked {
            Some(cause) => format!("blocked: {}", cause_text(cause)),
            None => "runs".to_owned(),
        };
        out.push_str(&(text::name(&format!("{}: {word}", leg.key)) + "\n"));
        if let Some(call) = leg.call.as_ref().filter(|_| leg.blocked.is_none()) {
            self.concise_jobs(out, call);
        }
    }
}

/// The stage of each job: one more than the latest of those it needs.
fn stages(workflow: &PlannedWorkflow) -> Vec<usize> {
    let mut stages: Vec<usize> = Vec::with_capacity(workflow.jobs.len());
    for job in &workflow.jobs {
        let before = job.needs.iter().filter_map(|&at| stages.get(at)).max();
        stages.push(before.map_or(1, |stage| stage + 1));
    }
    stages
}

fn why(outlook: &Outlook) -> String {
    match outlook {
        Outlook::Runs | Outlook::RunsInPart => "runs".to_owned(),
        Outlook::Open => "known later".to_owned(),
        Outlook::Skipped(reason) => format!("skipped: {}", text::name(reason)),
        Outlook::Blocked(cause) => format!("does not run here: {}", cause_text(cause)),
        Outlook::Undetermined { because } => {
            format!("undetermined: it needs `{}`, which cannot run here", text::name(because))
        }
        Outlook::NotSelected => "takes no part".to_owned(),
    }
}

fn cause_text(cause: &Cause) -> String {
    let what = text::name(&cause::what(cause));
    match cause::detail(cause) {
        Some(detail) => format!("{what} ({})", text::name(detail)),
        None => what,
    }
}

fn milliseconds(time: std::time::Duration) -> String {
    duration(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}
