//! Examines a job: does it run here, and if not, why.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plim_expression::{Scope, Value};
use plim_workflow::{
    Action, ActionBody, ActionReference, Defaults, Entries, Job, Machine, Run, Runner, Step,
    StepBody, Text, Uses, Workflow,
};

use super::elevation::elevation;
use super::fixed::Fixed;
use super::pinned::Pinned;
use super::planner::Inner;
use super::survey::Survey;
use crate::builtin::{ACTIONS, Asked, Builtin, Refusal, Support};
use crate::event::Cause;
use crate::known::Known;
use crate::shell::Shell;
use crate::toolbox::{self, Found, NodeMissing, ToolchainFile, toolchain_file};
use crate::want::Want;
use crate::{compile, publish, tool};

/// What an examination found.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings {
    /// The labels of `runs-on`; empty when they are not known yet.
    pub(super) labels: Vec<Arc<str>>,
    /// Why the job does not run here, the weightiest first.
    pub(super) causes: Vec<Cause>,
    /// The actions that do nothing of their purpose here.
    pub(super) left_out: Vec<String>,
    /// Whether a step compiles.
    pub(super) builds: bool,
}

/// Composite actions in composite actions, as deep as the runner goes.
const DEEPEST: usize = 9;

/// Subcommands of `docker` that need its daemon.
const OF_DAEMON: [&str; 14] = [
    "build", "buildx", "compose", "create", "exec", "image", "images", "load", "network", "ps",
    "pull", "run", "tag", "volume",
];

/// Whether an action does nothing without the daemon of Docker: all of Docker's own, and those that run another
/// architecture in it.
fn needs_docker(uses: &str) -> bool {
    let uses = uses.to_ascii_lowercase();
    uses.starts_with("docker/") || uses.starts_with("uraimo/run-on-arch-action@")
}

/// Examines a job that runs steps, with what is known of it.
pub(super) fn examine(
    planner: &Inner,
    workflow: &Workflow,
    job: &Job,
    machine: &Machine,
    key: &str,
    home: Option<&Path>,
    known: Known<'_>,
) -> Findings {
    let fixed = Fixed::of(&known, workflow, job, machine);
    let known = Known { scope: &fixed, variables: &fixed.names, ..known };
    let mut examiner = Examiner {
        planner,
        root: home.unwrap_or(&planner.source.root).to_owned(),
        known,
        defaults: [&job.defaults, &workflow.defaults],
        is_here: true,
        may_publish: planner.may_publish(&job.id.value, key),
        said: String::new(),
        causes: Vec::new(),
        left_out: Vec::new(),
        builds: false,
        pinned: Pinned::default(),
    };
    for variables in [&job.env, &workflow.env] {
        examiner.variables(variables.as_ref());
    }
    let runner = known_runner(machine, &known);
    if let Some(cause) = runner.as_ref().and_then(|runner| planner.capability.refuses(runner)) {
        examiner.is_here = false;
        examiner.causes.push(cause);
    }
    examiner.containers(machine);
    examiner.environment(job);
    examiner.image(machine);
    examiner.steps(&machine.steps, 0);
    examiner.pinned();
    let (mut causes, mut left_out, builds) = (examiner.causes, examiner.left_out, examiner.builds);
    left_out.dedup();
    causes.sort_by_key(weight);
    causes.dedup();
    let labels = runner.map(|runner| runner.labels).unwrap_or_default();
    Findings { labels, causes, left_out, builds }
}

fn known_runner(machine: &Machine, known: &Known<'_>) -> Option<Runner> {
    let runs_on = &machine.runs_on;
    let labels = runs_on.labels.as_ref().is_none_or(|labels| known.token_known(labels));
    let group = runs_on.group.as_ref().is_none_or(|group| known.text(group).is_some());
    if labels && group { runs_on.evaluate(known.scope).ok() } else { None }
}

