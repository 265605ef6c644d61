//! The keys of a cache: which compiler, which variables, which manifests and lock files.

use std::{fs, path::Path};

use sha2::{Digest, Sha256};

use super::{Settings, Workspace, ask, contents};
use crate::{
    builtin::{Failure, Invocation},
    glob::{Glob, Options},
};

/// Variables whose names begin so are part of the key.
const PREFIXES: [&str; 6] = ["CARGO", "CC", "CFLAGS", "CXX", "CMAKE", "RUST"];

/// The key to restore by, and the whole key.
///
/// Errors: `rustc` cannot be run.
pub(super) fn keys(
    cx: &Invocation<'_>,
    settings: &Settings,
    workspaces: &[Workspace],
) -> Result<(String, String), Failure> {
    let mut key = settings.prefix.clone();
    let mut add = |part: &str| {
        if !part.is_empty() {
            key.push('-');
            key.push_str(part);
        }
    };
    if settings.shared.is_empty() {
        add(&settings.key);
        if settings.has_job {
            add(cx.environment.get("GITHUB_JOB").map_or("", String::as_str));
        }
    } else {
        add(&settings.shared);
    }
    add("Linux");
    add(crate::toolbox::architecture());
    if !settings.has_hash {
        return Ok((key.clone(), key));
    }
    let mut environment = Sha256::new();
    environment.update(compiler(cx)?);
    for line in variables(cx, &settings.variables) {
        environment.update(line);
    }
    add(&digest(environment));
    let restore = key.clone();
    let files = digest(files(cx, workspaces)?);
    Ok((restore, format!("{key}-{files}")))
}

fn digest(hash: Sha256) -> String {
    hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// Release, host and commit of the compiler.
fn compiler(cx: &Invocation<'_>) -> Result<String, Failure> {
    let answer = ask(cx, cx.workspace.to_owned(), "rustc", &["-vV"])?;
    if answer.code != 0 {
        return Err(Failure::new(format!("`rustc -vV` ended with exit code {}", answer.code))
            .advise("set up a Rust toolchain before this step"));
    }
    let said = |key: &str| {
        let line = answer.text.lines().find_map(|line| line.strip_prefix(key));
        line.unwrap_or_default().trim().to_owned()
    };
    Ok(format!("{} {} {}", said("release:"), said("host:"), said("commit-hash:")))
}

/// The variables that count, in order; the folders of this one job are written alike for all.
fn variables(cx: &Invocation<'_>, more: &str) -> Vec<String> {
    let prefixes: Vec<&str> = PREFIXES.into_iter().chain(more.split_whitespace()).collect();
    let counts = |name: &str| prefixes.iter().any(|prefix| name.starts_with(prefix));
    let (home, workspace) = (cx.home.to_string_lossy(), cx.workspace.to_string_lossy());
    let all = cx.environment.iter().filter(|(name, value)| counts(name) && !value.is_empty());
    all.map(|(name, value)| {
        let value = value.replace(&*workspace, "$WORKSPACE").replace(&*home, "$HOME");
        format!("{name}={value}\n")
    })
    .collect()
}

/// Toolchain files and settings of cargo as they are; manifests and lock files without what is the workspace's own.
fn files(cx: &Invocation<'_>, workspaces: &[Workspace]) -> Result<Sha256, Failure> {
    let mut patterns = ".cargo/config.toml\nrust-toolchain\nrust-toolchain.toml".to_owned();
    let mut hash = Sha256::new();
    for workspace in workspaces {
        let root = workspace.root.display();
        for name in [".cargo/config.toml", "rust-toolchain", "rust-toolchain.toml"] {
            patterns.push_str(&format!("\n{root}/**/{name}"));
        }
        patterns.push_str(&format!("\n!{}/**", workspace.target.display()));
        for manifest in contents::manifests(cx, workspace) {
            hash.update(normal(&manifest, without_own));
        }
        let lock = workspace.root.join("Cargo.lock");
        if lock.is_file() {
            hash.update(normal(&lock, without_local));
        }
    }
    let found = Glob::new(&patterns, cx.workspace, cx.tilde(), Options::default())?.find()?;
    let bounds = cx.bounds();
    for file in found.iter().filter(|file| file.is_file()) {
        if bounds.open(file).is_ok() {
            hash.update(fs::read(file).unwrap_or_default());
        }
    }
    Ok(hash)
}

/// A TOML file after `change`; as it is where it is no TOML.
fn normal(file: &Path, change: fn(&mut toml::Table)) -> Vec<u8> {
    let text = fs::read_to_string(file).unwrap_or_default();
    match text.parse::<toml::Table>() {
        Ok(mut table) => {
            change(&mut table);
            toml::to_string(&table).unwrap_or(text).into_bytes()
        }
        Err(_) => text.into_bytes(),
    }
}

/// A release of the workspace's own packages changes nothing that is cached.
fn without_own(manifest: &mut toml::Table) {
    let zero = || toml::Value::String("0.0.0".to_owned());
    if let Some(package) = manifest.get_mut("package").and_then(toml::Value::as_table_mut)
        && package.contains_key("version")
    {
        package.insert("version".to_owned(), zero());
    }
    for section in ["dependencies", "build-dependencies", "dev-dependencies"] {
        let Some(section) = manifest.get_mut(section).and_then(toml::Value::as_table_mut) else {
            continue;
        };
        for (_, dependency) in section.iter_mut() {
            let Some(table) = dependency.as_table_mut().filter(|t| t.contains_key("path")) else {
                continue;
            };
            table.insert("version".to_owned(), zero());
            table.insert("path".to_owned(), toml::Value::String(String::new()));
        }
    }
}

/// Only packages from elsewhere have a source or a checksum.
fn without_local(lock: &mut toml::Table) {
    if let Some(packages) = lock.get_mut("package").and_then(toml::Value::as_array_mut) {
        packages
            .retain(|package| package.get("source").is_some() || package.get("checksum").is_some());
    }
}
