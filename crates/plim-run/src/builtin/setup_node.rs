//! `actions/setup-node`: Node.js, a registry for its packages, and problem matchers.

use std::fs;

use super::{Asked, Builtin, Failure, Input, Invocation, matchers, provide, version_file};
use crate::{bounds::Bounds, hash_files::hash_files, want::Want};

pub(super) const ACTION: Builtin = Builtin {
    name: "actions/setup-node",
    inputs: &[
        Input::implemented("node-version", ""),
        Input::implemented("node-version-file", ""),
        Input::judged("architecture", "", provide::other_architecture),
        Input::no_effect("check-latest", "false", provide::NOT_NEWER),
        Input::implemented("registry-url", ""),
        Input::implemented("scope", ""),
        Input::no_effect(
            "token",
            "${{ github.server_url == 'https://github.com' && github.token || '' }}",
            provide::NO_DOWNLOAD,
        ),
        Input::implemented("cache", ""),
        Input::no_effect("package-manager-cache", "true", provide::SHARED),
        Input::implemented("cache-dependency-path", ""),
        Input::no_effect("mirror", "", provide::NO_DOWNLOAD),
        Input::no_effect("mirror-token", "", provide::NO_DOWNLOAD),
        // Up to v5.
        Input::implemented("always-auth", "false"),
    ],
    outputs: &["cache-hit", "cache-primary-key", "cache-matched-key", "node-version"],
    main,
    wants: Some(wants),
    ..Builtin::PLAIN
};

fn wants(asked: &Asked<'_>) -> Vec<Want> {
    let version =
        version_file::planned(asked, "node-version", "node-version-file", version_file::node);
    version.map(|version| provide::want("node", &version)).into_iter().collect()
}

fn main(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    ACTION.begin(cx)?;
    let version = version(cx)?;
    let node = provide::tool(cx, "node", &version)?;
    cx.set_output("node-version", format!("v{}", node.version_text()));
    if !cx.input("registry-url").is_empty() {
        authenticate(cx)?;
    }
    if !cx.input("cache").is_empty() {
        check_cache(cx)?;
        cx.set_output("cache-hit", "false");
    }
    matchers::add(cx, matchers::NODE)
}

fn version(cx: &mut Invocation<'_>) -> Result<String, Failure> {
    match (cx.input("node-version"), cx.input("node-version-file")) {
        ("", "") => Ok(String::new()),
        ("", file) => {
            let version = version_file::read(cx, file, version_file::node)?;
            cx.log.line(&format!("Resolved {file} as {version}"));
            Ok(version)
        }
        (version, file) => {
            if !file.is_empty() {
                cx.log.warning("Both node-version and node-version-file inputs are specified, only node-version will be used");
            }
            Ok(version.to_owned())
        }
    }
}

/// Writes the registry into an `.npmrc` of the job.
fn authenticate(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut url = cx.input("registry-url").to_owned();
    if !url.contains("://") {
        return Err(Failure::new(format!("Invalid URL: {url}")));
    }
    if !url.ends_with('/') {
        url.push('/');
    }
    let owner = cx.github("repository_owner");
    let scope = match cx.input("scope") {
        "" if url.contains("npm.pkg.github.com") => owner,
        scope => scope,
    };
    let scope = scope.trim_start_matches('@').to_lowercase();
    let prefix = if scope.is_empty() { String::new() } else { format!("@{scope}:") };
    let file = cx.temporary.join(".npmrc");
    Bounds::new([cx.temporary]).check_target(&file)?;
    let before = fs::read_to_string(&file).unwrap_or_default();
    let own = format!("{prefix}registry");
    let kept = before.lines().filter(|line| !line.to_lowercase().starts_with(&own));
    let mut text: String = kept.map(|line| format!("{line}\n")).collect();
    let authority = url.split_once(':').map_or(url.as_str(), |(_, rest)| rest);
    text.push_str(&format!("{authority}:_authToken=${{NODE_AUTH_TOKEN}}\n{prefix}registry={url}"));
    if cx.is_true("always-auth") {
        text.push_str("\nalways-auth=true");
    }
    provide::at(&file, fs::write(&file, text))?;
    let file = file.to_string_lossy().into_owned();
    cx.changes.environment.push(("NPM_CONFIG_USERCONFIG".to_owned(), file));
    if let Some(token) = cx.environment.get("NODE_AUTH_TOKEN") {
        cx.changes.environment.push(("NODE_AUTH_TOKEN".to_owned(), token.clone()));
    }
    Ok(())
}