/// The least comes first: what the job is comes before what the machine lacks.
pub(super) fn weight(cause: &Cause) -> u8 {
    match cause {
        Cause::Unreadable { .. } => 0,
        // First what no permission changes: another machine publishes nothing from here.
        Cause::Runner { .. } => 1,
        Cause::Publishes { .. } => 2,
        Cause::Container { .. } => 3,
        Cause::Approval { .. } => 4,
        Cause::Privilege { .. } => 5,
        Cause::Action { .. } => 6,
        Cause::Input { .. } => 7,
        Cause::Missing { .. } => 8,
        Cause::Tool { .. } => 9,
        // What one word of the user lifts.
        Cause::Heavy { .. } => 10,
        Cause::Needs { .. } => 11,
    }
}

struct Examiner<'a> {
    planner: &'a Inner,
    /// Where the repository is that the steps are from, which `$/` means.
    root: PathBuf,
    known: Known<'a>,
    /// Of the job, then of the workflow; none inside of a composite action.
    defaults: [&'a Defaults; 2],
    /// Whether the runner is one that this machine stands for; what it lacks does not matter otherwise.
    is_here: bool,
    may_publish: bool,
    /// What earlier commands of the job spoke of.
    said: String,
    causes: Vec<Cause>,
    left_out: Vec<String>,
    builds: bool,
    /// What the job uses of a toolchain that the repository pins.
    pinned: Pinned,
}

