//! `plim run`: plans, and shows the plan or runs it.

use std::io::{self, IsTerminal};

use plim_host::{Echo, HostError, Keeper, Stream, is_terminal};
use plim_run::{
    Plan,
    execute::Cancellation,
    history::Kept,
    plan::{Forecast, Planner},
    source,
};

use super::{format_of, list};
use crate::{
    args::{RunArgs, RunFormat},
    estimate::{Estimate, Past},
    exit::Exit,
    output::Output,
    refusal::Refusal,
    render::{diagnostic, plan::PlanView},
    request::{self, Wanted},
    retry,
    run::{self, Run},
    settings,
    view::reckoning::Reckoning,
    visit, watch,
    world::World,
};

/// Does what the arguments say.
pub(super) fn run(arguments: RunArgs, world: &World, stdout: &mut Output) -> Result<Exit, Refusal> {
    // Found before anything is asked of git, so that what is wrong with the settings is told at once.
    let (root, _) = source::locate(&world.directory)?;
    if arguments.list {
        return list::run(&arguments, &root, world, stdout);
    }
    let settings = settings::read(&root)?.run;
    let mut wanted = request::wanted(&arguments, &settings, &root, world, &ask)?;
    wanted.request.can_ask = is_terminal(Stream::Stderr);
    if arguments.dry_run {
        let plan = plan(&wanted, world)?;
        return show(&plan, &wanted, &arguments, world, stdout);
    }
    visit::check(&arguments)?;
    // The keeper is a copy of this process, so it is made while that is small and has one thread.
    let keeper = Keeper::start().map_err(HostError::system("start the keeper of processes"))?;
    let asked = settings.credentials;
    let once = Once { arguments: &arguments, world, asked: &asked, keeper: &keeper };
    // Nothing listens to Ctrl-C yet, which at this question ends it all.
    let offered = if can_offer(&arguments, world) {
        Some(offered(&wanted, &arguments, world, stdout)?)
    } else {
        None
    };
    if arguments.watch {
        let again = |wanted: Wanted, interrupt| once.run(plan(&wanted, world)?, wanted, interrupt);
        return watch::watch(&root, &arguments, world, &wanted, &again);
    }
    let interrupt = run::listen()?;
    let plan = offered.map_or_else(|| plan(&wanted, world), Ok)?;
    once.run(plan, wanted, interrupt)
}

/// Whether a person sits there who may be asked to get what jobs miss.
fn can_offer(arguments: &RunArgs, world: &World) -> bool {
    arguments.format == RunFormat::Full
        && io::stdin().is_terminal()
        && is_terminal(Stream::Stdout)
        && world.host.environment.get("CI").is_none()
}

/// The plan, with what a person agreed to get.
fn offered(
    wanted: &Wanted,
    arguments: &RunArgs,
    world: &World,
    stdout: &mut Output,
) -> Result<Plan, Refusal> {
    let again = || plan(wanted, world);
    let plan = again()?;
    // Of a run that is kept, jobs that were blocked are left to retry once they have what they miss.
    if arguments.failed {
        retry::last(&plan)?;
    }
    if super::setup::offer(&plan, &again, world, stdout)? { again() } else { Ok(plan) }
}

/// What every run of one command has in common.
struct Once<'a> {
    arguments: &'a RunArgs,
    world: &'a World,
    /// The credentials that the repository would like its jobs to have.
    asked: &'a [String],
    keeper: &'a Keeper,
}

impl Once<'_> {
    /// Runs `plan`, which is what is wanted.
    fn run(&self, plan: Plan, wanted: Wanted, interrupt: Cancellation) -> Result<Exit, Refusal> {
        let Self { arguments, world, asked, keeper } = *self;
        let earlier = if arguments.failed { Some(retry::earlier(&plan)?) } else { None };
        let errors = tell_diagnostics(&plan, arguments, world);
        // Once is enough for a person who watches.
        let is_first = wanted.request.changed.is_none();
        if is_first && wanted.request.can_ask && arguments.format == RunFormat::Full {
            offer(&plan);
        }
        let is_missing =
            |name: &&String| !wanted.credentials.iter().any(|given| given.name == **name);
        let asked = asked.iter().filter(is_missing).cloned().collect();
        let keeper = keeper.clone();
        run::run(Run { keeper, interrupt, plan, earlier, wanted, asked, errors, arguments, world })
    }
}

/// Says what `plim setup` would get.
fn offer(plan: &Plan) {
    if let Some(hint) = super::setup::hint(plan) {
        let mut stderr = Output::stderr();
        stderr.add(&hint);
        stderr.flush();
    }
}

fn ask(question: &str, echo: Echo) -> Option<String> {
    plim_host::ask(question, echo).ok().flatten()
}

fn plan(wanted: &Wanted, world: &World) -> Result<Plan, Refusal> {
    let planner = Planner::open(&world.directory, wanted.request.clone(), &world.host.environment)?;
    Ok(planner.plan()?)
}

/// Prints what is wrong with the workflows, and tells how many errors that is.
fn tell_diagnostics(plan: &Plan, arguments: &RunArgs, world: &World) -> usize {
    let format = format_of(arguments.format);
    let mut stderr = Output::stderr();
    stderr.add(&diagnostic::diagnostics(&plan.diagnostics, &plan.sources, format, world.stderr));
    stderr.flush();
    errors(plan)
}

/// Prints the plan.
fn show(
    plan: &Plan,
    wanted: &Wanted,
    arguments: &RunArgs,
    world: &World,
    stdout: &mut Output,
) -> Result<Exit, Refusal> {
    let retry = arguments.failed.then(|| retry::Retry::of(plan)).transpose()?;
    let root = &plan.source.root;
    let past = Past::known(wanted.request.took.clone());
    let forecast = Forecast::of(plan);
    let kept = world.cache().map(|cache| Kept::of(root, &cache));
    let jobs = run::jobs_at_once(wanted);
    let estimate = Estimate::of(plan, &forecast, &past, jobs, kept.as_ref());
    let view = PlanView {
        plan,
        forecast: &forecast,
        reckoning: Reckoning::of(plan, &forecast),
        past: &past,
        estimate,
        jobs,
        verbose: arguments.verbose,
        paint: world.stdout,
    };
    stdout.add(&match arguments.format {
        RunFormat::Json => {
            let mut document = view.json();
            if let (Some(retry), Some(object)) = (&retry, document.as_object_mut()) {
                object.insert("retry".into(), retry.json());
            }
            format!("{document}\n")
        }
        RunFormat::Concise => view.concise(),
        RunFormat::Full | RunFormat::Junit => view.full(),
    });
    if let Some(retry) = retry.filter(|_| arguments.format != RunFormat::Json) {
        stdout.add(&retry.text());
    }
    stdout.flush();
    let errors = match arguments.format {
        RunFormat::Json => errors(plan),
        _ => tell_diagnostics(plan, arguments, world),
    };
    if matches!(arguments.format, RunFormat::Full) {
        offer(plan);
    }
    Ok(match (errors, plan.is_empty()) {
        (1.., _) => Exit::Failed,
        (0, true) => Exit::Nothing,
        (0, false) => Exit::Passed,
    })
}

fn errors(plan: &Plan) -> usize {
    plan.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count()
}
