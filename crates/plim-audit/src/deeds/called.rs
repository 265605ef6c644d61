//! What scripts, recipes, local actions and workflows do that a step or job calls.

use std::ops::Not as _;

use plim_workflow::script::{
    Invoked, Script, deno_task, just_recipe, make_recipe, npm_script, quoted_commands,
};
use plim_workflow::{ActionBody, ActionReference, JobBody, Run, Step, StepBody, Text, Uses};

use super::actions::{self, Given};
use super::{Act, commands};
use crate::{Nearby, StepAt, Surroundings};

/// Files that call files are read this deep.
const DEEPEST: usize = 3;

/// `owner/repository[/path]`.
pub(super) fn name(owner: &str, repository: &str, path: &str) -> String {
    let slash = if path.is_empty() { "" } else { "/" };
    format!("{owner}/{repository}{slash}{path}")
}

/// What the input `key` of a `uses` says.
pub(super) fn input<'a>(uses: &'a Uses, key: &str) -> Given<'a> {
    let found = uses.with.written().iter().find(|(name, _)| name.value.eq_ignore_ascii_case(key));
    match found.map(|(_, text)| text.template.is_literal()) {
        None => Given::No,
        Some(Some(text)) => Given::Text(text),
        Some(None) => Given::Computed,
    }
}

/// The folder that the script of a step runs in, relative to the root of the repository, where that is known.
pub(super) fn folder(step: StepAt<'_>, run: &Run) -> Option<String> {
    let job = step.job?;
    let written: Option<&Text> = run
        .working_directory
        .as_ref()
        .or(job.job.defaults.working_directory.as_ref())
        .or(job.workflow.defaults.working_directory.as_ref());
    match written {
        None => Some(String::new()),
        Some(text) => text.template.is_literal().map(|path| path.trim_matches('/').to_owned()),
    }
}

/// What the file does that a command calls.
pub(super) fn by(
    invoked: &Invoked,
    folder: &Option<String>,
    surroundings: &dyn Surroundings,
    depth: usize,
) -> Vec<Act> {
    let (Some(folder), true) = (folder, depth < DEEPEST) else { return Vec::new() };
    let text = |path: &str| match surroundings.text(&joined(folder, path)) {
        Nearby::Found(text) => Some(text),
        Nearby::Absent | Nearby::Unknown => None,
    };
    let first = || invoked.arguments().iter().find(|word| !word.text.starts_with('-'));
    let literal = || first().filter(|word| word.literal).map(|word| word.text.as_str());
    let script = match invoked.name() {
        "make" => text("Makefile").and_then(|file| make_recipe(&file, literal())),
        "just" => text("justfile").and_then(|file| just_recipe(&file, literal())),
        "npm" | "pnpm" | "yarn" | "bun" => text("package.json").and_then(|file| {
            let words = invoked.arguments().iter().filter(|word| !word.text.starts_with('-'));
            let name = words.map(|word| word.text.as_str()).find(|word| *word != "run")?;
            npm_script(&file, name)
        }),
        "deno" => ["deno.json", "deno.jsonc"].iter().find_map(|path| text(path)).and_then(|file| {
            let words = invoked.arguments().iter().filter(|word| !word.text.starts_with('-'));
            let name = words.map(|word| word.text.as_str()).find(|word| *word != "task")?;
            deno_task(&file, name)
        }),
        _ => file(invoked).and_then(|path| {
            let text = text(&path)?;
            waits_to_be_told(&path, &text, invoked).not().then(|| shell_of(&path, &text))
        }),
    };
    script.map(|script| of_text(&script, folder, surroundings, depth + 1)).unwrap_or_default()
}

/// Whether the command runs a recipe of the repository, whose name alone does not tell what it does.
pub(super) fn is_recipe(invoked: &Invoked) -> bool {
    let first = invoked.arguments().first().map(|word| word.text.as_str());
    match invoked.name() {
        "make" | "just" => true,
        "npm" | "pnpm" | "yarn" | "bun" => matches!(first, Some("run" | "run-script")),
        "deno" => first == Some("task"),
        _ => false,
    }
}

