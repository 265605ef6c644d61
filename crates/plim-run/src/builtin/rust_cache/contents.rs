//! What of a folder that cargo built is worth keeping: what was made of packages from elsewhere.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{Workspace, ask};
use crate::builtin::Invocation;

/// Kinds of targets whose results others are built from.
const KINDS: [&str; 6] = ["lib", "cdylib", "dylib", "rlib", "staticlib", "proc-macro"];

/// The names under which cargo keeps what it made of a package.
pub(super) struct Package {
    name: String,
    targets: Vec<String>,
}

/// The manifests of the members of a workspace; its own where cargo does not say.
pub(super) fn manifests(cx: &Invocation<'_>, workspace: &Workspace) -> Vec<PathBuf> {
    let packages = metadata(cx, workspace, &["--no-deps"]);
    let paths = packages.iter().filter_map(|package| package["manifest_path"].as_str());
    let mut manifests: Vec<PathBuf> = paths.map(PathBuf::from).collect();
    if manifests.is_empty() {
        manifests.push(workspace.root.join("Cargo.toml"));
    }
    manifests.sort();
    manifests.dedup();
    manifests
}

/// The packages that are worth keeping: those from outside of the workspace, or all.
pub(super) fn packages(cx: &Invocation<'_>, workspace: &Workspace, own: bool) -> Vec<Package> {
    let is_outside = |package: &&Value| {
        let path = package["manifest_path"].as_str().unwrap_or_default();
        own || !Path::new(path).starts_with(&workspace.root)
    };
    metadata(cx, workspace, &[]).iter().filter(is_outside).map(package).collect()
}

/// What cargo says of the packages; nothing where it cannot, as in the real action.
fn metadata(cx: &Invocation<'_>, workspace: &Workspace, more: &[&str]) -> Vec<Value> {
    let arguments = [&["metadata", "--all-features", "--format-version", "1"], more].concat();
    let answer = ask(cx, workspace.root.clone(), "cargo", &arguments);
    let text = answer.ok().filter(|answer| answer.code == 0).map(|answer| answer.text);
    let document: Value =
        text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    document["packages"].as_array().cloned().unwrap_or_default()
}

fn package(package: &Value) -> Package {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let is_kept = |target: &&Value| {
        let kinds = target["kind"].as_array().into_iter().flatten();
        kinds.filter_map(Value::as_str).any(|kind| KINDS.contains(&kind))
    };
    let targets = package["targets"].as_array().into_iter().flatten();
    let targets = targets.filter(is_kept).map(|target| text(&target["name"])).collect();
    Package { name: text(&package["name"]), targets }
}

/// The files and folders of a target folder that are worth keeping; a folder stands for all that is in it.
pub(super) fn of_target(target: &Path, packages: &[Package]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(target, packages, &mut found);
    found
}

fn collect(target: &Path, packages: &[Package], found: &mut Vec<PathBuf>) {
    for (name, path) in entries(target) {
        let is_folder = path.symlink_metadata().is_ok_and(|it| it.is_dir());
        let has = |part: &str| path.join(part).is_dir();
        match name.as_str() {
            "CACHEDIR.TAG" => found.push(path),
            _ if !is_folder => {}
            // Test crates build nested workspaces here.
            "tests" => {
                collect(&path.join("target"), packages, found);
                collect(&path.join("trybuild"), packages, found);
            }
            _ if has("build") || has(".fingerprint") || has("deps") => {
                profile(&path, packages, found);
            }
            _ => collect(&path, packages, found),
        }
    }
}

fn profile(folder: &Path, packages: &[Package], found: &mut Vec<PathBuf>) {
    let plain = |name: &str| name.replace('-', "_");
    let mut units = BTreeSet::new();
    let mut libraries = BTreeSet::new();
    for package in packages {
        units.insert(package.name.clone());
        units.extend(package.targets.iter().map(|target| plain(target)));
        for name in std::iter::once(&package.name).chain(&package.targets) {
            libraries.insert(plain(name));
            libraries.insert(format!("lib{}", plain(name)));
        }
    }
    for (part, kept) in [("build", &units), (".fingerprint", &units), ("deps", &libraries)] {
        let own = entries(&folder.join(part)).into_iter().filter(|(name, _)| {
            // `serde-0123456789abcdef`, or in a newer layout `serde`.
            let stem = name.rsplit_once('-').map_or(name.as_str(), |(stem, _)| stem);
            kept.contains(name) || kept.contains(stem)
        });
        found.extend(own.map(|(_, path)| path));
    }
}

fn entries(folder: &Path) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut entries: Vec<_> = entries
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()))
        .collect();
    entries.sort();
    entries
}
