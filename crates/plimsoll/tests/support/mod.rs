//! Runs the real `plim` on a small repository and reads the events that it sends.

#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::zombie_processes,
    reason = "a test starts the program as a user would, and fails by a panic"
)]

pub(crate) mod seat;

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
};

use serde_json::Value;

/// A folder with workflows, and a cache of its own.
pub(crate) struct Harbour {
    folder: Arc<tempfile::TempDir>,
    variables: Vec<(String, String)>,
}

impl Harbour {
    /// An empty repository without git.
    pub(crate) fn new() -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        fs::create_dir_all(folder.path().join("repo/.github/workflows")).unwrap();
        fs::create_dir_all(folder.path().join("home")).unwrap();
        fs::create_dir_all(folder.path().join("shared")).unwrap();
        Self { folder, variables: Vec::new() }
    }

    /// One with `jobs` as its `ci.yml`, triggered by a push.
    pub(crate) fn with_jobs(jobs: &str) -> Self {
        let harbour = Self::new();
        harbour.workflow("ci.yml", &format!("on: push\njobs:\n{}", indented(jobs)));
        harbour
    }

    /// One whose only job has these steps.
    pub(crate) fn with_steps(steps: &str) -> Self {
        let steps = indented(&indented(steps));
        Self::with_jobs(&format!("job:\n  runs-on: ubuntu-latest\n  steps:\n{steps}"))
    }

    /// The root of the repository.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("repo")
    }

    /// The home of the user who runs.
    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// A folder that all jobs of all runs can see, as `$SHARED`.
    pub(crate) fn shared_folder(&self) -> PathBuf {
        self.folder.path().join("shared")
    }

    fn shared(&self) -> String {
        format!("SHARED={}", self.shared_folder().display())
    }

    /// All files of the history, one after another.
    pub(crate) fn everything_kept(&self) -> String {
        let mut folders = vec![self.root().join(".plimsoll")];
        let mut text = String::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    text.push_str(&String::from_utf8_lossy(&fs::read(path).unwrap()));
                }
            }
        }
        text
    }

    pub(crate) fn file(&self, path: &str, text: &str) -> &Self {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    pub(crate) fn workflow(&self, name: &str, text: &str) -> &Self {
        self.file(&format!(".github/workflows/{name}"), text)
    }

    /// Sets a variable of the user who runs.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// Makes it a git repository with one commit of everything.
    pub(crate) fn commit(&self) -> &Self {
        self.git(&["init", "-q", "-b", "main"]);
        self.git(&["add", "-A"]);
        self.git(&[
            "-c",
            "user.name=T",
            "-c",
            "user.email=t@example.org",
            "commit",
            "-q",
            "-m",
            "first",
        ]);
        self
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git").current_dir(self.root()).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// The command `plim` with its arguments, in the environment of a user.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plim"));
        command.args(arguments).current_dir(self.root()).env_clear().stdin(Stdio::null());
        command.env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", self.home());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs it at a terminal to its end; gives what was shown and the exit code.
    pub(crate) fn run_at(&self, arguments: &[&str]) -> (String, Option<i32>) {
        seat::Seat::take(self, arguments).leave()
    }

    /// Runs all jobs that a push starts.
    pub(crate) fn run(&self) -> Ran {
        self.run_with(&[])
    }

    /// Runs with more arguments.
    pub(crate) fn run_with(&self, arguments: &[&str]) -> Ran {
        let shared = self.shared();
        let all = [&["run", "--format", "json", "--env", &shared], arguments].concat();
        let output = self.command(&all).output().unwrap();
        Ran::new(output.status.code(), &output.stdout, &output.stderr)
    }

    /// Starts a run and gives it back once a log line holds `text`.
    pub(crate) fn start_until(&self, text: &str) -> Running {
        let mut command = self.command(&["run", "--format", "json", "--env", &self.shared()]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut read = Vec::new();
        loop {
            let start = read.len();
            assert!(lines.read_until(b'\n', &mut read).unwrap() > 0, "{text:?} never came");
            let event: Value = serde_json::from_slice(&read[start..]).unwrap();
            let is_output = event["event"] == "log" && event["kind"] == "text";
            if is_output && event["text"].as_str().unwrap() == text {
                return Running { child, lines, read, _folder: self.folder.clone() };
            }
        }
    }
}

/// A run in progress.
pub(crate) struct Running {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
    read: Vec<u8>,
    /// The folder stays as long as the run.
    _folder: Arc<tempfile::TempDir>,
}

impl Running {
    pub(crate) fn interrupt(&self) {
        self.signal("-INT");
    }

    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    pub(crate) fn finish(mut self) -> Ran {
        use std::io::Read;
        self.lines.read_to_end(&mut self.read).unwrap();
        let output = self.child.wait_with_output().unwrap();
        Ran::new(output.status.code(), &self.read, &output.stderr)
    }
}

/// What a run said and did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) events: Vec<Value>,
    pub(crate) stderr: String,
}

