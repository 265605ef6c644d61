//! Node.js for JavaScript actions: the one of this machine that is new enough.

use std::{
    collections::HashMap,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use plim_host::{Command, Environment, Tool, which};

/// What `node` may take to say its version.
const PATIENCE: Duration = Duration::from_secs(20);

/// The Node.js of this machine: that in the user's `PATH`, and those in Plimsoll's own tool cache.
///
/// As on GitHub, what a workflow installs for itself does not run its actions.
#[derive(Debug, Default)]
pub struct Nodes {
    path: OsString,
    tools: Option<PathBuf>,
    versions: Mutex<HashMap<PathBuf, Option<String>>>,
}

/// Why no Node.js here can run an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeMissing {
    /// The major version that the action needs at least.
    pub wanted: u32,
    /// The newest that is here; `None` when there is none.
    pub found: Option<String>,
}

impl Nodes {
    /// Looks in the `PATH` of `environment`, and below `tools`, which is laid out as `RUNNER_TOOL_CACHE` is.
    pub fn new(environment: &Environment, tools: Option<PathBuf>) -> Self {
        let path = environment.get("PATH").unwrap_or_default().to_owned();
        Self { path, tools, versions: Mutex::default() }
    }

    /// The Node.js that runs an action whose `using` is `node20` and the like: that version or a newer one, because
    /// newer ones run older actions, as GitHub's runner lets them.
    ///
    /// Errors: [`NodeMissing`] when what is here is too old, or nothing is here.
    pub fn runs(&self, using: &str) -> Result<PathBuf, NodeMissing> {
        let wanted = using.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or(0);
        let mut newest: Option<(u32, String)> = None;
        for node in self.candidates() {
            let Some(version) = self.version(&node) else { continue };
            let major = major(&version);
            if major >= wanted {
                return Ok(node);
            }
            if newest.as_ref().is_none_or(|(known, _)| *known < major) {
                newest = Some((major, version));
            }
        }
        Err(NodeMissing { wanted, found: newest.map(|(_, version)| version) })
    }

    /// That of the user first, then the newest of the tool cache.
    fn candidates(&self) -> Vec<PathBuf> {
        let own = which("node", &self.path, Path::new("/"));
        let mut cached: Vec<(Vec<u32>, PathBuf)> = Vec::new();
        let folder = self.tools.as_ref().map(|tools| tools.join("node"));
        for version in folder.iter().flat_map(|folder| entries(folder)) {
            let name = version.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let numbers = name.split('.').map(|part| part.parse().unwrap_or(0)).collect::<Vec<_>>();
            for place in entries(&version).filter(|place| place.is_dir()) {
                let mut mark = place.clone().into_os_string();
                mark.push(".complete");
                let node = place.join("bin/node");
                if Path::new(&mark).is_file() && node.is_file() {
                    cached.push((numbers.clone(), node));
                }
            }
        }
        cached.sort_by(|a, b| b.0.cmp(&a.0));
        own.into_iter().chain(cached.into_iter().map(|(_, node)| node)).collect()
    }

    /// What `node --version` says, without the `v`; asked once.
    fn version(&self, node: &Path) -> Option<String> {
        let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = versions.get(node) {
            return known.clone();
        }
        let command = Command::new(node, "/").argument("--version").variable("PATH", &self.path);
        let said = Tool::new(command).timeout(PATIENCE).succeed().ok();
        let said = said.map(|said| String::from_utf8_lossy(&said).trim().to_owned());
        let version = said.map(|said| said.trim_start_matches('v').to_owned());
        versions.insert(node.to_owned(), version.clone());
        version
    }
}

impl std::fmt::Display for NodeMissing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.found {
            Some(found) => {
                write!(f, "it needs Node.js {}, and `node` here is {found}", self.wanted)
            }
            None => write!(f, "it needs Node.js {}, and there is no `node` here", self.wanted),
        }
    }
}

fn major(version: &str) -> u32 {
    version.split('.').next().and_then(|major| major.parse().ok()).unwrap_or(0)
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

#[cfg(test)]
mod tests {
    use plim_test::sandbox::Sandbox;

    use super::*;

    fn node(world: &Sandbox, path: &str, version: &str) {
        world.executable(path, format!("#!/bin/sh\necho v{version}\n"));
    }

    fn nodes(world: &Sandbox) -> Nodes {
        let path = format!("{}:/usr/bin:/bin", world.at("bin").display());
        let environment = [("PATH", path.as_str())].into_iter().collect();
        Nodes::new(&environment, Some(world.at("tools")))
    }

    #[test]
    fn an_older_action_runs_on_a_newer_node_and_not_the_other_way_round() {
        let world = Sandbox::new();
        node(&world, "bin/node", "20.19.1");
        let nodes = nodes(&world);
        for using in ["node12", "node16", "node20"] {
            assert_eq!(nodes.runs(using).unwrap(), world.at("bin/node"), "{using}");
        }
        let missing = nodes.runs("node24").unwrap_err();
        assert_eq!(missing.to_string(), "it needs Node.js 24, and `node` here is 20.19.1");
    }

    #[test]
    fn the_tool_cache_helps_where_the_users_own_is_too_old_and_what_is_half_written_does_not_count()
    {
        let world = Sandbox::new();
        node(&world, "bin/node", "18.1.0");
        for version in ["9.9.9", "24.9.0", "24.10.0", "25.0.0"] {
            node(&world, &format!("tools/node/{version}/x64/bin/node"), version);
            if version != "25.0.0" {
                world.write(format!("tools/node/{version}/x64.complete"), "");
            }
        }
        let found = nodes(&world).runs("node24").unwrap();
        assert_eq!(found, world.at("tools/node/24.10.0/x64/bin/node"));
        assert_eq!(nodes(&world).runs("node25").unwrap_err().found.unwrap(), "24.10.0");
    }
}
