//! A `run` step: its script, its shell, its folder.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use plim_workflow::{Run, Text};

use super::{
    launch::{self, Launch},
    state::State,
    step::{Performed, Site},
};
use crate::{event::LineKind, shell::Shell};

/// A script, what runs it, and where.
pub(crate) struct Composed {
    pub(crate) script: String,
    pub(crate) shell: Shell,
    pub(crate) directory: PathBuf,
}

/// Runs a script.
pub(crate) fn run(
    site: &Site<'_>,
    run: &Run,
    deadline: Option<Instant>,
    state: &mut State,
) -> Performed {
    match prepare(site, run, state) {
        Ok((launch, file)) => {
            let performed = launch::run(site, launch, deadline, None, state);
            forget(site, &file);
            performed
        }
        Err(reason) => {
            site.error(&reason);
            Performed::failed()
        }
    }
}

/// Removes a script where a person may look around next, since secrets are written out in it.
fn forget(site: &Site<'_>, file: &Path) {
    if site.leg.world.pausing.is_some() {
        // The folder goes with the job; a file that cannot be removed now is removed then.
        let _ = fs::remove_file(file);
    }
}

/// Evaluates what a step runs.
///
/// Errors: an expression that fails, or a shell that is not there, in a sentence.
pub(crate) fn compose(site: &Site<'_>, run: &Run, state: &State) -> Result<Composed, String> {
    let script = evaluate(site, &run.script, "run", state)?;
    let (own, default) = (run.shell.as_ref(), site.leg.defaults.shell.as_deref());
    let shell = own_or_default(site, own, "shell", default, state)?;
    let own = run.working_directory.as_ref();
    let default = site.leg.defaults.working_directory.as_deref();
    let folder = own_or_default(site, own, "working-directory", default, state)?;
    let path = launch::search_path(site, state);
    let find = |name: &str| plim_host::which(name, &path, &site.leg.places.workspace);
    let shell = Shell::find(shell.as_deref(), &find)
        .map_err(|error| format!("{error}; {}", error.help()))?;
    let directory = site.leg.places.workspace.join(folder.unwrap_or_default());
    Ok(Composed { script, shell, directory })
}

fn prepare(site: &Site<'_>, run: &Run, state: &State) -> Result<(Launch, PathBuf), String> {
    let Composed { script, shell, directory } = compose(site, run, state)?;
    let file = site.leg.script_file(shell.extension());
    announce(site, &script, &shell);
    fs::write(&file, shell.script(&script))
        .map_err(|error| format!("could not write the script `{}`: {error}", file.display()))?;
    let invocation = shell.invocation(&file);
    let launch = Launch {
        program: invocation.program,
        arguments: invocation.arguments.into_iter().map(OsString::from).collect(),
        variables: Vec::new(),
        without: &[],
        directory,
    };
    Ok((launch, file))
}

/// A setting of the step, or the job's default. Defaults do not reach into composite actions.
fn own_or_default(
    site: &Site<'_>,
    own: Option<&Text>,
    key: &str,
    default: Option<&str>,
    state: &State,
) -> Result<Option<String>, String> {
    let own = own.map(|text| evaluate(site, text, key, state)).transpose()?;
    let default = default.filter(|_| site.frame.action.is_none());
    Ok(own.filter(|text| !text.is_empty()).or_else(|| default.map(str::to_owned)))
}

fn evaluate(site: &Site<'_>, text: &Text, key: &str, state: &State) -> Result<String, String> {
    let value = text.evaluate_text(&site.scope(state));
    value
        .map(|text| text.to_string())
        .map_err(|error| format!("could not evaluate `{key}`: {error}"))
}

/// Shows what is about to run, as the runner does at the head of a step's log.
fn announce(site: &Site<'_>, script: &str, shell: &Shell) {
    let title = script.trim_start().lines().next().unwrap_or_default();
    site.log(LineKind::Group, &format!("Run {title}"));
    for line in script.trim_end().lines() {
        site.log(LineKind::Command, line);
    }
    site.log(LineKind::Command, &format!("shell: {shell}"));
    launch::show_environment(site);
    site.log(LineKind::EndGroup, "");
}
