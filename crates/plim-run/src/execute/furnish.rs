//! Furnishes the room of a leg: what its processes see of the machine.

use std::fs;

use plim_host::{Bind, Room, User};
use plim_workflow::{Job, JobBody, StepBody};

use super::{World, places::Places, variables::Variables};
use crate::room::{self, Disk, FurnishError, Layers, Survey, UserFacts, Wishes};

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
    plan.renew(&places.home)?;
    let folder = places.root.join("layers");
    let scripts = scripts(job);
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

/// What `plim setup` got is found behind all that the user has.
fn append_tools(world: &World, environment: &mut Variables) {
    let mut path = environment.get("PATH").unwrap_or_default().to_owned();
    for folder in world.planner.toolbox().search_path() {
        path.push(':');
        path.push_str(&folder.to_string_lossy());
    }
    environment.set("PATH", path);
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
            StepBody::Uses(_) => text.push_str(" cargo rustup npm node pip python go "),
            _ => {}
        }
    }
    text
}
