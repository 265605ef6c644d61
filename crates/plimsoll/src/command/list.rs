//! `plim run --list`: the workflows of a repository, their events and jobs.

use std::{path::Path, sync::Arc};

use plim_diag::{Code, Diagnostic, Sources, closest};
use plim_run::source::{self, WorkflowFile};
use plim_workflow::{Job, JobBody, Workflow};
use serde_json::{Value, json};

use crate::{
    args::{RunArgs, RunFormat},
    exit::Exit,
    output::Output,
    refusal::Refusal,
    render::{diagnostic, paint::Paint, text},
    world::World,
};

/// Lists what is there, whatever would trigger it.
pub(super) fn run(
    arguments: &RunArgs,
    root: &Path,
    world: &World,
    stdout: &mut Output,
) -> Result<Exit, Refusal> {
    let files = source::workflow_files(root)?;
    let workflows: Vec<_> = files.iter().map(read).collect();
    let chosen = chosen(&workflows, &arguments.workflows)?;
    match arguments.format {
        RunFormat::Json => {
            let list: Value = chosen.iter().map(|listed| described(listed)).collect();
            stdout.add(&format!("{list}\n"));
        }
        RunFormat::Concise => {
            chosen.iter().for_each(|listed| stdout.add(&concise(&listed.workflow)))
        }
        RunFormat::Full | RunFormat::Junit => {
            chosen.iter().for_each(|listed| stdout.add(&full(&listed.workflow, world.stdout)));
        }
    }
    stdout.flush();
    Ok(told(&chosen, arguments, world))
}

/// A workflow file as it was read.
struct Listed {
    workflow: Workflow,
    diagnostics: Vec<Diagnostic>,
    text: String,
}

fn read(file: &WorkflowFile) -> Listed {
    match &file.content {
        Ok(content) => {
            let read = Workflow::read_bytes(&file.path, content);
            let text = String::from_utf8_lossy(content).into_owned();
            Listed { workflow: read.value, diagnostics: read.diagnostics, text }
        }
        Err(error) => {
            let message = format!("cannot read `{}`: {error}", file.path);
            let diagnostics = vec![Diagnostic::error(Code("unreadable"), message)];
            let workflow = Workflow::read(&file.path, "").value;
            Listed { workflow, diagnostics, text: String::new() }
        }
    }
}

/// The workflows with one of these names, file names or paths; all when none is given.
fn chosen<'a>(workflows: &'a [Listed], names: &[String]) -> Result<Vec<&'a Listed>, Refusal> {
    for wanted in names {
        if !workflows.iter().any(|listed| is_called(&listed.workflow, wanted)) {
            let near = closest(wanted, workflows.iter().map(|listed| file_name(&listed.workflow)));
            let help = near.map(|near| format!("did you mean `{near}`?"));
            let message = format!("no workflow has the name, file name or path `{wanted}`");
            let diagnostic = Diagnostic::error(Code("unknown-workflow"), message);
            return Err(Refusal::usage(diagnostic.maybe_help(help)));
        }
    }
    let is_chosen = |listed: &&Listed| {
        names.is_empty() || names.iter().any(|wanted| is_called(&listed.workflow, wanted))
    };
    Ok(workflows.iter().filter(is_chosen).collect())
}

fn is_called(workflow: &Workflow, wanted: &str) -> bool {
    let file = file_name(workflow);
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    [&*workflow.path, file, stem, &name(workflow)].contains(&wanted)
}

fn file_name(workflow: &Workflow) -> &str {
    workflow.path.rsplit('/').next().unwrap_or_default()
}

fn name(workflow: &Workflow) -> String {
    let name = workflow.name.as_ref().map(|name| name.template.source());
    name.unwrap_or_else(|| workflow.path.to_string())
}

fn events(workflow: &Workflow) -> Vec<&str> {
    workflow.triggers.iter().map(|trigger| &*trigger.event.value).collect()
}

fn full(workflow: &Workflow, paint: Paint) -> String {
    let (name, path) = (text::name(&name(workflow)), text::name(&workflow.path));
    let more =
        if name == path { String::new() } else { format!(" {}", paint.faint(format!("({path})"))) };
    let events = text::name(&events(workflow).join(", "));
    let heading = format!("{}{more} on {events}\n", paint.strong(name));
    let widest =
        workflow.jobs.iter().map(|job| text::width(&job.id.value)).max().unwrap_or(0).min(40);
    let jobs = workflow.jobs.iter().map(|job| {
        let id = text::pad(&text::name(&job.id.value), widest);
        let line = format!("  {id}  {}", paint.faint(text::name(&about(job))));
        line.trim_end().to_owned() + "\n"
    });
    jobs.fold(heading, |all, line| all + &line)
}

/// Its name, what it needs, and what it is made of.
fn about(job: &Job) -> String {
    let mut parts = vec![];
    if let Some(name) = &job.name {
        parts.push(format!("\"{}\"", name.template.source()));
    }
    if let JobBody::Call(call) = &job.body {
        parts.push(format!("calls {}", call.uses.value));
    }
    if has_matrix(job) {
        parts.push("matrix".to_owned());
    }
    if !job.needs.is_empty() {
        parts.push(format!("needs {}", needs(job).join(", ")));
    }
    parts.join(", ")
}

fn has_matrix(job: &Job) -> bool {
    job.strategy.as_ref().is_some_and(|strategy| strategy.matrix.is_some())
}

fn needs(job: &Job) -> Vec<&str> {
    job.needs.iter().map(|need| &*need.value).collect()
}

fn concise(workflow: &Workflow) -> String {
    let lines = workflow.jobs.iter().map(|job| {
        let line = format!("{}:{}: {}", workflow.path, job.id.value, events(workflow).join(","));
        text::name(&line) + "\n"
    });
    lines.collect()
}

/// The form of `docs/schema/list.schema.json`.
fn described(listed: &Listed) -> Value {
    let workflow = &listed.workflow;
    let jobs = workflow.jobs.iter().map(|job| {
        let calls = match &job.body {
            JobBody::Call(call) => Some(&call.uses.value),
            JobBody::Steps(_) | JobBody::Unreadable => None,
        };
        json!({
            "id": job.id.value,
            "name": job.name.as_ref().map(|name| name.template.source()),
            "needs": needs(job),
            "matrix": has_matrix(job),
            "calls": calls,
        })
    });
    let jobs: Vec<Value> = jobs.collect();
    json!({
        "workflow": workflow.path,
        "name": name(workflow),
        "events": events(workflow),
        "jobs": jobs,
        "errors": listed.diagnostics.iter().filter(|one| one.is_error()).count(),
    })
}

/// Tells what is wrong with the files, after what could be understood of them.
fn told(chosen: &[&Listed], arguments: &RunArgs, world: &World) -> Exit {
    let mut errors = vec![];
    let mut sources = Sources::new();
    for listed in chosen {
        errors.extend(listed.diagnostics.iter().filter(|one| one.is_error()).cloned());
        sources.add(Arc::clone(&listed.workflow.path), listed.text.as_str());
    }
    let format = super::format_of(arguments.format);
    let mut stderr = Output::stderr();
    stderr.add(&diagnostic::diagnostics(&errors, &sources, format, world.stderr));
    stderr.flush();
    if errors.is_empty() { Exit::Passed } else { Exit::Failed }
}