impl Ran {
    fn new(code: Option<i32>, stdout: &[u8], stderr: &[u8]) -> Self {
        let text = String::from_utf8_lossy(stdout);
        let events = text.lines().map(|line| {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
        });
        let stderr = String::from_utf8_lossy(stderr).into_owned();
        Self { code: code.unwrap_or(-1), events: events.collect(), stderr }
    }

    #[track_caller]
    pub(crate) fn passed(self) -> Self {
        assert_eq!(self.code, 0, "{}\n{}", self.everything(), self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn failed(self) -> Self {
        assert_eq!(self.code, 1, "{}\n{}", self.everything(), self.stderr);
        self
    }

    pub(crate) fn of<'a>(&'a self, event: &'a str) -> impl Iterator<Item = &'a Value> {
        self.events.iter().filter(move |found| found["event"] == event)
    }

    /// What the steps of all jobs printed, line by line.
    pub(crate) fn printed(&self) -> Vec<&str> {
        self.lines("text").collect()
    }

    /// Everything that a reader of the run can see.
    pub(crate) fn everything(&self) -> String {
        self.events.iter().map(|event| format!("{event}\n")).collect()
    }

    #[track_caller]
    pub(crate) fn prints(&self, line: &str) -> &Self {
        assert!(
            self.printed().contains(&line),
            "{line:?} not in {}\n{}",
            self.everything(),
            self.stderr
        );
        self
    }

    #[track_caller]
    pub(crate) fn never_prints(&self, line: &str) -> &Self {
        assert!(!self.printed().contains(&line), "{line:?} in {}", self.everything());
        self
    }

    pub(crate) fn lines<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a str> {
        self.of("log")
            .filter(move |line| line["kind"] == kind)
            .filter_map(|line| line["text"].as_str())
    }

    /// How the job with this display name ended; `blocked` and `skipped` included.
    pub(crate) fn job(&self, name: &str) -> &str {
        let named = |event: &&Value| event["name"] == name;
        if self.of("job-skipped").any(|event| named(&event)) {
            return "skipped";
        }
        if self.of("job-blocked").any(|event| named(&event)) {
            return "blocked";
        }
        let started = self.of("job-started").find(named);
        let key = &started
            .unwrap_or_else(|| panic!("no job {name:?}: {}\n{}", self.everything(), self.stderr))["job"];
        let finished = self.of("job-finished").find(|event| event["job"] == *key);
        finished.and_then(|event| event["conclusion"].as_str()).unwrap_or("unfinished")
    }

    /// The names of the jobs that started, in that order.
    pub(crate) fn started(&self) -> Vec<&str> {
        self.of("job-started").filter_map(|event| event["name"].as_str()).collect()
    }

    /// Outcome and conclusion of the steps, by name, in the order in which they ended.
    pub(crate) fn steps(&self) -> Vec<(String, String, String)> {
        let name = |event: &Value| {
            self.of("step-started")
                .find(|started| started["job"] == event["job"] && started["step"] == event["step"])
                .map(|started| started["name"].as_str().unwrap().to_owned())
                .unwrap()
        };
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        self.of("step-finished")
            .map(|event| (name(event), word(&event["outcome"]), word(&event["conclusion"])))
            .collect()
    }

    /// How the step with this name ended.
    #[track_caller]
    pub(crate) fn step(&self, name: &str) -> String {
        let found = self.steps().into_iter().find(|(step, _, _)| step == name);
        found.unwrap_or_else(|| panic!("no step {name:?}: {}", self.everything())).2
    }

    /// The messages of annotations of a level.
    pub(crate) fn annotations(&self, level: &str) -> Vec<&str> {
        self.of("annotated")
            .filter(|event| event["annotation"]["level"] == level)
            .filter_map(|event| event["annotation"]["message"].as_str())
            .collect()
    }

    /// What `plim` itself said in the course of the run.
    pub(crate) fn notices(&self) -> Vec<&str> {
        self.of("notice").filter_map(|event| event["text"].as_str()).collect()
    }
}

/// Moves every line two columns to the right, so that a piece fits under a key.
pub(crate) fn indented(text: &str) -> String {
    let text = unindented(text);
    text.lines()
        .map(|line| if line.is_empty() { "\n".into() } else { format!("  {line}\n") })
        .collect()
}

/// Takes away the blanks that all lines begin with.
fn unindented(text: &str) -> String {
    let text = text.trim_start_matches('\n');
    let indent = |line: &str| line.len() - line.trim_start().len();
    let least = text.lines().filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or(0);
    text.lines().map(|line| format!("{}\n", line.get(least..).unwrap_or_default())).collect()
}

/// True when a program is there; a test that needs it is ignored otherwise.
pub(crate) fn has(program: &str) -> bool {
    let found = Command::new("sh").args(["-c", &format!("command -v {program}")]).output();
    found.is_ok_and(|output| output.status.success())
}

/// Whether a process runs; a dead one that nobody has waited for does not.
pub(crate) fn lives(pid: &str) -> bool {
    let stat = read(&PathBuf::from(format!("/proc/{pid}/stat")));
    !stat.is_empty() && !stat.contains(") Z ")
}

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}
