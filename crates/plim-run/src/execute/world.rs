//! What all legs of a run share.

use std::{
    collections::HashMap,
    fs,
    num::NonZero,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
    time::Instant,
};

use plim_expression::{Object, Value};
use plim_host::{
    Clock, Environment, Isolation, Keeper,
    git::{self, Checkout, Head, Layout, Status, Workspace},
};

use super::{
    Cancellation, furnish,
    pause::{Pauses, Pausing},
    scope::Contexts,
};
use crate::{
    Event, JobKey, Sink,
    basis::RunBasis,
    builtin::Failure,
    event::{Counts, Level, RunResult},
    history::{Earlier, source_id},
    mask::Masker,
    plan::{Plan, PlannedWorkflow, Planner},
    room::{Credential, FurnishError, Survey},
    source::Source,
    store::{Origin, Stores},
};

/// Asks whether a job may use an environment; true lets it.
pub type Approve = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// What the caller decides about a run.
pub struct Options {
    /// Starts processes.
    pub keeper: Keeper,
    /// Tells the time.
    pub clock: Clock,
    /// The user's home.
    pub home: PathBuf,
    /// The user's environment, of which steps see what the clean room lets through.
    pub environment: Environment,
    /// Names the run: `20261121-081500-3f2a`.
    pub run: Arc<str>,
    /// Where what is kept of the run goes.
    pub run_folder: PathBuf,
    /// Plimsoll's folder for what can be made again: workspaces, caches, locks.
    pub cache_folder: PathBuf,
    /// How many jobs may run at once.
    pub jobs: usize,
    /// How long legs took when they last passed; of those that wait, the quickest starts first.
    pub past: HashMap<JobKey, Duration>,
    /// Secrets by name.
    pub secrets: Vec<(String, String)>,
    /// `github.token`; empty unless the user gave one.
    pub token: Option<String>,
    /// The `vars` context.
    pub configuration: Vec<(String, String)>,
    /// Variables that every step gets, from `--env` and `--env-file`.
    pub variables: Vec<(String, String)>,
    /// Credentials that are handed over, by name.
    pub credentials: Vec<&'static Credential>,
    /// Whether `sudo` and package managers may run.
    pub allow_sudo: bool,
    /// Folders that stand for remote actions, by `owner/repo[@ref]`.
    pub actions: Vec<(String, PathBuf)>,
    /// Asked before a job uses an environment.
    pub approve: Approve,
    /// Whether lines for step debugging are shown and `RUNNER_DEBUG` is set.
    pub debug: bool,
    /// The run of which only what did not pass is run again.
    pub earlier: Option<Earlier>,
    /// Where a person looks at a step before the run goes on.
    pub pauses: Option<Pauses>,
}

/// What all legs of a run share.
pub(crate) struct World {
    pub(crate) keeper: Keeper,
    pub(crate) clock: Clock,
    pub(crate) options: Settings,
    pub(crate) masker: Masker,
    pub(crate) stores: Stores,
    pub(crate) planner: Planner,
    pub(crate) source: Arc<Source>,
    /// The last part of `owner/name`.
    pub(crate) repository_name: String,
    /// Names the repository's root on this machine: its folder, and a hash of the whole path.
    pub(crate) source_id: String,
    /// Whether that commit holds the files as they are.
    pub(super) commit_is_certain: bool,
    /// The run of which only what did not pass is run again.
    pub(super) earlier: Option<Earlier>,
    /// Where a person looks at a step before the run goes on.
    pub(super) pausing: Option<Pausing>,
    /// Asks that the whole run stop.
    pub(super) interrupt: Cancellation,
    pub(super) run_basis: OnceLock<Option<RunBasis>>,
    /// What differs from the files of other commits.
    pub(super) tree_changes: Mutex<HashMap<String, Option<String>>>,
    secrets: Value,
    configuration: Value,
    sink: Sink,
    start: Instant,
    isolation_noted: OnceLock<()>,
    survey: Mutex<Option<Arc<Survey>>>,
    unique: AtomicU64,
}

