//! Runs a plan before an audience: the terminal or what stands for it, and the history.

use std::{io, path::PathBuf, sync::Arc};

use plim_diag::{Code, Diagnostic};
use plim_host::{Echo, Folders, Keeper, Machine, Signals, Stream, is_terminal, terminal_size};
use plim_run::{
    Event, Plan, Sink, basis,
    event::{Counts, Level, RunResult},
    execute::{self, Approve, Cancellation, Options, Urgency},
    history::{Budget, Earlier, History, HistoryError, Kept, Recorder},
    plan::{Forecast, Legs, Outlook, PlannedWorkflow},
};

use crate::{
    args::{RunArgs, RunFormat},
    estimate,
    exit::Exit,
    output::Output,
    refusal::Refusal,
    render::quantity::count,
    request::Wanted,
    view::{
        Audience, Concise, Detail, Interlude, JobState, JsonLines, Junit, Narrator, Plain,
        Progress, Reader, Terminal, reckoning::Reckoning,
    },
    visit,
    world::{self, World},
};

/// A plan and all that is needed to run it.
pub(crate) struct Run<'a> {
    pub(crate) keeper: Keeper,
    pub(crate) interrupt: Cancellation,
    pub(crate) plan: Plan,
    /// The run of which only what did not pass is run again.
    pub(crate) earlier: Option<Earlier>,
    pub(crate) wanted: Wanted,
    /// Credentials that the repository would like to have and was not given.
    pub(crate) asked: Vec<String>,
    /// How many errors are in the workflow files.
    pub(crate) errors: usize,
    pub(crate) arguments: &'a RunArgs,
    pub(crate) world: &'a World,
}

/// Listens to signals: the first asks the run to stop as GitHub stops one, the second ends it at once.
///
/// Errors: those of [`Signals::install`].
pub(crate) fn listen() -> Result<Cancellation, Refusal> {
    let interrupt = Cancellation::default();
    let told = interrupt.clone();
    let mut before = false;
    Signals::install(move |_| {
        let urgency = if before { Urgency::Kill } else { Urgency::Cancel };
        before = true;
        told.request(urgency, "interrupted");
    })?;
    Ok(interrupt)
}

/// How many jobs run at once: as many as the user says, else as many as the machine bears.
pub(crate) fn jobs_at_once(wanted: &Wanted) -> usize {
    wanted.jobs.unwrap_or_else(|| borne_by(&Machine::this()))
}

/// A compiler and its linker take about so much memory.
const MEMORY_OF_A_JOB: u64 = 2 << 30;

/// One job for each processor, but no more than the memory bears; a machine of unknown memory bears all.
fn borne_by(machine: &Machine) -> usize {
    let by_memory = match machine.memory {
        0 => usize::MAX,
        memory => usize::try_from(memory / MEMORY_OF_A_JOB).unwrap_or(usize::MAX),
    };
    machine.processors.min(by_memory).max(1)
}

/// Runs the plan, keeps its history, and tells how it ended.
///
/// Errors: results that could not be written. What is wrong with a job is no error here.
pub(crate) fn run(run: Run<'_>) -> Result<Exit, Refusal> {
    let (arguments, world) = (run.arguments, run.world);
    let folders = folders(world)?;
    let root = run.plan.source.root.clone();
    let history = History::of(&root);
    let (recorder, trouble) = begin(&history, &run);
    let place = Place::of(recorder.as_ref())?;
    let several = legs(&run.plan) != 1;
    let audience = Audience::new(&world.host.clock, recorder, readers(arguments, world, several));
    let sink = judged(opened(audience.sink(), first(&run, trouble)), run.errors);
    if run.plan.is_empty() {
        nothing(&run.plan, world, &|event| sink(event));
    } else {
        execute_plan(run, &folders, &place, audience.interlude(), sink);
    }
    let (progress, recorder, written) = audience.finish();
    forget_old(&history, recorder);
    if arguments.keep_workspace && arguments.format == RunFormat::Full {
        tell_workspaces(&progress, &Kept::of(&root, &world::cache_folder(&folders)));
    }
    written.map_err(|error| unwritten(&error))?;
    Ok(progress.end.map_or(Exit::Undetermined, |end| end.result.into()))
}

/// Begins to keep the run, unless it is one of nothing; or says why it cannot be kept.
fn begin(history: &History, run: &Run<'_>) -> (Option<Recorder>, Option<HistoryError>) {
    if run.plan.is_empty() {
        return (None, None);
    }
    match history.begin(run.world.host.clock.now()) {
        Ok(recorder) => (Some(recorder), None),
        Err(error) => (None, Some(error)),
    }
}

fn folders(world: &World) -> Result<Folders, Refusal> {
    world.folders().ok_or_else(|| {
        let message = "there is no folder for workspaces and caches";
        let help = "set `HOME` to an absolute path";
        Refusal::usage(Diagnostic::error(Code("no-home"), message).help(help))
    })
}

