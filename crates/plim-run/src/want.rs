//! A want is something that a planned job needs and this machine lacks, and that `plim setup` can get.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::event::Cause;

/// Something to get.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "want", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Want {
    /// An action or a reusable workflow of another repository.
    Action {
        /// The host of an absolute URL; `None` for the forge's own.
        host: Option<String>,
        /// `owner/repo`, without a path in it.
        repository: String,
        /// A tag, a branch or a commit.
        reference: String,
    },
    /// A program, or a family of programs such as `node` with its `npm`.
    Tool {
        /// Its name here: `node`, `python`, `go`, `java`, `just`, `cargo-nextest`.
        name: String,
        /// The request as it is written: `22`, `^3.11`, `lts/*`. `None` is content with any.
        version: Option<String>,
    },
    /// A Rust toolchain.
    Toolchain {
        /// `stable`, `nightly-2026-01-01`, `1.80.0`.
        channel: String,
        /// Components beyond those of the profile, in order.
        components: Vec<String>,
        /// Targets beyond the host's own, in order.
        targets: Vec<String>,
        /// `minimal`, `default` or `complete`; `None` where the job does not say.
        profile: Option<String>,
    },
}

impl fmt::Display for Want {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Action { host, repository, reference } => {
                let host = host.as_ref().map(|host| format!("{host}/")).unwrap_or_default();
                write!(f, "{host}{repository}@{reference}")
            }
            Self::Tool { name, version: None } => f.write_str(name),
            Self::Tool { name, version: Some(version) } => write!(f, "{name} {version}"),
            Self::Toolchain { channel, components, targets, .. } => {
                write!(f, "Rust {channel}")?;
                let extras: Vec<&str> =
                    components.iter().chain(targets).map(String::as_str).collect();
                if extras.is_empty() { Ok(()) } else { write!(f, " with {}", extras.join(", ")) }
            }
        }
    }
}

impl Cause {
    /// What would have to be there for this not to be a cause; empty where nothing that can be installed would help.
    pub fn wants(&self) -> Vec<Want> {
        match self {
            Self::Missing { want, .. } => vec![want.clone()],
            Self::Tool { name, .. } => vec![of_tool(name)],
            Self::Action { uses } => of_action(uses).into_iter().collect(),
            _ => Vec::new(),
        }
    }
}

/// How [`crate::tool`] names the toolchain of `cargo +nightly`.
pub(crate) const RUST_TOOLCHAIN: &str = "Rust toolchain ";

fn of_tool(name: &str) -> Want {
    match name.strip_prefix(RUST_TOOLCHAIN) {
        Some(channel) => Want::Toolchain {
            channel: channel.to_owned(),
            components: Vec::new(),
            targets: Vec::new(),
            profile: None,
        },
        None => Want::Tool { name: name.to_owned(), version: None },
    }
}

/// `owner/repo[/path]@ref`, or `host/owner/repo[/path]@ref`: only a host has a dot or a port in its first part.
fn of_action(uses: &str) -> Option<Want> {
    let (name, reference) = uses.rsplit_once('@')?;
    let mut parts: Vec<&str> = name.trim_start_matches("https://").split('/').collect();
    let is_host = parts.len() > 2 && parts[0].contains(['.', ':']);
    let host = is_host.then(|| parts.remove(0).to_owned());
    let repository = parts.get(..2)?.join("/");
    Some(Want::Action { host, repository, reference: reference.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn action(host: Option<&str>, repository: &str, reference: &str) -> Want {
        let (host, repository) = (host.map(str::to_owned), repository.to_owned());
        Want::Action { host, repository, reference: reference.to_owned() }
    }

    fn of_uses(uses: &str) -> Vec<Want> {
        Cause::Action { uses: uses.into() }.wants()
    }

    #[test]
    fn an_action_is_wanted_as_its_repository() {
        assert_eq!(of_uses("a/b@v1"), [action(None, "a/b", "v1")]);
        assert_eq!(of_uses("a/b/c/d@x/y"), [action(None, "a/b", "x/y")]);
        assert_eq!(of_uses("codeberg.org/a/b@v1"), [action(Some("codeberg.org"), "a/b", "v1")]);
        assert_eq!(of_uses("nonsense"), []);
    }

    #[test]
    fn a_missing_program_is_wanted_in_any_version() {
        let cause = |name: &str| Cause::Tool { name: name.into(), needed_by: "step".into() };
        assert_eq!(cause("just").wants()[0].to_string(), "just");
        assert_eq!(cause("Rust toolchain nightly").wants()[0].to_string(), "Rust nightly");
    }

    #[test]
    fn what_cannot_be_installed_is_not_wanted() {
        assert_eq!(Cause::Privilege { what: "sudo".into(), packages: Vec::new() }.wants(), []);
    }

    #[test]
    fn a_want_says_what_it_is() {
        let want = Want::Toolchain {
            channel: "1.80.0".into(),
            components: vec!["clippy".into()],
            targets: vec!["wasm32-wasip1".into()],
            profile: None,
        };
        assert_eq!(want.to_string(), "Rust 1.80.0 with clippy, wasm32-wasip1");
        let json = serde_json::to_value(&want).unwrap();
        assert_eq!(json["want"], "toolchain");
        assert_eq!(serde_json::from_value::<Want>(json).unwrap(), want);
    }
}
