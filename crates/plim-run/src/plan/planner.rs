//! The planner reads the workflows and knows what this machine can run; plans come of it, before a run and during it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use plim_diag::{Code, Diagnostic, Sources};
use plim_expression::{Object, Scope, Value};
use plim_host::Environment;
use plim_workflow::{
    Action, CallLimits, Called, EVENTS, Event, Leg, Workflow, WorkflowReference, check_calls,
};

use super::build::Frame;
use super::select::Selection;
use super::stored::Library;
use super::survey::Surveyor;
use super::{Plan, PlanError, PlannedJob, PlannedLeg, PlannedWorkflow, Untriggered};
use crate::actions::ActionStore;
use crate::basis::fingerprint;
use crate::capability::Capability;
use crate::event::JobKey;
use crate::occasion;
use crate::packages::Packages;
use crate::request::Request;
use crate::source::{self, Source, SourceError, WorkflowFile};
use crate::toolbox::Toolbox;

/// Plans workflows; cloning it is cheap, and all clones share what was looked into.
#[derive(Clone, Debug)]
pub struct Planner {
    pub(super) inner: Arc<Inner>,
}

/// What plans are made of.
#[derive(Debug)]
pub(super) struct Inner {
    pub(super) source: Arc<Source>,
    pub(super) request: Request,
    pub(super) capability: Capability,
    pub(super) toolbox: Toolbox,
    pub(super) surveyor: Surveyor,
    pub(super) packages: Packages,
    pub(super) files: Vec<File>,
    pub(super) variables: Value,
    pub(super) runner: Value,
    /// The subcommands that the repository gives cargo.
    pub(super) cargo_aliases: Vec<String>,
    pub(super) has_docker: bool,
    /// Actions of other repositories.
    pub(super) library: Library,
    actions: Mutex<HashMap<PathBuf, Option<ReadAction>>>,
    /// Whose first builds are part of the run.
    pub(super) admitted: Mutex<HashSet<JobKey>>,
    /// How many calls were planned, all in all.
    calls: AtomicUsize,
}

/// An action, or what is wrong with it.
pub(super) type ReadAction = Result<Arc<Action>, String>;

/// A workflow file as it was read.
#[derive(Debug)]
pub(super) struct File {
    pub(super) path: Arc<str>,
    pub(super) workflow: Arc<Workflow>,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) text: Arc<str>,
}

/// A call costs a plan of its own, and callers with a matrix that call callers with a matrix cost many.
const MOST_CALLS: usize = 4096;

impl Planner {
    /// Finds the repository that `directory` is in and reads its workflows.
    ///
    /// Errors: [`PlanError::Source`].
    pub fn open(
        directory: &Path,
        request: Request,
        environment: &Environment,
    ) -> Result<Self, PlanError> {
        let (root, forge) = source::locate(directory)?;
        // git looks at the work tree while the files are read.
        let (files, source) = std::thread::scope(|scope| {
            let files = scope.spawn(|| source::workflow_files(&root).map(read_all));
            let source = Source::at(root.clone(), forge, environment);
            (files.join(), source)
        });
        let files =
            files.unwrap_or_else(|_| Err(SourceError::NoWorkflows { start: root.clone() }))?;
        Ok(Self::new(Arc::new(source?), files, request, environment))
    }

    fn new(
        source: Arc<Source>,
        files: Vec<File>,
        request: Request,
        environment: &Environment,
    ) -> Self {
        let toolbox = Toolbox::of(environment);
        let capability = Capability::of(&with_tools(environment, &toolbox), &request)
            .with_toolchains(toolbox.rustup_home());
        let (system, architecture) = capability.runner_words();
        let runner: Object = [
            ("name", "plim"),
            ("os", system),
            ("arch", architecture),
            ("environment", "self-hosted"),
        ]
        .into_iter()
        .collect();
        let variables: Object =
            request.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let has_docker =
            environment.text("DOCKER_HOST").is_some() || Path::new("/var/run/docker.sock").exists();
        let library = Library::new(request.cache.as_deref().map(ActionStore::of_cache));
        Self {
            inner: Arc::new(Inner {
                surveyor: Surveyor::new(&source.root),
                packages: Packages::of(environment),
                cargo_aliases: cargo_aliases(&source.root),
                source,
                request,
                capability,
                toolbox,
                files,
                variables: variables.into(),
                runner: runner.into(),
                has_docker,
                library,
                actions: Mutex::default(),
                admitted: Mutex::default(),
                calls: AtomicUsize::new(0),
            }),
        }
    }

    /// The repository.
    pub fn source(&self) -> &Arc<Source> {
        &self.inner.source
    }