impl Examiner<'_> {
    /// What `snapshot` asks for is said, because the job runs without it.
    fn image(&mut self, machine: &Machine) {
        let Some(snapshot) = &machine.snapshot else { return };
        let name = self.known.text(&snapshot.image_name);
        let name = name.map(|name| format!(" `{name}`")).unwrap_or_default();
        self.left_out.push(format!("the image{name} of `snapshot` (none is made of this machine)"));
    }

    fn containers(&mut self, machine: &Machine) {
        if !self.is_here {
            return;
        }
        let container = machine.container.as_ref().and_then(|c| self.known.token(&c.value));
        if let Some(image) = container.as_ref().and_then(image) {
            self.causes.push(Cause::Container { what: format!("container `{image}`") });
        }
        let services = match &machine.services {
            Some(Entries::Written(services)) => services
                .iter()
                .filter(|(_, service)| {
                    // A service without an image is not started.
                    self.known.token(&service.value).is_none_or(|value| image(&value).is_some())
                })
                .map(|(name, _)| name.value.to_string())
                .collect(),
            Some(services) => match services.evaluate(self.known.scope) {
                Ok(all) => all
                    .iter()
                    .filter(|(_, value)| image(value).is_some())
                    .map(|(name, _)| name.to_string())
                    .collect(),
                Err(_) => Vec::new(),
            },
            None => Vec::new(),
        };
        if !services.is_empty() {
            let word = if services.len() == 1 { "service" } else { "services" };
            let what = format!("{word} `{}`", services.join("`, `"));
            self.causes.push(Cause::Container { what });
        }
    }

    fn environment(&mut self, job: &Job) {
        let Some(environment) = &job.environment else { return };
        if self.known.text_value(&environment.name).is_none() {
            return;
        }
        let Ok(Some(name)) = environment.evaluate_name(self.known.scope) else { return };
        if !self.planner.is_approved(&name) {
            self.causes.push(Cause::Approval { environment: name.to_string() });
        }
    }

    fn steps(&mut self, steps: &[Step], depth: usize) {
        for step in steps {
            self.step(step, depth);
        }
    }

    /// A job that sets `RUSTUP_TOOLCHAIN` chooses its toolchain by it.
    fn variables(&mut self, variables: Option<&Entries<Text>>) {
        if let Some(Entries::Written(variables)) = variables
            && variables.iter().any(|(name, _)| &*name.value == "RUSTUP_TOOLCHAIN")
        {
            self.pinned.settle();
        }
    }

    /// The toolchain that the repository pins has to be there under its own name: `cargo` asks for it by that.
    fn pinned(&mut self) {
        let Some((want, step)) = self.pinned.want() else { return };
        let Want::Toolchain { channel, .. } = &want else { return };
        let capability = &self.planner.capability;
        let brought =
            self.said.contains(channel.as_str()) || self.said.contains("RUSTUP_TOOLCHAIN");
        if brought || !capability.has("rustup") {
            return;
        }
        let found = match self.planner.toolbox.has(&want) {
            Found::Here(()) if capability.has_toolchain(channel) => return,
            Found::Here(()) | Found::Nothing => None,
            Found::Other(found) => Some(found),
        };
        let needed_by = format!("step `{step}`, by `rust-toolchain.toml`");
        self.causes.push(Cause::Missing { want, found, needed_by });
    }

    fn step(&mut self, step: &Step, depth: usize) {
        let holds = |known: &Known<'_>| step.condition.as_ref().and_then(|c| known.holds(c));
        if holds(&self.known) == Some(false) {
            return;
        }
        // What runs only after a failure keeps nothing from running; it fails when it is reached.
        let well = Known { all_goes_well: true, ..self.known };
        let was_here = self.is_here;
        self.is_here &= holds(&well) != Some(false);
        self.variables(step.env.as_ref());
        match &step.body {
            StepBody::Run(run) => self.run(step, run),
            StepBody::Uses(uses) => self.uses(step, uses, depth),
            StepBody::Parallel(steps) => self.steps(steps, depth),
            StepBody::Unreadable => {
                let reason = "a step could not be read".to_owned();
                self.causes.push(Cause::Unreadable { reason });
            }
            StepBody::Wait(_) | StepBody::WaitAll | StepBody::Cancel(_) => {}
        }
        self.is_here = was_here;
    }

    fn run(&mut self, step: &Step, run: &Run) {
        let text = self.known.shown(&run.script);
        let Some(shell) = self.setting(run.shell.as_ref(), |d| d.shell.as_ref()) else { return };
        let folder = self.setting(run.working_directory.as_ref(), |d| d.working_directory.as_ref());
        let folder = PathBuf::from(folder.unwrap_or_default().trim_start_matches("./"));
        let name = || step_name(step, &self.known, &text);
        let program = Shell::program_of(Some(&shell)).to_owned();
        let is_shell = !matches!(program.as_str(), "python" | "python3" | "node" | "ruby" | "perl");
        let survey = self.planner.surveyor.survey(&text, is_shell, &folder);
        if let Some(what) = survey.publishes.as_ref().filter(|_| !self.may_publish) {
            let what = format!("step `{}` runs {what}", name());
            self.causes.push(Cause::Publishes { what });
        }
        if !self.is_here {
            return;
        }
        self.builds |= survey.builds;
        let has = |program: &str| self.planner.capability.has(program);
        let has_shell = has(&program) || (shell.is_empty() && has("sh"));
        if !has_shell && !program.contains(['$', '/']) && !self.said.contains(&program) {
            let needed_by = format!("step `{}`, as its shell", name());
            self.causes.push(Cause::Tool { name: program.clone(), needed_by });
        }
        let elevation = elevation(&survey, &self.planner.packages);
        if let Some(elevation) = elevation.filter(|_| !self.planner.request.allow_sudo) {
            let what = format!("step `{}` runs {}", name(), elevation.what);
            self.causes.push(Cause::Privilege { what, packages: elevation.packages });
        }
        // Other shells have other commands of the same names.
        if matches!(program.as_str(), "bash" | "sh" | "zsh" | "dash") {
            let step_name = name();
            self.tools(&survey, &step_name, &folder);
        }
        if text.contains("GITHUB_PATH") {
            // It brings programs; those that it speaks of may be there for the steps after it.
            self.said.push_str(&text);
        }
    }

    /// The tools that a script needs; what it speaks of may be installed for the commands after it.
    fn tools(&mut self, survey: &Survey, step: &str, folder: &Path) {
        for invoked in &survey.programs {
            if survey.functions.iter().any(|name| name == invoked.name()) {
                continue;
            }
            let mentioned = |tool: &str| self.said.contains(tool);
            let missing = tool::missing(
                invoked,
                &self.planner.capability,
                &self.planner.cargo_aliases,
                &mentioned,
            );
            if let Some(name) = missing {
                let needed_by = format!("step `{step}`");
                self.causes.push(Cause::Tool { name, needed_by });
            }
            self.docker(invoked, step);
            let root = &self.planner.source.root;
            self.pinned.note(invoked, step, || pinned_in(root, folder));
            for word in invoked.arguments() {
                self.said.push_str(&word.text);
                self.said.push('\n');
            }
        }
    }

    fn docker(&mut self, invoked: &crate::script::Invoked, step: &str) {
        let subcommand = invoked.arguments().iter().find(|word| !word.text.starts_with('-'));
        let needs_daemon = invoked.certain
            && matches!(invoked.name(), "docker" | "docker-compose")
            && subcommand.is_some_and(|word| OF_DAEMON.contains(&word.text.as_str()));
        if needs_daemon && !self.planner.has_docker {
            let what = format!("step `{step}` runs `{}`", invoked.shown());
            self.causes.push(Cause::Container { what });
        }
    }

    /// A setting of the step, else of the job, else of the workflow; `None` when it is not known, `""` when there is none.
    fn setting(
        &self,
        own: Option<&Text>,
        of: impl Fn(&Defaults) -> Option<&Text>,
    ) -> Option<String> {
        let inherited = || self.defaults.iter().find_map(|defaults| of(defaults));
        match own.or_else(inherited) {
            Some(text) => self.known.text(text).map(|text| text.to_string()),
            None => Some(String::new()),
        }
    }

    fn uses(&mut self, step: &Step, uses: &Uses, depth: usize) {
        match &uses.action.value {
            ActionReference::Local { path, of_repository: true } => {
                let (root, folder) = (self.root.clone(), self.root.join(&**path));
                self.folder(step, uses, (&root, &folder), &format!("$/{path}"), depth);
            }
            ActionReference::Local { path, of_repository: false } => {
                let root = &self.planner.source.root;
                self.folder(step, uses, (root, &root.join(&**path)), &format!("./{path}"), depth);
            }
            ActionReference::Remote { host, owner, repository, path, reference } => {
                let slash = if path.is_empty() { "" } else { "/" };
                let name = format!("{owner}/{repository}{slash}{path}");
                let shown = format!(
                    "{}{name}@{reference}",
                    host.as_ref().map(|h| format!("{h}/")).unwrap_or_default()
                );
                self.remote(step, uses, &name, reference, &shown, depth);
            }
            ActionReference::Docker(image) => self.contained(format!("`docker://{image}`")),
            ActionReference::Unreadable(text) => {
                let reason = format!("`uses: {text}` names no action");
                self.causes.push(Cause::Unreadable { reason });
            }
        }
    }

    fn contained(&mut self, what: String) {
        if self.is_here {
            self.causes.push(Cause::Container { what });
        }
    }

    fn remote(
        &mut self,
        step: &Step,
        uses: &Uses,
        name: &str,
        reference: &str,
        shown: &str,
        depth: usize,
    ) {
        let inputs = self.known.entries(&uses.with);
        let input = |wanted: &str| {
            let given = inputs.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
            Some(given.1.as_ref().map(|value| value.to_text().to_string()))
        };
        if !self.may_publish && publish::action(name, &input) {
            let step = step_name(step, &self.known, shown);
            let what = if step == shown {
                format!("`{shown}`")
            } else {
                format!("step `{step}` uses `{shown}`")
            };
            self.causes.push(Cause::Publishes { what });
        }
        self.builds |= self.is_here && compile::action(name);
        if let Some(folder) = self.planner.action_folder(name, reference) {
            let repository = name.splitn(3, '/').take(2).collect::<Vec<_>>().join("/");
            let root = self.planner.action_folder(&repository, reference);
            let root = root.unwrap_or_else(|| folder.clone());
            self.folder(step, uses, (&root, &folder), shown, depth);
        } else if let Some(builtin) = self.built_in_for(uses, name, &inputs) {
            self.built_in(builtin, &inputs);
            self.left_out.extend(builtin.left_out.map(|why| format!("{} ({why})", builtin.name)));
            self.wants(builtin, reference, &inputs);
        } else {
            self.stored(step, uses, shown, depth);
        }
        // An action may install what its name or its inputs speak of.
        self.said.push_str(name);
        for (_, value) in inputs {
            self.said.push_str(&value.map(|value| value.to_text()).unwrap_or_default());
            self.said.push('\n');
        }
    }

    /// The built-in action of this name, unless it refuses an input and the store has the action itself.
    fn built_in_for(
        &self,
        uses: &Uses,
        name: &str,
        inputs: &[(Arc<str>, Option<Value>)],
    ) -> Option<&'static Builtin> {
        let builtin = builtin(name)?;
        let known = inputs.iter().filter_map(|(name, value)| {
            Some((name.to_string(), value.as_ref()?.to_text().to_string()))
        });
        let refuses = builtin.refusal(&known.collect(), &self.github()).is_some();
        let is_stored = || matches!(self.planner.stored(&uses.action.value), Ok(Some(_)));
        (!refuses || !is_stored()).then_some(builtin)
    }

    /// An action of the store, which must be whole: nothing can make it in the course of the job.
    fn stored(&mut self, step: &Step, uses: &Uses, shown: &str, depth: usize) {
        match self.planner.stored_action(&uses.action.value) {
            Ok(Some((root, folder))) => {
                let is_there = self.planner.action(&folder).is_some();
                if is_there || folder.join("Dockerfile").is_file() {
                    self.folder(step, uses, (&root, &folder), shown, depth);
                } else {
                    let reason = format!("`{shown}` has no `action.yml` and no `action.yaml`");
                    self.causes.push(Cause::Unreadable { reason });
                }
            }
            // Getting it would not help.
            Ok(None) if needs_docker(shown) && !self.planner.has_docker => {
                self.contained(format!("`{shown}`"));
            }
            Ok(None) if self.is_here => {
                self.causes.push(Cause::Action { uses: shown.to_owned() });
            }
            Ok(None) => {}
            Err(reason) => self.causes.push(Cause::Unreadable { reason }),
        }
    }

    fn built_in(&mut self, builtin: &Builtin, given: &[(Arc<str>, Option<Value>)]) {
        for (name, value) in given.iter().filter(|_| self.is_here) {
            let input = builtin.inputs.iter().find(|input| input.name.eq_ignore_ascii_case(name));
            let (Some(input), Some(value)) = (input, value) else { continue };
            let value = value.to_text();
            let reason = match input.support {
                _ if value.is_empty() || same(&value, input.default) => None,
                Support::Refused(reason) => Some(reason.to_owned()),
                Support::Judged(judge) => judge(&value, &self.github()),
                Support::Implemented | Support::NoEffect(_) => None,
            };
            self.causes.extend(reason.map(|reason| Cause::Input {
                action: builtin.name.to_owned(),
                input: input.name.to_owned(),
                reason,
            }));
        }
    }

    /// What a built-in needs of this machine; what it brings is there for the steps after it.
    fn wants(&mut self, builtin: &Builtin, reference: &str, given: &[(Arc<str>, Option<Value>)]) {
        if !self.is_here || (builtin.wants.is_none() && builtin.obstacle.is_none()) {
            return;
        }
        let inputs = known_inputs(builtin, given);
        let asked = Asked { reference, inputs: &inputs, root: &self.planner.source.root };
        let refused = builtin.obstacle.and_then(|obstacle| obstacle(&asked));
        self.causes.extend(refused.map(|Refusal { input, reason }| Cause::Input {
            action: builtin.name.to_owned(),
            input: input.to_owned(),
            reason,
        }));
        for want in builtin.wants.map(|wants| wants(&asked)).unwrap_or_default() {
            let found = match self.planner.toolbox.has(&want) {
                Found::Here(()) => None,
                Found::Other(found) => Some(Some(found)),
                Found::Nothing => Some(None),
            };
            self.said.push_str(&toolbox::family(&want));
            self.causes.extend(found.map(|found| {
                let needed_by = format!("`{}`", builtin.name);
                Cause::Missing { want, found, needed_by }
            }));
        }
    }

    /// The `github` context as built-in actions see it.
    fn github(&self) -> serde_json::Value {
        self.known.scope.context("github").map(|github| github.to_json()).unwrap_or_default()
    }

    /// An action in a folder of this machine. A local one that is not there may be made by an earlier step.
    /// `root` is where its repository is.
    fn folder(
        &mut self,
        step: &Step,
        uses: &Uses,
        (root, folder): (&Path, &Path),
        shown: &str,
        depth: usize,
    ) {
        let action = match self.planner.action(folder) {
            Some(Ok(action)) => action,
            Some(Err(error)) => {
                let reason = format!("`{shown}` cannot be read: {error}");
                return self.causes.push(Cause::Unreadable { reason });
            }
            None if folder.join("Dockerfile").is_file() => {
                return self.contained(format!("`{shown}`"));
            }
            None => return,
        };
        match &action.body {
            ActionBody::JavaScript(action) if self.is_here => {
                if let Err(missing) = self.planner.toolbox.node(&action.using.value) {
                    self.causes.push(no_node(missing, shown));
                }
            }
            ActionBody::JavaScript(_) => {}
            ActionBody::Composite(composite) if depth < DEEPEST => {
                self.composite(step, uses, root, &action, &composite.steps, depth);
            }
            ActionBody::Composite(_) => {
                let reason = format!("`{shown}` nests more than {DEEPEST} composite actions");
                self.causes.push(Cause::Unreadable { reason });
            }
            ActionBody::Docker(_) => self.contained(format!("`{shown}`")),
            ActionBody::Unreadable => {
                let reason = format!("`{shown}` could not be read");
                self.causes.push(Cause::Unreadable { reason });
            }
        }
    }

    /// The steps of a composite action see its inputs in place of the workflow's, and no defaults.
    fn composite(
        &mut self,
        step: &Step,
        uses: &Uses,
        root: &Path,
        action: &Action,
        steps: &[Step],
        depth: usize,
    ) {
        let given = self.known.entries(&uses.with);
        let (mut inputs, mut open) = (plim_expression::Object::new(), Vec::new());
        for input in &action.inputs {
            let name = &input.name.value;
            let value = given.iter().find(|(given, _)| given.eq_ignore_ascii_case(name));
            let default = || input.default.as_ref().map(|text| self.known.text_value(text));
            match value.map(|(_, value)| value.clone()).or_else(default) {
                Some(Some(value)) => drop(inputs.insert(Arc::clone(name), value)),
                Some(None) => open.push(Arc::clone(name)),
                None => drop(inputs.insert(Arc::clone(name), "")),
            }
        }
        let scope = WithInputs { outer: self.known.scope, inputs: inputs.into() };
        let known = Known { scope: &scope, open_inputs: &open, ..self.known };
        let none = Defaults::default();
        let from = self.causes.len();
        let mut inner = Examiner {
            planner: self.planner,
            root: root.to_owned(),
            known,
            defaults: [&none, &none],
            is_here: self.is_here,
            may_publish: self.may_publish,
            said: std::mem::take(&mut self.said),
            causes: std::mem::take(&mut self.causes),
            left_out: std::mem::take(&mut self.left_out),
            builds: self.builds,
            pinned: std::mem::take(&mut self.pinned),
        };
        inner.steps(steps, depth + 1);
        (self.said, self.causes, self.left_out) = (inner.said, inner.causes, inner.left_out);
        (self.builds, self.pinned) = (inner.builds, inner.pinned);
        let caller = match &uses.action.value {
            ActionReference::Local { path, of_repository: false } => format!("./{path}"),
            ActionReference::Local { path, of_repository: true } => format!("$/{path}"),
            _ => step.id.to_string(),
        };
        for cause in &mut self.causes[from..] {
            if let Cause::Publishes { what } | Cause::Privilege { what, .. } = cause {
                *what = format!("`{caller}`: {what}");
            }
        }
    }
}

