//! `plim check`: finds defects in workflows and actions.

mod base;
mod diff;
mod external;
mod files;
mod graph;
mod mending;
mod repository;
mod secrets;
mod survey;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use plim_audit::{Selection, Surroundings, external::Checker, rule};
use plim_diag::Severity;

pub(super) use self::files::Files;
use self::{base::Base, external::Tools, mending::Mending, survey::Scope};
pub(super) use self::{
    diff::unified,
    files::{File, root_of, slashed},
    mending::{put, write},
    repository::Repository,
};
use super::explain;
use crate::{
    args::{CheckArgs, CheckFormat, DenyArg},
    exit::Exit,
    output::Output,
    refusal::Refusal,
    settings::{self, CheckSettings},
    view::findings::{self, Survey},
    world::World,
};

/// Checks what the arguments name.
pub(super) fn run(
    arguments: &CheckArgs,
    world: &World,
    stdout: &mut Output,
) -> Result<Exit, Refusal> {
    named(arguments)?;
    let files = match &arguments.stdin {
        Some(path) => Files::of_stdin(path, world)?,
        None => Files::find(&arguments.paths, world)?,
    };
    if arguments.secrets {
        secrets::listable(arguments)?;
    }
    let picture = arguments.graph.as_deref().map(graph::asked).transpose()?;
    let mending = Mending::asked(arguments);
    let repositories = repositories(&files, arguments, world)?;
    if arguments.secrets {
        return secrets::list(&files, &repositories, arguments, world, stdout);
    }
    let tools = tools(&repositories, arguments, world)?;
    let survey =
        survey::survey(files, &repositories, &tools, arguments.forge.map(Into::into), mending);
    match arguments.diff {
        true => survey.diffs.iter().for_each(|diff| stdout.add(diff)),
        false => findings::show(&survey, arguments.format, world.stdout, stdout),
    }
    stdout.flush();
    if let (Some(picture), Some(path)) = (picture, &arguments.graph) {
        let charts = graph::charts(&survey, &repositories, arguments, world)?;
        graph::write(&world.path(path), &picture.draw(&charts))?;
    }
    Ok(verdict(&survey, arguments))
}

/// What must hold of the pins of every action that is used, when the lock is asked.
const ABOUT_PINS: [&str; 6] = [
    "branch-pinned-action",
    "contradicting-pins",
    "pin-contradicts-lock",
    "pin-not-locked",
    "pin-without-version",
    "unpinned-action",
];

/// Holds the pins in `paths` against the lock, without a network; every finding fails.
pub(super) fn pins(
    paths: &[PathBuf],
    format: CheckFormat,
    world: &World,
    stdout: &mut Output,
) -> Result<Exit, Refusal> {
    let arguments = CheckArgs {
        paths: paths.to_vec(),
        select: ABOUT_PINS.map(str::to_owned).to_vec(),
        deny: Some(DenyArg::Note),
        format,
        ..CheckArgs::default()
    };
    run(&arguments, world, stdout)
}

/// The checkers of other languages that the arguments ask for.
fn tools(
    repositories: &BTreeMap<PathBuf, Scope>,
    arguments: &CheckArgs,
    world: &World,
) -> Result<Tools, Refusal> {
    let wanted: Vec<Checker> = arguments.with.iter().map(|tool| (*tool).into()).collect();
    let roots: Vec<&Path> = repositories.keys().map(PathBuf::as_path).collect();
    Tools::find(&wanted, &roots, world)
}

/// The repositories of `files`, each with what its settings and the arguments select.
fn repositories(
    files: &Files,
    arguments: &CheckArgs,
    world: &World,
) -> Result<BTreeMap<PathBuf, Scope>, Refusal> {
    let roots: BTreeSet<&PathBuf> = files.files.iter().map(|file| &file.root).collect();
    let repository = |root: &PathBuf| {
        let settings = settings::read_check(root)?;
        let selection = selection(arguments, &settings);
        let repository = Repository::new(root, settings);
        let base = match &arguments.base {
            Some(reference) => Some(base(reference, root, files, &repository, world)?),
            None => None,
        };
        Ok((root.clone(), Scope { repository, selection, base }))
    };
    roots.into_iter().map(repository).collect()
}

/// What the change of the repository at `root` begins with.
fn base(
    reference: &str,
    root: &Path,
    files: &Files,
    repository: &Repository,
    world: &World,
) -> Result<Base, Refusal> {
    let own = files.files.iter().filter(|file| file.root == root);
    let named = own.map(|file| file.inside.as_str()).collect();
    Base::read(reference, root, &named, repository.settings().clone(), &world.host)
}

/// Refuses codes that no rule has.
fn named(arguments: &CheckArgs) -> Result<(), Refusal> {
    let unknown =
        arguments.select.iter().chain(&arguments.ignore).find(|code| rule(code).is_none());
    unknown.map_or(Ok(()), |code| Err(explain::unknown(code)))
}

/// The arguments say more than the settings: what is selected by name is applied though the settings ignore it.
fn selection(arguments: &CheckArgs, settings: &CheckSettings) -> Selection {
    let mut ignore = arguments.ignore.clone();
    if arguments.select.is_empty() {
        ignore.extend(settings.ignore.iter().cloned());
    }
    let tier = arguments.tier.map(Into::into).or(settings.tier);
    Selection { tier: tier.unwrap_or_default(), select: arguments.select.clone(), ignore }
}

fn verdict(survey: &Survey, arguments: &CheckArgs) -> Exit {
    let bound = arguments.deny.map_or(Severity::Error, Into::into);
    let denied = survey.findings.iter().any(|finding| finding.diagnostic.severity >= bound);
    if denied { Exit::Failed } else { Exit::Passed }
}