/// Names runs that have no place in the history.
pub(crate) const UNKEPT: &str = "unkept";

/// Says `notices` as soon as the run has begun: its first event comes first.
fn opened(sink: Sink, notices: Vec<Event>) -> Sink {
    Arc::new(move |event| {
        let begins = matches!(event, Event::RunStarted { .. });
        sink(event);
        if begins {
            notices.iter().for_each(|notice| sink(notice.clone()));
        }
    })
}

/// What comes before any job: what the plan comes to, and what `plim` itself has to say.
fn first(run: &Run<'_>, trouble: Option<HistoryError>) -> Vec<Event> {
    let mut first = vec![];
    if !run.plan.is_empty() {
        first.push(Reckoning::of(&run.plan, &Forecast::of(&run.plan)).event());
    }
    first.extend(notices(run, trouble));
    first
}

/// What `plim` itself has to say at the beginning.
fn notices(run: &Run<'_>, trouble: Option<HistoryError>) -> Vec<Event> {
    let notice = |level, text| Event::Notice { job: None, level, text };
    let mut notices = vec![];
    if let Some(error) = trouble {
        notices.push(notice(Level::Warning, format!("this run is not kept: {error}")));
    }
    notices.extend(estimate::too_large(run).map(|text| notice(Level::Warning, text)));
    if run.errors > 0 {
        let errors = count(run.errors, "error");
        let text = format!("this run cannot pass: {errors} in the workflow files");
        notices.push(notice(Level::Error, text));
    }
    // A repository may say which credentials its jobs would like; handing them over is the user's to decide.
    if !run.asked.is_empty() && !run.plan.is_empty() {
        let flags: Vec<_> = run.asked.iter().map(|name| format!("--credentials {name}")).collect();
        let flags = flags.join(" ");
        let text =
            format!("jobs of this repository ask for credentials; hand them over with `{flags}`");
        notices.push(notice(Level::Notice, text));
    }
    notices
}

/// A workflow that cannot be read might have failed: what did run does not pass for it.
fn judged(sink: Sink, errors: usize) -> Sink {
    if errors == 0 {
        return sink;
    }
    Arc::new(move |event| {
        sink(match event {
            Event::RunFinished { result, counts, milliseconds } => {
                let result =
                    if result == RunResult::Interrupted { result } else { RunResult::Failed };
                Event::RunFinished { result, counts, milliseconds }
            }
            other => other,
        });
    })
}

/// Where what a run leaves goes.
struct Place {
    id: Arc<str>,
    folder: PathBuf,
    /// Removed in the end, when there is no history to keep it in.
    _temporary: Option<tempfile::TempDir>,
}

impl Place {
    fn of(recorder: Option<&Recorder>) -> Result<Self, Refusal> {
        if let Some(recorder) = recorder {
            let (id, folder) = (recorder.id().clone(), recorder.folder().to_owned());
            return Ok(Self { id, folder, _temporary: None });
        }
        let temporary = tempfile::Builder::new().prefix("plim-").tempdir().map_err(|error| {
            let message = format!("cannot make a temporary folder for artifacts: {error}");
            Refusal::failed(Diagnostic::error(Code("temporary"), message))
        })?;
        let folder = temporary.path().to_owned();
        Ok(Self { id: UNKEPT.into(), folder, _temporary: Some(temporary) })
    }
}

/// The one place where plans are executed.
fn execute_plan(run: Run<'_>, folders: &Folders, place: &Place, interlude: Interlude, sink: Sink) {
    let Run { keeper, interrupt, plan, earlier, wanted, arguments, world, .. } = run;
    let jobs = jobs_at_once(&wanted);
    let request = wanted.request;
    let options = Options {
        keeper,
        clock: world.host.clock.clone(),
        environment: world.host.environment.clone(),
        run: place.id.clone(),
        run_folder: place.folder.clone(),
        cache_folder: world::cache_folder(folders),
        home: folders.home.clone(),
        jobs,
        past: request.took,
        pauses: visit::pauses(arguments, world, interlude.clone()),
        approve: approval(request.approve, request.can_ask, interlude),
        secrets: request.secrets.into_iter().collect(),
        token: request.token,
        configuration: request.variables.into_iter().collect(),
        variables: wanted.environment,
        credentials: wanted.credentials,
        allow_sudo: arguments.allow_sudo,
        actions: request
            .actions
            .into_iter()
            .map(|action| (action.reference, action.folder))
            .collect(),
        debug: world.host.environment.text("ACTIONS_STEP_DEBUG") == Some("true"),
        earlier,
    };
    execute::execute(&plan, options, &interrupt, sink);
}

/// Environments named on the command line are approved; for others a person is asked, if there is one.
fn approval(approved: Vec<String>, can_ask: bool, interlude: Interlude) -> Approve {
    Arc::new(move |environment| {
        if approved.iter().any(|name| name == environment) {
            return true;
        }
        let question = format!("A job uses the environment `{environment}`. Approve? [y/N] ");
        let ask = || plim_host::ask(&question, Echo::Shown).ok().flatten();
        let answer = if can_ask { interlude.during(ask) } else { None };
        answer.is_some_and(|answer| matches!(answer.trim(), "y" | "Y" | "yes"))
    })
}

