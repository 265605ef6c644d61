//! What the user asked to run, put together from arguments, settings, files and the terminal.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use plim_diag::{Code, Diagnostic};
use plim_host::{Echo, Machine};
use plim_run::{
    Request,
    history::History,
    request::{ActionFolder, RunnerRule, Unasked},
    room::{Credential, credential},
};

use crate::{
    args::{Pair, RunArgs},
    dotenv,
    estimate::Past,
    refusal::Refusal,
    secrets,
    settings::RunSettings,
    world::World,
};

/// The name under which a secret is `github.token`.
const TOKEN: &str = "GITHUB_TOKEN";

/// What the user asked to run, and what its jobs get.
#[derive(Clone)]
pub(crate) struct Wanted {
    pub(crate) request: Request,
    /// Variables that every step gets; later ones win.
    pub(crate) environment: Vec<(String, String)>,
    /// Credentials that are handed over, by name.
    pub(crate) credentials: Vec<&'static Credential>,
    /// How many jobs run at once.
    pub(crate) jobs: Option<usize>,
    /// How many bytes new workspaces may take before the run warns.
    pub(crate) disk: Option<u64>,
}

/// Legs that took longer when they last passed run only by name, unless `[run] heavy` says otherwise.
const HEAVY: Duration = Duration::from_secs(20 * 60);

/// So many first builds bother nobody, however few processors there are.
const COLD: usize = 8;

/// Puts together what `arguments` and the `settings` of the repository at `root` ask for.
///
/// `ask` is how a person is asked for a secret; nobody is asked when nothing runs.
pub(crate) fn wanted(
    arguments: &RunArgs,
    settings: &RunSettings,
    root: &Path,
    world: &World,
    ask: secrets::Ask<'_>,
) -> Result<Wanted, Refusal> {
    let mut secrets = secrets(arguments, world, ask)?;
    let token = secrets.remove(TOKEN);
    let mut variables: BTreeMap<_, _> = settings.variables.iter().cloned().collect();
    variables.extend(files(&arguments.var_file, world)?);
    variables.extend(pairs(&arguments.var));
    let mut environment = files(&arguments.env_file, world)?;
    environment.extend(pairs(&arguments.env));
    let request = Request {
        workflows: arguments.workflows.clone(),
        event: arguments.event.clone(),
        payload: arguments.payload.as_deref().map(|file| payload(file, world)).transpose()?,
        changed: None,
        ignore_filters: arguments.ignore_filters,
        job: arguments.job.clone(),
        only: arguments.only.clone(),
        matrix: pairs(&arguments.matrix),
        inputs: pairs(&arguments.input),
        variables,
        secrets,
        runners: runners(arguments, settings),
        expect_elsewhere: settings.expect_elsewhere.clone(),
        cache: world.cache(),
        actions: actions(arguments, settings, root, world)?,
        allow_publish: arguments.allow_publish.clone(),
        approve: arguments.approve.clone(),
        allow_sudo: arguments.allow_sudo,
        skip: settings.skip.clone(),
        unasked: unasked(arguments, settings),
        took: Past::of(&History::of(root)).into_times(),
        token,
        ..Request::default()
    };
    let jobs = arguments.jobs.map(std::num::NonZeroUsize::get).or(settings.jobs);
    let credentials = credentials(&arguments.credentials)?;
    Ok(Wanted { request, environment, credentials, jobs, disk: settings.disk })
}

/// What runs although nobody named it.
fn unasked(arguments: &RunArgs, settings: &RunSettings) -> Unasked {
    if arguments.all {
        return Unasked::default();
    }
    let cold = settings.cold.unwrap_or_else(|| (2 * Machine::this().processors).max(COLD));
    Unasked { cold: Some(cold), heavy: Some(settings.heavy.unwrap_or(HEAVY)) }
}