/// A scope in which `inputs` are those of a composite action.
struct WithInputs<'a> {
    outer: &'a dyn Scope,
    inputs: Value,
}

impl Scope for WithInputs<'_> {
    fn context(&self, name: &str) -> Option<Value> {
        if name == "inputs" { Some(self.inputs.clone()) } else { self.outer.context(name) }
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, String>> {
        self.outer.call(name, arguments)
    }
}

/// That the Node.js of this machine cannot run an action.
fn no_node(missing: NodeMissing, shown: &str) -> Cause {
    let version = Some(missing.wanted.to_string());
    let want = Want::Tool { name: "node".to_owned(), version };
    Cause::Missing { want, found: missing.found, needed_by: format!("`{shown}`") }
}

/// What is pinned for programs that run in `folder` of the repository: in it, or in the nearest folder above.
fn pinned_in(root: &Path, folder: &Path) -> Option<ToolchainFile> {
    let mut folders = folder.ancestors();
    folders.find_map(|folder| toolchain_file(&root.join(folder)).ok().flatten())
}

/// The image of a container or service; `None` when it is empty, which means no container.
fn image(value: &Value) -> Option<Arc<str>> {
    let image = match value {
        Value::Object(entries) => entries.get("image")?.to_text(),
        scalar => scalar.to_text(),
    };
    Some(image).filter(|image| !image.is_empty())
}