    /// The tools of this machine.
    pub fn toolbox(&self) -> &Toolbox {
        &self.inner.toolbox
    }

    /// What was asked.
    pub fn request(&self) -> &Request {
        &self.inner.request
    }

    /// The digest of the text of a workflow and of the texts of those that call it.
    pub(crate) fn fingerprint(&self, workflow: &PlannedWorkflow) -> String {
        let paths = workflow.callers.iter().chain([&workflow.workflow.path]);
        let text = |path: &Arc<str>| {
            let file = self.inner.files.iter().find(|file| file.path == *path);
            file.map(|file| file.text.as_ref())
        };
        let texts: Vec<_> = paths.map(|path| (path.as_ref(), text(path))).collect();
        // A file of another repository is not among ours; all of that repository stands for it.
        fingerprint(&(texts, workflow.home.as_ref().map(|home| &home.stored.tree)))
    }

    /// Plans what was asked, at the commit that the source has settled on by now.
    ///
    /// Errors: a name in the request that names nothing. What is wrong with a file is a diagnostic of the plan.
    pub fn plan(&self) -> Result<Plan, PlanError> {
        let request = &self.inner.request;
        check_event(request)?;
        self.inner.calls.store(0, Ordering::Relaxed);
        let named = self.named_files()?;
        let mut plan = Plan {
            source: Arc::clone(&self.inner.source),
            workflows: Vec::new(),
            untriggered: Vec::new(),
            diagnostics: Vec::new(),
            sources: Sources::new(),
            planner: self.clone(),
        };
        for (file, is_named) in self.inner.files.iter().zip(&named) {
            if request.workflows.is_empty() || *is_named {
                self.add(&mut plan, file, *is_named);
            }
        }
        self.check_names(&plan)?;
        self.inner.leave_out_heavy(&mut plan);
        for diagnostic in &plan.diagnostics {
            let path = diagnostic.place.as_ref().map(|place| &place.path);
            let file = self.inner.files.iter().find(|file| Some(&file.path) == path);
            if let Some(file) = file {
                plan.sources.add(Arc::clone(&file.path), Arc::clone(&file.text));
            }
        }
        Ok(plan)
    }

    /// Plans one file, or says why it does not run.
    fn add(&self, plan: &mut Plan, file: &File, is_named: bool) {
        let workflow = &file.workflow;
        let has_errors = file.diagnostics.iter().any(Diagnostic::is_error);
        if has_errors && workflow.triggers.is_empty() {
            plan.diagnostics.extend(file.diagnostics.iter().cloned());
            plan.untriggered.push(file.untriggered("it cannot be read", true));
            return;
        }
        let chosen = occasion::choose(workflow, &self.inner.source, &self.inner.request, is_named);
        let occasion = match chosen {
            Ok(occasion) => Arc::new(occasion),
            Err(reason) => return plan.untriggered.push(file.untriggered(reason, false)),
        };
        plan.diagnostics.extend(file.diagnostics.iter().cloned());
        if self.calls_are_refused(file, &mut plan.diagnostics) || has_errors {
            plan.untriggered.push(file.untriggered("GitHub refuses it for its errors", true));
            return;
        }
        let Some(selection) = self.selection(file) else { return };
        let frame = match Frame::triggered(&self.inner, file, occasion, selection) {
            Ok(frame) => frame,
            Err(diagnostic) => {
                plan.diagnostics.push(*diagnostic);
                plan.untriggered.push(file.untriggered("its inputs are wrong", true));
                return;
            }
        };
        let planned = frame.plan(&mut plan.diagnostics);
        let asked = self.inner.request.job.is_some() || self.inner.request.only.is_some();
        if !asked || planned.jobs.iter().any(|job| job.selected) {
            plan.workflows.push(planned);
        }
    }

    /// Checks all that a workflow calls, and says what is wrong with it; whether GitHub refuses it for that.
    fn calls_are_refused(&self, file: &File, diagnostics: &mut Vec<Diagnostic>) -> bool {
        let mut reached: Vec<&File> = Vec::new();
        let mut load = |reference: &WorkflowReference, _: &Workflow| {
            let WorkflowReference::Local { path } = reference else { return Called::Unknown };
            let Some(called) = self.inner.files.iter().find(|file| file.path == *path) else {
                return Called::Absent;
            };
            if !reached.iter().any(|known| known.path == called.path) {
                reached.push(called);
            }
            Called::Workflow(Arc::clone(&called.workflow))
        };
        let mut found = check_calls(&file.workflow, &CallLimits::default(), &mut load);
        found.extend(reached.iter().flat_map(|file| file.diagnostics.iter().cloned()));
        let refused = found.iter().any(Diagnostic::is_error);
        found.retain(|diagnostic| !diagnostics.contains(diagnostic));
        diagnostics.append(&mut found);
        refused
    }

