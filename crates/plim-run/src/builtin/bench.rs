//! A bench for tests: a job's folders, and what it takes to call an action in them.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fs,
    ops::Deref,
    path::{Path, PathBuf},
    rc::Rc,
    sync::Mutex,
    time::{Duration, SystemTime},
};

use plim_host::{
    Clock, Command, Environment, HostError, Tool,
    git::{Layout, Source, Store},
};
use plim_test::sandbox::{Repository, Sandbox};
use serde_json::{Value, json};

use super::{Answer, Builtin, Call, Changes, Failure, Invocation, Log, Perform};
use crate::{
    matcher::Matchers,
    store::{Origin, Stores},
    toolbox::Toolbox,
};

/// A job on a machine that other jobs used before it.
pub(super) struct Bench {
    machine: Rc<Sandbox>,
    job: String,
    pub(super) stores: Stores,
    pub(super) github: Value,
    /// What `HOME` is set to, when not to the job's home.
    pub(super) tilde: Option<String>,
    clock: Clock,
    pub(super) toolbox: Toolbox,
    pub(super) matchers: Matchers,
    /// Variables of the step on top of `HOME` and `PATH`.
    pub(super) variables: BTreeMap<String, String>,
}

impl Bench {
    pub(super) fn new() -> Self {
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        Self::on(Rc::new(Sandbox::new()), 1, Clock::fixed(start), None)
    }

    fn on(machine: Rc<Sandbox>, job: usize, clock: Clock, origin: Option<Origin>) -> Self {
        let job = format!("job{job}");
        for folder in ["w", "home", "temp", "tools"] {
            machine.folder(format!("{job}/{folder}"));
        }
        let (run, caches) = (machine.at(&job).join("run"), machine.at("caches"));
        let origin = Mutex::new(origin);
        let open = move || {
            let asked = "a repository to check out".to_owned();
            let none = || HostError::Unexpected { asked, answer: "none".to_owned() };
            origin.lock().unwrap().take().ok_or_else(none)
        };
        let stores = Stores::new(&run, &caches, Box::new(open), clock.clone());
        let github = json!({
            "repository": "octo/cat",
            "server_url": "https://github.com",
            "run_id": "77",
            "event_name": "push",
            "ref": "refs/heads/main",
            "base_ref": "",
            "sha": "",
            "event": { "repository": { "default_branch": "main" } },
        });
        let text = |path: &str| machine.at(path).to_string_lossy().into_owned();
        let path = format!("{}:/usr/bin:/bin", text("bin"));
        let user: Environment = [("PATH", path), ("HOME", text("user"))].into_iter().collect();
        let toolbox = Toolbox::of(&user);
        let (matchers, variables) = (Matchers::default(), BTreeMap::new());
        Self { machine, job, stores, github, tilde: None, clock, toolbox, matchers, variables }
    }

    /// Another job on the same machine, a minute later.
    pub(super) fn again(&self) -> Self {
        self.clock.advance(Duration::from_secs(60));
        let number: usize = self.job["job".len()..].parse().unwrap();
        Self::on(Rc::clone(&self.machine), number + 1, self.clock.clone(), None)
    }

    /// With a repository to check out, on the branch `main`. The clock is the machine's, because git's is.
    pub(super) fn with_origin(repository: &Repository) -> Self {
        let machine = Rc::new(Sandbox::new());
        #[expect(clippy::disallowed_methods, reason = "git is found by the PATH of the tests")]
        let path = std::env::var_os("PATH").unwrap_or_default();
        let environment: Environment = [("PATH", path)].into_iter().collect();
        let layout = Layout::discover(repository.path()).unwrap().unwrap();
        let source = Source::Repository(layout);
        let folder = machine.at("store");
        let snapshot =
            Store::open(&folder, source.clone(), &environment).unwrap().snapshot().unwrap();
        let origin = Origin::open(&folder, source, &environment).unwrap();
        let mut bench = Self::on(machine, 1, Clock::real(), Some(origin));
        bench.github["sha"] = snapshot.commit.into();
        bench
    }

    pub(super) fn on_pull_request(mut self) -> Self {
        self.github["event_name"] = "pull_request".into();
        self.github["ref"] = "refs/pull/7/merge".into();
        self.github["base_ref"] = "main".into();
        self
    }

