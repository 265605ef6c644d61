//! `actions/checkout`: brings the repository of the run into the workspace.
//!
//! What the real action fetches is read from the user's clone; nothing reaches the network, and pushing
//! is refused. A workspace that a former run left is brought to the commit file by file, so that an
//! incremental build goes on where it was.

mod lfs;
mod reference;
mod restored;
mod submodules;
mod trust;

use std::{
    fs, io,
    num::NonZero,
    path::{Path, PathBuf},
};

use plim_host::{
    files,
    git::{Checkout, Head, Workspace},
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use self::reference::Point;
pub(super) use self::restored::restored;
use super::{Builtin, Failure, Input, Invocation, inputs::github};
use crate::{bounds::resolve, hash_files::hexadecimal, store::Origin};

pub(super) const ACTION: Builtin = Builtin {
    name: "actions/checkout",
    inputs: &[
        Input::judged("repository", "${{ github.repository }}", other_repository),
        Input::implemented("ref", ""),
        Input::no_effect("token", "${{ github.token }}", NO_NETWORK),
        Input::no_effect("ssh-key", "", NO_NETWORK),
        Input::no_effect("ssh-known-hosts", "", NO_NETWORK),
        Input::no_effect("ssh-strict", "true", NO_NETWORK),
        Input::no_effect("ssh-user", "git", NO_NETWORK),
        Input::no_effect("persist-credentials", "true", "there are no credentials to keep"),
        Input::implemented("path", ""),
        Input::implemented("clean", "true"),
        Input::no_effect(
            "filter",
            "",
            "every object that a filter would leave out is here already",
        ),
        Input::implemented("sparse-checkout", ""),
        Input::implemented("sparse-checkout-cone-mode", "true"),
        Input::implemented("fetch-depth", "1"),
        Input::implemented("fetch-tags", "false"),
        Input::no_effect("show-progress", "true", "nothing takes long enough to show progress"),
        // Refused where a large file is not in the local clone.
        Input::implemented("lfs", "false"),
        Input::implemented("submodules", "false"),
        Input::no_effect(
            "set-safe-directory",
            "true",
            "the workspace belongs to the user who runs the steps",
        ),
        Input::judged("github-server-url", "", other_server),
        Input::implemented("allow-unsafe-pr-checkout", "false"),
    ],
    outputs: &["ref", "commit"],
    main,
    post: None,
    post_condition: "always()",
    wants: Some(lfs::wants),
    obstacle: Some(|asked| lfs::obstacle(asked).or_else(|| submodules::obstacle(asked))),
    ..Builtin::PLAIN
};

const NO_NETWORK: &str = "nothing is fetched over the network";

fn main(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    ACTION.begin(cx)?;
    let target = target(cx)?;
    trust::check(cx)?;
    let origin = cx.stores.origin()?;
    cx.log.line(&format!("Syncing repository: {}", cx.github("repository")));
    let point = Point::find(cx, origin)?;
    prepare(cx, &target)?;
    bring(cx, origin, &point, &target)?;
    narrow(cx, origin, &target)?;
    lfs::bring(cx, origin.large_files().as_deref(), &target)?;
    if let Some(nested) = submodules::wanted(cx) {
        submodules::check_out(cx, origin, &point.commit, &target, nested)?;
    }
    cx.set_output("ref", point.reference.clone());
    cx.set_output("commit", point.commit.clone());
    Ok(())
}

/// Only the repository of the run is on this machine.
fn other_repository(wanted: &str, context: &Value) -> Option<String> {
    let own = github(context, "repository");
    if wanted.split('/').filter(|part| !part.is_empty()).count() != 2 {
        return Some(format!("`{wanted}` is not of the form `owner/repo`"));
    }
    let is_own = wanted.eq_ignore_ascii_case(own);
    (!is_own).then(|| {
        format!("remote repositories are not available offline, and `{wanted}` is not `{own}`")
    })
}

/// Only the server of the run has a repository on this machine.
fn other_server(wanted: &str, context: &Value) -> Option<String> {
    let own = github(context, "server_url");
    let is_own = wanted.trim_end_matches('/').eq_ignore_ascii_case(own.trim_end_matches('/'));
    (!is_own).then(|| {
        format!("remote repositories are not available offline, and `{wanted}` is not `{own}`")
    })
}

/// The folder to fill: the workspace, or one in it.
fn target(cx: &Invocation<'_>) -> Result<PathBuf, Failure> {
    let target = resolve(cx.workspace, cx.input("path"));
    if !target.starts_with(cx.workspace) {
        return Err(Failure::new(format!(
            "Repository path '{}' is not under '{}'",
            target.display(),
            cx.workspace.display()
        )));
    }
    cx.bounds().check_target(&target)?;
    Ok(target)
}

/// Makes the folder what the real action would find or make: a repository, or nothing.
fn prepare(cx: &mut Invocation<'_>, target: &Path) -> Result<(), Failure> {
    let failed =
        |error: io::Error| Failure::new(format!("cannot prepare `{}`: {error}", target.display()));
    (cx.bring_back)(target).map_err(failed)?;
    let found = fs::symlink_metadata(target);
    if found.as_ref().is_ok_and(|found| !found.is_dir()) {
        files::remove_tree(target)?;
    }
    let is_repository = fs::symlink_metadata(target.join(".git")).is_ok_and(|git| git.is_dir());
    if is_repository || !target.is_dir() {
        return Ok(());
    }
    let entries: Vec<_> = fs::read_dir(target).and_then(Iterator::collect).map_err(failed)?;
    if !entries.is_empty() {
        cx.log.line(&format!("Deleting the contents of '{}'", target.display()));
    }
    for entry in entries {
        files::remove_tree(&entry.path())?;
    }
    Ok(())
}

fn bring(
    cx: &mut Invocation<'_>,
    origin: &Origin,
    point: &Point,
    target: &Path,
) -> Result<(), Failure> {
    cx.check_cancelled()?;
    cx.log.group("Checking out the ref");
    let remote = format!("{}/{}", cx.github("server_url"), cx.github("repository"));
    let checkout = Checkout {
        commit: point.commit.clone(),
        head: point.head.clone(),
        refs: point.names(cx, origin)?,
        remote: Some(remote),
        depth: depth(cx),
        clean: matches!(cx.input("clean").to_ascii_lowercase().as_str(), "" | "true"),
    };
    let branch = match &point.head {
        Head::Branch(branch) => Some(branch.as_str()),
        Head::Detached => None,
    };
    origin.offer(branch, &point.commit)?;
    let workspace = workspace(cx, target)?;
    let done = origin.store().check_out(&workspace, &checkout)?;
    restored::renew_checkout(cx, origin, &workspace)?;
    let at = if point.reference.is_empty() { "the commit" } else { &point.reference };
    cx.log.line(&format!("HEAD is now at {} ({at})", point.commit));
    for kept in &done.kept {
        cx.log.debug(&format!("kept the build folder `{}`", kept.display()));
    }
    cx.log.end_group();
    Ok(())
}

/// How many commits of history; none for all of it. As JavaScript reads it, what is no number is 0.
fn depth(cx: &Invocation<'_>) -> Option<NonZero<u32>> {
    let depth = match cx.input("fetch-depth") {
        "" => 1.0,
        text => text.parse::<f64>().unwrap_or(0.0),
    };
    if depth.is_finite() && depth >= 1.0 {
        // A depth beyond any history is all of it.
        format!("{}", depth.floor()).parse().ok().and_then(NonZero::new)
    } else {
        None
    }
}

/// The folder `target` as the host's git knows it, with a memory of its own.
fn workspace(cx: &Invocation<'_>, target: &Path) -> Result<Workspace, Failure> {
    let inside = target.strip_prefix(cx.workspace).unwrap_or(target);
    let name = hexadecimal(&Sha256::digest(inside.as_os_str().as_encoded_bytes())[..8]);
    let memory = cx.memory.join(name);
    let failed =
        |error: io::Error| Failure::new(format!("cannot write to `{}`: {error}", memory.display()));
    fs::create_dir_all(&memory).map_err(failed)?;
    // Says whose memory it is to `restored`, which finds it by looking.
    fs::write(memory.join("place"), inside.as_os_str().as_encoded_bytes()).map_err(failed)?;
    Ok(Workspace { tree: target.to_owned(), memory })
}

/// Leaves only what `sparse-checkout` names.
fn narrow(cx: &mut Invocation<'_>, origin: &Origin, target: &Path) -> Result<(), Failure> {
    let patterns: Vec<String> =
        cx.lines("sparse-checkout").into_iter().map(str::to_owned).collect();
    if patterns.is_empty() {
        return Ok(());
    }
    let cone =
        matches!(cx.input("sparse-checkout-cone-mode").to_ascii_lowercase().as_str(), "" | "true");
    cx.log.group("Setting up sparse checkout");
    workspace(cx, target)?.narrow(origin.store(), &patterns, cone)?;
    cx.log.end_group();
    Ok(())
}

#[cfg(test)]
mod tests;
