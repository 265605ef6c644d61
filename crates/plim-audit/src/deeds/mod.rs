//! What the jobs of a workflow do: build, test, sign, publish, release, deploy.
//!
//! Read from the commands of scripts, from scripts, recipes and local actions that they call, from well-known actions,
//! and from called workflows of the same repository. What is not known does nothing; so rules may conclude from deeds
//! that are there, and from absence only with care.

mod act;
mod actions;
mod called;
mod commands;
mod condition;

use std::collections::HashMap;

use plim_diag::Span;
use plim_expression::Expression;
use plim_workflow::script::{Command, Joint};
use plim_workflow::{ActionReference, JobBody, Setting, StepBody, Text};

pub use act::{Act, Registry};
pub(crate) use called::file;
pub(crate) use commands::makes_public;
pub use condition::{Occasion, may_hold, surely_holds};

use crate::{Audit, JobAt, Script, Shell, StepAt, Surroundings};

/// What one job does.
#[derive(Debug)]
pub struct JobDeeds<'a> {
    /// The job.
    pub job: JobAt<'a>,
    /// What it does, in the order of its steps.
    pub deeds: Vec<Deed<'a>>,
}

/// One thing that a job does.
#[derive(Clone, Debug)]
pub struct Deed<'a> {
    /// What is done.
    pub act: Act,
    /// The command, or the name of the action or workflow, as a person would write it.
    pub said: String,
    /// Where it stands in the file: the command, or what calls the script or workflow that does it.
    pub span: Span,
    /// The step that does it; none where the job calls a workflow.
    pub step: Option<StepAt<'a>>,
    /// The command, where it is one of a script in this file.
    pub command: Option<CommandAt<'a>>,
    /// The text on which it hangs besides conditions, such as `push` of an action that builds images.
    pub switch: Option<&'a Text>,
}

/// A command of a script in the file.
#[derive(Clone, Debug)]
pub struct CommandAt<'a> {
    /// The script.
    pub script: Script<'a>,
    /// Which of its commands.
    pub at: usize,
}

/// What all jobs of a workflow do.
#[derive(Debug, Default)]
pub struct Deeds<'a> {
    /// The jobs in the order of the file.
    pub jobs: Vec<JobDeeds<'a>>,
}

impl<'a> Deeds<'a> {
    /// Reads what the jobs of the file of `audit` do.
    pub(crate) fn read(audit: &Audit<'a>) -> Self {
        let scripts = audit.scripts();
        let by_step: HashMap<Span, &Script<'a>> =
            scripts.iter().map(|script| (script.step.step.span, script)).collect();
        let mut jobs: Vec<JobDeeds<'a>> = crate::steps::jobs(audit.subject())
            .map(|job| JobDeeds { job, deeds: of_call(job, audit) })
            .collect();
        for step in audit.steps().iter() {
            let Some(job) = step.job else { continue };
            let own = |known: &&mut JobDeeds<'a>| known.job.id.span == job.id.span;
            let Some(of_job) = jobs.iter_mut().find(own) else { continue };
            match (&step.step.body, by_step.get(&step.step.span)) {
                (StepBody::Run(_), Some(script)) => of_script(script, audit, &mut of_job.deeds),
                (StepBody::Uses(_), _) => of_uses(*step, audit, &mut of_job.deeds),
                _ => {}
            }
        }
        Self { jobs }
    }

    /// What the job called `id` does.
    #[must_use]
    pub fn job(&self, id: &str) -> Option<&JobDeeds<'a>> {
        self.jobs.iter().find(|job| job.job.id.value.eq_ignore_ascii_case(id))
    }

    /// The jobs of which some deed is as `wanted` says.
    pub fn jobs_that<'d>(
        &'d self,
        wanted: fn(Act) -> bool,
    ) -> impl Iterator<Item = &'d JobDeeds<'a>> {
        self.jobs.iter().filter(move |job| job.does(wanted))
    }
}