/// What went wrong in preparing a run that goes on.
pub(crate) struct Trouble(Level, String);

impl Trouble {
    fn of(failure: Failure) -> Vec<Self> {
        let Failure { message, help } = failure;
        let help = help.map(|help| format!("; {help}")).unwrap_or_default();
        vec![Self(Level::Error, format!("{message}{help}"))]
    }

    fn unread(folder: &Path) -> Self {
        let text = format!(
            "could not read the folder `{}`: what is not committed of it is missing from this run",
            folder.display()
        );
        Self(Level::Warning, text)
    }

    fn nested(folder: &Path) -> Self {
        let text = format!(
            "`{}` is a repository of its own and no submodule: it is missing from this run, as it is from a push",
            folder.display()
        );
        Self(Level::Notice, text)
    }

    fn all(nested: &[PathBuf], unread: &[PathBuf]) -> Vec<Self> {
        let nested = nested.iter().map(|folder| Self::nested(folder));
        nested.chain(unread.iter().map(|folder| Self::unread(folder))).collect()
    }
}

/// The options that stay plain values.
pub(crate) struct Settings {
    pub(crate) environment: Environment,
    pub(crate) home: PathBuf,
    pub(crate) run: Arc<str>,
    pub(crate) cache_folder: PathBuf,
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) credentials: Vec<&'static Credential>,
    pub(crate) allow_sudo: bool,
    pub(crate) actions: Vec<(String, PathBuf)>,
    pub(crate) debug: bool,
}

impl World {
    pub(crate) fn new(
        plan: &Plan,
        options: Options,
        interrupt: &Cancellation,
        sink: Sink,
    ) -> (Self, Vec<Trouble>) {
        let repository = &plan.source.repository;
        let repository_name = repository.rsplit('/').next().unwrap_or(repository).to_owned();
        let masker = Masker::default();
        let secrets = options.secrets.iter().map(|(_, value)| value);
        secrets.chain(&options.token).for_each(|value| masker.add_value(value));
        let source_id = source_id(&plan.source.root);
        let stores = stores(&options, &source_id, &plan.source.root);
        let trouble = settle(&plan.source, &stores).unwrap_or_else(Trouble::of);
        let world = Self {
            commit_is_certain: trouble.is_empty(),
            earlier: options.earlier,
            pausing: options.pauses.map(Pausing::new),
            interrupt: interrupt.clone(),
            run_basis: OnceLock::new(),
            tree_changes: Mutex::default(),
            secrets: object(&options.secrets, options.token.as_deref()),
            configuration: object(&options.configuration, None),
            stores,
            source_id,
            keeper: options.keeper,
            masker,
            planner: plan.planner.clone(),
            source: plan.source.clone(),
            repository_name,
            sink,
            start: options.clock.instant(),
            clock: options.clock,
            isolation_noted: OnceLock::new(),
            survey: Mutex::default(),
            unique: AtomicU64::new(0),
            options: Settings {
                environment: options.environment,
                home: options.home,
                run: options.run,
                cache_folder: options.cache_folder,
                variables: options.variables,
                credentials: options.credentials,
                allow_sudo: options.allow_sudo,
                actions: options.actions,
                debug: options.debug,
            },
        };
        (world, trouble)
    }

    pub(crate) fn emit(&self, event: Event) {
        (self.sink)(event);
    }

    /// The first events: the run, and what went wrong in preparing it.
    pub(crate) fn begin(&self, asked: &Arc<str>, trouble: Vec<Trouble>) {
        self.emit(Event::RunStarted {
            run: self.options.run.clone(),
            repository: self.source.repository.clone(),
            commit: self.source.commit().into(),
            dirty: self.source.dirty,
            at: self.timestamp(),
            asked: asked.clone(),
        });
        trouble.iter().for_each(|Trouble(level, text)| self.notice(None, *level, text));
        if self.source.layout.is_none() {
            let text = "without git the folder is run as one commit that has no history";
            self.notice(None, Level::Notice, text);
        }
        self.begin_reuse();
    }

