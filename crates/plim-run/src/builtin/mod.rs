//! Built-in actions: one file each, and its lines in [`ACTIONS`].
//!
//! A built-in never reports success for what it did not do: every input of the real `action.yml` is
//! either implemented or refused by name.

mod actions_rs_cargo;
mod actions_rs_toolchain;
mod cache;
mod cache_cargo_install;
mod cache_restore;
mod cache_save;
mod cargo_deny;
mod cargo_install;
mod checkout;
mod codecov;
mod codeql;
mod collect;
mod download_artifact;
mod dtolnay_rust_toolchain;
mod harden_runner;
mod inputs;
mod install_action;
mod matchers;
mod merge_artifacts;
mod moonrepo_setup_rust;
mod pack;
mod provide;
mod rust_cache;
mod rust_toolchain_file;
mod rustup;
mod setup_bun;
mod setup_deno;
mod setup_go;
mod setup_java;
mod setup_just;
mod setup_mold;
mod setup_node;
mod setup_pnpm;
mod setup_python;
mod setup_rust_toolchain;
mod setup_uv;
mod upload_artifact;
mod version_file;

#[cfg(test)]
mod bench;
#[cfg(test)]
mod table;

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::{matcher::Matchers, toolbox::Toolbox, want::Want};

pub use inputs::Refusal;

/// The actions that `plim` carries.
pub const ACTIONS: &[&Builtin] = &[
    &checkout::ACTION,
    &upload_artifact::ACTION,
    &merge_artifacts::ACTION,
    &download_artifact::ACTION,
    &cache::ACTION,
    &cache_restore::ACTION,
    &cache_save::ACTION,
    &dtolnay_rust_toolchain::ACTION,
    &actions_rs_toolchain::ACTION,
    &actions_rs_cargo::ACTION,
    &setup_rust_toolchain::ACTION,
    &moonrepo_setup_rust::ACTION,
    &rust_toolchain_file::ACTION,
    &rust_cache::ACTION,
    &rust_cache::OF_BLACKSMITH,
    &setup_node::ACTION,
    &setup_go::ACTION,
    &setup_python::ACTION,
    &setup_java::ACTION,
    &setup_deno::ACTION,
    &setup_uv::ACTION,
    &setup_bun::ACTION,
    &setup_pnpm::ACTION,
    &install_action::ACTION,
    &cache_cargo_install::ACTION,
    &cargo_install::ACTION,
    &setup_mold::ACTION,
    &cargo_deny::ACTION,
    &setup_just::ACTION,
    &codecov::ACTION,
    &codeql::INIT,
    &codeql::AUTOBUILD,
    &codeql::ANALYZE,
    &codeql::UPLOAD,
    &harden_runner::ACTION,
];

/// An action that `plim` carries.
pub struct Builtin {
    /// `owner/repo[/path]`, in lower case.
    pub name: &'static str,
    /// Every input of the real `action.yml`.
    pub inputs: &'static [Input],
    /// The real action's outputs.
    pub outputs: &'static [&'static str],
    /// What the step does.
    pub main: Perform,
    /// What it does when the job ends.
    pub post: Option<Perform>,
    /// `post-if`.
    pub post_condition: &'static str,
    /// What it needs of the machine, with what is known of its inputs before anything ran.
    pub wants: Option<fn(&Asked<'_>) -> Vec<Want>>,
    /// What it refuses because of the files of the repository, as far as they are known before anything ran.
    pub obstacle: Option<fn(&Asked<'_>) -> Option<Refusal>>,
    /// Why the step does nothing of its purpose here, as a clause; the plan and its log say so.
    pub left_out: Option<&'static str>,
}

/// What is known of a step before anything ran.
pub struct Asked<'a> {
    /// What follows the `@` of `uses`.
    pub reference: &'a str,
    /// The inputs by lower-case name, defaults filled in; `None` for one whose value is not known yet.
    pub inputs: &'a BTreeMap<String, Option<String>>,
    /// Where the files of the repository are: the workspace of a job, the user's own tree while planning.
    pub root: &'a Path,
}