/// Secrets of files, and then those named one by one, which win.
fn secrets(
    arguments: &RunArgs,
    world: &World,
    ask: secrets::Ask<'_>,
) -> Result<BTreeMap<String, String>, Refusal> {
    let names = secrets::names(&arguments.secret)?;
    let mut secrets = BTreeMap::new();
    for file in &arguments.secret_file {
        secrets.extend(secrets::from_file(&world.path(file), &file.display().to_string())?);
    }
    for name in names {
        let nobody = |_: &str, _: Echo| Some(String::new());
        let is_shown_only = arguments.dry_run || arguments.list;
        let ask: secrets::Ask<'_> = if is_shown_only { &nobody } else { ask };
        secrets.insert(name.to_owned(), secrets::value(name, &world.host.environment, ask)?);
    }
    Ok(secrets)
}

fn credentials(names: &[String]) -> Result<Vec<&'static Credential>, Refusal> {
    credential::named(names.iter().map(String::as_str)).map_err(|error| {
        let diagnostic = Diagnostic::error(Code("unknown-credentials"), error.to_string());
        Refusal::usage(diagnostic.help(error.help()))
    })
}

/// What the command line says comes first, because the first rule that fits decides.
fn runners(arguments: &RunArgs, settings: &RunSettings) -> Vec<RunnerRule> {
    let given = arguments.runner.iter().map(|glob| RunnerRule { glob: glob.clone(), here: true });
    given.chain(settings.runners.iter().cloned()).collect()
}

fn actions(
    arguments: &RunArgs,
    settings: &RunSettings,
    root: &Path,
    world: &World,
) -> Result<Vec<ActionFolder>, Refusal> {
    let given =
        arguments.action.iter().map(|action| (&action.reference, world.path(&action.folder)));
    let set = settings.actions.iter().map(|(reference, folder)| (reference, root.join(folder)));
    given.chain(set).map(|(reference, folder)| action(reference, folder)).collect()
}

fn action(reference: &str, folder: PathBuf) -> Result<ActionFolder, Refusal> {
    let is_action =
        ["action.yml", "action.yaml", "Dockerfile"].iter().any(|file| folder.join(file).is_file());
    // `owner/repo/path` is looked for below the folder of `owner/repo`.
    if !is_action && !folder.is_dir() {
        let message = format!("the folder `{}` for `{reference}` is not there", folder.display());
        return Err(Refusal::usage(Diagnostic::error(Code("action-folder"), message)));
    }
    Ok(ActionFolder { reference: reference.to_owned(), folder })
}

fn payload(file: &Path, world: &World) -> Result<serde_json::Value, Refusal> {
    let shown = file.display();
    let refuse = |message: String| Refusal::usage(Diagnostic::error(Code("payload"), message));
    let text = fs::read(world.path(file));
    let text =
        text.map_err(|error| refuse(format!("cannot read the payload `{shown}`: {error}")))?;
    let value: serde_json::Value = serde_json::from_slice(&text)
        .map_err(|error| refuse(format!("the payload `{shown}` is not JSON: {error}")))?;
    if value.is_object() {
        Ok(value)
    } else {
        Err(refuse(format!("the payload `{shown}` is not a JSON object")))
    }
}

/// The entries of all files, in order.
fn files(files: &[PathBuf], world: &World) -> Result<Vec<(String, String)>, Refusal> {
    let mut all = vec![];
    for file in files {
        let shown = file.display().to_string();
        let text = fs::read_to_string(world.path(file)).map_err(|error| {
            let message = format!("cannot read `{shown}`: {error}");
            Refusal::usage(Diagnostic::error(Code("variable-file"), message))
        })?;
        let (entries, diagnostics) = dotenv::parse(&shown, &text);
        if !diagnostics.is_empty() {
            return Err(Refusal::usage_in(diagnostics, &shown, &text));
        }
        all.extend(entries.into_iter().map(|entry| (entry.name.value, entry.value)));
    }
    Ok(all)
}

fn pairs(pairs: &[Pair]) -> Vec<(String, String)> {
    pairs.iter().map(|pair| (pair.name.clone(), pair.value.clone())).collect()
}
