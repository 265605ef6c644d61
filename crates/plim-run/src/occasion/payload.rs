//! The payload is what the forge would send about an event, as far as git can tell it.

use plim_expression::Value as Scalar;
use plim_host::git::{Commit, Person};
use plim_workflow::{Trigger, Workflow};
use serde_json::{Map, Value, json};

use super::Moment;
use crate::request::Request;
use crate::source::{NO_COMMIT, Source};

/// How many commits a `push` payload lists at most.
const MOST_COMMITS: usize = 20;

/// The payload of `moment`, with what the user gave laid over it.
pub(super) fn payload(
    workflow: &Workflow,
    moment: &Moment,
    source: &Source,
    request: &Request,
) -> Value {
    let mut payload = match &*moment.event {
        "push" | "workflow_call" => push(moment, source),
        "pull_request"
        | "pull_request_target"
        | "pull_request_review"
        | "pull_request_review_comment" => pull_request(moment, source),
        "merge_group" => merge_group(moment, source),
        "workflow_dispatch" => json!({ "ref": moment.reference, "workflow": workflow.path }),
        "schedule" => json!({ "schedule": cron(workflow), "workflow": workflow.path }),
        "release" => release(moment, source),
        "workflow_run" => workflow_run(moment, source),
        _ => json!({}),
    };
    if let Some(activity) = &moment.activity {
        payload["action"] = json!(activity);
    }
    payload["repository"] = repository(source);
    payload["sender"] = person(&source.actor);
    if &*moment.event == "workflow_dispatch" {
        payload["inputs"] = inputs(workflow, request);
    }
    if let Some(given) = &request.payload {
        lay_over(&mut payload, given);
    }
    payload
}

/// Mappings are laid over one another key by key; anything else replaces what was there.
fn lay_over(payload: &mut Value, given: &Value) {
    match (payload, given) {
        (Value::Object(payload), Value::Object(given)) => {
            for (key, value) in given {
                lay_over(payload.entry(key.as_str()).or_insert(Value::Null), value);
            }
        }
        (payload, given) => *payload = given.clone(),
    }
}

/// Every input as a text, as a person typed it, or its default: that is how the event has them.
fn inputs(workflow: &Workflow, request: &Request) -> Value {
    let declared = workflow.triggers.iter().find(|t| &*t.event.value == "workflow_dispatch");
    let mut inputs = Map::new();
    for input in declared.into_iter().flat_map(|trigger: &Trigger| &trigger.inputs) {
        let default = input.default.as_ref().and_then(plim_workflow::Token::constant);
        let text = default.unwrap_or_else(|| input.kind.empty());
        inputs.insert(input.name.value.to_string(), json!(Scalar::to_text(&text)));
    }
    for (name, value) in &request.inputs {
        let declared = inputs.keys().find(|known| known.eq_ignore_ascii_case(name)).cloned();
        inputs.insert(declared.unwrap_or_else(|| name.clone()), json!(value));
    }
    Value::Object(inputs)
}

fn push(moment: &Moment, source: &Source) -> Value {
    let before = moment.base.commit();
    let url = source.url();
    let (from, to) = (before.get(..12).unwrap_or(before), source.commit().get(..12).unwrap_or(""));
    json!({
        "ref": moment.reference,
        "before": before,
        "after": source.commit(),
        "base_ref": null,
        "created": before == NO_COMMIT,
        "deleted": false,
        "forced": false,
        "compare": format!("{url}/compare/{from}...{to}"),
        "commits": commits(before, source),
        "head_commit": head_commit(source),
        "pusher": { "name": source.actor, "email": email(source) },
    })
}

/// The commits after `before`, the oldest first. That of uncommitted work comes on top.
fn commits(before: &str, source: &Source) -> Value {
    let url = source.url();
    let pushed = source.history_after(before);
    let mut pushed: Vec<Value> =
        pushed.take(MOST_COMMITS).map(|commit| commit_payload(commit, &url)).collect();
    pushed.reverse();
    if source.head.as_deref() != Some(source.commit()) && source.head.is_some() {
        pushed.push(head_commit(source));
    }
    Value::Array(pushed)
}

/// HEAD, under the name of the commit that jobs see.
fn head_commit(source: &Source) -> Value {
    let Some(head) = source.head_commit() else {
        return json!({ "id": source.commit(), "message": "" });
    };
    let mut payload = commit_payload(head, &source.url());
    payload["id"] = json!(source.commit());
    payload
}