/// One part of an action: `main` or `post`.
pub type Perform = fn(&mut Invocation<'_>) -> Result<(), Failure>;

/// One input of a built-in action.
pub struct Input {
    /// As in the real `action.yml`.
    pub name: &'static str,
    /// The real default; may hold `${{ }}`.
    pub default: &'static str,
    /// What becomes of it here.
    pub support: Support,
}

/// What becomes of an input.
#[derive(Clone, Copy, Debug)]
pub enum Support {
    /// It does what it does in the real action.
    Implemented,
    /// A value other than the default is refused, and this is why.
    Refused(&'static str),
    /// It does what it does in the real action, but for values that this refuses.
    Judged(Judge),
    /// It cannot change anything here, and this is why.
    NoEffect(&'static str),
}

/// Says why a value of an input is refused, as a clause without a full stop; it sees the `github` context.
/// What is already known while planning can be refused then.
pub type Judge = fn(&str, &Value) -> Option<String>;

/// Why an action failed: what was tried, on what; and what to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What was tried, on what, and what came of it.
    pub message: String,
    /// What to do next.
    pub help: Option<String>,
}

/// One call of an action.
pub struct Invocation<'a> {
    /// What follows the `@` of `uses`: a tag, a branch or a commit.
    pub reference: &'a str,
    /// Inputs by lower-case name, defaults filled in and evaluated.
    pub inputs: &'a BTreeMap<String, String>,
    /// `github.workspace`.
    pub workspace: &'a Path,
    /// The private home of the job. `HOME` in the environment is what `~` stands for, but a workflow can
    /// set it to anything, so it does not say what may be read.
    pub home: &'a Path,
    /// `runner.temp`.
    pub temporary: &'a Path,
    /// `runner.tool_cache`.
    pub tool_cache: &'a Path,
    /// A folder of ours beside the workspace, which the job never sees and which outlives it: what
    /// checkouts remember of the trees that they made.
    pub memory: &'a Path,
    /// The `github` context.
    pub github: &'a Value,
    /// The job's status so far: `success`, `failure` or `cancelled`.
    pub job_status: &'a str,
    /// The step's environment, `HOME` and `PATH` of the clean room included.
    pub environment: &'a BTreeMap<String, String>,
    /// Where log lines go.
    pub log: &'a mut dyn Log,
    /// Outputs that the call sets.
    pub outputs: &'a mut Vec<(String, String)>,
    /// Kept from `main` to `post`.
    pub state: &'a mut BTreeMap<String, String>,
    /// What the step changes for those after it.
    pub changes: &'a mut Changes,
    /// Finds installed tools.
    pub toolbox: &'a Toolbox,
    /// Runs a program as a step does.
    pub run: &'a dyn Fn(&Call) -> Result<Answer, Failure>,
    /// The problem matchers of the job.
    pub matchers: &'a Matchers,
    /// What outlives the job.
    pub stores: &'a crate::store::Stores,
    /// True once the job is being cancelled; long work looks at it.
    pub cancelled: &'a dyn Fn() -> bool,
    /// Called by a checkout with the folder that it is about to fill: brings back what the last run
    /// left there, so that a build can go on where it was. True when something came.
    pub bring_back: &'a dyn Fn(&Path) -> io::Result<bool>,
}

/// What a step changes for the steps after it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Variables, as if written to `GITHUB_ENV`.
    pub environment: Vec<(String, String)>,
    /// Folders, as if written to `GITHUB_PATH`.
    pub paths: Vec<String>,
}

/// A program that an action runs, with the environment of its step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// A name that `PATH` finds, or a path.
    pub program: String,
    /// What comes after it.
    pub arguments: Vec<String>,
    /// Where it runs.
    pub directory: PathBuf,
    /// Set on top of the step's environment.
    pub variables: Vec<(String, String)>,
    /// Whether what it writes is the step's log, commands and problem matchers included.
    pub shown: bool,
}

/// How a program ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Its exit code, 128 and the signal for one that was killed.
    pub code: i32,
    /// What it wrote to descriptor 1.
    pub text: String,
}

/// Where an action's words go; each is masked and becomes an event.
pub trait Log {
    /// A plain line.
    fn line(&mut self, text: &str);
    /// A line shown when step debugging is on.
    fn debug(&mut self, text: &str);
    /// A warning, annotated.
    fn warning(&mut self, text: &str);
    /// An error, annotated.
    fn error(&mut self, text: &str);
    /// Opens a group of lines.
    fn group(&mut self, title: &str);
    /// Closes it.
    fn end_group(&mut self);
    /// An artifact was stored: its name, its bytes as stored, and `sha256:` with their digest.
    fn stored(&mut self, name: &str, bytes: u64, digest: &str);
}
