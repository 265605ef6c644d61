//! `Swatinem/rust-cache` and `useblacksmith/rust-cache`: what was built of dependencies, restored and saved.
//!
//! What the real action deletes before it saves is left out of the archive instead, because a workspace outlives its
//! job here. Cargo's registry is not in it where jobs share the user's.

mod contents;
mod key;

use std::path::PathBuf;

use super::{Answer, Builtin, Call, Failure, Input, Invocation, cache};
use crate::{
    bounds::resolve,
    store::caches::{Wanted, version},
};

pub(super) const REGISTRY_IS_WHOLE: &str = "Cargo's registry is kept whole here";
const ON_THIS_MACHINE: &str = "caches are kept on this machine";

pub(super) const ACTION: Builtin = Builtin {
    name: "swatinem/rust-cache",
    inputs: &[
        Input::implemented("prefix-key", "v0-rust"),
        Input::implemented("shared-key", ""),
        Input::implemented("key", ""),
        Input::implemented("add-job-id-key", "true"),
        Input::implemented("add-rust-environment-hash-key", "true"),
        Input::implemented("env-vars", ""),
        Input::implemented("workspaces", ""),
        Input::implemented("cache-directories", ""),
        Input::implemented("cache-targets", "true"),
        Input::implemented("cache-on-failure", ""),
        Input::no_effect("cache-all-crates", "false", REGISTRY_IS_WHOLE),
        Input::implemented("cache-workspace-crates", "false"),
        Input::implemented("save-if", "true"),
        Input::no_effect("cache-provider", "github", ON_THIS_MACHINE),
        Input::implemented("cache-bin", "true"),
        Input::implemented("lookup-only", "false"),
        Input::refused("cmd-format", "{0}", "`cargo` and `rustc` are run as they are"),
    ],
    main: |cx| main(cx, &ACTION),
    ..SHARED
};

pub(super) const OF_BLACKSMITH: Builtin = Builtin {
    name: "useblacksmith/rust-cache",
    inputs: &[
        Input::implemented("prefix-key", "v0-rust"),
        Input::implemented("shared-key", ""),
        Input::implemented("key", ""),
        Input::implemented("env-vars", ""),
        Input::implemented("workspaces", ""),
        Input::implemented("cache-directories", ""),
        Input::implemented("cache-targets", "true"),
        Input::implemented("cache-on-failure", ""),
        Input::no_effect("cache-all-crates", "false", REGISTRY_IS_WHOLE),
        Input::implemented("save-if", "true"),
        Input::no_effect("cache-provider", "blacksmith", ON_THIS_MACHINE),
        Input::implemented("cache-bin", "true"),
        Input::implemented("lookup-only", "false"),
    ],
    main: |cx| main(cx, &OF_BLACKSMITH),
    ..SHARED
};

const SHARED: Builtin = Builtin {
    outputs: &["cache-hit"],
    post: Some(post),
    post_condition: "success() || env.CACHE_ON_FAILURE == 'true'",
    ..Builtin::PLAIN
};

/// What is asked for; `setup-rust-toolchain` asks for it under other names.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    pub(super) prefix: String,
    pub(super) shared: String,
    pub(super) key: String,
    pub(super) has_job: bool,
    pub(super) has_hash: bool,
    pub(super) variables: String,
    pub(super) workspaces: String,
    pub(super) directories: String,
    pub(super) targets: bool,
    pub(super) on_failure: bool,
    pub(super) workspace_crates: bool,
    pub(super) save: bool,
    pub(super) bin: bool,
}

/// A Cargo workspace and its folder for what is built.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

/// From `main` to `post`.
const KEY: &str = "RUST_CACHE_KEY";
const PATHS: &str = "RUST_CACHE_PATHS";
const HIT: &str = "RUST_CACHE_HIT";

fn main(cx: &mut Invocation<'_>, action: &Builtin) -> Result<(), Failure> {
    action.begin(cx)?;
    let settings = settings(cx);
    restore(cx, &settings)
}

fn post(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    let settings = settings(cx);
    save(cx, &settings)
}

fn settings(cx: &Invocation<'_>) -> Settings {
    let text = |name: &str| cx.input(name).to_owned();
    let unless_false = |name: &str| matches!(cx.input(name), "" | "true" | "True" | "TRUE");
    let prefix = text("prefix-key");
    Settings {
        prefix: if prefix.is_empty() { "v0-rust".to_owned() } else { prefix },
        shared: text("shared-key"),
        key: text("key"),
        has_job: unless_false("add-job-id-key"),
        has_hash: unless_false("add-rust-environment-hash-key"),
        variables: text("env-vars"),
        workspaces: text("workspaces"),
        directories: text("cache-directories"),
        targets: unless_false("cache-targets"),
        on_failure: cx.is_true("cache-on-failure"),
        workspace_crates: cx.is_true("cache-workspace-crates"),
        save: unless_false("save-if"),
        bin: unless_false("cache-bin"),
    }
}