/// The file of the repository that a command runs as a script.
pub(crate) fn file(invoked: &Invoked) -> Option<String> {
    const INTERPRETERS: [&str; 9] =
        ["bash", "sh", "zsh", "python", "python3", "node", "source", ".", "ruby"];
    let program = invoked.words.first()?;
    let path = if INTERPRETERS.contains(&program.text.as_str()) {
        let first = invoked.arguments().first()?;
        let inline = matches!(first.text.as_str(), "-c" | "-m" | "-e" | "-");
        let mut words = invoked.arguments().iter().filter(|_| !inline);
        words.find(|word| !word.text.starts_with(['-', '+']))?
    } else {
        program
    };
    let relative = path.text.contains('/') || path.text.ends_with(".sh");
    let plain = path.literal && !path.text.starts_with(['/', '~']) && !path.text.contains("__");
    (relative && plain).then(|| path.text.trim_start_matches("./").to_owned())
}

/// The commands of a program, whatever its language.
fn shell_of(path: &str, text: &str) -> String {
    if is_program(path) { quoted_commands(text) } else { text.to_owned() }
}

/// Whether the file is of a language whose commands stand in quotes.
fn is_program(path: &str) -> bool {
    let other = ["py", "js", "mjs", "cjs", "ts", "mts", "rb", "pl"];
    other.contains(&path.rsplit_once('.').map_or("", |(_, ending)| ending))
}

/// Whether a program has an option that makes it publish, which is not given here.
fn waits_to_be_told(path: &str, text: &str, invoked: &Invoked) -> bool {
    const OPTIONS: [&str; 4] = ["--publish", "args.publish", "argv.publish", "options.publish"];
    is_program(path)
        && OPTIONS.iter().any(|option| text.contains(option))
        && !invoked.arguments().iter().any(|word| word.text.contains("publish"))
}

fn joined(folder: &str, path: &str) -> String {
    if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") }
}

fn of_text(text: &str, folder: &str, surroundings: &dyn Surroundings, depth: usize) -> Vec<Act> {
    of_programs(&Script::read(text).programs(), folder, surroundings, depth)
}

fn of_programs(
    programs: &[Invoked],
    folder: &str,
    surroundings: &dyn Surroundings,
    depth: usize,
) -> Vec<Act> {
    let mut acts = Vec::new();
    let folder = Some(folder.to_owned());
    for invoked in programs {
        let named = commands::act(invoked);
        acts.extend(named);
        if named.is_none() || is_recipe(invoked) {
            let called = by(invoked, &folder, surroundings, depth);
            acts.extend(called.into_iter().filter(|act| Some(*act) != named));
        }
    }
    acts.dedup();
    acts
}

fn of_step(step: &Step, surroundings: &dyn Surroundings, depth: usize) -> Vec<Act> {
    match &step.body {
        StepBody::Run(run) => {
            let whole = run.working_directory.is_none();
            let folder = if whole { "" } else { "\0" };
            of_programs(run.programs(), folder, surroundings, depth)
        }
        StepBody::Uses(uses) => match &uses.action.value {
            ActionReference::Remote { owner, repository, path, .. } => {
                let name = name(owner, repository, path);
                actions::act(&name, &|key| input(uses, key)).into_iter().collect()
            }
            ActionReference::Local { path, .. } => by_action(path, surroundings, depth),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// What the action in the folder `path` does.
pub(super) fn by_action(path: &str, surroundings: &dyn Surroundings, depth: usize) -> Vec<Act> {
    let found = (depth < DEEPEST).then(|| surroundings.action(path).found()).flatten();
    let Some(action) = found else { return Vec::new() };
    let ActionBody::Composite(composite) = &action.body else { return Vec::new() };
    composite.steps.iter().flat_map(|step| of_step(step, surroundings, depth + 1)).collect()
}

/// What the workflow in the file `path` does.
pub(super) fn by_workflow(path: &str, surroundings: &dyn Surroundings, depth: usize) -> Vec<Act> {
    let found = (depth < DEEPEST).then(|| surroundings.workflow(path).found()).flatten();
    let Some(workflow) = found else { return Vec::new() };
    let mut acts = Vec::new();
    for job in &workflow.jobs {
        match &job.body {
            JobBody::Steps(machine) => {
                let steps = machine.steps.iter();
                acts.extend(steps.flat_map(|step| of_step(step, surroundings, depth + 1)));
            }
            JobBody::Call(call) => {
                let path = call.local_path().unwrap_or("");
                acts.extend(by_workflow(path, surroundings, depth + 1));
            }
            JobBody::Unreadable => {}
        }
    }
    acts
}
