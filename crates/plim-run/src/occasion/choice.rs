//! Chooses the event that starts a workflow here, or says why none does.

use std::sync::Arc;

use plim_workflow::{Decision, Happening, Reference, Trigger, Workflow};
use serde_json::Value;

use super::{Moment, Occasion, github, payload, skip};
use crate::request::Request;
use crate::source::{Base, Source};

/// Events that bring a named workflow to life when it has neither `pull_request` nor `push`.
const FOR_NAMED: [&str; 3] = ["workflow_dispatch", "workflow_call", "schedule"];

/// Activities of a pull request that come of a push, the likeliest first.
const PUSHED_TO: [&str; 3] = ["synchronize", "opened", "reopened"];

/// The occasion on which `workflow` starts here.
///
/// `named` says that the user named it; that alone lets `workflow_dispatch` and its kin start it.
/// Errors: why it does not start, in a few words.
pub fn choose(
    workflow: &Workflow,
    source: &Source,
    request: &Request,
    named: bool,
) -> Result<Occasion, String> {
    let candidates = candidates(workflow, source, request, named)?;
    let mut refusal = None;
    for trigger in candidates {
        match start(workflow, trigger, source, request) {
            Ok(moment) => return Ok(occasion(workflow, &moment, source, request)),
            Err(reason) => refusal = refusal.or(Some(reason)),
        }
    }
    Err(refusal.unwrap_or_else(|| "nothing starts it".to_owned()))
}

fn occasion(workflow: &Workflow, moment: &Moment, source: &Source, request: &Request) -> Occasion {
    let payload = payload::payload(workflow, moment, source, request);
    Occasion {
        event: Arc::clone(&moment.event),
        activity: moment.activity.clone(),
        reference: Arc::clone(&moment.reference),
        sha: source.commit().into(),
        github: github::context(workflow, moment, source, request, &payload),
        payload,
    }
}

/// The triggers that could start it, in the order in which they are tried.
fn candidates<'w>(
    workflow: &'w Workflow,
    source: &Source,
    request: &Request,
    named: bool,
) -> Result<Vec<&'w Trigger>, String> {
    let trigger = |event: &str| workflow.triggers.iter().find(|t| &*t.event.value == event);
    if let Some(event) = &request.event {
        let missing = || format!("`on` does not name `{event}`");
        return trigger(event).map(|trigger| vec![trigger]).ok_or_else(missing);
    }
    let (pull_request, push) = (trigger("pull_request"), trigger("push"));
    let reachable = pull_request.filter(|_| !source.is_on_default_branch());
    let chosen: Vec<_> = reachable.into_iter().chain(push).collect();
    if !chosen.is_empty() {
        return Ok(chosen);
    }
    if pull_request.is_some() {
        return Err(format!(
            "it starts on `pull_request`, and `{}` is the default branch; `--event pull_request` starts it all the same",
            source.default_branch
        ));
    }
    let by_name = FOR_NAMED.iter().find_map(|event| trigger(event));
    match by_name {
        Some(trigger) if named => Ok(vec![trigger]),
        _ => Err(unreachable_here(workflow, by_name)),
    }
}

/// Why neither a push nor a pull request starts it, and what does.
fn unreachable_here(workflow: &Workflow, by_name: Option<&Trigger>) -> String {
    let events: Vec<String> =
        workflow.triggers.iter().map(|trigger| format!("`{}`", trigger.event.value)).collect();
    match (events.as_slice(), by_name) {
        ([], _) => "`on` names no event".to_owned(),
        (_, Some(_)) => format!("it starts on {}; name it to run it", events.join(", ")),
        ([first, ..], None) => {
            format!(
                "it starts on {}; choose it with `--event {}`",
                events.join(", "),
                first.replace('`', "")
            )
        }
    }
}

/// The event as it happens here, if the filters let it start the workflow.
fn start(
    workflow: &Workflow,
    trigger: &Trigger,
    source: &Source,
    request: &Request,
) -> Result<Moment, String> {
    let asked = request.event.is_some();
    let mut moment =
        moment(trigger, source, request.payload.as_ref().unwrap_or(&Value::Null), asked);
    if request.ignore_filters {
        return Ok(moment);
    }
    if let Some(mark) = skip_mark(&moment, source).filter(|_| !asked) {
        return Err(format!(
            "the message of HEAD holds `{mark}`; `--ignore-filters` starts it all the same"
        ));
    }
    let mut decision = decide(workflow, trigger, &moment, source, request);
    // A push to a branch may also open or reopen its pull request.
    let open = !asked && &*moment.event == "pull_request" && trigger.types.is_some();
    for activity in PUSHED_TO.iter().filter(|_| open) {
        if decision.is_yes() {
            break;
        }
        moment.activity = Some(Arc::from(*activity));
        decision = decide(workflow, trigger, &moment, source, request);
    }
    match decision {
        // GitHub starts a workflow whose paths it could not compare.
        Decision::Yes | Decision::Undetermined(_) => Ok(moment),
        Decision::No(reason) => Err(format!("on `{}`: {reason}", moment.event)),
    }
}

/// What in the message of HEAD keeps a push or a pull request from starting anything. The message of work that is not
/// committed yet is not known.
fn skip_mark(moment: &Moment, source: &Source) -> Option<&'static str> {
    let heeds = matches!(&*moment.event, "push" | "pull_request") && !source.dirty;
    let head = source.head_commit().filter(|_| heeds)?;
    skip::mark(&head.message)
}

