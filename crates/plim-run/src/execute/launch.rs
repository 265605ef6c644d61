//! Launches a step's process: its environment, its files, its console, and what it leaves behind.

use std::{
    ffi::OsString,
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::PoisonError,
    time::Instant,
};

use plim_expression::Value;
use plim_host::{Command, Stream};

use super::{
    console::{Asked, Console},
    state::{Change, Kept, State},
    step::{Performed, Site},
    supervise::{self, Ending, Limits},
    variables::Variables,
};
use crate::{
    environment_file::{self, EnvironmentFile, EnvironmentFileError},
    event::{Conclusion, Event, LineKind},
    github_variables::{github_variable, runner_variable},
    mask::Line,
    summary,
};

/// A process about to start.
pub(crate) struct Launch {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    /// Set after everything else: `INPUT_*` and `STATE_*`.
    pub(crate) variables: Vec<(String, String)>,
    /// Taken away, whoever set it.
    pub(crate) without: &'static [&'static str],
    pub(crate) directory: PathBuf,
}

/// Runs a process to its end and takes over what it set.
pub(crate) fn run(
    site: &Site<'_>,
    launch: Launch,
    deadline: Option<Instant>,
    kept: Option<&Kept>,
    state: &mut State,
) -> Performed {
    let files = match Files::unused(site) {
        Ok(files) => files,
        Err(error) => {
            let folder = site.leg.places.commands.display();
            site.error(&format!(
                "could not make the step's environment files in `{folder}`: {error}"
            ));
            return Performed::failed();
        }
    };
    let command = command(site, &launch, &files, state);
    let mut console = Console::new(site);
    let followed = spawn(site, &command, deadline, &mut console, state);
    let mut asked = console.asked;
    let was_last = followed.as_ref().is_ok_and(|followed| followed.was_last);
    files.take_over(site, was_last, &mut asked);
    let outputs = apply(asked.environment, asked.paths, asked.kept, asked.outputs, kept, state);
    let ending = followed.map(|followed| followed.ending);
    let (outcome, exit_code) = judge(site, ending, asked.failed);
    Performed { outcome, exit_code, outputs }
}

fn command(site: &Site<'_>, launch: &Launch, files: &Files, state: &State) -> Command {
    let mut variables = environment(site, state);
    files.name_in(&mut variables);
    for (name, value) in &launch.variables {
        variables.set(name, value.as_str());
    }
    let mut command = Command::new(&launch.program, &launch.directory);
    command.arguments.clone_from(&launch.arguments);
    let kept = variables.iter().filter(|(name, _)| !launch.without.contains(name));
    command.environment = kept.map(|(name, value)| (name.into(), value.into())).collect();
    command
}

/// Everything that a process of the step finds in its environment, but for its files: the clean
/// room, the workflow's variables, and what GitHub sets, which nothing overrides.
pub(crate) fn environment(site: &Site<'_>, state: &State) -> Variables {
    let mut variables = site.leg.base.clone();
    variables.extend(&site.environment);
    variables.set("PATH", search_path(site, state));
    if let Value::Object(github) = &site.github {
        for (name, value) in github.iter() {
            let is_plain = matches!(value, Value::String(_) | Value::Boolean(_) | Value::Number(_));
            if let Some(variable) = github_variable(name).filter(|_| is_plain) {
                variables.set(&variable, &*value.to_text());
            }
        }
    }
    if let Value::Object(runner) = &site.leg.contexts.runner {
        for (name, value) in runner.iter() {
            variables.set(&runner_variable(name), &*value.to_text());
        }
    }
    variables
}

/// `PATH` with what steps put before it.
pub(crate) fn search_path(site: &Site<'_>, state: &State) -> String {
    let own = site.environment.get("PATH").or_else(|| site.leg.base.get("PATH"));
    state.paths.before(own.unwrap_or_default())
}

/// Shows the step's variables, as the runner does at the head of a step's log.
pub(crate) fn show_environment(site: &Site<'_>) {
    if site.environment.is_empty() {
        return;
    }
    site.log(LineKind::Command, "env:");
    for (name, value) in site.environment.iter() {
        let text = format!("  {name}: {value}");
        text.lines().for_each(|line| site.log(LineKind::Command, line));
    }
}