    /// The last event.
    pub(crate) fn end(&self, result: RunResult, counts: Counts) {
        for step in self.pausing.iter().flat_map(Pausing::missed) {
            let text = format!("the run did not stop at `{step}`: no job came to such a step");
            self.notice(None, Level::Warning, &text);
        }
        let milliseconds = self.milliseconds_since(self.start);
        self.emit(Event::RunFinished { result, counts, milliseconds });
    }

    /// Now, in RFC 3339.
    pub(crate) fn timestamp(&self) -> String {
        jiff::Timestamp::try_from(self.clock.now()).map(|now| now.to_string()).unwrap_or_default()
    }

    /// The contexts that all jobs of a triggered workflow share.
    pub(crate) fn contexts(&self, planned: &PlannedWorkflow) -> Contexts {
        let mut github = match &planned.occasion.github {
            Value::Object(github) => (**github).clone(),
            _ => Object::new(),
        };
        github.insert("token", self.secrets.get("GITHUB_TOKEN").cloned().unwrap_or("".into()));
        Contexts {
            github: github.into(),
            needs: empty(),
            strategy: empty(),
            matrix: Value::Null,
            inputs: planned.inputs.clone(),
            secrets: self.secrets.clone(),
            variables: self.configuration.clone(),
            runner: empty(),
            job: Object::new().into(),
        }
    }

    /// A word from `plim` itself, masked.
    pub(crate) fn notice(&self, job: Option<&JobKey>, level: Level, text: &str) {
        let text = self.masker.mask(text).into_owned();
        self.emit(Event::Notice { job: job.cloned(), level, text });
    }

    /// Says once in a run how far jobs are kept apart from the rest of the machine.
    pub(crate) fn note_isolation(&self, isolation: &Isolation) {
        let text = match isolation {
            Isolation::Complete => return,
            Isolation::Partial(failures) => {
                format!(
                    "some credentials on this machine can be read by steps: {}",
                    failures.join("; ")
                )
            }
            Isolation::None(reason) => format!(
                "steps can read what the user can read, because no mount namespace could be made: {reason}"
            ),
        };
        self.isolation_noted.get_or_init(|| self.notice(None, Level::Warning, &text));
    }

    pub(crate) fn milliseconds_since(&self, start: Instant) -> u64 {
        let elapsed = self.clock.instant().saturating_duration_since(start);
        u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
    }

    /// Where the workspaces of this repository are; one folder per root on this machine.
    pub(crate) fn work_folder(&self) -> PathBuf {
        self.options.cache_folder.join("work").join(&self.source_id)
    }

