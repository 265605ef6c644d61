//! Node.js for JavaScript actions: an installed one that is new enough.

use std::path::PathBuf;

use super::{Found, Toolbox};

/// Why no Node.js here can run an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeMissing {
    /// The major version that the action needs at least.
    pub wanted: u32,
    /// Those that are here; `None` when there is none.
    pub found: Option<String>,
}

impl Toolbox {
    /// The Node.js that runs an action whose `using` is `node20` and the like: that version or a newer one, because
    /// newer ones run older actions, as GitHub's runner lets them. What a workflow installs for itself does not count,
    /// as on GitHub.
    ///
    /// Errors: [`NodeMissing`] when what is here is too old, or nothing is here.
    pub fn node(&self, using: &str) -> Result<PathBuf, NodeMissing> {
        let wanted = using.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or(0);
        match self.tool("node", Some(&format!(">={wanted}"))) {
            Found::Here(node) => Ok(node.program),
            Found::Other(found) => Err(NodeMissing { wanted, found: Some(found) }),
            Found::Nothing => Err(NodeMissing { wanted, found: None }),
        }
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

#[cfg(test)]
mod tests {
    use plim_test::sandbox::Sandbox;

    use super::*;

    fn node(world: &Sandbox, path: &str, version: &str) {
        world.executable(path, format!("#!/bin/sh\necho v{version}\n"));
    }

    fn toolbox(world: &Sandbox) -> Toolbox {
        let path = format!("{}:/bin", world.at("bin").display());
        let environment = [("PATH", path.as_str())].into_iter().collect();
        Toolbox::new(&environment, Some(world.path()))
    }

    #[test]
    fn an_older_action_runs_on_a_newer_node_and_not_the_other_way_round() {
        let world = Sandbox::new();
        node(&world, "bin/node", "20.19.1");
        let toolbox = toolbox(&world);
        for using in ["node12", "node16", "node20"] {
            assert_eq!(toolbox.node(using).unwrap(), world.at("bin/node"), "{using}");
        }
        let missing = toolbox.node("node24").unwrap_err();
        assert_eq!(missing.to_string(), "it needs Node.js 24, and `node` here is 20.19.1");
    }

    #[test]
    fn the_tool_cache_helps_where_the_users_own_is_too_old_and_what_is_half_written_does_not_count()
    {
        let world = Sandbox::new();
        node(&world, "bin/node", "18.1.0");
        let place =
            |version: &str| format!("tools/node/{version}/{}", super::super::architecture());
        for version in ["9.9.9", "24.9.0", "24.10.0", "25.0.0"] {
            node(&world, &format!("{}/bin/node", place(version)), version);
            if version != "25.0.0" {
                world.write(format!("{}.complete", place(version)), "");
            }
        }
        let found = toolbox(&world).node("node24").unwrap();
        assert_eq!(found, world.at(format!("{}/bin/node", place("24.10.0"))));
        let missing = toolbox(&world).node("node25").unwrap_err();
        assert_eq!(missing.found.unwrap(), "9.9.9, 18.1.0, 24.9.0, 24.10.0");
    }

    #[test]
    fn a_node_that_is_not_the_version_of_its_folder_runs_nothing() {
        let world = Sandbox::new();
        let place = format!("tools/node/24.1.0/{}", super::super::architecture());
        node(&world, &format!("{place}/bin/node"), "4.0.0");
        world.write(format!("{place}.complete"), "");
        let said = toolbox(&world).node("node24").unwrap_err().to_string();
        assert!(said.contains("4.0.0 in `") && said.ends_with("which should be 24.1.0"), "{said}");
    }
}
