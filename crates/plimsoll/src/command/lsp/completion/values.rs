//! Values: names of jobs, events, labels of runners, actions, and words of the language.

use std::{fs, path::Path};

use lsp_types::CompletionItemKind;
use plim_audit::{Surroundings, known_actions};
use plim_workflow::{EVENTS, Event, Scope};

use super::super::{
    spot::{ITEM, Spot},
    workspace::Judged,
};
use super::{Offer, Offers, STAND_IN, Typed, keys, offset, span};

/// What can be the value at the cursor; `None` where any can.
pub(super) fn offers(typed: &Typed<'_>) -> Option<Offers> {
    let word = typed.word(of_value);
    let judged = typed.with(word.clone(), STAND_IN)?;
    let at = offset(word.start + 1);
    let spot = Spot::at(judged.subject.tree(), at).filter(|spot| !spot.is_key())?;
    // A part of a longer text is none of these values.
    if spot.node.as_str() != Some(STAND_IN) {
        return None;
    }
    let offers = all(&judged, &spot.path);
    (!offers.is_empty()).then(|| Offers { span: span(word.start..typed.offset), offers })
}

fn of_value(c: char) -> bool {
    !c.is_whitespace() && !matches!(c, '[' | ']' | '{' | '}' | ',' | '"' | '\'' | '#')
}

fn all(judged: &Judged, path: &[String]) -> Vec<Offer> {
    let mut names: Vec<&str> = path.iter().map(String::as_str).collect();
    if names.last() == Some(&ITEM) {
        names.pop();
    }
    let in_workflow = judged.subject.workflow().is_some();
    match *names {
        ["on"] if in_workflow => EVENTS
            .iter()
            .map(|event| Offer::new(event.name, CompletionItemKind::EVENT, keys::line(event)))
            .collect(),
        ["on", event, "types"] => {
            words(Event::named(event).map_or(&[][..], Event::known_activities))
        }
        ["jobs", id, "needs"] => jobs(judged, id),
        ["jobs", _, "runs-on"] | ["jobs", _, "runs-on", "labels"] => labels(judged),
        ["jobs", _, "uses"] => workflows(judged),
        ["permissions"] | ["jobs", _, "permissions"] => words(&["read-all", "write-all"]),
        ["permissions", scope] | ["jobs", _, "permissions", scope] => {
            let levels = Scope::named(scope).map_or(&[][..], |scope| scope.levels);
            let levels: Vec<&str> = levels.iter().map(|level| level.as_str()).collect();
            words(&levels)
        }
        ["jobs", _, "secrets"] => words(&["inherit"]),
        ["on", "workflow_call", "inputs", _, "type"] => words(&["boolean", "number", "string"]),
        ["on", "workflow_dispatch", "inputs", _, "type"] => {
            words(&["boolean", "choice", "environment", "number", "string"])
        }
        ["runs", "using"] => words(&["composite", "docker", "node20", "node24"]),
        ["updates", ITEM, "package-ecosystem"] => words(&ECOSYSTEMS),
        ["updates", ITEM, "schedule", "interval"] => words(&INTERVALS),
        [.., "concurrency", "queue"] => words(&["single", "max"]),
        [.., "steps", ITEM, "uses"] | [.., "parallel", ITEM, "uses"] => actions(judged),
        [.., "shell"] => words(&["bash", "cmd", "powershell", "pwsh", "python", "sh"]),
        [
            ..,
            "continue-on-error" | "fail-fast" | "cancel-in-progress" | "required" | "deployment"
            | "background",
        ] => words(&["false", "true"]),
        _ => Vec::new(),
    }
}

fn words(words: &[&str]) -> Vec<Offer> {
    let value = |word: &&str| Offer::new(*word, CompletionItemKind::VALUE, "");
    words.iter().map(value).collect()
}

/// The jobs that the job `id` can need: any but itself and those that need it already.
fn jobs(judged: &Judged, id: &str) -> Vec<Offer> {
    let Some(workflow) = judged.subject.workflow() else { return Vec::new() };
    let others = workflow.jobs.iter().filter(|job| {
        let needs_it = job.needs.iter().any(|need| need.value.eq_ignore_ascii_case(id));
        !job.id.value.eq_ignore_ascii_case(id) && !needs_it
    });
    let offer = |job: &plim_workflow::Job| {
        let name = job.name.as_ref().map_or(String::new(), |name| name.template.source());
        Offer::new(&*job.id.value, CompletionItemKind::REFERENCE, name)
    };
    others.map(offer).collect()
}

/// Labels of runners: GitHub's, and those that the owner of the repository names in full.
fn labels(judged: &Judged) -> Vec<Offer> {
    let own = judged.repository.settings().runner_labels.iter();
    let own = own.filter(|label| !label.contains(['*', '?', '['])).map(String::as_str);
    let labels: Vec<&str> = own.chain(LABELS).collect();
    words(&labels)
}

/// Well-known actions at their newest version, and those of this repository.
fn actions(judged: &Judged) -> Vec<Offer> {
    let known = known_actions().into_iter().map(|action| {
        let version = match action.newest() {
            0 => String::new(),
            major => format!("@v{major}"),
        };
        Offer::new(format!("{}{version}", action.name), CompletionItemKind::MODULE, "")
    });
    let folder = judged.subject.forge.folder();
    let folders = names(&judged.place(&format!("{folder}/actions")));
    let local = folders.into_iter().filter_map(|name| {
        let path = format!("{folder}/actions/{name}");
        let action = judged.repository.action(&path).found()?;
        let line = action.description.as_deref().or(action.name.as_deref()).unwrap_or("").trim();
        Some(Offer::new(format!("./{path}"), CompletionItemKind::MODULE, line))
    });
    local.chain(known).collect()
}

/// The workflows of this repository that can be called.
fn workflows(judged: &Judged) -> Vec<Offer> {
    let folder = judged.subject.forge.workflows();
    let called = names(&judged.place(folder)).into_iter().filter_map(|name| {
        let path = format!("{folder}/{name}");
        let workflow = judged.repository.workflow(&path).found()?;
        workflow.trigger("workflow_call")?;
        Some(Offer::new(format!("./{path}"), CompletionItemKind::MODULE, workflow.title()))
    });
    called.collect()
}

/// The names of what is in a folder, in order; none of a folder that cannot be read.
fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// The labels of the runners that GitHub offers to everyone, and of one's own.
const LABELS: [&str; 20] = [
    "ubuntu-latest",
    "ubuntu-24.04",
    "ubuntu-22.04",
    "ubuntu-24.04-arm",
    "ubuntu-22.04-arm",
    "ubuntu-slim",
    "windows-latest",
    "windows-2025",
    "windows-2022",
    "windows-11-arm",
    "macos-latest",
    "macos-26",
    "macos-15",
    "macos-15-intel",
    "macos-14",
    "self-hosted",
    "linux",
    "windows",
    "macos",
    "x64",
];

const INTERVALS: [&str; 7] =
    ["daily", "weekly", "monthly", "quarterly", "semiannually", "yearly", "cron"];

const ECOSYSTEMS: [&str; 27] = [
    "bazel",
    "bun",
    "bundler",
    "cargo",
    "composer",
    "conda",
    "devcontainers",
    "docker",
    "docker-compose",
    "dotnet-sdk",
    "elm",
    "github-actions",
    "gitsubmodule",
    "gomod",
    "gradle",
    "helm",
    "julia",
    "maven",
    "mix",
    "npm",
    "nuget",
    "pip",
    "pub",
    "rust-toolchain",
    "swift",
    "terraform",
    "uv",
];