fn decide(
    workflow: &Workflow,
    trigger: &Trigger,
    moment: &Moment,
    source: &Source,
    request: &Request,
) -> Decision {
    let changed = || match &request.changed {
        Some(paths) => Some(Arc::from(paths.as_slice())),
        None => source.changed_since(&moment.base),
    };
    let paths: Option<Arc<[String]>> = trigger.paths.as_ref().and_then(|_| changed());
    let payload = request.payload.as_ref().unwrap_or(&Value::Null);
    let run = text(payload, &["workflow_run", "name"]);
    workflow.starts_on(&Happening {
        event: &moment.event,
        activity: moment.activity.as_deref(),
        reference: Reference::parse(&moment.reference),
        base: moment.into.as_deref(),
        paths: paths.as_deref(),
        workflow: run.or(trigger.workflows.first().map(|name| &*name.value)),
        image: None,
        version: None,
    })
}

/// A text in a payload.
pub(super) fn text<'p>(payload: &'p Value, path: &[&str]) -> Option<&'p str> {
    path.iter().try_fold(payload, |value, key| value.get(key))?.as_str()
}

fn moment(trigger: &Trigger, source: &Source, payload: &Value, asked: bool) -> Moment {
    let event = &trigger.event.value;
    let branch = format!("refs/heads/{}", source.branch_or_default());
    let default = format!("refs/heads/{}", source.default_branch);
    let mut moment = Moment {
        event: Arc::clone(event),
        activity: activity(trigger, payload, asked),
        reference: branch.as_str().into(),
        into: None,
        from: None,
        base: Base::Push(None),
        number: number(payload),
    };
    match &**event {
        "push" | "workflow_call" => {
            moment.reference = text(payload, &["ref"]).unwrap_or(&branch).into();
            let before = text(payload, &["before"]);
            moment.base =
                before.map_or_else(|| source.push_base(), |id| Base::Push(Some(id.into())));
        }
        "workflow_dispatch" => moment.reference = text(payload, &["ref"]).unwrap_or(&branch).into(),
        "pull_request"
        | "pull_request_target"
        | "pull_request_review"
        | "pull_request_review_comment" => be_pull_request(&mut moment, source, payload),
        "merge_group" => be_merge_group(&mut moment, source, payload),
        "release" | "create" | "registry_package" => {
            let tag = text(payload, &["release", "tag_name"]).map(str::to_owned);
            let tag = tag.or_else(|| source.nearest_tag());
            moment.reference = tag.map_or(default, |tag| format!("refs/tags/{tag}")).into();
        }
        "workflow_run" => {
            let head = text(payload, &["workflow_run", "head_branch"]);
            let head = head.unwrap_or(source.branch_or_default());
            moment.reference = format!("refs/heads/{head}").into();
        }
        _ => moment.reference = default.into(),
    }
    moment
}

/// What the payload says; else, for an event that was asked for, what the workflow waits for; else what is usual.
fn activity(trigger: &Trigger, payload: &Value, asked: bool) -> Option<Arc<str>> {
    if let Some(action) = text(payload, &["action"]) {
        return Some(action.into());
    }
    let listed = trigger.types.as_ref().filter(|types| !types.is_empty());
    let usual: Option<&str> = match &*trigger.event.value {
        "pull_request" | "pull_request_target" => Some("synchronize"),
        "merge_group" => Some("checks_requested"),
        "release" => Some("published"),
        "workflow_run" => Some("completed"),
        "issues" => Some("opened"),
        "issue_comment" => Some("created"),
        _ => None,
    };
    match listed {
        Some(types) if asked && !types.iter().any(|name| Some(&*name.value) == usual) => {
            types.first().map(|name| Arc::clone(&name.value))
        }
        _ => usual.map(Arc::from),
    }
}

fn number(payload: &Value) -> u64 {
    let given = payload.get("number").or_else(|| payload.get("pull_request")?.get("number"));
    given.and_then(Value::as_u64).unwrap_or(1)
}

fn be_pull_request(moment: &mut Moment, source: &Source, payload: &Value) {
    let into = text(payload, &["pull_request", "base", "ref"]).unwrap_or(&source.default_branch);
    let from = text(payload, &["pull_request", "head", "ref"]);
    moment.reference = match &*moment.event {
        "pull_request_target" => format!("refs/heads/{into}").into(),
        _ => format!("refs/pull/{}/merge", moment.number).into(),
    };
    moment.base = match text(payload, &["pull_request", "base", "sha"]) {
        Some(base) => Base::Fork(base.into()),
        None => source.pull_request_base(),
    };
    moment.from = Some(from.unwrap_or(source.branch_or_default()).into());
    moment.into = Some(into.into());
}

fn be_merge_group(moment: &mut Moment, source: &Source, payload: &Value) {
    let into = text(payload, &["merge_group", "base_ref"]);
    let into = into
        .map_or(&*source.default_branch, |full| full.strip_prefix("refs/heads/").unwrap_or(full));
    let queue =
        format!("refs/heads/gh-readonly-queue/{into}/pr-{}-{}", moment.number, source.commit());
    moment.reference =
        text(payload, &["merge_group", "head_ref"]).map_or(queue, str::to_owned).into();
    moment.base = source.pull_request_base();
    moment.into = Some(into.into());
}