    /// Which jobs of a file were asked for; `None` when the job that was asked for is in another file.
    fn selection(&self, file: &File) -> Option<Selection> {
        let request = &self.inner.request;
        match (&request.job, &request.only) {
            (_, Some(only)) => Selection::read(only, false, file.file_name()),
            (Some(job), None) => Selection::read(job, true, file.file_name()),
            (None, None) => Some(Selection::All),
        }
    }

    /// Which files the user named.
    fn named_files(&self) -> Result<Vec<bool>, PlanError> {
        let (inner, request) = (&self.inner, &self.inner.request);
        let mut named = vec![false; inner.files.len()];
        for wanted in &request.workflows {
            let mut found = false;
            for (file, named) in inner.files.iter().zip(&mut named) {
                if file.is_called(wanted) {
                    (*named, found) = (true, true);
                }
            }
            if !found {
                let name = wanted.clone();
                let files = inner.files.iter().map(|file| file.file_name().to_owned()).collect();
                return Err(PlanError::UnknownWorkflow { name, files });
            }
        }
        Ok(named)
    }

    fn check_names(&self, plan: &Plan) -> Result<(), PlanError> {
        let request = &self.inner.request;
        if let Some(job) = request.only.as_ref().or(request.job.as_ref())
            && plan.workflows.is_empty()
        {
            return Err(self.unknown_job(job, plan));
        }
        self.check_inputs(plan)?;
        let legs = || plan.workflows.iter().flat_map(|w| &w.jobs).flat_map(PlannedJob::known_legs);
        let any = plan.workflows.iter().flat_map(|w| &w.jobs).any(|job| job.selected);
        let is_deferred = |job: &PlannedJob| matches!(job.legs, super::Legs::Deferred { .. });
        let deferred = plan.workflows.iter().flat_map(|w| &w.jobs).any(is_deferred);
        for (key, value) in request.matrix.iter().filter(|_| any && !deferred) {
            let has = |leg: &PlannedLeg| {
                leg.leg.matrix.get(key).is_some_and(|got| same_value(got, value))
            };
            let nested = || plan.workflows.iter().any(|w| nested_leg(w, &has));
            if !legs().any(&has) && !nested() {
                return Err(PlanError::UnknownLeg { wanted: format!("{key}={value}") });
            }
        }
        Ok(())
    }

    fn unknown_job(&self, job: &str, plan: &Plan) -> PlanError {
        let id = job.rsplit_once(':').map_or(job, |(_, path)| path);
        let id = id.split('/').next().unwrap_or(id);
        let has = |file: &&File| file.workflow.jobs.iter().any(|job| &*job.id.value == id);
        let reason = |file: &File| {
            let found = plan.untriggered.iter().find(|one| one.path == file.path)?;
            Some((file.path.to_string(), found.reason.clone()))
        };
        let files = &self.inner.files;
        let keys = |file: &File| {
            let name = file.file_name().to_owned();
            let key = move |job: &plim_workflow::Job| format!("{name}:{}", job.id.value);
            file.workflow.jobs.iter().map(key).collect::<Vec<_>>()
        };
        let untriggered = |file: &&File| plan.untriggered.iter().any(|one| one.path == file.path);
        PlanError::UnknownJob {
            job: job.to_owned(),
            jobs: files.iter().filter(|file| !untriggered(file)).flat_map(keys).collect(),
            untriggered: files.iter().filter(has).filter_map(reason).collect(),
        }
    }

    fn check_inputs(&self, plan: &Plan) -> Result<(), PlanError> {
        if plan.workflows.is_empty() {
            return Ok(());
        }
        let declared: Vec<String> = plan
            .workflows
            .iter()
            .flat_map(|planned| {
                let event = &planned.occasion.event;
                planned.workflow.triggers.iter().filter(move |t| t.event.value == *event)
            })
            .flat_map(|trigger| trigger.inputs.iter().map(|input| input.name.value.to_string()))
            .collect();
        let known = |name: &str| declared.iter().any(|one| one.eq_ignore_ascii_case(name));
        match self.inner.request.inputs.iter().find(|(name, _)| !known(name)) {
            Some((input, _)) => {
                Err(PlanError::UnknownInput { input: input.clone(), inputs: declared })
            }
            None => Ok(()),
        }
    }