/// The inputs of a built-in by lower-case name: those given, else the defaults that do not depend on anything.
fn known_inputs(
    builtin: &Builtin,
    given: &[(Arc<str>, Option<Value>)],
) -> BTreeMap<String, Option<String>> {
    let default = |input: &crate::builtin::Input| {
        let known = (!input.default.contains("${{")).then(|| input.default.to_owned());
        (input.name.to_lowercase(), known)
    };
    let mut inputs: BTreeMap<_, _> = builtin.inputs.iter().map(default).collect();
    for (name, value) in given {
        let value = value.as_ref().map(|value| value.to_text().to_string());
        inputs.insert(name.to_lowercase(), value);
    }
    inputs
}

fn builtin(name: &str) -> Option<&'static Builtin> {
    ACTIONS.iter().find(|builtin| builtin.name.eq_ignore_ascii_case(name)).copied()
}

/// `true` and `True` are the same to an action.
fn same(value: &str, default: &str) -> bool {
    value == default
        || (value.eq_ignore_ascii_case(default)
            && matches!(&*default.to_ascii_lowercase(), "true" | "false"))
}

/// What a person calls a step: its name, else the first line of what it runs.
fn step_name(step: &Step, known: &Known<'_>, otherwise: &str) -> String {
    const MOST: usize = 60;
    let name = step.name.as_ref().map(|name| known.shown(name)).filter(|name| !name.is_empty());
    let first = || otherwise.lines().map(str::trim).find(|line| !line.is_empty());
    let name = name.unwrap_or_else(|| first().unwrap_or_default().to_owned()).replace('`', "'");
    match name.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", name[..at].trim_end()),
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_of_docker_need_its_daemon() {
        assert!(needs_docker("docker/build-push-action@v6"));
        assert!(needs_docker("Docker/Login-Action@v3"));
        assert!(!needs_docker("actions/checkout@v4"));
        assert!(!needs_docker("docker-practice/actions@v1"));
    }
}