fn spawn(
    site: &Site<'_>,
    command: &Command,
    deadline: Option<Instant>,
    console: &mut Console<'_>,
    state: &State,
) -> Result<Followed, String> {
    follow(site, command, deadline, state, &mut |stream, line| console.take(stream, line))
}

/// A process of a step that is over.
pub(crate) struct Followed {
    /// How it ended.
    pub(crate) ending: Ending,
    /// Whether no process of the job was left then.
    was_last: bool,
}

/// Starts a process of the step and gives each line that it writes to `line`, until it is over.
pub(crate) fn follow(
    site: &Site<'_>,
    command: &Command,
    deadline: Option<Instant>,
    state: &State,
    line: &mut dyn FnMut(Stream, Line<'_>),
) -> Result<Followed, String> {
    let leg = site.leg;
    if leg.cancellation.urgency() == super::Urgency::Kill {
        return Ok(Followed { ending: Ending::Cancelled, was_last: false });
    }
    let mut process = leg.cell.spawn(command).map_err(|error| error.to_string())?;
    let limits = Limits {
        clock: &leg.world.clock,
        step: deadline.map(|at| leg.due(at)),
        job: leg.due(leg.deadline),
        cancel_timeout: leg.cancel_timeout,
        cancellation: &leg.cancellation,
        halt: site.around.halt,
        runs_on: &|| site.runs_on(state),
    };
    let ending = supervise::supervise(&mut process, &limits, &leg.world.masker, line)
        .map_err(|error| format!("could not follow the step's process: {error}"))?;
    Ok(Followed { ending, was_last: process.was_last() })
}

fn judge(
    site: &Site<'_>,
    ending: Result<Ending, String>,
    failed: bool,
) -> (Conclusion, Option<i32>) {
    match ending {
        Ok(Ending::Exited(0)) if failed => (Conclusion::Failure, Some(0)),
        Ok(Ending::Exited(0)) => (Conclusion::Success, Some(0)),
        Ok(Ending::Exited(code)) => {
            site.error(&format!("process completed with exit code {code}"));
            (Conclusion::Failure, Some(code))
        }
        Ok(Ending::Cancelled) => {
            site.log(LineKind::Error, "the operation was cancelled");
            (Conclusion::Cancelled, None)
        }
        Ok(Ending::TimedOut) => (Conclusion::Failure, None),
        Err(reason) => {
            site.error(&reason);
            (Conclusion::Failure, None)
        }
    }
}

/// Takes over what the process set, and gives its outputs; of several of one name the last counts.
fn apply(
    environment: Vec<(String, String)>,
    paths: Vec<String>,
    kept_pairs: Vec<(String, String)>,
    outputs: Vec<(String, String)>,
    kept: Option<&Kept>,
    state: &mut State,
) -> Vec<(String, String)> {
    for (name, value) in environment {
        state.apply(Change::Environment(name, value));
    }
    for path in paths {
        state.apply(Change::Path(path));
    }
    if let Some(kept) = kept {
        kept.lock().unwrap_or_else(PoisonError::into_inner).extend(kept_pairs);
    }
    outputs
}

/// The files that a step's process writes to; each step gets its own.
///
/// Those that nobody wrote to, and nobody is left who could, are as good as new: the next step gets them.
pub(crate) struct Files(Vec<CommandFile>);

/// One of them, as it was made.
struct CommandFile {
    kind: EnvironmentFile,
    path: PathBuf,
    /// Its inode and mode.
    print: (u64, u32),
}

impl CommandFile {
    fn new(kind: EnvironmentFile, path: PathBuf) -> io::Result<Self> {
        let made = fs::File::create(&path)?.metadata()?;
        Ok(Self { kind, path, print: (made.ino(), made.mode()) })
    }

    fn is_as_made(&self) -> bool {
        let found = fs::symlink_metadata(&self.path);
        found.is_ok_and(|found| found.len() == 0 && (found.ino(), found.mode()) == self.print)
    }
}

impl Files {
    /// Those that were left unused, or new ones.
    fn unused(site: &Site<'_>) -> io::Result<Self> {
        match site.leg.unused_files().take() {
            Some(files) => Ok(files),
            None => Self::new(site),
        }
    }

    pub(crate) fn new(site: &Site<'_>) -> io::Result<Self> {
        let suffix = site.leg.world.unique();
        let folder = &site.leg.places.commands;
        let files = EnvironmentFile::ALL.into_iter();
        let files = files.map(|kind| CommandFile::new(kind, folder.join(kind.file_name(&suffix))));
        files.collect::<io::Result<_>>().map(Self)
    }

    /// Sets the variables that name them.
    pub(crate) fn name_in(&self, variables: &mut Variables) {
        for file in &self.0 {
            variables.set(file.kind.variable(), file.path.to_string_lossy());
        }
    }

    /// Removes the files, whatever they say.
    pub(crate) fn remove(self) {
        for file in self.0 {
            // The folder goes with the job; a file that cannot be removed now is removed then.
            let _ = fs::remove_file(file.path);
        }
    }

    /// Reads the files and adds what they say to what commands asked for. `was_last` tells that no process is left that
    /// could write to them.
    fn take_over(self, site: &Site<'_>, was_last: bool, asked: &mut Asked) {
        if was_last && self.0.iter().all(CommandFile::is_as_made) {
            *site.leg.unused_files() = Some(self);
            return;
        }
        for file in &self.0 {
            match read(&file.path) {
                Ok(bytes) if bytes.is_empty() => {}
                Ok(bytes) => take_over(site, file.kind, &bytes, asked),
                Err(reason) => fail(site, file.kind, &reason, None, asked),
            }
        }
        self.remove();
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    match fs::metadata(path) {
        Ok(found) if found.len() > environment_file::MAXIMUM_BYTES => Err(format!(
            "it has {} bytes; at most {} are read",
            found.len(),
            environment_file::MAXIMUM_BYTES
        )),
        Ok(found) if found.len() == 0 => Ok(Vec::new()),
        Ok(_) => fs::read(path).map_err(|error| error.to_string()),
        // A step that removes its file has set nothing.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error.to_string()),
    }
}

fn take_over(site: &Site<'_>, kind: EnvironmentFile, bytes: &[u8], asked: &mut Asked) {
    let mut error: Option<EnvironmentFileError> = None;
    match kind {
        EnvironmentFile::Env => {
            let changes = environment_file::parse_environment(bytes);
            asked.environment.extend(changes.set);
            for name in changes.refused {
                site.error(&format!("`{name}` cannot be set through `GITHUB_ENV`"));
            }
            error = changes.error;
        }
        EnvironmentFile::Output => {
            let pairs = environment_file::parse_outputs(bytes);
            asked.outputs.extend(pairs.pairs);
            error = pairs.error;
        }
        EnvironmentFile::State => {
            let pairs = environment_file::parse_pairs(bytes);
            asked.kept.extend(pairs.pairs);
            error = pairs.error;
        }
        EnvironmentFile::Path => asked.paths.extend(environment_file::parse_paths(bytes)),
        EnvironmentFile::StepSummary => take_summary(site, bytes),
    }
    if let Some(error) = error {
        fail(site, kind, &error.to_string(), Some(error.help()), asked);
    }
}

fn take_summary(site: &Site<'_>, bytes: &[u8]) {
    match summary::accept(bytes, &site.leg.world.masker) {
        Ok(Some(text)) => {
            let (job, step) = (site.leg.key.clone(), site.around.number);
            site.leg.emit(Event::Summary { job, step, text });
        }
        Ok(None) => {}
        // Too large a summary is an error to see, but no failure, as in `CreateStepSummaryCommand`.
        Err(error) => site.error(&error.to_string()),
    }
}

fn fail(
    site: &Site<'_>,
    kind: EnvironmentFile,
    reason: &str,
    help: Option<&str>,
    asked: &mut Asked,
) {
    site.error(&format!("could not process the file `{}`: {reason}", kind.variable()));
    if let Some(help) = help {
        site.log(LineKind::Text, &format!("help: {help}"));
    }
    asked.failed = true;
}