    /// The folder of one leg: stable, short, and without characters that build tools trip over.
    pub(crate) fn leg_folder(&self, key: &JobKey) -> PathBuf {
        let name: String = key
            .0
            .chars()
            .map(
                |c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '.' },
            )
            .collect();
        self.work_folder().join(name.trim_end_matches('.'))
    }

    /// The folder that stands for a remote action.
    pub(crate) fn action_folder(&self, repository: &str, reference: &str) -> Option<&Path> {
        let pinned = format!("{repository}@{reference}");
        let is = |name: &str| {
            name.eq_ignore_ascii_case(&pinned) || name.eq_ignore_ascii_case(repository)
        };
        self.options.actions.iter().find(|(name, _)| is(name)).map(|(_, folder)| folder.as_path())
    }

    /// Puts the files of the repository, as this run has them, into `folder`, for `$/` actions.
    pub(crate) fn copy_repository(&self, folder: &Path) -> Result<(), String> {
        let origin = self.stores.origin().map_err(|error| error.to_string())?;
        let memory = folder.with_extension("memory");
        fs::create_dir_all(&memory).map_err(|error| error.to_string())?;
        let workspace = Workspace { tree: folder.to_owned(), memory };
        let checkout = Checkout {
            commit: self.source.commit().to_owned(),
            head: Head::Detached,
            refs: Vec::new(),
            remote: None,
            depth: NonZero::new(1),
            clean: true,
        };
        let done = origin.store().check_out(&workspace, &checkout);
        done.map(|_| ()).map_err(|error| error.to_string())
    }

    /// A name that is used for nothing else in this run.
    pub(crate) fn unique(&self) -> String {
        let number = self.unique.fetch_add(1, Ordering::Relaxed);
        format!("{}-{number:x}", self.options.run)
    }

    /// What of the user's concerns the rooms; looked at once, by the leg that needs it first.
    pub(crate) fn survey(&self) -> Result<Arc<Survey>, FurnishError> {
        let mut place = self.survey.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(survey) = &*place {
            return Ok(survey.clone());
        }
        let survey = furnish::survey(self)?;
        for note in survey.notes() {
            self.notice(None, Level::Notice, note);
        }
        Ok(place.insert(Arc::new(survey)).clone())
    }

    /// Where the programs are that refuse to change the machine.
    pub(crate) fn withheld_folder(&self) -> PathBuf {
        self.work_folder().join("_withheld")
    }

    /// Where the locks of concurrency groups are.
    pub(crate) fn groups_folder(&self) -> PathBuf {
        self.options.cache_folder.join("groups")
    }

    /// `runner.tool_cache`.
    pub(crate) fn tool_cache(&self) -> PathBuf {
        self.options.cache_folder.join("tools")
    }

    /// The `runner` context, less what belongs to a leg.
    pub(crate) fn runner_context(&self) -> Object {
        let mut runner = Object::new();
        runner.insert("name", "plim");
        runner.insert("os", "Linux");
        runner.insert("arch", architecture());
        runner.insert("environment", "self-hosted");
        let tools = self.tool_cache();
        runner.insert("tool_cache", Value::from(tools.to_string_lossy().into_owned()));
        if self.options.debug {
            runner.insert("debug", "1");
        }
        runner
    }
}

/// Settles the commit that workspaces hold: that at HEAD, or one that is made of the files as they are now.
fn settle(source: &Source, stores: &Stores) -> Result<Vec<Trouble>, Failure> {
    if !source.dirty && source.prefix.is_empty() && source.head.is_some() {
        let trouble = |status: &Status| Trouble::all(&status.nested(), &status.unreadable);
        return Ok(source.status.as_ref().map(trouble).unwrap_or_default());
    }
    // Of what the plan was made, this run is made as well.
    let store = stores.origin()?.store();
    let snapshot = match &source.status {
        Some(status) if source.prefix.is_empty() => store.snapshot_of(status),
        _ => store.snapshot(),
    };
    let snapshot = snapshot.map_err(|error| Failure {
        message: format!("could not make a commit of the files as they are: {error}"),
        help: Some("checkouts of this run fail until that is mended".into()),
    })?;
    source.settle(snapshot.commit.into());
    Ok(Trouble::all(&snapshot.left_out, &snapshot.unreadable))
}

fn empty() -> Value {
    Value::Object(Object::new().into())
}

/// Names and values as a context, and the token where there is one.
fn object(pairs: &[(String, String)], token: Option<&str>) -> Value {
    let mut object = Object::new();
    if let Some(token) = token {
        object.insert("GITHUB_TOKEN", token);
    }
    for (name, value) in pairs {
        object.insert(name.as_str(), value.as_str());
    }
    Value::Object(object.into())
}

/// Artifacts go with the run; caches, and what checkouts come from, stay with the repository.
fn stores(options: &Options, source_id: &str, root: &Path) -> Stores {
    let folder = |kind: &str| options.cache_folder.join(kind).join(source_id);
    let (git, root, environment) = (folder("git"), root.to_owned(), options.environment.clone());
    let open = move || {
        let layout = Layout::discover(&root)?.filter(|layout| layout.tree == root);
        let source =
            layout.map_or_else(|| git::Source::Folder(root.clone()), git::Source::Repository);
        Origin::open(&git, source, &environment)
    };
    let clock = options.clock.clone();
    Stores::new(&options.run_folder, &folder("caches"), Box::new(open), clock)
}

/// `runner.arch`.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "aarch64" => "ARM64",
        "arm" => "ARM",
        "x86" => "X86",
        _ => "X64",
    }
}
