//! A step that uses an action: finding it, reading it, handing it its inputs.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use plim_diag::Severity;
use plim_expression::Scope;
use plim_workflow::{
    Action, ActionBody, ActionInput, ActionReference, EvaluationError, Step, StepBody, Uses,
};

use super::{
    composite, javascript,
    leg::Leg,
    naming, native,
    state::{ActionFrame, Change, Frame, Kept, Post, State},
    step::{self, Attempt, Part, Performed, Site, Surroundings},
};
use crate::{builtin::Builtin, event::LineKind};

/// An action that was found.
pub(crate) enum Resolved {
    /// One that is built in.
    Native(&'static Builtin),
    /// One whose files are on this machine.
    Files(Files),
}

/// An action whose files are on this machine.
pub(crate) struct Files {
    pub(crate) directory: PathBuf,
    pub(crate) action: Action,
    /// `owner/repo`, empty for a local action.
    pub(crate) repository: String,
    /// The tag, branch or commit, empty for a local action.
    pub(crate) reference: String,
    /// The commit that the reference led to when the action was fetched; `None` for one in a folder of the user's.
    pub(crate) commit: Option<String>,
    /// Where the files of its repository are, which `$/` in it means; `None` for the repository of the run.
    pub(crate) root: Option<PathBuf>,
}

/// Runs the main part of an action.
pub(crate) fn run(
    site: &Site<'_>,
    uses: &Uses,
    deadline: Option<Instant>,
    state: &mut State,
) -> Performed {
    let resolved = find(site.leg, site.frame, site.step, uses);
    match resolved.and_then(|resolved| unrefused(site, uses, resolved, state)) {
        Ok(resolved) => {
            let kept = site.leg.kept(site.step);
            register_post(site, &resolved, &kept, state);
            act(site, uses, &resolved, &kept, deadline, state)
        }
        Err(reason) => {
            site.error(&reason);
            Performed::failed()
        }
    }
}

/// Runs one part of an action that was found.
fn act(
    site: &Site<'_>,
    uses: &Uses,
    resolved: &Resolved,
    kept: &Kept,
    deadline: Option<Instant>,
    state: &mut State,
) -> Performed {
    let inputs = match inputs(site, uses, resolved, state) {
        Ok(inputs) => inputs,
        Err(reason) => {
            site.error(&reason);
            return Performed::failed();
        }
    };
    if let Resolved::Files(Files { commit: Some(commit), repository, reference, .. }) = resolved
        && site.part != Part::Post
    {
        let line = format!("Download action repository '{repository}@{reference}' (SHA:{commit})");
        site.log(LineKind::Text, &line);
    }
    announce(site, uses, &inputs);
    match resolved {
        Resolved::Native(builtin) => {
            let reference = match &uses.action.value {
                ActionReference::Remote { reference, .. } => reference.as_ref(),
                _ => "",
            };
            native::run(site, builtin, reference, &inputs, kept, deadline, state)
        }
        Resolved::Files(files) => match &files.action.body {
            ActionBody::JavaScript(_) => {
                javascript::run(site, files, &inputs, kept, deadline, state)
            }
            ActionBody::Composite(_) if site.part == Part::Pre => {
                composite::run_pre(site, files, &inputs, state)
            }
            ActionBody::Composite(_) => composite::run(site, files, &inputs, deadline, state),
            ActionBody::Docker(_) => {
                site.error(&format!(
                    "`{}` is a Docker action, and containers cannot run here",
                    naming::action(&uses.action.value)
                ));
                Performed::failed()
            }
            ActionBody::Unreadable => {
                site.error(&format!(
                    "the `runs` of `{}` could not be read; `plim run -n` shows why",
                    files.action.path
                ));
                Performed::failed()
            }
        },
    }
}

/// Says what runs with which inputs, as the runner does at the head of a step's log.
fn announce(site: &Site<'_>, uses: &Uses, inputs: &BTreeMap<String, String>) {
    site.log(LineKind::Group, &format!("Run {}", naming::action(&uses.action.value)));
    let given = inputs.iter().filter(|(_, value)| !value.is_empty());
    let mut given = given.peekable();
    if given.peek().is_some() {
        site.log(LineKind::Command, "with:");
    }
    for (name, value) in given {
        let text = format!("  {name}: {value}");
        text.lines().for_each(|line| site.log(LineKind::Command, line));
    }
    super::launch::show_environment(site);
    site.log(LineKind::EndGroup, "");
}

/// Notes that the action's post part has to run, before its main part starts.
fn register_post(site: &Site<'_>, resolved: &Arc<Resolved>, kept: &Kept, state: &mut State) {
    let condition = match &**resolved {
        Resolved::Native(Builtin { post: Some(_), post_condition, .. }) => {
            Some(native::condition(post_condition))
        }
        Resolved::Files(files) => match &files.action.body {
            ActionBody::JavaScript(action) if action.post.is_some() => Some(action.post_if.clone()),
            _ => None,
        },
        Resolved::Native(_) => None,
    };
    let Some(condition) = condition else { return };
    let name = naming::step(site.step, &site.scope(state));
    state.apply(Change::Post(Box::new(Post {
        name: format!("Post {name}").into(),
        step: Arc::new(site.step.clone()),
        action: resolved.clone(),
        frame: site.frame.clone(),
        condition,
        kept: kept.clone(),
    })));
}

/// Runs a post part as a step of its own. A failure fails the job.
pub(crate) fn run_post(leg: &Leg, post: &Post, state: &mut State) -> Attempt {
    let number = leg.number();
    let around = Surroundings { number, deadline: None, halt: None, runs_on: &|| true };
    let step = Step {
        condition: post.condition.clone(),
        continue_on_error: None,
        timeout_minutes: None,
        ..(*post.step).clone()
    };
    run_part(leg, &step, &post.name, post, Part::Post, around, state)
}

/// Runs the pre part of an action as a step of its own, if it has one that runs. That of a composite action is made of
/// those of the actions that it uses, as in the runner's `CompositeActionHandler`.
pub(crate) fn run_pre(
    leg: &Leg,
    step: &Step,
    frame: &Arc<Frame>,
    state: &mut State,
) -> Option<Attempt> {
    let (pre, name) = pre_of(leg, step, frame)?;
    let around =
        Surroundings { number: leg.number(), deadline: None, halt: None, runs_on: &|| true };
    Some(run_part(leg, &pre.step, &name, &pre, Part::Pre, around, state))
}

/// Runs the pre part of an action that a composite action uses, within the pre part of that.
pub(crate) fn run_inner_pre(
    site: &Site<'_>,
    step: &Step,
    frame: &Arc<Frame>,
    state: &mut State,
) -> Option<Attempt> {
    let (pre, _) = pre_of(site.leg, step, frame)?;
    let around = Surroundings { deadline: None, runs_on: &|| true, ..site.around };
    let (inner, environment) = Site::new(site.leg, &pre.step, frame, state, Part::Pre, around);
    Some(perform(&inner, environment, &pre, state))
}

/// The pre part of a step, and what it is called; `None` when it has none. Only actions that are there before the
/// job have one: not those of the workspace.
fn pre_of(leg: &Leg, step: &Step, frame: &Arc<Frame>) -> Option<(Post, Arc<str>)> {
    if !has_pre(leg, step, frame, frame.depth) {
        return None;
    }
    let StepBody::Uses(uses) = &step.body else { return None };
    let action = find(leg, frame, step, uses).ok()?;
    let condition = match &*action {
        Resolved::Files(Files {
            action: Action { body: ActionBody::JavaScript(action), .. },
            ..
        }) => action.pre_if.clone(),
        _ => native::condition("always()"),
    };
    let name: Arc<str> = format!("Pre Run {}", naming::action(&uses.action.value)).into();
    let kept = leg.kept(step);
    let of_pre = Step {
        condition: condition.clone(),
        continue_on_error: None,
        timeout_minutes: None,
        ..step.clone()
    };
    let (step, frame) = (Arc::new(of_pre), frame.clone());
    Some((Post { name: name.clone(), step, action, frame, condition, kept }, name))
}

fn has_pre(leg: &Leg, step: &Step, frame: &Arc<Frame>, depth: u32) -> bool {
    let StepBody::Uses(uses) = &step.body else { return false };
    // `$/` is that repository at a commit, so the runner's `ActionManager` gets it before the job like any other.
    let early = match &uses.action.value {
        ActionReference::Remote { .. } => true,
        ActionReference::Local { of_repository, .. } => *of_repository,
        _ => false,
    };
    if !early {
        return false;
    }
    let Ok(found) = find(leg, frame, step, uses) else { return false };
    let Resolved::Files(files) = &*found else { return false };
    match &files.action.body {
        ActionBody::JavaScript(action) => action.pre.is_some(),
        ActionBody::Composite(action) if depth < composite::DEEPEST => {
            action.steps.iter().any(|inner| has_pre(leg, inner, frame, depth + 1))
        }
        _ => false,
    }
}

fn run_part(
    leg: &Leg,
    step: &Step,
    name: &str,
    post: &Post,
    part: Part,
    around: Surroundings<'_>,
    state: &mut State,
) -> Attempt {
    let (site, environment) = Site::new(leg, step, &post.frame, state, part, around);
    step::observed(leg, around.number, name, || perform(&site, environment, post, state))
}

/// Runs a pre or post part where it stands.
fn perform(
    site: &Site<'_>,
    environment: Result<(), EvaluationError>,
    post: &Post,
    state: &mut State,
) -> Attempt {
    let performed = match (environment, site.wanted(state)) {
        (Ok(()), Ok(true)) => match &site.step.body {
            StepBody::Uses(uses) => act(site, uses, &post.action, &post.kept, None, state),
            _ => Performed::failed(),
        },
        (Ok(()), Ok(false)) => return Attempt::skipped(),
        (Err(error), _) | (_, Err(error)) => {
            site.error(&format!("could not evaluate the step: {error}"));
            Performed::failed()
        }
    };
    Attempt::from(performed)
}

/// Finds the action of a step; one of another repository is the same whenever it is looked for.
fn find(leg: &Leg, frame: &Arc<Frame>, step: &Step, uses: &Uses) -> Result<Arc<Resolved>, String> {
    if let Some(found) = leg.found(step) {
        return Ok(found);
    }
    let resolved = Arc::new(resolve(leg, frame, &uses.action.value)?);
    let is_remote = matches!(uses.action.value, ActionReference::Remote { .. });
    leg.keep_found(is_remote.then_some(step), &resolved);
    Ok(resolved)
}

/// Finds an action. Errors: a sentence that says what was looked for, where.
fn resolve(leg: &Leg, frame: &Frame, reference_of: &ActionReference) -> Result<Resolved, String> {
    match reference_of {
        ActionReference::Local { path, of_repository: false } => {
            read(leg.places.workspace.join(&**path), "", "").map(Resolved::Files)
        }
        ActionReference::Local { path, of_repository: true } => {
            of_own_repository(leg, frame, path, reference_of).map(Resolved::Files)
        }
        ActionReference::Remote { owner, repository, path, reference, .. } => {
            let name = if path.is_empty() {
                format!("{owner}/{repository}")
            } else {
                format!("{owner}/{repository}/{path}")
            };
            if let Some(folder) =
                leg.world.action_folder(&format!("{owner}/{repository}"), reference)
            {
                let full = format!("{owner}/{repository}");
                let files = read(folder.join(&**path), &full, reference)?;
                return Ok(Resolved::Files(Files { root: Some(folder.to_owned()), ..files }));
            }
            if let Some(builtin) = Builtin::find(&name) {
                return Ok(Resolved::Native(builtin));
            }
            stored(leg, reference_of)?.map(Resolved::Files).ok_or_else(|| {
                format!(
                    "the action `{name}@{reference}` is neither built in nor on this machine; \
                     `plim actions fetch` gets it, `--action {name}=DIR` uses a folder for it"
                )
            })
        }
        ActionReference::Docker(image) => {
            Err(format!("`docker://{image}` needs a container, and containers cannot run here"))
        }
        ActionReference::Unreadable(text) => Err(format!("`{text}` names no action")),
    }
}

/// An action of the repository that the file is from in which the step stands: `$/path`.
fn of_own_repository(
    leg: &Leg,
    frame: &Frame,
    path: &str,
    reference_of: &ActionReference,
) -> Result<Files, String> {
    let (root, repository, reference) = match (&frame.action, &leg.home) {
        (Some(ActionFrame { root: Some(root), repository, reference, .. }), _) => {
            (root.clone(), repository.clone(), reference.clone())
        }
        (None, Some(home)) => {
            let root = leg.stored_action(home, &naming::action(reference_of))?;
            (root, home.name.repository_name(), home.name.reference.to_string())
        }
        (Some(_) | None, _) => return read(leg.own_repository()?.join(path), "", ""),
    };
    let files = read(root.join(path), &repository, &reference)?;
    Ok(Files { root: Some(root), ..files })
}

/// Reads the metadata of the action in `directory`.
fn read(directory: PathBuf, repository: &str, reference: &str) -> Result<Files, String> {
    let (path, source) = ["action.yml", "action.yaml"]
        .iter()
        .map(|name| directory.join(name))
        .find_map(|path| std::fs::read(&path).ok().map(|source| (path, source)))
        .ok_or_else(|| missing(&directory))?;
    let read = Action::read_bytes(&path.to_string_lossy(), &source);
    if let Some(error) = read.diagnostics.iter().find(|found| found.severity == Severity::Error) {
        return Err(format!("could not read `{}`: {}", path.display(), error.message));
    }
    let (repository, reference) = (repository.to_owned(), reference.to_owned());
    Ok(Files { directory, action: read.value, repository, reference, commit: None, root: None })
}

/// The files of an action in the store, as this job's own copy; `None` when the store lacks it.
fn stored(leg: &Leg, wanted: &ActionReference) -> Result<Option<Files>, String> {
    let ActionReference::Remote { path, reference, .. } = wanted else { return Ok(None) };
    let Some(stored) = leg.world.planner.stored(wanted)? else { return Ok(None) };
    let folder = leg.stored_action(&stored, &naming::action(wanted))?;
    let files = read(folder.join(&**path), &stored.name.repository_name(), reference)?;
    Ok(Some(Files { commit: Some(stored.commit.clone()), root: Some(folder), ..files }))
}

/// The action itself in place of a built-in that refuses one of its inputs, where the store has it.
fn unrefused(
    site: &Site<'_>,
    uses: &Uses,
    resolved: Arc<Resolved>,
    state: &State,
) -> Result<Arc<Resolved>, String> {
    let Resolved::Native(builtin) = &*resolved else { return Ok(resolved) };
    let Ok(given) = uses.with.evaluate(&site.scope(state)) else { return Ok(resolved) };
    let given = given.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    if builtin.refusal(&given, &site.github.to_json()).is_none() {
        return Ok(resolved);
    }
    let Some(files) = stored(site.leg, &uses.action.value)? else { return Ok(resolved) };
    let action = Arc::new(Resolved::Files(files));
    site.leg.keep_found(None, &action);
    Ok(action)
}

fn missing(directory: &Path) -> String {
    format!(
        "can't find `action.yml`, `action.yaml` or `Dockerfile` under `{}`; \
         did you forget to run actions/checkout before this local action?",
        directory.display()
    )
}

/// The inputs of an action by lower-case name: what `with` gives, then the defaults.
fn inputs(
    site: &Site<'_>,
    uses: &Uses,
    resolved: &Resolved,
    state: &State,
) -> Result<BTreeMap<String, String>, String> {
    let scope = site.scope(state);
    let mut inputs = BTreeMap::new();
    let given = uses.with.evaluate(&scope);
    for (name, value) in given.map_err(|error| format!("could not evaluate `with`: {error}"))? {
        inputs.insert(name.to_lowercase(), value.to_string());
    }
    warn_of_unexpected(site, &inputs, resolved);
    match resolved {
        Resolved::Native(builtin) => native::fill_defaults(builtin, &scope, &mut inputs)?,
        Resolved::Files(files) => {
            fill_defaults(&files.action.inputs, &scope, &mut inputs)?;
            note_empty_token(site, &files.action.inputs, &inputs);
        }
    }
    Ok(inputs)
}

/// An action that asks GitHub fails without a token, and what it says of that seldom helps.
fn note_empty_token(site: &Site<'_>, declared: &[ActionInput], inputs: &BTreeMap<String, String>) {
    let is_token = |input: &&ActionInput| {
        let default = input.default.as_ref();
        default.is_some_and(|text| text.template.source().contains("github.token"))
    };
    let is_empty = |input: &&ActionInput| {
        inputs.get(&input.name.value.to_lowercase()).is_some_and(String::is_empty)
    };
    if let Some(input) = declared.iter().filter(is_token).find(is_empty) {
        site.notice(&format!(
            "the input `{}` is empty, because this run has no token: what asks GitHub fails; `--secret GITHUB_TOKEN` \
             hands yours over",
            input.name.value
        ));
    }
}

fn fill_defaults(
    declared: &[ActionInput],
    scope: &dyn Scope,
    inputs: &mut BTreeMap<String, String>,
) -> Result<(), String> {
    for input in declared {
        let name = input.name.value.to_lowercase();
        if inputs.contains_key(&name) {
            continue;
        }
        let value = match &input.default {
            Some(text) => text.evaluate_text(scope).map_err(|error| {
                format!(
                    "could not evaluate the default of the input `{}`: {error}",
                    input.name.value
                )
            })?,
            None => "".into(),
        };
        inputs.insert(name, value.to_string());
    }
    Ok(())
}

fn warn_of_unexpected(site: &Site<'_>, given: &BTreeMap<String, String>, resolved: &Resolved) {
    let known: Vec<String> = match resolved {
        Resolved::Native(builtin) => builtin.inputs.iter().map(|input| input.name.into()).collect(),
        Resolved::Files(files) => {
            for input in &files.action.inputs {
                let name = &input.name.value;
                if let (Some(why), true) =
                    (&input.deprecation, given.contains_key(&name.to_lowercase()))
                {
                    site.leg
                        .warn(site.around.number, &format!("input `{name}` is deprecated: {why}"));
                }
            }
            files.action.inputs.iter().map(|input| input.name.value.to_string()).collect()
        }
    };
    let unexpected: Vec<_> = given
        .keys()
        .filter(|name| !known.iter().any(|known| known.eq_ignore_ascii_case(name)))
        .map(|name| format!("`{name}`"))
        .collect();
    if !unexpected.is_empty() {
        let text = format!(
            "unexpected input {}; valid inputs are {}",
            unexpected.join(", "),
            known.join(", ")
        );
        site.leg.warn(site.around.number, &text);
    }
}
