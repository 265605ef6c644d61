//! Furnishes the room of a leg: what its processes see of the machine.

use std::{fs, path::Path};

use plim_host::{Bind, Room, User};
use plim_workflow::{ActionReference, Job, JobBody, StepBody};

use super::{World, places::Places, variables::Variables};
use crate::builtin::ACTIONS;
use crate::room::{
    self, Disk, FurnishError, Layers, PlannedLink, RoomPlan, Survey, Tool, UserFacts, Wishes,
};

/// A room with everything in it.
pub(crate) struct Furnished {
    /// What is hidden, bound and layered.
    pub(crate) room: Room,
    /// What every process gets before the workflow's own variables.
    pub(crate) environment: Variables,
}

/// Surveys the user's home once for a run, and writes the programs that refuse.
pub(crate) fn survey(world: &World) -> Result<Survey, FurnishError> {
    let settings = &world.options;
    let user = User::this();
    let home = settings.home.clone();
    let facts =
        UserFacts { home: &home, id: user.uid, environment: &settings.environment, tree: &Disk };
    let wishes =
        Wishes { credentials: settings.credentials.clone(), allow_sudo: settings.allow_sudo };
    let survey = Survey::new(&facts, &wishes);
    survey.furnish(&world.withheld_folder())?;
    let tools = world.tool_cache();
    fs::create_dir_all(&tools).map_err(|source| FurnishError { path: tools, source })?;
    Ok(survey)
}

/// Makes the private home and decides what is seen.
pub(crate) fn furnish(
    world: &World,
    places: &Places,
    job: &Job,
) -> Result<Furnished, FurnishError> {
    let survey = world.survey()?;
    // Without a repository a checkout fails and says why.
    let origin = world.stores.origin().ok().and_then(|origin| origin.folders().ok());
    let borrowed = origin.unwrap_or_default();
    let mut keep = vec![world.work_folder(), world.tool_cache()];
    keep.extend(borrowed.iter().cloned());
    let mut plan = survey.plan(&room::Places {
        home: places.home.clone(),
        temp: places.temporary.clone(),
        keep,
        withheld: world.withheld_folder(),
    });
    plan.read_only.extend(borrowed);
    let mut scripts = scripts(job);
    plan.tools.push(tool_cache(world));
    if plant_toolchains(world, &mut plan) {
        scripts.push_str(" rustup ");
    }
    plan.renew(&places.home)?;
    let folder = places.root.join("layers");
    let mut room = plan.room(Layers::Overlay { folder: &folder, scripts: &scripts })?;
    // The legs of a run differ only in which of the work folders they see.
    let seen = [places.root.clone(), world.withheld_folder()];
    room.hide = vec![world.work_folder()];
    room.bind = seen.map(|path| Bind { from: path.clone(), to: path }).into();
    let mut environment: Variables = plan.environment.into_iter().collect();
    for (name, value) in [("CI", "true"), ("GITHUB_ACTIONS", "true"), ("PLIMSOLL", "true")] {
        environment.set(name, value);
    }
    append_tools(world, &mut environment);
    for (name, value) in &world.options.variables {
        environment.set(name, value.as_str());
    }
    Ok(Furnished { room, environment })
}

/// The tool cache: what jobs write there, as actions of other repositories do, stays theirs.
fn tool_cache(world: &World) -> Tool {
    let folder = world.tool_cache();
    let folder = folder.canonicalize().unwrap_or(folder);
    Tool { folder, written_by: &["RUNNER_TOOL_CACHE", "runner.tool_cache", OF_OTHERS] }
}

/// Lets the user's rustup know the toolchains that `plim setup` got; false when there are none, or no such rustup.
fn plant_toolchains(world: &World, plan: &mut RoomPlan) -> bool {
    let Some(home) = plan.environment.get("RUSTUP_HOME") else { return false };
    let Ok(toolchains) = Path::new(home).join("toolchains").canonicalize() else { return false };
    let own = world.planner.toolbox().own_toolchains();
    plan.planted
        .extend(own.into_iter().map(|(name, to)| PlannedLink { at: toolchains.join(name), to }));
    !plan.planted.is_empty()
}

/// What `plim setup` got is found behind all that the user has.
fn append_tools(world: &World, environment: &mut Variables) {
    let mut path = environment.get("PATH").unwrap_or_default().to_owned();
    for folder in world.planner.toolbox().search_path() {
        path.push(':');
        path.push_str(&folder.to_string_lossy());
    }
    environment.set("PATH", path);
}

/// Stands for whatever an action does that is not built in.
const OF_OTHERS: &str = "action-of-others";

fn is_built_in(action: &ActionReference) -> bool {
    let ActionReference::Remote { host: None, owner, repository, path, .. } = action else {
        return false;
    };
    let slash = if path.is_empty() { "" } else { "/" };
    let name = format!("{owner}/{repository}{slash}{path}");
    ACTIONS.iter().any(|builtin| builtin.name.eq_ignore_ascii_case(&name))
}

/// Everything that the job's own steps run; what a local action runs is not known before it is read.
fn scripts(job: &Job) -> String {
    let JobBody::Steps(machine) = &job.body else { return String::new() };
    let mut text = String::new();
    for step in &machine.steps {
        match &step.body {
            StepBody::Run(run) => {
                text.push_str(&run.script.template.source());
                text.push('\n');
            }
            StepBody::Uses(uses) => {
                text.push_str(" cargo rustup npm node pip python go ");
                if !is_built_in(&uses.action.value) {
                    text.push_str(OF_OTHERS);
                    text.push('\n');
                }
            }
            _ => {}
        }
    }
    text
}
