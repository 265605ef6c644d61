//! `plim setup`: gets what planned jobs miss, after one yes; `plim run` offers the same to a person.

use std::{collections::HashSet, path::Path};

use plim_diag::{Code, Diagnostic, Sources};
use plim_host::{Echo, Stream, is_terminal};
use plim_run::{
    Plan, Want,
    actions::{TEMPLATE, check_template},
    event::JobKey,
    plan::Planner,
    setup::{Got, Needs, Offer, Setup, SetupError, Sizes, needs},
    source,
};
use serde_json::{Value, json};

use crate::{
    args::{Format, RunArgs, SetupArgs},
    exit::Exit,
    output::Output,
    refusal::Refusal,
    render::{
        diagnostic::diagnostics,
        paint::Paint,
        quantity::{bytes, count},
        text,
    },
    request, settings,
    world::World,
};

pub(super) fn run(
    arguments: &SetupArgs,
    world: &World,
    stdout: &mut Output,
) -> Result<Exit, Refusal> {
    check_template(&arguments.from)?;
    let cache = world.cache().ok_or_else(no_home)?;
    let again = || plan(arguments, world);
    let mut getting = Getting {
        setup: setup(&cache, &arguments.from, world),
        format: arguments.format.format,
        plan: &again,
        paint: world.stderr,
        stdout,
        done: Vec::new(),
    };
    let list = getting.list(needs(&again()?), Sizes::Asked);
    if list.is_empty() || arguments.dry_run {
        return Ok(getting.shown(&list));
    }
    getting.agree(&list, arguments.yes)?;
    getting.all(list)
}

/// Offers a person what the blocked jobs of `plan` miss, and gets it after a yes; tells whether it was tried to get.
///
/// Before the yes nothing is asked of the network. `again` plans anew with what came. What could not be had is told, and
/// is no error.
pub(super) fn offer(
    plan: &Plan,
    again: &Again<'_>,
    world: &World,
    stdout: &mut Output,
) -> Result<bool, Refusal> {
    let Some(cache) = world.cache() else { return Ok(false) };
    let needs = needs(plan);
    let jobs = needs.jobs;
    let setup = setup(&cache, TEMPLATE, world);
    let (format, paint) = (Format::Full, world.stderr);
    let getting = Getting { setup, format, plan: again, paint, stdout, done: Vec::new() };
    let list = getting.list(needs, Sizes::Kept);
    if jobs == 0 || list.iter().all(|item| item.offer.from.is_err()) {
        return Ok(false);
    }
    let jobs = count(jobs, "blocked job");
    getting.stdout.add(&format!(
        "for {jobs}, these would come into Plimsoll's own cache, with what they use in turn:\n{}",
        table(&list)
    ));
    getting.stdout.flush();
    if !says_yes("get these now? [y/N] ")? {
        return Ok(false);
    }
    getting.all(list)?;
    Ok(true)
}

fn setup<'a>(cache: &'a Path, template: &'a str, world: &'a World) -> Setup<'a> {
    Setup { environment: &world.host.environment, cache, template, clock: &world.host.clock }
}

fn no_home() -> Refusal {
    let message = "there is no folder for what would be got";
    Refusal::usage(
        Diagnostic::error(Code("no-home"), message).help("set `HOME` to an absolute path"),
    )
}

/// Plans as `plim run -n` does.
fn plan(arguments: &SetupArgs, world: &World) -> Result<Plan, Refusal> {
    let (root, _) = source::locate(&world.directory)?;
    let settings = settings::read(&root)?.run;
    let arguments = RunArgs {
        workflows: arguments.workflows.clone(),
        event: arguments.event.clone(),
        job: arguments.job.clone(),
        dry_run: true,
        ..RunArgs::default()
    };
    let wanted = request::wanted(&arguments, &settings, &root, world, &|_, _| None)?;
    let planner = Planner::open(&world.directory, wanted.request, &world.host.environment)?;
    Ok(planner.plan()?)
}