    pub(super) fn on_main(mut self) -> Self {
        self.github["ref"] = "refs/heads/main".into();
        self.github["base_ref"] = "".into();
        self
    }

    pub(super) fn workspace(&self) -> PathBuf {
        self.machine.at(&self.job).join("w")
    }

    /// A program on `PATH` that says `text`.
    pub(super) fn says(&self, program: &str, text: &str) -> &Self {
        self.machine.executable(format!("bin/{program}"), format!("#!/bin/sh\necho '{text}'\n"));
        self
    }

    /// A program on `PATH`.
    pub(super) fn program(&self, program: &str, script: &str) -> &Self {
        self.machine.executable(format!("bin/{program}"), format!("#!/bin/sh\n{script}\n"));
        self
    }

    pub(super) fn machine(&self) -> &Sandbox {
        &self.machine
    }

    pub(super) fn home(&self) -> PathBuf {
        self.machine.at(&self.job).join("home")
    }

    pub(super) fn at(&self, path: &str) -> PathBuf {
        self.workspace().join(path)
    }

    fn path(&self, path: &str) -> String {
        format!("{}/w/{path}", self.job)
    }

    pub(super) fn write(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        self.machine.write(self.path(path), content);
        self
    }

    pub(super) fn executable(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        self.machine.executable(self.path(path), content);
        self
    }

    pub(super) fn symlink(&self, path: &str, target: impl AsRef<Path>) -> &Self {
        self.machine.symlink(self.path(path), target);
        self
    }

    pub(super) fn remove(&self, path: &str) -> &Self {
        self.machine.remove(self.path(path));
        self
    }

    pub(super) fn exists(&self, path: &str) -> bool {
        self.machine.exists(self.path(path))
    }

    pub(super) fn read(&self, path: &str) -> String {
        self.machine.read(self.path(path))
    }

    pub(super) fn write_home(&self, path: &str, content: &str) -> &Self {
        self.machine.write(format!("{}/home/{path}", self.job), content);
        self
    }

    pub(super) fn read_home(&self, path: &str) -> String {
        self.machine.read(format!("{}/home/{path}", self.job))
    }

    /// The names in the zip file of an artifact.
    pub(super) fn zip_names(&self, name: &str) -> Vec<String> {
        let artifact = self.stores.artifacts.find(name).unwrap().unwrap();
        let file = fs::File::open(self.stores.artifacts.path(&artifact)).unwrap();
        let zip = zip::ZipArchive::new(file).unwrap();
        zip.file_names().map(str::to_owned).collect()
    }

    /// Cuts every archive of the caches.
    pub(super) fn damage_caches(&self) {
        for file in fs::read_dir(self.machine.at("caches")).unwrap().flatten() {
            if file.file_name().to_string_lossy().ends_with(".zst") {
                fs::write(file.path(), "cut").unwrap();
            }
        }
    }

    pub(super) fn call(&self, action: &Builtin, inputs: &[(&str, &str)]) -> Done {
        self.perform(action, action.main, "v99", inputs, &BTreeMap::new())
    }

    pub(super) fn call_as(
        &self,
        action: &Builtin,
        reference: &str,
        inputs: &[(&str, &str)],
    ) -> Done {
        self.perform(action, action.main, reference, inputs, &BTreeMap::new())
    }

    pub(super) fn post(
        &self,
        action: &Builtin,
        inputs: &[(&str, &str)],
        state: &BTreeMap<String, String>,
    ) -> Done {
        self.perform(action, action.post.unwrap(), "v99", inputs, state)
    }

