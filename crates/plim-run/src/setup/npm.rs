//! Tools from npm's registry. Scripts of packages run only for those that hold no program before.

use std::{
    ffi::OsString,
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use plim_host::HostError;

use super::{Getting, Setup, SetupError, Sizes, catalogue::Row};

/// What Node.js's own distribution brings beside `node`, and which version of it the oldest supported Node.js runs.
const COMPANIONS: [&str; 1] = ["npm@10"];

/// Releases with a name.
const NAMED: [(&str, &str); 5] =
    [("gallium", "16"), ("hydrogen", "18"), ("iron", "20"), ("jod", "22"), ("krypton", "24")];

pub(super) fn get(getting: &Getting<'_>) -> Result<(), SetupError> {
    let package = getting.row.package();
    let wanted = format!("{package}@{}", request(getting.row, getting.version));
    let modules = install(getting, "package", &wanted)?;
    if getting.row.tool == "node" {
        return node(getting, &modules.join(&package));
    }
    let root = &getting.root;
    let bin = root.join("bin");
    fs::create_dir_all(&bin).map_err(HostError::file("make", &bin))?;
    let place = root.join("node_modules");
    let link = |name: &str, target: String| {
        symlink(target, bin.join(name)).map_err(HostError::file("link", &bin))
    };
    match getting.row.inside {
        Some(inside) => link(getting.row.tool, format!("../node_modules/{package}/{inside}"))?,
        None => {
            for name in names(&modules.join(".bin")) {
                link(&name, format!("../node_modules/.bin/{name}"))?;
            }
        }
    }
    Ok(fs::rename(&modules, &place).map_err(HostError::file("move", &modules))?)
}

/// Lays Node.js out as its own distribution is, so that global packages go where they would.
fn node(getting: &Getting<'_>, package: &Path) -> Result<(), SetupError> {
    let root = &getting.root;
    fs::rename(package, root).map_err(HostError::file("move", package))?;
    let modules = root.join("lib/node_modules");
    fs::create_dir_all(&modules).map_err(HostError::file("make", &modules))?;
    for wanted in COMPANIONS {
        let name = wanted.split('@').next().unwrap_or(wanted);
        let from = install(getting, name, wanted)?.join(name);
        fs::rename(&from, modules.join(name)).map_err(HostError::file("move", &from))?;
    }
    for name in ["npm", "npx"] {
        let target = format!("../lib/node_modules/npm/bin/{name}-cli.js");
        let link = root.join("bin").join(name);
        symlink(target, &link).map_err(HostError::file("link", &link))?;
    }
    Ok(())
}

/// Installs a package into a folder of its own aside; returns the `node_modules` with it.
fn install(getting: &Getting<'_>, folder: &str, wanted: &str) -> Result<PathBuf, SetupError> {
    let prefix = getting.aside.join(folder);
    fs::create_dir_all(&prefix).map_err(HostError::file("make", &prefix))?;
    let client = getting.setup.client("npm");
    let client =
        client.map_err(|reason| SetupError::Unavailable { want: wanted.to_owned(), reason })?;
    let fixed = ["install", "--no-audit", "--no-fund", "--no-save", "--force"];
    let mut arguments: Vec<OsString> = fixed.into_iter().map(OsString::from).collect();
    if !getting.row.scripts {
        arguments.push("--ignore-scripts".into());
    }
    arguments.extend(["--prefix".into(), prefix.clone().into_os_string(), wanted.into()]);
    client.run(&arguments, &[], &prefix)?;
    Ok(prefix.join("node_modules"))
}

/// A request as npm reads it: its own ranges, and what setup-node adds to them.
fn request(row: &Row, version: Option<&str>) -> String {
    let version = version.unwrap_or("latest").trim().to_ascii_lowercase();
    if row.tool != "node" {
        return version;
    }
    let named =
        |name: &str| NAMED.iter().find(|(known, _)| *known == name).map(|(_, major)| *major);
    match version.strip_prefix("lts/") {
        Some("*") => NAMED[NAMED.len() - 1].1.to_owned(),
        Some(name) => named(name).unwrap_or(name).to_owned(),
        None if matches!(version.as_str(), "node" | "current" | "") => "latest".to_owned(),
        None => version,
    }
}

/// Bytes that a package takes, as the registry says, or said when npm was asked before.
pub(super) fn size(
    setup: &Setup<'_>,
    row: &Row,
    version: Option<&str>,
    sizes: Sizes,
) -> Option<u64> {
    let wanted = format!("{}@{}", row.package(), request(row, version));
    let client = setup.client("npm").ok()?;
    let mut arguments = vec!["view", &wanted, "dist.unpackedSize", "--json"];
    if sizes == Sizes::Kept {
        arguments.push("--offline");
    }
    let arguments: Vec<OsString> = arguments.into_iter().map(OsString::from).collect();
    let said = client.run(&arguments, &[], Path::new("/")).ok()?;
    let value: serde_json::Value = serde_json::from_slice(&said).ok()?;
    // Of several versions in a range, the last is the one that is installed.
    let last = value.as_array().and_then(|all| all.last()).unwrap_or(&value);
    last.as_u64()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort_unstable();
    names
}