/// Which files a commit touched is not in it: GitHub leaves that out of what workflows see, too.
fn commit_payload(commit: &Commit, url: &str) -> Value {
    let person = |person: &Person| json!({ "name": person.name, "email": person.email, "username": person.name });
    json!({
        "id": commit.id,
        "tree_id": commit.tree,
        "distinct": true,
        "message": commit.message.trim_end_matches('\n'),
        "timestamp": commit.committer.date(),
        "url": format!("{url}/commit/{}", commit.id),
        "author": person(&commit.author),
        "committer": person(&commit.committer),
    })
}

/// The first line of the message.
fn title(commit: &Commit) -> &str {
    commit.message.lines().next().unwrap_or_default()
}

/// What follows the first paragraph.
fn body(commit: &Commit) -> &str {
    commit.message.split_once("\n\n").map_or("", |(_, body)| body.trim_end_matches('\n'))
}

fn email(source: &Source) -> &str {
    source.head_commit().map_or("", |head| &head.committer.email)
}

fn pull_request(moment: &Moment, source: &Source) -> Value {
    let (number, url) = (moment.number, source.url());
    let head = source.head_commit();
    let base = moment.base.commit();
    let end = |reference: &Option<std::sync::Arc<str>>, sha: &str| {
        let reference = reference.as_deref().unwrap_or_default();
        let owner = owner(source);
        json!({
            "label": format!("{owner}:{reference}"),
            "ref": reference,
            "sha": sha,
            "user": person(owner),
            "repo": repository(source),
        })
    };
    json!({
        "number": number,
        "before": base,
        "after": source.commit(),
        "pull_request": {
            "number": number,
            "state": "open",
            "locked": false,
            "draft": false,
            "merged": false,
            "mergeable": true,
            "title": head.map_or("", title),
            "body": head.map(body),
            "user": person(&source.actor),
            "author_association": "OWNER",
            "labels": [],
            "assignees": [],
            "requested_reviewers": [],
            "merge_commit_sha": source.commit(),
            "head": end(&moment.from, source.commit()),
            "base": end(&moment.into, base),
            "html_url": format!("{url}/pull/{number}"),
            "url": format!("{url}/pulls/{number}"),
        },
    })
}

fn merge_group(moment: &Moment, source: &Source) -> Value {
    let base = moment.base.commit();
    json!({
        "merge_group": {
            "head_sha": source.commit(),
            "head_ref": moment.reference,
            "base_sha": base,
            "base_ref": format!("refs/heads/{}", moment.into.as_deref().unwrap_or_default()),
            "head_commit": head_commit(source),
        },
    })
}

fn release(moment: &Moment, source: &Source) -> Value {
    let tag = moment.short_reference();
    json!({
        "release": {
            "tag_name": tag,
            "name": tag,
            "body": "",
            "draft": false,
            "prerelease": false,
            "target_commitish": source.default_branch,
            "author": person(&source.actor),
            "assets": [],
            "html_url": format!("{}/releases/tag/{tag}", source.url()),
        },
    })
}

fn workflow_run(moment: &Moment, source: &Source) -> Value {
    json!({
        "workflow_run": {
            "id": 1,
            "event": "push",
            "status": "completed",
            "conclusion": "success",
            "head_branch": moment.short_reference(),
            "head_sha": source.commit(),
            "head_commit": head_commit(source),
            "head_repository": repository(source),
            "pull_requests": [],
        },
    })
}

fn cron(workflow: &Workflow) -> Option<&str> {
    let schedules = workflow.triggers.iter().flat_map(|trigger| &trigger.schedules);
    schedules.map(|schedule| &*schedule.cron.value).next()
}

fn owner(source: &Source) -> &str {
    source.repository.split('/').next().unwrap_or_default()
}

fn person(login: &str) -> Value {
    json!({ "login": login, "id": 0, "type": "User", "site_admin": false })
}

fn repository(source: &Source) -> Value {
    let (owner, name) = source.repository.split_once('/').unwrap_or_default();
    let url = source.url();
    let mut repository = Map::new();
    for (key, value) in [
        ("id", json!(0)),
        ("name", json!(name)),
        ("full_name", json!(source.repository)),
        ("private", json!(false)),
        ("fork", json!(false)),
        ("archived", json!(false)),
        ("owner", json!({ "login": owner, "name": owner, "id": 0, "type": "User" })),
        ("default_branch", json!(source.default_branch)),
        ("html_url", json!(url)),
        ("url", json!(url)),
        ("clone_url", json!(format!("{url}.git"))),
        ("topics", json!([])),
    ] {
        repository.insert(key.to_owned(), value);
    }
    Value::Object(repository)
}
