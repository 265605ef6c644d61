//! What a step or job uses, with what can be handed over to it.

use plim_audit::{Nearby, Surroundings, known_use};
use plim_workflow::{
    Action, ActionBody, ActionReference, Call, Job, JobBody, Step, StepBody, Uses,
};

use super::workspace::Judged;

/// An input or secret that can be handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Handed {
    pub(super) name: String,
    /// What is known of it, in one line.
    pub(super) line: String,
}

/// The action of the step around the byte at `offset`.
pub(super) fn uses<'j>(judged: &'j Judged, offset: u32) -> Option<&'j Uses> {
    let of_job = |job: &'j Job| match &job.body {
        JobBody::Steps(machine) => &*machine.steps,
        _ => &[],
    };
    let of_action = judged.subject.action().map_or(&[][..], |action| match &action.body {
        ActionBody::Composite(composite) => &composite.steps,
        _ => &[],
    });
    let jobs = judged.subject.workflow().map_or(&[][..], |workflow| &workflow.jobs);
    let around = jobs.iter().map(of_job).chain([of_action]).find_map(|list| step(list, offset));
    match &around?.body {
        StepBody::Uses(uses) => Some(uses),
        _ => None,
    }
}

fn step(steps: &[Step], offset: u32) -> Option<&Step> {
    let step = steps.iter().find(|step| step.span.start <= offset && offset <= step.span.end)?;
    match &step.body {
        StepBody::Parallel(inner) => self::step(inner, offset),
        _ => Some(step),
    }
}

/// The call of the job `id`.
pub(super) fn call<'j>(judged: &'j Judged, id: &str) -> Option<&'j Call> {
    match &judged.subject.workflow()?.job(id)?.body {
        JobBody::Call(call) => Some(call),
        _ => None,
    }
}

/// The inputs of the action that `uses` names; none where it is not known.
pub(super) fn inputs(judged: &Judged, uses: &Uses) -> Vec<Handed> {
    if let Some(action) = local(judged, uses) {
        return action.inputs.iter().map(of_local).collect();
    }
    let Some(known) = known_use(uses, judged.subject.text()) else { return Vec::new() };
    let has = |majors: Option<plim_audit::Majors>| {
        known.major.zip(majors).is_some_and(|(major, majors)| majors.has(major))
    };
    let input = |input: &plim_audit::KnownInput| {
        let line = match (has(input.required), has(input.deprecated)) {
            (_, true) => "deprecated",
            (true, _) => "must be given",
            _ => "",
        };
        Handed { name: input.name.to_owned(), line: line.to_owned() }
    };
    known.inputs().map(input).collect()
}

fn of_local(input: &plim_workflow::ActionInput) -> Handed {
    let mut line = input.description.as_deref().unwrap_or("").trim().to_owned();
    if input.required && input.default.is_none() {
        line.push_str(if line.is_empty() { "must be given" } else { " (must be given)" });
    }
    if let Some(default) = input.default.as_ref().filter(|text| !text.template.source().is_empty())
    {
        let default = default.template.source();
        line.push_str(&format!(" (`{default}` without it)"));
    }
    Handed { name: input.name.value.to_string(), line: line.trim().to_owned() }
}

/// The action of this repository that `uses` names.
pub(super) fn local(judged: &Judged, uses: &Uses) -> Option<std::sync::Arc<Action>> {
    let ActionReference::Local { path, .. } = &uses.action.value else { return None };
    let path = path.trim_matches('/');
    match judged.repository.action(path.strip_prefix("./").unwrap_or(path)) {
        Nearby::Found(action) => Some(action),
        Nearby::Absent | Nearby::Unknown => None,
    }
}

/// What the workflow that `call` names takes as inputs, or as secrets.
pub(super) fn parameters(judged: &Judged, call: &Call, secrets: bool) -> Vec<Handed> {
    let called = call.local_path().and_then(|path| judged.repository.workflow(path).found());
    let Some(called) = called else { return Vec::new() };
    let Some(trigger) = called.trigger("workflow_call") else { return Vec::new() };
    let handed = |name: &str, required: bool, description: Option<&str>| {
        let needed = if required { " (must be given)" } else { "" };
        let line = format!("{}{needed}", description.unwrap_or("").trim()).trim().to_owned();
        Handed { name: name.to_owned(), line }
    };
    if secrets {
        let all = trigger.secrets.iter();
        return all
            .map(|one| handed(&one.name.value, one.required, one.description.as_deref()))
            .collect();
    }
    let all = trigger.inputs.iter();
    all.map(|one| {
        let required = one.required && one.default.is_none();
        handed(&one.name.value, required, one.description.as_deref())
    })
    .collect()
}

/// What can be handed over at `path`, which leads to a `with` or `secrets`; `None` for any other.
pub(super) fn handed(judged: &Judged, path: &[String], offset: u32) -> Option<Vec<Handed>> {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    match *path {
        ["jobs", id, key @ ("with" | "secrets")] => {
            Some(parameters(judged, call(judged, id)?, key == "secrets"))
        }
        [.., "[]", "with"] => Some(inputs(judged, uses(judged, offset)?)),
        _ => None,
    }
}