/// A run of nothing: told to every reader as a run, and not kept.
fn nothing(plan: &Plan, world: &World, sink: &dyn Fn(Event)) {
    let source = &plan.source;
    sink(Event::RunStarted {
        run: UNKEPT.into(),
        repository: source.repository.clone(),
        commit: source.commit().into(),
        dirty: source.dirty,
        asked: basis::asked(plan),
        at: jiff::Timestamp::try_from(world.host.clock.now()).unwrap_or_default().to_string(),
    });
    for workflow in &plan.untriggered {
        let text = format!("`{}` is not triggered: {}", workflow.path, workflow.reason);
        sink(Event::Notice { job: None, level: Level::Notice, text });
    }
    let result = RunResult::Nothing;
    sink(Event::RunFinished { result, counts: Counts::default(), milliseconds: 0 });
}

/// How many legs will run, as far as that is known: more than one when some are known later.
fn legs(plan: &Plan) -> usize {
    let forecast = Forecast::of(plan);
    plan.workflows.iter().map(|workflow| legs_of(workflow, &forecast)).sum()
}

fn legs_of(workflow: &PlannedWorkflow, forecast: &Forecast) -> usize {
    let runs =
        |outlook: &Outlook| matches!(outlook, Outlook::Runs | Outlook::RunsInPart | Outlook::Open);
    let jobs = workflow.jobs.iter().filter(|job| runs(forecast.job(job)));
    let count = jobs.map(|job| match &job.legs {
        Legs::Deferred { .. } => 2,
        Legs::Known(legs) => {
            let legs = legs.iter().filter(|leg| leg.blocked.is_none());
            legs.map(|leg| leg.call.as_ref().map_or(1, |call| legs_of(call, forecast))).sum()
        }
    });
    count.sum()
}

/// Who hears of the run.
fn readers(arguments: &RunArgs, world: &World, several: bool) -> Vec<Box<dyn Reader>> {
    let results = Output::stdout();
    match arguments.format {
        RunFormat::Json => vec![Box::new(JsonLines::new(results))],
        RunFormat::Concise => vec![Box::new(Concise::new(results))],
        RunFormat::Junit => {
            vec![progress(arguments, world, several, None), Box::new(Junit::new(results))]
        }
        RunFormat::Full => vec![progress(arguments, world, several, Some(results))],
    }
}

/// The view for people: live on a terminal, folded on GitHub, plain lines elsewhere.
fn progress(
    arguments: &RunArgs,
    world: &World,
    several: bool,
    results: Option<Output>,
) -> Box<dyn Reader> {
    let environment = &world.host.environment;
    let on_github = environment.text("GITHUB_ACTIONS") == Some("true");
    let is_live =
        is_terminal(Stream::Stderr) && environment.text("TERM") != Some("dumb") && !on_github;
    let detail = match () {
        () if arguments.verbose || !several || on_github => Detail::Logs,
        () if is_live => Detail::Jobs,
        () => Detail::Steps,
    };
    let narrator = Narrator::new(world.stderr, detail, several);
    let results = results.map(|output| (output, world.stdout));
    if is_live {
        let size = Box::new(|| terminal_size(Stream::Stderr));
        return Box::new(Terminal::new(narrator, Output::stderr(), size, results));
    }
    let narrator = if on_github { narrator.grouped() } else { narrator };
    Box::new(Plain::new(narrator, Output::stderr(), results))
}

/// Keeps the history within its budget. What cannot be removed now is tried again after the next run.
fn forget_old(history: &History, recorder: Option<Recorder>) {
    if recorder.is_some() {
        drop(recorder);
        let _ = history.keep_within(Budget::default());
    }
}

fn tell_workspaces(progress: &Progress, kept: &Kept) {
    let mut stdout = Output::stdout();
    for job in progress.jobs.iter().filter(|job| matches!(job.state, JobState::Finished { .. })) {
        stdout.add(&format!(
            "workspace of {}: {}\n",
            progress.label(&job.key),
            kept.leg(&job.key).display()
        ));
    }
    stdout.flush();
}

fn unwritten(error: &io::Error) -> Refusal {
    let message = format!("cannot write results to standard output: {error}");
    Refusal::failed(Diagnostic::error(Code("output"), message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_with_little_memory_runs_fewer_jobs_at_once() {
        let machine = |processors, gibibytes: u64| Machine {
            processors,
            memory: gibibytes << 30,
            ..Machine::this()
        };
        for (processors, gibibytes, jobs) in [(8, 64, 8), (8, 7, 3), (2, 1, 1), (4, 0, 4)] {
            assert_eq!(borne_by(&machine(processors, gibibytes)), jobs, "{gibibytes} GiB");
        }
    }
}
