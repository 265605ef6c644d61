//! `plim clean`: removes old runs, caches and workspaces, and says how much that freed.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use plim_host::{
    HostError,
    files::{Lock, LockKind, remove_tree},
};
use plim_run::history::{Budget, Freed, History, Kept, bytes_below};
use serde_json::{Map, Value, json};

use crate::{
    args::{CleanArgs, Format},
    exit::Exit,
    output::Output,
    refusal::Refusal,
    render::quantity::{bytes, count},
    world::World,
};

pub(super) fn run(
    arguments: &CleanArgs,
    world: &World,
    stdout: &mut Output,
) -> Result<Exit, Refusal> {
    let root = world.root()?;
    let others = arguments.caches || arguments.workspaces || arguments.tools;
    let runs = arguments.all || arguments.keep.is_some() || !others;
    let mut freed: Vec<(&str, Freed)> = vec![];
    if runs {
        freed.push(("runs", clean_runs(&History::of(&root), arguments)?));
    }
    let kept = world.cache().map(|cache| Kept::of(&root, &cache));
    for (name, wanted, folder) in [
        ("caches", arguments.caches, kept.as_ref().map(|kept| &kept.caches)),
        ("workspaces", arguments.workspaces, kept.as_ref().map(|kept| &kept.workspaces)),
    ] {
        if let Some(folder) = folder.filter(|_| wanted || arguments.all) {
            freed.push((name, clean_folder(folder, arguments.dry_run)?));
        }
    }
    if let Some(cache) = world.cache().filter(|_| arguments.tools) {
        freed.push(("tools", clean_tools(&cache, arguments.dry_run)?));
    }
    stdout.add(&told(&freed, arguments));
    Ok(Exit::Passed)
}

fn clean_runs(history: &History, arguments: &CleanArgs) -> Result<Freed, Refusal> {
    let budget = Budget::newest(arguments.keep.unwrap_or(1));
    Ok(match (arguments.dry_run, arguments.all) {
        (true, true) => history.would_free_all()?,
        (true, false) => history.would_free(budget)?,
        (false, true) => history.remove_all()?,
        (false, false) => history.keep_within(budget)?,
    })
}

/// Removes every folder in `folder` that nobody has locked.
fn clean_folder(folder: &Path, dry_run: bool) -> Result<Freed, Refusal> {
    let mut freed = Freed::default();
    for entry in entries(folder)? {
        let lock = entry.join("lock");
        let held = if lock.exists() {
            Some(Lock::take(&lock, LockKind::Exclusive, "`plim clean`"))
        } else {
            None
        };
        match held {
            Some(Err(HostError::Locked { .. })) => continue,
            Some(Err(error)) => return Err(error.into()),
            Some(Ok(_)) | None => {}
        }
        let size = bytes_below(&entry);
        if !dry_run {
            remove_tree(&entry)?;
        }
        freed.add(size);
    }
    Ok(freed)
}

/// Removes what `plim setup` got, a version of a tool or a toolchain at a time, and what it did not finish.
fn clean_tools(cache: &Path, dry_run: bool) -> Result<Freed, Refusal> {
    let mut freed = Freed::default();
    let tools = cache.join("tools");
    let mut whole = Vec::new();
    for tool in entries(&tools)? {
        let versions =
            if tool.ends_with("rustup") { tool.join("toolchains") } else { tool.clone() };
        whole.extend(entries(&versions)?);
    }
    whole.extend(entries(&cache.join("tools-unfinished"))?);
    whole.iter().for_each(|version| freed.add(bytes_below(version)));
    if !dry_run {
        for folder in [tools, cache.join("tools-unfinished")] {
            remove_tree(&folder)?;
        }
    }
    Ok(freed)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Refusal> {
    let unreadable = |error| Refusal::from(HostError::file("read", folder)(error));
    match fs::read_dir(folder) {
        Ok(found) => {
            found.map(|entry| entry.map(|entry| entry.path()).map_err(unreadable)).collect()
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(vec![]),
        Err(error) => Err(unreadable(error)),
    }
}

fn told(freed: &[(&str, Freed)], arguments: &CleanArgs) -> String {
    let all: u64 = freed.iter().map(|(_, freed)| freed.bytes).sum();
    if arguments.format.format == Format::Json {
        return json_of(freed, arguments.dry_run, all).to_string() + "\n";
    }
    let parts: Vec<_> =
        freed.iter().map(|(name, freed)| count(freed.count, name.trim_end_matches('s'))).collect();
    let verb = if arguments.dry_run { "would remove" } else { "removed" };
    format!("{verb} {}: {}\n", parts.join(", "), bytes(all))
}

/// The form of `docs/schema/clean.schema.json`.
fn json_of(freed: &[(&str, Freed)], dry_run: bool, all: u64) -> Value {
    let mut object = Map::new();
    object.insert("dry-run".into(), dry_run.into());
    for (name, freed) in freed {
        object.insert((*name).to_owned(), json!({ "count": freed.count, "bytes": freed.bytes }));
    }
    object.insert("bytes".into(), all.into());
    Value::Object(object)
}