/// Lock files by package manager.
const LOCKS: [(&str, &str); 3] = [
    ("npm", "package-lock.json\nnpm-shrinkwrap.json\nyarn.lock"),
    ("pnpm", "pnpm-lock.yaml"),
    ("yarn", "yarn.lock"),
];

/// The packages are in the user's own caches; but a lock file must be there, as in the real action.
fn check_cache(cx: &mut Invocation<'_>) -> Result<(), Failure> {
    let manager = cx.input("cache");
    let Some((_, locks)) = LOCKS.iter().find(|(name, _)| *name == manager) else {
        return Err(Failure::new(format!("Caching for '{manager}' is not supported")));
    };
    let patterns = match cx.input("cache-dependency-path") {
        "" => locks,
        given => given,
    };
    let hash = hash_files(&[patterns], cx.workspace, cx.home, cx.cancelled);
    if hash.map_err(|error| Failure::new(error.to_string()))?.is_empty() {
        let patterns = patterns.replace('\n', ",");
        return Err(Failure::new(format!(
            "Dependencies lock file is not found in {}. Supported file patterns: {patterns}",
            cx.workspace.display()
        )));
    }
    cx.log.line(&format!("the cache of {manager} is the user's own; nothing is restored or saved"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::bench::Bench;

    #[test]
    fn a_version_of_the_machine_is_used_and_told() {
        let bench = Bench::new();
        bench.says("node", "v91.2.3");
        let done = bench.call(&ACTION, &[("node-version", "91.x")]);
        assert_eq!(done.passed().output("node-version"), "v91.2.3");
        assert!(bench.matchers.owners().contains(&"tsc".to_owned()));
        let missing = bench.call(&ACTION, &[("node-version", "92")]);
        assert!(missing.failure().starts_with("needs node 92; this machine has 91.2.3"));
    }

    #[test]
    fn the_version_may_stand_in_a_file() {
        let bench = Bench::new();
        bench.says("node", "v91.2.3").write(".nvmrc", "v91.2\n");
        bench.call(&ACTION, &[("node-version-file", ".nvmrc")]).passed();
        let none = bench.call(&ACTION, &[("node-version-file", "none")]);
        assert!(none.failure().contains("does not exist"));
        bench.write("package.json", "{}");
        let empty = bench.call(&ACTION, &[("node-version-file", "package.json")]);
        assert!(empty.failure().ends_with("names no version"), "{}", empty.failure());
        bench.write("binary", [0xff, 0xfe, 0x00]);
        let binary = bench.call(&ACTION, &[("node-version-file", "binary")]);
        assert!(binary.failure().starts_with("could not read `"), "{}", binary.failure());
    }

    #[test]
    fn a_registry_is_written_with_its_scope() {
        let bench = Bench::new();
        bench.says("node", "v91.2.3");
        let with = [("registry-url", "https://npm.example.org"), ("scope", "@Octo")];
        let done = bench.call(&ACTION, &with);
        let file = &done.passed().changes.environment[0].1;
        assert_eq!(
            fs::read_to_string(file).unwrap(),
            "//npm.example.org/:_authToken=${NODE_AUTH_TOKEN}\n@octo:registry=https://npm.example.org/"
        );
    }

    #[test]
    fn a_cache_needs_a_lock_file() {
        let bench = Bench::new();
        bench.says("node", "v91.2.3");
        let done = bench.call(&ACTION, &[("cache", "npm")]);
        assert!(done.failure().starts_with("Dependencies lock file is not found in "));
        bench.write("package-lock.json", "{}");
        assert_eq!(bench.call(&ACTION, &[("cache", "npm")]).passed().output("cache-hit"), "false");
        assert!(bench.call(&ACTION, &[("cache", "cargo")]).failure().contains("not supported"));
    }

    #[test]
    fn another_architecture_is_refused() {
        let failure = Bench::new().call(&ACTION, &[("architecture", "s390x")]).failure();
        assert!(failure.contains("refuses the input `architecture`"), "{failure}");
    }
}