impl<'a> JobDeeds<'a> {
    /// Whether some deed is as `wanted` says.
    pub fn does(&self, wanted: impl Fn(Act) -> bool) -> bool {
        self.deeds.iter().any(|deed| wanted(deed.act))
    }

    /// The first deed that is as `wanted` says, with its place in the order.
    pub fn first(&self, wanted: impl Fn(Act) -> bool) -> Option<(usize, &Deed<'a>)> {
        self.deeds.iter().enumerate().find(|(_, deed)| wanted(deed.act))
    }

    /// The id of the job.
    #[must_use]
    pub fn id(&self) -> &'a str {
        &self.job.job.id.value
    }
}

impl Deed<'_> {
    /// What the deed is, with its command: `` `cargo publish` publishes ``.
    #[must_use]
    pub fn shown(&self) -> String {
        format!("`{}` {}", self.said, self.act.verb())
    }
}

impl CommandAt<'_> {
    /// The command.
    #[must_use]
    pub fn command(&self) -> &Command {
        &self.script.reading().commands[self.at]
    }

    /// Where it stands in the file.
    #[must_use]
    pub fn span(&self) -> Span {
        place(&self.script, self.command())
    }

    /// The commands that run instead when it fails, when it is followed by `||`.
    #[must_use]
    pub fn alternative(&self) -> &[Command] {
        let commands = &self.script.reading().commands;
        let mut at = self.at;
        while commands.get(at).is_some_and(|c| matches!(c.joint, Joint::And | Joint::Pipe)) {
            at += 1;
        }
        let (Some(last), Some(next)) = (commands.get(at), commands.get(at + 1)) else {
            return &[];
        };
        if last.joint != Joint::Or {
            return &[];
        }
        let rest = &commands[at + 1..];
        let length = match next.depth > last.depth {
            true => rest.iter().take_while(|command| command.depth > last.depth).count(),
            false => 1,
        };
        &rest[..length]
    }

    /// Whether its failure is replaced by commands that cannot fail, such as `|| true`.
    #[must_use]
    pub fn is_forgiven(&self) -> bool {
        const HARMLESS: [&str; 4] = ["true", ":", "echo", "printf"];
        let harmless = |command: &Command| {
            let name = command.call().first().map(|word| word.text.as_str());
            name.is_none_or(|name| HARMLESS.contains(&name))
        };
        let alternative = self.alternative();
        self.script.shell.is_posix_or_unknown()
            && !alternative.is_empty()
            && alternative.iter().all(harmless)
    }
}

impl Shell {
    /// Whether it may be a shell of the Bourne family.
    pub(crate) fn is_posix_or_unknown(self) -> bool {
        self.is_posix() || self == Self::Unknown
    }
}

/// What the workflow in the file `path` does.
pub(crate) fn acts_of_workflow(path: &str, surroundings: &dyn Surroundings) -> Vec<Act> {
    called::by_workflow(path, surroundings, 0)
}

/// Where a command of `script` stands in the file.
pub(crate) fn place(script: &Script<'_>, command: &Command) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    script.place(Span::new(offset(command.span.start), offset(command.span.end)))
}

fn of_script<'a>(script: &Script<'a>, audit: &Audit<'a>, deeds: &mut Vec<Deed<'a>>) {
    if matches!(script.shell, Shell::Python | Shell::Other) {
        return;
    }
    for invoked in script.programs() {
        let at = invoked.command;
        let Some(command) = script.reading().commands.get(at) else { continue };
        let new = |act: Act, said: String| Deed {
            act,
            said,
            span: place(script, command),
            step: Some(script.step),
            command: None,
            switch: None,
        };
        if let Some(act) = commands::act(invoked) {
            let command = CommandAt { script: script.clone(), at };
            deeds.push(Deed { command: Some(command), ..new(act, invoked.shown()) });
            if !called::is_recipe(invoked) {
                continue;
            }
        }
        let named = deeds.last().filter(|deed| deed.span == place(script, command));
        let named = named.map(|deed| deed.act);
        let folder = called::folder(script.step, script.run);
        let called = called::by(invoked, &folder, audit.surroundings(), 0);
        for act in called.into_iter().filter(|act| Some(*act) != named) {
            deeds.push(new(act, invoked.shown()));
        }
    }
}

