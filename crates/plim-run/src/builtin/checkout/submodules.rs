//! Checks out submodules whose objects the user's clone has.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use plim_host::git::{Checkout, Head};

use super::{super::Asked, Failure, Invocation, depth, workspace};
use crate::{builtin::Refusal, store::Origin};

/// How deep submodules may lie in submodules.
const DEEPEST: usize = 20;

/// Whether submodules are wanted, and if so whether those inside them are, too.
pub(super) fn wanted(cx: &Invocation<'_>) -> Option<bool> {
    depth_of(cx.input("submodules"))
}

fn depth_of(input: &str) -> Option<bool> {
    match input.to_ascii_lowercase().as_str() {
        "true" => Some(false),
        "recursive" => Some(true),
        _ => None,
    }
}

/// Why the submodules of the user's tree cannot be checked out: one is not in the clone.
pub(super) fn obstacle(asked: &Asked<'_>) -> Option<Refusal> {
    asked.input("submodules").and_then(depth_of)?;
    let modules = fs::read_to_string(asked.root.join(".gitmodules")).unwrap_or_default();
    let missing = paths(&modules).find(|path| !asked.root.join(path).join(".git").exists())?;
    Some(Refusal { input: "submodules", reason: format!("{}; {GET_THEM}", absent(missing)) })
}

const GET_THEM: &str = "`git submodule update --init --recursive` gets it";

fn absent(path: &str) -> String {
    format!(
        "the submodule `{path}` is not in the local clone, and remote repositories are not available offline"
    )
}

/// The values of `path` in a `.gitmodules`.
fn paths(modules: &str) -> impl Iterator<Item = &str> {
    let pairs = modules.lines().filter_map(|line| line.split_once('='));
    pairs.filter(|(key, _)| key.trim().eq_ignore_ascii_case("path")).map(|(_, path)| path.trim())
}

/// Fills the folders of the submodules that `commit` has in `tree`.
pub(super) fn check_out(
    cx: &mut Invocation<'_>,
    origin: &Origin,
    commit: &str,
    tree: &Path,
    nested: bool,
) -> Result<(), Failure> {
    cx.log.group("Fetching submodules");
    level(cx, origin, commit, tree, if nested { DEEPEST } else { 1 })?;
    cx.log.end_group();
    Ok(())
}

fn level(
    cx: &mut Invocation<'_>,
    origin: &Origin,
    commit: &str,
    tree: &Path,
    levels: usize,
) -> Result<(), Failure> {
    let links = origin.store().git().gitlinks(commit)?;
    if links.is_empty() || levels == 0 {
        return Ok(());
    }
    let urls = origin.submodule_urls(tree)?;
    for (path, inner) in &links {
        cx.check_cancelled()?;
        let url =
            urls.iter().find(|(named, _)| Path::new(named) == path).map(|(_, url)| url.as_str());
        // Git, too, fails for a link that `.gitmodules` does not name.
        let url = url.ok_or_else(|| {
            Failure::new(format!(
                "no url found for submodule path `{}` in .gitmodules",
                path.display()
            ))
        })?;
        let submodule = find(origin, path, inner)?;
        let target = tree.join(path);
        cx.bounds().check_target(&target)?;
        let checkout = Checkout {
            commit: inner.clone(),
            head: Head::Detached,
            refs: Vec::new(),
            remote: Some(url.to_owned()),
            depth: depth(cx),
            clean: true,
        };
        submodule.store().check_out(&workspace(cx, &target)?, &checkout)?;
        cx.log.line(&format!("Submodule path '{}': checked out '{inner}'", path.display()));
        level(cx, &submodule, inner, &target, levels - 1)?;
    }
    register(tree, &links, &urls)
}

fn find(origin: &Origin, path: &Path, commit: &str) -> Result<Origin, Failure> {
    let missing = || {
        Failure::new(format!(
            "the submodule `{}` at `{commit}` is not in the local clone, and remote repositories are not available offline",
            path.display()
        ))
        .advise("fetch it first: `git submodule update --init --recursive`")
    };
    let submodule = origin.submodule(path)?.ok_or_else(missing)?;
    if submodule.commit(commit)?.is_none() {
        return Err(missing());
    }
    Ok(submodule)
}

/// Marks the submodules as initialised, as `git submodule init` does.
fn register(
    tree: &Path,
    links: &[(PathBuf, String)],
    urls: &[(String, String)],
) -> Result<(), Failure> {
    let modules = fs::read_to_string(tree.join(".gitmodules")).unwrap_or_default();
    let mut text = String::new();
    for (path, url) in
        urls.iter().filter(|(path, _)| links.iter().any(|(link, _)| link == Path::new(path)))
    {
        let name = name_of(&modules, path).unwrap_or(path);
        text.push_str(&format!(
            "[submodule {}]\n\tactive = true\n\turl = {}\n",
            quoted(name),
            quoted(url)
        ));
    }
    let config = tree.join(".git/config");
    let file = fs::OpenOptions::new().append(true).open(&config);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| Failure::new(format!("cannot write `{}`: {error}", config.display())))
}

/// The name in `.gitmodules` of the submodule at `path`, which is often, but not always, the path.
fn name_of<'m>(modules: &'m str, path: &str) -> Option<&'m str> {
    let mut name = None;
    for line in modules.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix("[submodule \"") {
            name = section.strip_suffix("\"]");
        } else if let Some((key, value)) = line.split_once('=')
            && key.trim().eq_ignore_ascii_case("path")
            && value.trim() == path
        {
            return name;
        }
    }
    None
}

/// A value as a configuration file takes it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
