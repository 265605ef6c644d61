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
    view::{
        cause,
        reckoning::{self, Reckoning},
        roots,
    },
};

/// A plan and what is known about it.
pub(crate) struct PlanView<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) forecast: &'a Forecast,
    pub(crate) reckoning: Reckoning,
    pub(crate) past: &'a Past,
    pub(crate) estimate: Estimate,
    /// How many jobs run at once.
    pub(crate) jobs: usize,
    /// Whether jobs that do not run are shown one by one.
    pub(crate) verbose: bool,
    pub(crate) paint: Paint,
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
            object.insert("summary".into(), self.reckoning.json());
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
        let (mut stuck, mut skipped) = (0, 0);
        for (job, stage) in workflow.jobs.iter().zip(stages) {
            match self.forecast.job(job) {
                Outlook::NotSelected => {}
                Outlook::Skipped(_) if !self.verbose => skipped += 1,
                Outlook::Blocked(_) | Outlook::Undetermined { .. } if !self.verbose => stuck += 1,
                _ => self.job(out, workflow, job, stage, depth)?,
            }
        }
        let hidden = match (stuck, skipped) {
            (0, 0) => return Ok(()),
            (0, skipped) => format!("{} skipped", count(skipped, "job")),
            (stuck, 0) => format!("{} not run here", count(stuck, "job")),
            (stuck, skipped) => format!("{} not run here, {skipped} skipped", count(stuck, "job")),
        };
        writeln!(out, "{}     {}", "  ".repeat(depth), self.paint.faint(hidden))
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
                    Ok(())
                } else {
                    writeln!(out)?;
                    self.legs(out, legs, depth)
                }
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

    fn legs(&self, out: &mut String, legs: &[PlannedLeg], depth: usize) -> std::fmt::Result {
        let indent = "  ".repeat(depth);
        let is_shown = |leg: &&PlannedLeg| self.verbose || leg.blocked.is_none();
        for leg in legs.iter().filter(is_shown) {
            let mark = match &leg.blocked {
                Some(_) => self.paint.doubtful("-"),
                None => self.paint.good("+"),
            };
            let name = text::name(&leg.name);
            writeln!(out, "{indent}      {mark} {name}{}", self.leg_end(leg))?;
            self.call(out, leg, depth)?;
        }
        match legs.len() - legs.iter().filter(is_shown).count() {
            0 => Ok(()),
            hidden => {
                let hidden = format!("{} not run here", count(hidden, "leg"));
                writeln!(out, "{indent}      {}", self.paint.faint(hidden))
            }
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
            None => {
                let took =
                    self.past.took(&leg.key).map(|took| format!("about {}", milliseconds(took)));
                let left = (!leg.left_out.is_empty())
                    .then(|| format!("left out here: {}", leg.left_out.join(", ")));
                let shown: Vec<String> = took.into_iter().chain(left).collect();
                if shown.is_empty() {
                    String::new()
                } else {
                    format!("  {}", self.paint.faint(shown.join("; ")))
                }
            }
        }
    }

    fn call(&self, out: &mut String, leg: &PlannedLeg, depth: usize) -> std::fmt::Result {
        match &leg.call {
            Some(call) if leg.blocked.is_none() => self.workflow(out, call, depth + 2),
            _ => Ok(()),
        }
    }

    /// Each reason once, with the files it is true of.
    fn untriggered(&self, out: &mut String) -> std::fmt::Result {
        let mut reasons: Vec<(&str, Vec<&str>)> = vec![];
        for workflow in &self.plan.untriggered {
            let file = workflow.path.rsplit('/').next().unwrap_or(&workflow.path);
            match reasons.iter_mut().find(|(reason, _)| *reason == workflow.reason) {
                Some((_, files)) => files.push(file),
                None => reasons.push((&workflow.reason, vec![file])),
            }
        }
        if !reasons.is_empty() {
            writeln!(out, "\n{}", self.paint.strong("not triggered"))?;
        }
        for (reason, files) in reasons {
            let files = text::name(&files.join(", "));
            writeln!(out, "  {files}: {}", self.paint.faint(text::name(reason)))?;
        }
        Ok(())
    }

    /// What would have to change, each root cause once.
    fn causes(&self, out: &mut String) -> std::fmt::Result {
        let (roots, fixes) = (&self.reckoning.roots, &self.reckoning.fixes);
        if roots.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n{}", self.paint.strong("not run here"))?;
        out.push_str(&roots::told(roots, fixes, self.paint));
        if !self.verbose {
            writeln!(out, "        {}", self.paint.faint("`-v` shows every job and why"))?;
        }
        Ok(())
    }

    fn totals(&self, out: &mut String) -> std::fmt::Result {
        if let Some(sentence) = reckoning::sentence(&self.reckoning.event()) {
            writeln!(out, "\n{sentence}")?;
        }
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
        Outlook::Undetermined { because, .. } => {
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