fn of_uses<'a>(step: StepAt<'a>, audit: &Audit<'a>, deeds: &mut Vec<Deed<'a>>) {
    let StepBody::Uses(uses) = &step.step.body else { return };
    let new = |act: Act, said: String| Deed {
        act,
        said,
        span: uses.action.span,
        step: Some(step),
        command: None,
        switch: None,
    };
    match &uses.action.value {
        ActionReference::Remote { owner, repository, path, .. } => {
            let name = called::name(owner, repository, path);
            if let Some(act) = actions::act(&name, &|key| called::input(uses, key)) {
                let entries = uses.with.written();
                let switch = entries.iter().find(|(key, text)| {
                    &*key.value == "push" && text.template.is_literal().is_none()
                });
                deeds.push(Deed { switch: switch.map(|(_, text)| text), ..new(act, name) });
            }
        }
        ActionReference::Local { path, .. } => {
            for act in called::by_action(path, audit.surroundings(), 0) {
                deeds.push(new(act, format!("./{path}")));
            }
        }
        _ => {}
    }
}

fn of_call<'a>(job: JobAt<'a>, audit: &Audit<'a>) -> Vec<Deed<'a>> {
    let JobBody::Call(call) = &job.job.body else { return Vec::new() };
    let acts = match call.local_path() {
        Some(path) => called::by_workflow(path, audit.surroundings(), 0),
        None => actions::act(&call.uses.value, &|_| actions::Given::No).into_iter().collect(),
    };
    let new = |act| Deed {
        act,
        said: call.uses.value.to_string(),
        span: call.uses.span,
        step: None,
        command: None,
        switch: None,
    };
    acts.into_iter().map(new).collect()
}

/// Whether a setting is written out as true.
pub(crate) fn is_true(setting: Option<&Setting<bool>>) -> bool {
    matches!(setting, Some(Setting::Literal(literal)) if literal.value)
}

/// Whether `holds` says yes of the conditions of a job and of the jobs it needs.
pub(crate) fn job_runs(job: JobAt<'_>, holds: &dyn Fn(&Expression) -> bool) -> bool {
    runs(job, holds, 0)
}

fn runs(job: JobAt<'_>, holds: &dyn Fn(&Expression) -> bool, depth: usize) -> bool {
    const DEEPEST: usize = 32;
    let condition = job.job.condition.as_ref().map(|condition| condition.condition.expression());
    if condition.is_some_and(|condition| !holds(condition)) {
        return false;
    }
    // A job with `always()` runs although what it needs was skipped.
    if condition.is_some_and(runs_anyway) || depth > DEEPEST {
        return true;
    }
    let mut needed = job.job.needs.iter().filter_map(|need| job.workflow.job(&need.value));
    needed.all(|needed| runs(JobAt { job: needed, workflow: job.workflow }, holds, depth + 1))
}

/// Whether a condition lets a job or step run although something before it failed or was skipped.
pub(crate) fn runs_anyway(condition: &Expression) -> bool {
    condition.calls("always") || condition.calls("cancelled") || condition.calls("failure")
}

impl Deed<'_> {
    /// Whether `holds` says yes of all conditions that it hangs on, besides those of its job.
    pub(crate) fn runs(&self, holds: &dyn Fn(&Expression) -> bool) -> bool {
        let step = self.step.and_then(|step| step.step.condition.as_ref());
        let switch = self.switch.filter(|text| text.template.segments.len() == 1);
        step.is_none_or(|condition| holds(condition.condition.expression()))
            && switch.is_none_or(|text| text.template.expressions().all(|(one, _)| holds(one)))
    }
}