/// Restores what an earlier job saved, and sets the outputs and variables.
pub(super) fn restore(cx: &mut Invocation<'_>, settings: &Settings) -> Result<(), Failure> {
    for (name, value) in
        [("CACHE_ON_FAILURE", settings.on_failure.to_string()), ("CARGO_INCREMENTAL", "0".into())]
    {
        cx.changes.environment.push((name.to_owned(), value));
    }
    if !cache::is_on_a_ref(cx) {
        cx.set_output("cache-hit", "false");
        return Ok(());
    }
    let workspaces = workspaces(cx, &settings.workspaces);
    let (restore_key, key) = key::keys(cx, settings, &workspaces)?;
    let paths = paths(cx, settings, &workspaces);
    cx.log.group("Cache Configuration");
    for path in &paths {
        cx.log.line(&format!("path: {path}"));
    }
    cx.log.line(&format!("restore key: {restore_key}"));
    cx.log.line(&format!("key: {key}"));
    cx.log.end_group();
    let version = portable_version(cx, &paths);
    let scopes = cache::scopes(cx);
    let restore_keys = [restore_key.as_str()];
    let wanted =
        Wanted { version: &version, scopes: &scopes, key: &key, restore_keys: &restore_keys };
    // What the last run of this job built is newer than what any cache holds.
    let is_kept = workspaces.iter().any(|workspace| workspace.target.is_dir());
    let found = cache::fetch(cx, &wanted, is_kept || cx.is_true("lookup-only"))?;
    let is_hit = found.as_ref().is_some_and(|entry| entry.key.eq_ignore_ascii_case(&key));
    match &found {
        Some(entry) if is_kept => cx.log.line(&format!(
            "the workspace holds what its last run built; `{}` was not unpacked over it",
            entry.key
        )),
        Some(entry) => {
            cx.log
                .line(&format!("Restored from cache key \"{}\" full match: {is_hit}.", entry.key));
        }
        None => cx.log.line("No cache found."),
    }
    cx.set_output("cache-hit", is_hit.to_string());
    cx.state.insert(KEY.to_owned(), key);
    cx.state.insert(PATHS.to_owned(), paths.join("\n"));
    cx.state.insert(HIT.to_owned(), is_hit.to_string());
    Ok(())
}

/// Saves what is worth it. What goes wrong is a warning and no failure, as in the real action.
pub(super) fn save(cx: &mut Invocation<'_>, settings: &Settings) -> Result<(), Failure> {
    let state = |name: &str, cx: &Invocation<'_>| cx.state.get(name).cloned().unwrap_or_default();
    let (key, paths) = (state(KEY, cx), state(PATHS, cx));
    if key.is_empty() || !settings.save {
        return Ok(());
    }
    if state(HIT, cx) == "true" {
        cx.log.line("Cache up-to-date.");
        return Ok(());
    }
    let workspaces = workspaces(cx, &settings.workspaces);
    let mut found = Vec::new();
    let mut is_crate_of = Vec::new();
    for workspace in &workspaces {
        is_crate_of.extend(contents::packages(cx, workspace, settings.workspace_crates));
    }
    let paths: Vec<String> = paths.lines().map(str::to_owned).collect();
    for path in paths.iter().map(PathBuf::from) {
        if workspaces.iter().any(|workspace| workspace.target == path) {
            found.extend(contents::of_target(&path, &is_crate_of));
        } else {
            found.extend(
                Some(resolve(cx.workspace, &path.to_string_lossy())).filter(|p| p.exists()),
            );
        }
    }
    found.sort();
    let saved = cache::keep(cx, &key, &portable_version(cx, &paths), &found);
    cx.check_cancelled()?;
    if let Err(failure) = saved {
        cx.log.warning(&format!("could not save the cache: {}", failure.message));
    }
    Ok(())
}

/// The key that was restored by, after [`restore`].
pub(super) fn key_of(cx: &Invocation<'_>) -> String {
    cx.state.get(KEY).cloned().unwrap_or_default()
}

/// The lines `ROOT -> TARGET` of the input; the workspace itself where there is none.
fn workspaces(cx: &Invocation<'_>, input: &str) -> Vec<Workspace> {
    let input = if input.is_empty() { "." } else { input };
    let lines = input.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let (root, target) = line.split_once("->").unwrap_or((line, "target"));
            let root = resolve(cx.workspace, root.trim());
            Workspace { target: resolve(&root, target.trim()), root }
        })
        .collect()
}

/// What is cached. Cargo's registry and checkouts are links to those of the user where those are shared.
fn paths(cx: &Invocation<'_>, settings: &Settings, workspaces: &[Workspace]) -> Vec<String> {
    let home = cx.home.join(".cargo");
    let own: &[&str] = if settings.bin { &["bin", ".crates.toml", ".crates2.json"] } else { &[] };
    let own = own.iter().chain(&["registry", "git"]).map(|name| home.join(name));
    let is_own = |path: &PathBuf| !path.symlink_metadata().is_ok_and(|found| found.is_symlink());
    let mut paths: Vec<PathBuf> = own.filter(is_own).collect();
    if settings.targets {
        paths.extend(workspaces.iter().map(|workspace| workspace.target.clone()));
    }
    let directories = settings.directories.split_whitespace();
    paths.extend(directories.map(|folder| match folder.strip_prefix("~/") {
        Some(rest) => cx.tilde().join(rest),
        None => resolve(cx.workspace, folder),
    }));
    paths.iter().map(|path| path.to_string_lossy().into_owned()).collect()
}

/// The version of a cache of these paths: the same in every job, wherever its folders are.
fn portable_version(cx: &Invocation<'_>, paths: &[String]) -> String {
    let (home, workspace) = (cx.home.to_string_lossy(), cx.workspace.to_string_lossy());
    let portable = |path: &String| path.replace(&*workspace, ".").replace(&*home, "~");
    let paths: Vec<String> = paths.iter().map(portable).collect();
    version(&paths.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Runs a program of the job and keeps its output to itself.
fn ask(
    cx: &Invocation<'_>,
    directory: PathBuf,
    program: &str,
    arguments: &[&str],
) -> Result<Answer, Failure> {
    (cx.run)(&Call {
        program: program.to_owned(),
        arguments: arguments.iter().map(|word| (*word).to_owned()).collect(),
        directory,
        // Flags that the output holds would be the environment's, not the packages'.
        variables: vec![("CARGO_ENCODED_RUSTFLAGS".to_owned(), String::new())],
        shown: false,
    })
}

#[cfg(test)]
mod tests;