    /// Plans a leg that could not be known before, as the `number`th of `total`, counted from 0.
    ///
    /// `scope` is what the job's expressions see now: `needs` above all, and the leg's own `matrix` and `strategy`.
    /// `None` when the user left legs such as this one out.
    pub fn leg(
        &self,
        workflow: &PlannedWorkflow,
        job: &PlannedJob,
        leg: &Leg,
        number: usize,
        total: usize,
        scope: &dyn Scope,
    ) -> Option<PlannedLeg> {
        let frame = Frame::resumed(&self.inner, workflow);
        frame.leg_at_run_time(job, leg, number, total, scope)
    }

    /// Plans a called workflow again with all its inputs known; the same plan when none was open.
    ///
    /// `target` is what [`PlannedLeg::call`] of the calling leg holds, `given` the evaluated `with`.
    /// Errors: an input is missing or has the wrong type.
    pub fn call(
        &self,
        _workflow: &PlannedWorkflow,
        _job: &PlannedJob,
        target: Arc<PlannedWorkflow>,
        given: &Object,
    ) -> Result<Arc<PlannedWorkflow>, String> {
        if target.open_inputs.is_empty() {
            return Ok(target);
        }
        let frame = Frame::resumed(&self.inner, &target);
        let mut planned = frame.with_inputs(given)?.plan(&mut Vec::new());
        self.inner.leave_out_of_call(&mut planned);
        Ok(Arc::new(planned))
    }
}

impl Inner {
    /// Whether a job was allowed to publish.
    pub(super) fn may_publish(&self, id: &str, key: &str) -> bool {
        self.request.allow_publish.iter().any(|name| names_job(name, id, key))
    }

    /// Whether a job was left out.
    pub(super) fn is_left_out(&self, id: &str, key: &str) -> bool {
        self.request.skip.iter().any(|name| names_job(name, id, key))
    }

    pub(super) fn is_approved(&self, environment: &str) -> bool {
        self.request.can_ask
            || self.request.approve.iter().any(|name| name.eq_ignore_ascii_case(environment))
    }

    /// The folder that the user gave for an action.
    pub(super) fn action_folder(&self, name: &str, reference: &str) -> Option<PathBuf> {
        self.request.actions.iter().find_map(|given| {
            let (given_name, given_reference) = match given.reference.split_once('@') {
                Some((name, reference)) => (name, Some(reference)),
                None => (&*given.reference, None),
            };
            let fits = given_reference.is_none_or(|given| given == reference);
            let lower = name.to_ascii_lowercase();
            let inner = lower.strip_prefix(&given_name.to_ascii_lowercase())?;
            match inner.strip_prefix('/') {
                Some(path) if fits => Some(given.folder.join(&name[name.len() - path.len()..])),
                None if fits && inner.is_empty() => Some(given.folder.clone()),
                _ => None,
            }
        })
    }

    /// The action in a folder, or what is wrong with it; read once.
    pub(super) fn action(&self, folder: &Path) -> Option<ReadAction> {
        let mut actions = self.actions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = actions.get(folder) {
            return known.clone();
        }
        let read = ["action.yml", "action.yaml"].iter().find_map(|name| {
            let bytes = fs::read(folder.join(name)).ok()?;
            let path = folder.join(name).to_string_lossy().into_owned();
            let read = Action::read_bytes(&path, &bytes);
            let error = read.diagnostics.iter().find(|found| found.is_error());
            Some(error.map_or_else(|| Ok(Arc::new(read.value)), |error| Err(error.message.clone())))
        });
        actions.insert(folder.to_owned(), read.clone());
        read
    }

    /// Counts a call; false when there are too many.
    pub(super) fn count_call(&self) -> bool {
        self.calls.fetch_add(1, Ordering::Relaxed) < MOST_CALLS
    }

    /// Keys begin with the file's name, and with the forge's too where two forges have a file of that name.
    pub(super) fn key_prefix(&self, path: &str) -> String {
        let file = path.rsplit('/').next().unwrap_or(path);
        let namesake = self.files.iter().find(|other| other.file_name() == file);
        match namesake {
            Some(first) if *first.path != *path => {
                let forge = path.trim_start_matches('.').split('/').next().unwrap_or_default();
                format!("{forge}/{file}:")
            }
            _ => format!("{file}:"),
        }
    }
}

/// `build`, `ci.yml:build` and `release/build` name a job whose key ends so.
fn names_job(name: &str, id: &str, key: &str) -> bool {
    let bare = |key: &str| key.split('[').next().map(str::to_owned);
    name == id
        || name == key
        || bare(key).is_some_and(|key| name == key || key.ends_with(&format!(":{name}")))
}