/// What `plim setup` would do for a plan, in one line; `None` when it could do nothing.
pub(crate) fn hint(plan: &Plan) -> Option<String> {
    let Needs { known, jobs, .. } = needs(plan);
    let things = count(known, "thing");
    (jobs > 0)
        .then(|| format!("`plim setup` would get {things} for {}\n", count(jobs, "blocked job")))
}

/// Something to get, and whom it helps.
struct Item {
    offer: Offer,
    jobs: Vec<JobKey>,
}

/// What became of it.
struct Done {
    item: Item,
    end: Result<Got, SetupError>,
}

/// Plans with what is there now.
type Again<'a> = dyn Fn() -> Result<Plan, Refusal> + 'a;

struct Getting<'a> {
    setup: Setup<'a>,
    format: Format,
    plan: &'a Again<'a>,
    /// Colours of errors.
    paint: Paint,
    stdout: &'a mut Output,
    done: Vec<Done>,
}

impl Getting<'_> {
    fn list(&self, needs: Needs, sizes: Sizes) -> Vec<Item> {
        let item = |(want, jobs)| Item { offer: self.setup.offer(&want, sizes), jobs };
        needs.wants.into_iter().map(item).collect()
    }

    /// Shows the list and ends there.
    fn shown(self, list: &[Item]) -> Exit {
        match self.format {
            Format::Json => {
                let items: Value = list.iter().map(|item| item.json(None)).collect();
                self.stdout.add(&format!("{items}\n"));
            }
            Format::Concise => list.iter().for_each(|item| self.stdout.add(&item.concise(None))),
            Format::Full => self.stdout.add(&table(list)),
        }
        Exit::Passed
    }

    /// Asks once, unless that was answered on the command line.
    fn agree(&mut self, list: &[Item], yes: bool) -> Result<(), Refusal> {
        if self.format == Format::Full {
            self.stdout.add(&table(list));
            self.stdout.flush();
        }
        if yes {
            return Ok(());
        }
        if !is_terminal(Stream::Stderr) {
            let message = "there is no terminal to ask whether to get these things";
            let help = "give `--yes` to get them, or `-n` only to look";
            return Err(Refusal::usage(Diagnostic::error(Code("no-terminal"), message).help(help)));
        }
        if says_yes("Get them, and what they use in turn, into Plimsoll's own cache? [y/N] ")? {
            return Ok(());
        }
        let message = "nothing was got: the answer was not yes";
        Err(Refusal::failed(Diagnostic::error(Code("declined"), message)))
    }

    /// Gets the list, and then what those that came need in turn.
    fn all(mut self, mut list: Vec<Item>) -> Result<Exit, Refusal> {
        let mut tried: HashSet<Want> = HashSet::new();
        while !list.is_empty() {
            let mut brought = false;
            for item in list {
                tried.insert(item.offer.want.clone());
                brought |= self.one(item);
            }
            // What came may use more, such as the actions of a composite action.
            list =
                if brought { self.list(needs(&(self.plan)()?), Sizes::Asked) } else { Vec::new() };
            list.retain(|item| !tried.contains(&item.offer.want));
        }
        Ok(self.end())
    }

    /// Gets one thing; whether it came.
    fn one(&mut self, item: Item) -> bool {
        if self.format == Format::Full {
            let mut stderr = Output::stderr();
            stderr.add(&format!("getting {} …\n", text::name(&item.offer.want.to_string())));
            stderr.flush();
        }
        let end = self.setup.get(&item.offer.want);
        let line = match self.format {
            Format::Full => item.line(&end),
            Format::Concise => item.concise(Some(&end)),
            Format::Json => String::new(),
        };
        self.stdout.add(&line);
        self.stdout.flush();
        if let Err(error) = &end {
            self.complain(error);
        }
        let came = end.is_ok();
        self.done.push(Done { item, end });
        came
    }

    fn complain(&self, error: &SetupError) {
        let found = [Diagnostic::error(Code("setup"), error.to_string()).maybe_help(error.help())];
        let mut stderr = Output::stderr();
        stderr.add(&diagnostics(&found, &Sources::new(), self.format, self.paint));
        stderr.flush();
    }

    fn end(self) -> Exit {
        let failed = self.done.iter().filter(|done| done.end.is_err()).count();
        match self.format {
            Format::Json => {
                let items: Value =
                    self.done.iter().map(|done| done.item.json(Some(&done.end))).collect();
                self.stdout.add(&format!("{items}\n"));
            }
            Format::Full => {
                let size = self.done.iter().filter_map(|done| done.end.as_ref().ok());
                let size: u64 = size.map(|got| got.bytes).sum();
                let got = self.done.len() - failed;
                let failed = if failed == 0 {
                    String::new()
                } else {
                    format!(", {failed} could not be had")
                };
                self.stdout.add(&format!(
                    "got {} ({}){failed}\n",
                    count(got, "thing"),
                    bytes(size)
                ));
            }
            Format::Concise => {}
        }
        self.stdout.flush();
        if failed == 0 { Exit::Passed } else { Exit::Failed }
    }
}