    fn perform(
        &self,
        action: &Builtin,
        part: Perform,
        reference: &str,
        inputs: &[(&str, &str)],
        state: &BTreeMap<String, String>,
    ) -> Done {
        let default = |text: &str| match text {
            "${{ github.repository }}" => "octo/cat".to_owned(),
            "${{ github.run_id }}" => "77".to_owned(),
            expression if expression.starts_with("${{") => String::new(),
            plain => plain.to_owned(),
        };
        let defaults =
            action.inputs.iter().map(|input| (input.name.to_lowercase(), default(input.default)));
        let mut values: BTreeMap<String, String> = defaults.collect();
        values
            .extend(inputs.iter().map(|(name, value)| (name.to_lowercase(), (*value).to_owned())));
        let home = self.home();
        let tilde = self.tilde.clone().unwrap_or_else(|| home.display().to_string());
        let path = format!("{}:/usr/bin:/bin", self.machine.at("bin").display());
        let mut environment =
            BTreeMap::from([("HOME".to_owned(), tilde), ("PATH".to_owned(), path)]);
        environment.extend(self.variables.clone());
        let place = |name: &str| self.machine.at(&self.job).join(name);
        let (temporary, tool_cache) = (place("temp"), place("tools"));
        let (mut words, mut outputs, mut state) = (Words::default(), Vec::new(), state.clone());
        let mut changes = Changes::default();
        let (workspace, memory) = (self.workspace(), place("memory"));
        let result = part(&mut Invocation {
            reference,
            inputs: &values,
            workspace: &workspace,
            home: &home,
            temporary: &temporary,
            tool_cache: &tool_cache,
            memory: &memory,
            github: &self.github,
            job_status: "success",
            environment: &environment,
            log: &mut words,
            outputs: &mut outputs,
            state: &mut state,
            changes: &mut changes,
            toolbox: &self.toolbox,
            run: &|call| self.run(call, &environment),
            matchers: &self.matchers,
            stores: &self.stores,
            cancelled: &|| false,
            bring_back: &|_| Ok(false),
        });
        let Words { log, warnings, stored } = words;
        Done { result, outputs, log: log.into_inner(), warnings, stored, state, changes }
    }

    fn run(&self, call: &Call, environment: &BTreeMap<String, String>) -> Result<Answer, Failure> {
        let mut command = Command::new(&call.program, &call.directory);
        command.arguments = call.arguments.iter().map(Into::into).collect();
        let variables = environment.iter().chain(call.variables.iter().map(|(n, v)| (n, v)));
        command.environment = variables.map(|(n, v)| (n.into(), v.into())).collect();
        let output = Tool::new(command).run().map_err(|e| Failure::new(e.to_string()))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(Answer { code: output.status.shell_code(), text })
    }
}

/// What came of a call.
pub(super) struct Done {
    result: Result<(), Failure>,
    pub(super) outputs: Vec<(String, String)>,
    pub(super) log: String,
    pub(super) warnings: Vec<String>,
    pub(super) stored: Vec<(String, u64, String)>,
    pub(super) state: BTreeMap<String, String>,
    pub(super) changes: Changes,
}

impl Done {
    #[track_caller]
    pub(super) fn passed(&self) -> &Self {
        assert!(self.result.is_ok(), "{:?}\n{}", self.result, self.log);
        self
    }

    #[track_caller]
    pub(super) fn failure(&self) -> String {
        self.result.as_ref().expect_err("it passed").message.clone()
    }

    #[track_caller]
    pub(super) fn help(&self) -> String {
        self.result.as_ref().expect_err("it passed").help.clone().unwrap_or_default()
    }

    #[track_caller]
    pub(super) fn output(&self, name: &str) -> &str {
        let found = self.outputs.iter().find(|(output, _)| output == name);
        found.unwrap_or_else(|| panic!("no output `{name}` in {:?}", self.outputs)).1.deref()
    }
}

#[derive(Default)]
struct Words {
    log: RefCell<String>,
    warnings: Vec<String>,
    stored: Vec<(String, u64, String)>,
}

impl Words {
    fn add(&self, text: &str) {
        let mut log = self.log.borrow_mut();
        log.push_str(text);
        log.push('\n');
    }
}

impl Log for Words {
    fn line(&mut self, text: &str) {
        self.add(text);
    }

    fn debug(&mut self, text: &str) {
        self.add(text);
    }

    fn warning(&mut self, text: &str) {
        self.warnings.push(text.to_owned());
    }

    fn error(&mut self, text: &str) {
        self.add(text);
    }

    fn group(&mut self, title: &str) {
        self.add(title);
    }

    fn end_group(&mut self) {}

    fn stored(&mut self, name: &str, bytes: u64, digest: &str) {
        self.stored.push((name.to_owned(), bytes, digest.to_owned()));
    }
}