/// Whether a value of a matrix is what the user typed.
pub(super) fn same_value(got: &Value, wanted: &str) -> bool {
    got.is_primitive() && got.to_text().eq_ignore_ascii_case(wanted)
}

fn nested_leg(workflow: &PlannedWorkflow, has: &dyn Fn(&PlannedLeg) -> bool) -> bool {
    let legs = workflow.jobs.iter().flat_map(PlannedJob::known_legs);
    let mut calls = legs.filter_map(|leg| leg.call.as_deref());
    calls.any(|call| {
        call.jobs.iter().flat_map(PlannedJob::known_legs).any(has) || nested_leg(call, has)
    })
}

fn check_event(request: &Request) -> Result<(), PlanError> {
    match &request.event {
        Some(event) if Event::named(event).is_none() => {
            let names = EVENTS.iter().map(|event| event.name);
            let near = plim_diag::closest(event, names).map(str::to_owned);
            Err(PlanError::UnknownEvent { event: event.clone(), near })
        }
        _ => Ok(()),
    }
}

/// Reads all files, several at once where there are many.
fn read_all(files: Vec<WorkflowFile>) -> Vec<File> {
    const AT_ONCE: usize = 4;
    const FEW: usize = 4;
    if files.len() <= FEW {
        return files.into_iter().map(File::read).collect();
    }
    let mut queues: Vec<Vec<WorkflowFile>> = (0..AT_ONCE).map(|_| Vec::new()).collect();
    for (at, file) in files.into_iter().enumerate() {
        queues[at % AT_ONCE].push(file);
    }
    let read: BTreeMap<Arc<str>, File> = std::thread::scope(|scope| {
        let threads: Vec<_> = queues
            .into_iter()
            .map(|queue| scope.spawn(|| queue.into_iter().map(File::read).collect::<Vec<_>>()))
            .collect();
        let files = threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default());
        files.map(|file| (Arc::clone(&file.path), file)).collect()
    });
    read.into_values().collect()
}

impl File {
    fn read(file: WorkflowFile) -> Self {
        let (bytes, failure) = match file.content {
            Ok(bytes) => (bytes, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        let read = Workflow::read_bytes(&file.path, &bytes);
        let text = Arc::clone(read.tree.shared_source());
        let diagnostics = match failure {
            Some(error) => {
                let message = format!("could not read `{}`: {error}", file.path);
                vec![
                    Diagnostic::error(Code("unreadable-file"), message)
                        .help("give yourself the right to read it"),
                ]
            }
            None => read.diagnostics,
        };
        Self { path: file.path, workflow: Arc::new(read.value), diagnostics, text }
    }

    fn untriggered(&self, reason: impl Into<String>, unreadable: bool) -> Untriggered {
        let (path, name) = (Arc::clone(&self.path), self.name().to_string());
        Untriggered { path, name, reason: reason.into(), unreadable }
    }

    /// `ci.yml`.
    pub(super) fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The workflow's name, or the file.
    pub(super) fn name(&self) -> Arc<str> {
        let name = self.workflow.name.as_ref().and_then(|name| name.template.is_literal());
        name.filter(|name| !name.is_empty()).map_or_else(|| Arc::clone(&self.path), Arc::from)
    }

    /// Whether a person may mean it: by name, by file name with or without its end, or by path.
    fn is_called(&self, wanted: &str) -> bool {
        let file = self.file_name();
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        let path = wanted.strip_prefix("./").unwrap_or(wanted);
        path == &*self.path
            || wanted == file
            || wanted == stem
            || self.name().eq_ignore_ascii_case(wanted)
            || Path::new(wanted).is_absolute() && Path::new(wanted).ends_with(&*self.path)
    }
}

/// Steps find the tools of the tool cache behind those of the user.
fn with_tools(environment: &Environment, toolbox: &Toolbox) -> Environment {
    let mut environment = environment.clone();
    let mut path = environment.get("PATH").unwrap_or_default().to_owned();
    for folder in toolbox.search_path() {
        path.push(":");
        path.push(folder);
    }
    environment.set("PATH", path);
    environment
}

/// The subcommands that `.cargo/config.toml` gives cargo.
fn cargo_aliases(root: &Path) -> Vec<String> {
    let files = [".cargo/config.toml", ".cargo/config"];
    let text = files.iter().find_map(|file| fs::read_to_string(root.join(file)).ok());
    let table = text.and_then(|text| text.parse::<toml::Table>().ok()).unwrap_or_default();
    let aliases = table.get("alias").and_then(toml::Value::as_table);
    aliases.map(|aliases| aliases.keys().cloned().collect()).unwrap_or_default()
}