/// Asks a person at the terminal; nobody says no.
fn says_yes(question: &str) -> Result<bool, Refusal> {
    let answer = plim_host::ask(question, Echo::Shown)?;
    Ok(answer.is_some_and(|answer| matches!(answer.trim(), "y" | "Y" | "yes")))
}

fn table(list: &[Item]) -> String {
    if list.is_empty() {
        return "nothing is missing that could be got\n".to_owned();
    }
    let name = |item: &Item| text::name(&item.offer.want.to_string());
    let widest = list.iter().map(|item| text::width(&name(item))).max().unwrap_or(0).min(60);
    let mut out = String::new();
    for item in list {
        let size = match (item.offer.bytes, &item.offer.from) {
            (Some(size), _) => bytes(size),
            (None, Ok(_)) => "size not known".to_owned(),
            (None, Err(_)) => String::new(),
        };
        let from = match &item.offer.from {
            Ok(from) => format!("from {}", text::name(from)),
            Err(reason) => format!("cannot be had: {}", text::name(reason)),
        };
        let jobs = count(item.jobs.len(), "job");
        out.push_str(&format!(
            "{}  {jobs:>8}  {size:>14}  {from}\n",
            text::pad(&name(item), widest)
        ));
    }
    out
}

impl Item {
    fn line(&self, end: &Result<Got, SetupError>) -> String {
        let name = text::name(&self.offer.want.to_string());
        match end {
            Ok(got) => format!("got  {name}: {} ({})\n", got.version, bytes(got.bytes)),
            Err(_) => format!("not  {name}\n"),
        }
    }

    fn state(&self, end: Option<&Result<Got, SetupError>>) -> &'static str {
        match end {
            Some(Ok(_)) => "got",
            Some(Err(SetupError::Unavailable { .. })) => "unavailable",
            Some(Err(_)) => "failed",
            None if self.offer.from.is_err() => "unavailable",
            None => "wanted",
        }
    }

    fn concise(&self, end: Option<&Result<Got, SetupError>>) -> String {
        let version = end.and_then(|end| end.as_ref().ok()).map(|got| format!(" {}", got.version));
        let name = text::name(&self.offer.want.to_string());
        format!("{name}: {}{}\n", self.state(end), version.unwrap_or_default())
    }

    /// The form of an item of `docs/schema/setup.schema.json`.
    fn json(&self, end: Option<&Result<Got, SetupError>>) -> Value {
        let got = end.and_then(|end| end.as_ref().ok());
        let error = match end {
            Some(Err(error)) => Some(error.to_string()),
            _ => self.offer.from.as_ref().err().cloned(),
        };
        json!({
            "want": self.offer.want,
            "from": self.offer.from.as_ref().ok(),
            "bytes": got.map(|got| got.bytes).or(self.offer.bytes),
            "jobs": self.jobs,
            "state": self.state(end),
            "version": got.map(|got| got.version.clone()),
            "error": error,
        })
    }
}
